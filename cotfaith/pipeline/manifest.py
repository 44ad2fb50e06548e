"""The manifest: how a run was made. A run cannot continue with other settings."""

from __future__ import annotations

import os
import platform
import sys
from collections.abc import Mapping
from dataclasses import fields, is_dataclass
from importlib.metadata import version
from pathlib import Path
from typing import Any

import yaml

from cotfaith import seeds
from cotfaith.contracts import intervention
from cotfaith.contracts.identity import identity
from cotfaith.contracts.judge import AbstractJudge
from cotfaith.contracts.strategy import describe
from cotfaith.errors import StoreError
from cotfaith.pipeline.open_model import OpenModel, check_same
from cotfaith.pipeline.open_study import Opened, open_study
from cotfaith.pipeline.sample import TraceSource
from cotfaith.plugins import registry
from cotfaith.storage.run_directory import RunDirectory
from cotfaith.study import Study, stored
from cotfaith.version import __version__

LIBRARIES = ("torch", "transformers", "numpy", "pandas", "pyarrow", "statsmodels")


def begin(directory: RunDirectory, study: Study, opened: Opened, source: TraceSource) -> tuple[Study, Opened]:
    """Open the directory for `study`, or refuse. Return the joined study of the directory, and what `study` names within it.

    The interventions of `study` get the parameters of the joined study, so that all rows of one intervention can be read together.
    """
    directory.sweep()
    manifest = directory.manifest()
    whole = study
    if manifest:
        before = stored(manifest["study"], directory.path)
        _same_study(directory, before, study)
        whole = study.joined(before)
    elif any(directory.path.glob("*.parquet")) or any((directory.path / name).exists() for name in ("traces", "probes")):
        raise StoreError(
            f"Run directory {directory.path} holds rows but no manifest.json: restore the file, or choose another --out."
        )
    probing = whole.probing()
    opened = open_study(study, {name: probing[name] for name in opened.interventions})
    choices = whole.model_dump(mode="json")
    made = {name: intervention.describe(one) for name, one in probing.items()}
    identities = manifest.get("identities", {}) | {opened.spec(one): opened.identity(one) for one in opened.interventions.values()}
    reads = _reads(directory, manifest, whole, opened)
    sources = _sources(directory, manifest.get("traces", []), source)
    prompts = _same_prompts(directory, manifest.get("prompts", {}), prompt_hashes(opened))
    strategies = manifest.get("strategies", {}) | {name: describe(one) for name, one in opened.strategies.items()}
    kept = _same_strategies(directory, manifest.get("strategy_identities", {}), opened)
    what = {"study": choices, "strategies": strategies, "interventions": made, "origins": _origins(made), "prompts": prompts}
    keys = {"strategy_identities": kept, "identities": identities, "reads": reads, "traces": sources}
    directory.write_manifest({**manifest, **_provenance(), **what, **keys, "complete": False})
    directory.write_text("study.yaml", yaml.safe_dump(choices, sort_keys=False, allow_unicode=True))
    return whole, opened


def _reads(directory: RunDirectory, manifest: Mapping[str, Any], whole: Study, opened: Opened) -> dict[str, dict[str, list[str]]]:
    """For each measure and each intervention that it reads, the identities whose rows it uses: the current one first, then earlier ones.

    Earlier identities remain for measures that need less than the current intervention gives. Any other change is refused.
    """
    reads: dict[str, dict[str, list[str]]] = {
        measure: {name: list(specs) for name, specs in those.items()} for measure, those in manifest.get("reads", {}).items()
    }
    for measure, interventions in whole.reading().items():
        made = whole.measure(measure)
        for name in interventions:
            if name not in opened.interventions:
                continue
            spec, before = opened.spec(opened.interventions[name]), reads.setdefault(measure, {}).get(name, [])
            if before and before[0] != spec and not made.requires.get(name):
                difference = _difference(manifest["identities"][before[0]], opened.identity(opened.interventions[name]))
                raise StoreError(
                    f"Run directory {directory.path} holds rows of {measure} made with another {name}: {difference}; "
                    "choose another --out, or use the earlier choices."
                )
            reads[measure][name] = [spec, *(one for one in before if one != spec)]
    return reads


