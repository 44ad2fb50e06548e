"""What a run directory holds differs from what is asked now: refused, or accepted. Then the earlier run is kept, and the rows are made again."""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any, TypeVar

import yaml

from cotfaith.errors import CotfaithError, StoreError
from cotfaith.pipeline.cell import cell_name
from cotfaith.storage import earlier, schema
from cotfaith.storage.run_directory import RunDirectory

logger = logging.getLogger(__name__)

T = TypeVar("T")

ALL = tuple(schema.TABLES)
OF_TRACES = tuple(name for name in ALL if name != "questions")  # the rows that go with a trace
OF_PROBES = tuple(name for name in OF_TRACES if name != "traces")  # the rows that go with a probe


@dataclass(frozen=True, slots=True)
class Rows:
    """The rows that a difference concerns, and the keys of the manifest that say what they were made with.

    Without a `model`, a `task` or an `index` they are those of all models, of all tasks, or of all blocks of questions. With a `judge`
    they are its verdicts.
    """

    tables: tuple[str, ...] = ALL
    model: str | None = None
    task: str | None = None
    index: int | None = None
    judge: str | None = None
    forget: tuple[tuple[str, ...], ...] = ()


EVERYTHING = Rows()


class ChangedError(StoreError):
    """A run directory holds `rows` that differ from what is asked now. The message has the first difference and the ways out."""

    def __init__(self, path: Path, difference: str, rows: Rows, otherwise: str = "use the earlier choices") -> None:
        super().__init__(
            f"Run directory {path} holds {difference}; choose another --out, {otherwise}, or give --accept-changes, which keeps the run as it is in "
            f"{path / earlier.FOLDER} and makes these rows again."
        )
        self.rows = rows
        self.difference = difference


@dataclass(slots=True)
class Accepting:
    """Whether differences are accepted, and where the earlier run was kept when the first one was."""

    directory: RunDirectory
    was: Mapping[str, Any]  # the manifest before the command
    accept: bool = False
    kept: Path | None = None

    def through(self, act: Callable[[], T]) -> T:
        """What `act` returns. After a difference that is accepted, its rows are removed, and `act` is called again.

        Raises:
            ChangedError: a difference is not accepted, or is there again after its rows were removed.
        """
        met = set[str]()
        while True:
            try:
                return act()
            except ChangedError as error:
                if not self.accept or str(error) in met:
                    raise
                met.add(str(error))
                self._retire(error)

    def _retire(self, error: ChangedError) -> None:
        if self.kept is None:
            self.kept = earlier.keep(self.directory, self.was)
            logger.warning("The run as it was is kept in %s.", self.kept)
        rows = error.rows
        if rows.judge is None:
            count = earlier.remove(self.directory, rows.tables, _cells(self.directory, rows), rows.index)
        else:
            count = earlier.remove_verdicts(self.directory, rows.judge)
        self.directory.write_manifest(_without(self.directory.manifest(), rows.forget) if rows != EVERYTHING else {})
        self.directory.log("changes accepted", difference=str(error), kept=str(self.kept), parts=count)


@contextmanager
def untouched_if_refused(directory: RunDirectory, was: Mapping[str, Any]) -> Iterator[None]:
    """If the command fails before it has made or removed a row, the directory says again what it said: its manifest `was` this.

    Without a manifest there was no run, and no folder stays behind.
    """
    before = directory.state()
    try:
        yield
    except CotfaithError:
        if directory.state() == before and (was or not directory.manifest().get("parts")):
            _restore(directory, was)
        raise


def _restore(directory: RunDirectory, was: Mapping[str, Any]) -> None:
    if directory.manifest() == was:
        return
    if was:
        directory.write_manifest(was)
        directory.write_text("study.yaml", yaml.safe_dump(was.get("study", {}), sort_keys=False, allow_unicode=True))
        return
    with suppress(OSError):
        for name in ("manifest.json", "study.yaml", "log.jsonl", "lock"):
            (directory.path / name).unlink(missing_ok=True)
        directory.path.rmdir()  # unless something else is in it


def _cells(directory: RunDirectory, rows: Rows) -> set[str] | None:
    """The cells of `rows`; None if they are all."""
    if rows.model is None and rows.task is None:
        return None
    study = directory.manifest().get("study", {})
    models, tasks = ([one] if one else study.get(key, []) for one, key in ((rows.model, "model"), (rows.task, "task")))
    return {cell_name(model, task) for model in models for task in tasks}


def _without(manifest: dict[str, Any], forget: tuple[tuple[str, ...], ...]) -> dict[str, Any]:
    """`manifest` without these keys: ("reads",), or ("subjects", "my-model") for one within another."""
    for first, *rest in forget:
        within = manifest.get(first, {})
        manifest = (
            {**manifest, first: {key: value for key, value in within.items() if key not in rest}}
            if rest
            else {key: value for key, value in manifest.items() if key != first}
        )
    return manifest
