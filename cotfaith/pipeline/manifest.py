"""The manifest: how a run was made, and the refusal to go on with it in another way."""

from __future__ import annotations

import os
import platform
import sys
from collections.abc import Mapping
from importlib.metadata import version
from pathlib import Path
from typing import Any

import yaml

from cotfaith import seeds
from cotfaith.contracts import intervention
from cotfaith.contracts.strategy import describe
from cotfaith.errors import StoreError
from cotfaith.pipeline.open_model import Subject, check_same
from cotfaith.pipeline.open_study import Opened
from cotfaith.plugins import registry
from cotfaith.storage.run_directory import RunDirectory
from cotfaith.study import Study, make
from cotfaith.version import __version__

LIBRARIES = ("torch", "transformers", "numpy", "pandas", "pyarrow", "statsmodels")


def begin(directory: RunDirectory, study: Study, opened: Opened) -> Study:
    """Take over the directory for `study`, or refuse; the study of all that it holds and will hold."""
    directory.sweep()
    manifest = directory.manifest()
    whole = study
    if manifest:
        before = make(manifest["study"], f"Study in {directory.path / 'manifest.json'}")
        _same_study(directory, before, study)
        whole = study.joined(before)
    elif any(directory.path.glob("*.parquet")) or any((directory.path / name).exists() for name in ("traces", "probes")):
        raise StoreError(f"{directory.path} holds rows but no manifest.json: restore it, or choose another --out.")
    choices = whole.model_dump(mode="json")
    made = {name: intervention.describe(one) for name, one in whole.probing().items()}
    prompts = _same_prompts(directory, manifest.get("prompts", {}), prompt_hashes(opened))
    strategies = manifest.get("strategies", {}) | {name: describe(one) for name, one in opened.strategies.items()}
    what = {"study": choices, "strategies": strategies, "interventions": made, "origins": _origins(made), "prompts": prompts}
    directory.write_manifest({**manifest, **_provenance(), **what})
    directory.write_text("study.yaml", yaml.safe_dump(choices, sort_keys=False, allow_unicode=True))
    return whole


def _same_study(directory: RunDirectory, before: Study, now: Study) -> None:
    old, new = before.identity(), now.identity()
    for key, value in new.items():
        if old.get(key, value) != value:  # what is new may come in
            raise StoreError(
                f"Run directory {directory.path} holds another study: its {key} is {old[key]!r}, and now it is {value!r}; "
                "choose another --out, or ask for what it holds."
            )


def _same_prompts(directory: RunDirectory, before: Mapping[str, str], now: Mapping[str, str]) -> dict[str, str]:
    """The hashes of all prompts, before and now; or a refusal where one has changed, since its rows must not mix."""
    for name, value in now.items():
        if before.get(name, value) != value:
            raise StoreError(
                f"Run directory {directory.path} holds rows made with another text of the prompt {name!r}: "
                "choose another --out, or go back to the version of cotfaith that made it."
            )
    return {**before, **now}


def record(directory: RunDirectory, subject: Subject) -> None:
    """Write down what the model is, or refuse if rows of it were made by something else."""
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


def prompt_hashes(opened: Opened) -> dict[str, str]:
    """The hash of every text that is said to a model besides the question, by who says it."""
    said = {name: made.about.prompts for name, made in opened.interventions.items()}
    said |= {name: made.manner.prompts for name, made in opened.strategies.items()}
    said |= {f"hint {name}": made.about.prompts for name, made in opened.hints.items()}
    said |= {f"judge {name}": made.prompts for name, made in opened.judges.items()}
    return {f"{who}: {name}": seeds.key("prompt", words) for who, those in said.items() for name, words in those.items()}
