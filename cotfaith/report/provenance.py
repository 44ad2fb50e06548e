"""How a run was made, from its manifest: choices, models, versions and command."""

from __future__ import annotations

import json
import shlex
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import msgspec

from cotfaith.errors import StoreError
from cotfaith.prompts import ResolvedFormat
from cotfaith.storage.run_directory import RunDirectory

Manifest = Mapping[str, Any]


def command(manifest: Manifest) -> str:
    """The command that made the run, as typed in a shell."""
    return shlex.join(manifest.get("command", []))


def finished(directory: RunDirectory) -> str:
    """The day and minute (UTC) of the last event in the log, so that the same run always gives the same page; empty without a log."""
    try:
        lines = (directory.path / "log.jsonl").read_text(encoding="utf-8", errors="replace").splitlines()
    except OSError:  # the page is right without it
        return ""
    times = [time for line in lines if (time := _time(line))]
    return max(times)[:16].replace("T", " ") + " UTC" if times else ""


def _time(line: str) -> str:
    """The time of a line of the log; empty for a line that a kill cut short, or that is something else."""
    try:
        time = json.loads(line)["time"]
        datetime.fromisoformat(time)
    except (ValueError, KeyError, TypeError, RecursionError):
        return ""
    return str(time)


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
    blocks += [
        (f"Prompts of {name}", _prompts(subject["resolved"]))
        for name, subject in manifest.get("subjects", {}).items()
        if "resolved" in subject
    ]
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
    facts = {
        **subject.get("fingerprint", {}),
        **{key: value for key, value in subject.items() if key not in {"fingerprint", "resolved"}},
    }
    return {("template hash" if key == "template" else key): value for key, value in facts.items()}


def formats(manifest: Manifest) -> str:
    """The prompt format of each evaluated model, and whether it reasons; empty for a run that does not record it."""
    names, subjects = manifest.get("study", {}).get("model", []), manifest.get("subjects", {})
    found = {name: _resolved(subjects[name]["resolved"]) for name in names if "resolved" in subjects.get(name, {})}
    said = {name: one.brief() for name, one in found.items()}
    return next(iter(said.values())) if len(said) == len(names) == 1 else "; ".join(f"{name}: {one}" for name, one in said.items())


def _prompts(resolved: Mapping[str, Any]) -> dict[str, Any]:
    """The resolved format of a model, with its notes."""
    found = _resolved(resolved)
    return {**found.facts(), **({"notes": "; ".join(found.notes)} if found.notes else {})}


def _resolved(found: Mapping[str, Any]) -> ResolvedFormat:
    """The resolved format that a manifest holds.

    Raises:
        StoreError: it holds something else.
    """
    try:
        return msgspec.convert(found, ResolvedFormat)
    except msgspec.ValidationError as error:
        raise StoreError(
            f"The manifest.json of this run holds a prompt format of another shape ({error}): restore it from a copy."
        ) from error


def _said(value: Any) -> str:
    if value in (None, "", [], {}):
        return "not stated"
    if isinstance(value, Mapping):
        return ", ".join(f"{key}={_said(one)}" for key, one in value.items())
    if isinstance(value, list):
        return ", ".join(map(_said, value))
    return f"{value:,}" if isinstance(value, int) and not isinstance(value, bool) and value >= 100_000 else str(value)