def _difference(old: Mapping[str, Any], new: Mapping[str, Any], where: str = "") -> str:
    """The first place in which two identities differ, in words."""
    for key in dict.fromkeys((*old, *new)):
        a, b = old.get(key), new.get(key)
        if a != b:
            if isinstance(a, Mapping) and isinstance(b, Mapping):
                return _difference(a, b, key if where in {"", "parameters", "hints"} else where)
            shown = ("its default" if value is None else repr(value) for value in (a, b))
            of = f" of {where}" if where not in {"", "parameters"} else ""
            return f"its {key}{of} was {next(shown)}, and now it is {next(shown)}"
    return "its identity is another"


def _sources(directory: RunDirectory, before: list[dict[str, str]], source: TraceSource) -> list[dict[str, str]]:
    """The sources of the traces, before and now. Refuses to mix sampled and given traces."""
    now = source.provenance()
    if before and before[-1]["source"] != now["source"]:
        raise StoreError(
            f"Run directory {directory.path} holds traces that were {before[-1]['source']}, and now they are {now['source']}: "
            "choose another --out."
        )
    return before if now in before else [*before, now]


def _same_strategies(directory: RunDirectory, before: Mapping[str, Any], opened: Opened) -> dict[str, Any]:
    """The identities of all strategies, before and now. Refuses a strategy that has changed."""
    now = {name: identity(one) for name, one in opened.strategies.items()}
    for name, value in now.items():
        if before.get(name, value) != value:
            raise StoreError(
                f"Run directory {directory.path} holds traces of another {name}: {_difference(before[name], value)}; "
                "choose another --out, or use the earlier choices."
            )
    return {**before, **now}


def _same_study(directory: RunDirectory, before: Study, now: Study) -> None:
    old, new = before.identity(), now.identity()
    for key, value in new.items():
        if old.get(key, value) != value:  # new keys may be added
            raise StoreError(
                f"Run directory {directory.path} holds another study: its {key} is {old[key]!r}, and now it is {value!r}; "
                "choose another --out, or use the earlier choices."
            )


def _same_prompts(directory: RunDirectory, before: Mapping[str, str], now: Mapping[str, str]) -> dict[str, str]:
    """The hashes of all prompts, before and now. Refuses a prompt that has changed, since its rows must not mix with earlier ones."""
    for name, value in now.items():
        if before.get(name, value) != value:
            raise StoreError(
                f"Run directory {directory.path} holds rows made with another text of the prompt {name!r}: "
                "choose another --out, or use the version of cotfaith that made it."
            )
    return {**before, **now}


def record(directory: RunDirectory, subject: OpenModel) -> None:
    """Record the model, or refuse if another model made its rows."""
    manifest = directory.manifest()
    recorded = manifest.get("subjects", {})
    if subject.name in recorded:
        check_same(subject, recorded[subject.name]["fingerprint"])
        return
    info = subject.engine.info
    facts = {"parameters": info.parameters, "context": info.context, "device": info.device, "arguments": dict(info.arguments)}
    described = {"fingerprint": subject.fingerprint(), **facts, "capabilities": sorted(info.capabilities)}
    directory.write_manifest({**manifest, "subjects": {**recorded, subject.name: described}})


def _provenance() -> dict[str, Any]:
    libraries = {name: version(name) for name in LIBRARIES}
    hardware = {"machine": platform.machine(), "cores": os.cpu_count(), "system": platform.system()}
    python = platform.python_version()
    command = [Path(sys.argv[0]).name, *sys.argv[1:]]
    return {"cotfaith": __version__, "python": python, "libraries": libraries, "hardware": hardware, "command": command}


def _origins(names: dict[str, str]) -> dict[str, str]:
    return {name: str(registry.origin("cotfaith.interventions", name)) for name in names}


def _options(judge: AbstractJudge) -> dict[str, str]:
    """The options of a judge that is a dataclass, as one text; nothing where it has none."""
    names: list[str] = [one.name for one in fields(judge) if one.init] if is_dataclass(judge) else []
    found = {name: repr(getattr(judge, name)) for name in names}
    return {"options": repr(found)} if found else {}


def prompt_hashes(opened: Opened) -> dict[str, str]:
    """The hash of every prompt text besides the question, by the piece that uses it."""
    said = {name: made.about.prompts for name, made in opened.interventions.items()}
    said |= {name: made.manner.prompts for name, made in opened.strategies.items()}
    said |= {f"hint {name}": made.about.prompts for name, made in opened.hints.items()}
    said |= {f"judge {name}": {**made.prompts, **_options(made)} for name, made in opened.judges.items()}
    return {f"{who}: {name}": seeds.key("prompt", words) for who, those in said.items() for name, words in those.items()}
