"""Rows that a run directory had and has no longer. Estimates of the others would be other numbers, so only a run goes on without them."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any, TypeVar

from cotfaith.errors import StoreError
from cotfaith.storage.run_directory import PARTS, RunDirectory

VERDICTS = "verdicts"  # labels by hand are among them, and may be newer than the manifest
AGAIN = "give the command of the run again, which makes these rows again"

T = TypeVar("T")


def lost(directory: RunDirectory, manifest: Mapping[str, Any]) -> dict[str, list[str]]:
    """The parts of each table that were there when `manifest` was written, and are there no longer."""
    there = directory.there()
    gone = {name: sorted(set(names) - set(there.get(name, ()))) for name, names in manifest.get(PARTS, {}).items()}
    return {name: names for name, names in gone.items() if names}


def said(gone: Mapping[str, list[str]], manifest: Mapping[str, Any]) -> str:
    """What is `lost`, in words: "1 of 3 parts of readings"."""
    return ", ".join(f"{len(names)} of {len(manifest[PARTS][name])} parts of {name}" for name, names in gone.items())


def check(directory: RunDirectory, manifest: Mapping[str, Any] | None = None) -> None:
    """Refuse a directory whose rows are not those that its `manifest` lists.

    Raises:
        StoreError: a part is gone, a finished run has a part that it did not write, or there are traces without their questions.
    """
    manifest = directory.manifest() if manifest is None else manifest
    if gone := lost(directory, manifest):
        labels = " (labels by hand must be imported again)" if VERDICTS in gone else ""
        raise StoreError(
            f"Run directory {directory.path} has lost rows ({said(gone, manifest)}): restore these files, or {AGAIN}{labels}."
        )
    check_foreign(directory, manifest)
    alone = {*directory.shards("traces"), *directory.shards("probes")} - {*directory.shards("questions")}
    if alone:
        raise _without_questions(directory.path)


def check_foreign(directory: RunDirectory, manifest: Mapping[str, Any]) -> None:
    """Refuse a finished run that has a part which it did not write.

    Raises:
        StoreError: it has one.
    """
    if PARTS in manifest and manifest.get("complete"):
        for name, names in directory.there().items():
            others = sorted(set(names) - set(manifest[PARTS].get(name, ())))
            if others and name != VERDICTS:
                raise StoreError(
                    f"{directory.path / name / others[0]} is not a file of this run: move it out of the run directory."
                )


def asked(questions: Mapping[str, T], name: str, path: Path) -> T:
    """The question `name` of the run directory `path`, in which traces or probes refer to it.

    Raises:
        StoreError: it is lost.
    """
    if name not in questions:
        raise _without_questions(path)
    return questions[name]


def check_asked(names: Iterable[str], there: Iterable[str], path: Path) -> None:
    """Refuse a run directory in which one of the questions `names` is not `there`.

    Raises:
        StoreError: one is lost.
    """
    if set(names) - set(there):
        raise _without_questions(path)


def _without_questions(path: Path) -> StoreError:
    return StoreError(f"Run directory {path} has reasoning traces whose questions are lost: {AGAIN}.")
