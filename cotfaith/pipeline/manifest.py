"""The manifest: how a run was made. A run cannot continue with other settings."""

from __future__ import annotations

import logging
import os
import platform
from collections.abc import Mapping, Sequence
from dataclasses import asdict, fields, is_dataclass
from importlib.metadata import version
from typing import Any

import yaml

from cotfaith import invocation, seeds, sensitive
from cotfaith.contracts import intervention
from cotfaith.contracts.identity import identity
from cotfaith.contracts.judge import AbstractJudge
from cotfaith.contracts.strategy import describe
from cotfaith.errors import StoreError, legible
from cotfaith.pipeline.changes import EVERYTHING, OF_PROBES, ChangedError, Rows
from cotfaith.pipeline.open_model import OpenModel, difference_from
from cotfaith.pipeline.open_study import Opened, open_study
from cotfaith.pipeline.sample import TraceSource
from cotfaith.plugins import registry
from cotfaith.prompts import ResolvedFormat
from cotfaith.storage import losses
from cotfaith.storage.run_directory import RunDirectory
from cotfaith.storage.schema import TABLES
from cotfaith.study import Study, stored
from cotfaith.version import __version__

logger = logging.getLogger(__name__)

PROBES = Rows(OF_PROBES, forget=(("reads",), ("identities",)))  # what an intervention or a hint makes
LIBRARIES = ("torch", "transformers", "numpy", "pandas", "pyarrow", "statsmodels")


def begin(directory: RunDirectory, study: Study, opened: Opened, source: TraceSource) -> tuple[Study, Opened]:
    """Open the directory for `study`, or refuse. Return the joined study of the directory, and what `study` names within it.

    The interventions of `study` get the parameters of the joined study, so that all rows of one intervention can be read together.
    """
    manifest = directory.manifest()
    losses.check_foreign(directory, manifest)
    if gone := losses.lost(directory, manifest):
        logger.warning(
            "%s has lost rows (%s): those that this command asks for are made again.", directory.path, losses.said(gone, manifest)
        )
        directory.log("rows were lost", parts=[f"{name}/{part}" for name, names in gone.items() for part in names])
    directory.sweep()
    if damaged := directory.set_aside_damaged():
        logger.warning(
            "%d damaged part%s of %s set aside (%s): those of their rows that this command asks for are made again.",
            *(
                len(damaged),
                "" if len(damaged) == 1 else "s",
                f"{directory.path} {'was' if len(damaged) == 1 else 'were'}",
                ", ".join(damaged[:3]),
            ),
        )
    whole, opened, said = joined(directory, manifest, study, opened, source)
    directory.write_manifest({**manifest, **_provenance(), **said, "complete": False})
    directory.write_text("study.yaml", yaml.safe_dump(said["study"], sort_keys=False, allow_unicode=True))
    return whole, opened


def joined(
    directory: RunDirectory, manifest: Mapping[str, Any], study: Study, opened: Opened, source: TraceSource
) -> tuple[Study, Opened, dict[str, Any]]:
    """As `begin`, with what the `manifest` of the directory then says of the study and its pieces. Nothing is written.

    Raises:
        ChangedError: the directory holds rows that differ from what `study` asks for.
    """
    whole = study
    if "study" in manifest:  # it is not there after all rows were removed
        before = stored(manifest["study"], directory.path)
        _same_study(directory, before, study)
        whole = study.joined(before)
    probing = whole.probing()
    opened = open_study(study, {name: probing[name] for name in opened.interventions})
    choices = whole.model_dump(mode="json")
    made = {name: intervention.describe(one) for name, one in probing.items()}
    identities = manifest.get("identities", {}) | {opened.spec(one): opened.identity(one) for one in opened.interventions.values()}
    reads = _reads(directory, manifest, whole, opened)
    sources = _sources(directory, manifest.get("traces", []), source)
    prompts = _same_prompts(directory, manifest.get("prompts", {}), opened)
    strategies = manifest.get("strategies", {}) | {name: describe(one) for name, one in opened.strategies.items()}
    kept = _same_strategies(directory, manifest.get("strategy_identities", {}), opened)
    what = {"study": choices, "strategies": strategies, "interventions": made, "origins": _origins(made), "prompts": prompts}
    keys = {"strategy_identities": kept, "identities": identities, "reads": reads, "traces": sources}
    return whole, opened, {**what, **keys}


