"""How a run was made, from its manifest: choices, models, versions and command."""

from __future__ import annotations

import json
import shlex
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from cotfaith.storage.run_directory import RunDirectory

Manifest = Mapping[str, Any]


def command(manifest: Manifest) -> str:
    """The command that made the run, as typed in a shell."""
    return shlex.join(manifest.get("command", []))


def finished(directory: RunDirectory) -> str:
    """The day and minute (UTC) of the last event in the log, so that the same run always gives the same page; empty without a log."""
    path = directory.path / "log.jsonl"
    times = []
    for line in path.read_text(encoding="utf-8").splitlines() if path.exists() else []:
        try:
            times.append(str(json.loads(line)["time"]))
        except (ValueError, KeyError):
            continue  # a line that a kill cut short
    return max(times)[:16].replace("T", " ") + " UTC" if times else ""


@dataclass(frozen=True, slots=True)
class Facts:
    """A heading, and names with their values."""

    title: str
    rows: tuple[tuple[str, str], ...]


def sections(manifest: Manifest) -> list[Facts]:
    """The choices, then each model, then strategies, interventions, prompts and the software."""
    study = manifest.get("study", {})
    plain = {key: value for key, value in study.items() if value not in ({}, None)}
    blocks = [("Choices", plain)]
    blocks += [(f"Model {name}", _subject(subject)) for name, subject in manifest.get("subjects", {}).items()]
    origins = manifest.get("origins", {})
    made = {name: f"{spec} from {origins.get(name, 'unknown')}" for name, spec in manifest.get("interventions", {}).items()}
    software = {"cotfaith": manifest.get("cotfaith"), "python": manifest.get("python"), **manifest.get("libraries", {})}
    blocks += [("Strategies", manifest.get("strategies", {})), ("Interventions", made), ("Prompts", manifest.get("prompts", {}))]
    blocks += [("Software", software), ("Hardware", manifest.get("hardware", {}))]
    return [
        Facts(title, tuple((key.replace("_", " "), _said(value)) for key, value in facts.items()))
        for title, facts in blocks
        if facts
    ]


def _subject(subject: Mapping[str, Any]) -> dict[str, Any]:
    """The facts about a model, its fingerprint first. It says so where the engine does not state one."""
    facts = {**subject.get("fingerprint", {}), **{key: value for key, value in subject.items() if key != "fingerprint"}}
    return {("template hash" if key == "template" else key): value for key, value in facts.items()}


def _said(value: Any) -> str:
    if value in (None, "", [], {}):
        return "not stated"
    if isinstance(value, Mapping):
        return ", ".join(f"{key}={_said(one)}" for key, one in value.items())
    if isinstance(value, list):
        return ", ".join(map(_said, value))
    return f"{value:,}" if isinstance(value, int) and not isinstance(value, bool) and value >= 100_000 else str(value)
