"""A run as data frames, numbers and a page: what `run` and `open_run` give."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from types import MappingProxyType
from typing import TYPE_CHECKING, Any

from cotfaith import display, report, tables
from cotfaith.analysis import estimate, hand_labels, sensitivity
from cotfaith.analysis.reextract import Choices
from cotfaith.errors import StoreError, UsageError, unknown
from cotfaith.planning.pilot import pilot
from cotfaith.plugins import session
from cotfaith.storage import schema
from cotfaith.storage.run_directory import RunDirectory
from cotfaith.study import Study, make
from cotfaith.types import Trace

if TYPE_CHECKING:
    import pandas as pd

NOTHING: session.Pieces = MappingProxyType({})


class Run:
    """A run directory as data frames. `complete` says whether everything that was asked for is there.

    `pieces` are the objects of this session that names in its study stand for (see `cotfaith.objects`).
    """

    def __init__(self, path: Path, *, complete: bool = True, pieces: session.Pieces = NOTHING) -> None:
        self._directory = RunDirectory(path)
        self._pieces = pieces
        self.path = path
        self.complete = complete

    @property
    def study(self) -> Study:
        """The study that the directory holds."""
        with self._here():
            return make(self.manifest()["study"], f"Study in {self.path / 'manifest.json'}")

    def questions(self) -> pd.DataFrame:
        """One row for each question."""
        return self._directory.frame("questions")

    def traces(self) -> pd.DataFrame:
        """One row for each reasoning that a model gave."""
        return self._directory.frame("traces")

    def probes(self) -> pd.DataFrame:
        """One row for each probe; `reading_id` names its reading."""
        return self._directory.frame("probes")

    def readings(self) -> pd.DataFrame:
        """One row for each answer that was read, whatever its state."""
        return self._directory.frame("readings")

    def cut(self) -> tuple[int, int]:
        """How many traces the token budget ended, and how many there are: a reasoning that was cut has stated no conclusion."""
        return self._directory.count("traces", finish="length"), self._directory.count("traces")

    def estimates(self) -> pd.DataFrame:
        """One row for each estimate: value, SE, interval, n, clusters, missing, bounds, method, and its direction.

        Raises:
            StoreError: if the run was stopped before it was estimated.
        """
        return self._directory.derived("estimates.parquet")

    def estimate(self, **choices: Any) -> pd.DataFrame:
        """Estimate everything anew from the readings; no model is needed.

        Args:
            choices: how the readings are read again, and counted: extractor ("standard", "strict", "flexible"), unparsed ("drop", "bound", "wrong"),
                weight ("trace", "question") and level. With any of them the run's own estimates stay as they are.

        Raises:
            UsageError: a choice is none of these.
        """
        with self._here():
            study = self.study
            if choices:
                found = estimate.estimate(self._directory, study, _choices(choices))
                return estimate.table(found, study.margin)
            with self._directory.lock():
                finish(self._directory, study)
        return self.estimates()

    def sensitivity(self) -> pd.DataFrame:
        """How far the headline of each measure moves under each choice of `estimate`, one at a time; also kept as tables/sensitivity.csv."""
        with self._here():
            table = sensitivity.sensitivity(self._directory, self.study)
        with self._directory.lock():
            self._directory.write_text("tables/sensitivity.csv", table.to_csv(index=False))
        return table

    def power(self, *, questions: Sequence[int] = (), margin: float | None = None, level: float = 0.95) -> pd.DataFrame:
        """The power of a study of as many `questions`, if all were like those of this run: a row for each of its tests and numbers.

        Args:
            questions: how many; by default half to eight times those of this run.
            margin: of equivalence; if given, how likely it is shown that a value lies within it.
            level: 0.95 for a test at 5 %.

        Raises:
            UsageError: the run has no test on questions that differ.
        """
        with self._here():
            return pilot(self._directory, self.study, questions=questions, margin=margin, level=level)

    def verdicts(self) -> pd.DataFrame:
        """One row for each text that a judge judged, hand labels included."""
        return self._directory.frame("verdicts")

    def write_labels(self, sheet: Path | str) -> int:
        """Write a sheet for hand labels, a row for each text that followed a hint; how many rows.

        Raises:
            UsageError: there is none, or the sheet cannot be made.
        """
        with self._here():
            return hand_labels.write_sheet(self._directory, Path(sheet))

    def read_labels(self, sheet: Path | str) -> int:
        """Read a sheet that was filled in, and estimate everything anew; how many labels it had.

        Raises:
            DataError: a row does not fit the run, or has an answer other than yes or no.
        """
        with self._here(), self._directory.lock():
            count = hand_labels.read_sheet(self._directory, Path(sheet))
            finish(self._directory, self.study)
        return count

    def report(self) -> Path:
        """Write the page of this run; its path."""
        with self._here():
            return report.write(self._directory)

    def manifest(self) -> dict[str, Any]:
        """How the run was made: choices, versions, revisions, hardware, command.

        Raises:
            StoreError: if the folder is no run directory.
        """
        manifest = self._directory.manifest()
        if "study" not in manifest:
            raise StoreError(
                f"{self.path} is no run directory: it has no manifest.json; give the folder that `cotfaith run` named."
            )
        return manifest

    def trace(self, number: int = 0) -> Trace:
        """The trace in row `number` of `traces()`, which a notebook shows step by step.

        Raises:
            UsageError: there is no such row.
        """
        rows = self._directory.table("traces")
        if not 0 <= number < len(rows):
            raise UsageError(f"Run {self.path} has no trace {number}: it has {len(rows)}, numbered from 0.")
        (row,) = rows.slice(number, 1).to_pylist()
        return schema.trace(row)

    def __repr__(self) -> str:
        return f"Run({str(self.path)!r}, complete={self.complete})"

    def _repr_html_(self) -> str:
        """The estimates that a person reads first, for a notebook."""
        state = "complete" if self.complete else "not complete: run it again to go on"
        try:
            with self._here():
                shown = tables.headline(self.estimates())
        except StoreError as error:
            return display.note(f"Run {self.path}: {error}")
        return display.note(f"Run {self.path}, {state}.") + display.estimates(shown)

    @contextmanager
    def _here(self) -> Iterator[None]:
        """The objects of this session under their names."""
        with session.pieces(self._pieces):
            yield


def finish(directory: RunDirectory, study: Study) -> None:
    """Estimate everything anew, and write the table."""
    table = estimate.table(estimate.estimate(directory, study), study.margin)
    directory.write_text("tables/estimates.csv", table.to_csv(index=False))
    directory.write_frame("estimates.parquet", table)


def _choices(given: dict[str, Any]) -> Choices:
    for name in given:
        if name not in Choices.__dataclass_fields__:
            raise unknown("choice of estimate", name, Choices.__dataclass_fields__)
    return Choices(**given)