def check_own(directory: RunDirectory) -> None:
    """Refuse a folder that is not a run directory, or no longer one. Nothing is written.

    Raises:
        StoreError: it has no manifest, but files.
    """
    if directory.manifest():
        return
    if any(directory.shards(name) for name in TABLES):
        raise StoreError(
            f"Run directory {directory.path} holds rows but no manifest.json: restore the file, or choose another --out."
        )
    if others := directory.holds():
        raise StoreError(
            f"{directory.path} is not a run directory, and holds {_few(others)}: choose another --out, so that nothing is overwritten."
        )


def _few(names: Sequence[str], most: int = 3) -> str:
    return ", ".join(names[:most]) + (f" and {len(names) - most} more files" if len(names) > most else "")


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
                raise ChangedError(directory.path, f"rows of {measure} made with another {name}: {difference}", PROBES)
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
        difference = f"traces that were {before[-1]['source']}, and now they are {now['source']}"
        raise ChangedError(directory.path, difference, EVERYTHING)
    return before if now in before else [*before, now]


def _same_strategies(directory: RunDirectory, before: Mapping[str, Any], opened: Opened) -> dict[str, Any]:
    """The identities of all strategies, before and now. Refuses a strategy that has changed."""
    now = {name: identity(one) for name, one in opened.strategies.items()}
    for name, value in now.items():
        if before.get(name, value) != value:
            raise ChangedError(directory.path, f"traces of another {name}: {_difference(before[name], value)}", EVERYTHING)
    return {**before, **now}


def _same_study(directory: RunDirectory, before: Study, now: Study) -> None:
    old, new = before.identity(), now.identity()
    for key, value in new.items():
        if old.get(key, value) != value:  # new keys may be added
            difference = f"another study: its {key} is {old[key]!r}, and now it is {value!r}"
            raise ChangedError(directory.path, difference, EVERYTHING)


def _same_prompts(directory: RunDirectory, before: Mapping[str, str], opened: Opened) -> dict[str, str]:
    """The hashes of all prompts, before and now. Refuses a prompt that has changed, since its rows must not mix with earlier ones."""
    hashes = prompt_hashes(opened)
    for name, value in hashes.items():
        if before.get(name, value) != value:
            difference = f"rows made with another text of the prompt {name!r}"
            raise ChangedError(directory.path, difference, _rows_of(opened, name), "use the version of cotfaith that made it")
    return {**before, **hashes}


def _rows_of(opened: Opened, prompt: str) -> Rows:
    """The rows that a prompt makes: all those of a strategy, the verdicts of a judge, the probes of any other piece."""
    forget = (("prompts", prompt),)
    if any(prompt.startswith(f"{name}: ") for name in opened.strategies):
        return EVERYTHING
    judges = (name for name in opened.judges if prompt.startswith(f"judge {name}: "))
    return next((Rows(judge=name, forget=forget) for name in judges), Rows(OF_PROBES, forget=forget))


def record(directory: RunDirectory, subject: OpenModel, resolved: ResolvedFormat, *, helps: bool) -> None:
    """Record the model with its resolved format, or refuse if another model made its rows. A model that `helps` writes or judges for others too."""
    manifest = directory.manifest()
    recorded = manifest.get("subjects", {})
    if subject.name in recorded:
        if difference := difference_from(subject, recorded[subject.name]["fingerprint"]):
            rows = Rows(model=None if helps else subject.name, forget=(("subjects", subject.name),))
            raise ChangedError(directory.path, difference, rows, "restore the earlier one")
        if "resolved" in recorded[subject.name]:
            return
    info = subject.engine.info
    facts = {"parameters": info.parameters, "context": info.context, "device": info.device, "arguments": dict(info.arguments)}
    described = {"fingerprint": subject.fingerprint(), **facts, "capabilities": sorted(info.capabilities)}
    described = {**recorded.get(subject.name, described), "resolved": asdict(resolved)}
    directory.write_manifest({**manifest, "subjects": {**recorded, subject.name: described}})


def record_size(directory: RunDirectory, task: str, size: int) -> None:
    """Record that `task` has `size` questions, fewer than were asked for."""
    manifest = directory.manifest()
    directory.write_manifest({**manifest, "sizes": {**manifest.get("sizes", {}), task: size}})


def libraries() -> dict[str, str]:
    """The versions of the libraries that numbers depend on."""
    return {name: version(name) for name in LIBRARIES}


def _provenance() -> dict[str, Any]:
    hardware = {"machine": platform.machine(), "cores": os.cpu_count(), "system": platform.system()}
    python = platform.python_version()
    command = [legible(sensitive.hidden(word)) for word in invocation.words()]
    return {"cotfaith": __version__, "python": python, "libraries": libraries(), "hardware": hardware, "command": command}


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
