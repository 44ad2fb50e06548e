"""A run as data frames, estimates and a report: what `run` and `open_run` return."""

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
from cotfaith.study import Study, stored
from cotfaith.types import Trace

if TYPE_CHECKING:
    import pandas as pd

NOTHING: session.Pieces = MappingProxyType({})


class Run:
    """A run directory as data frames. `complete` says whether all work of the study is done.

    `pieces` are the Python objects of this session behind names in its study (see `cotfaith.objects`).
    """

    def __init__(self, path: Path, *, complete: bool = True, pieces: session.Pieces = NOTHING) -> None:
        self._directory = RunDirectory(path)
        self._pieces = pieces
        self.path = path
        self.complete = complete

    @property
    def study(self) -> Study:
        """The study of the run."""
        with self._here():
            return stored(self.manifest()["study"], self.path)

    def questions(self) -> pd.DataFrame:
        """One row per question."""
        return self._directory.frame("questions")

    def traces(self) -> pd.DataFrame:
        """One row per reasoning trace."""
        return self._directory.frame("traces")

    def probes(self) -> pd.DataFrame:
        """One row per probe. `reading_id` names its reading."""
        return self._directory.frame("probes")

    def readings(self) -> pd.DataFrame:
        """One row per reading, in any state."""
        return self._directory.frame("readings")

    def cut(self) -> tuple[int, int]:
        """The number of traces that the token limit cut, and the number of all traces. A cut trace has no stated conclusion."""
        return self._directory.count("traces", finish="length"), self._directory.count("traces")

    def estimates(self) -> pd.DataFrame:
        """One row per estimate: value, SE, interval, n, clusters, missing, bounds, method and direction.

        Raises:
            StoreError: the run was stopped before its estimates were computed.
        """
        return self._directory.derived("estimates.parquet")

    def estimate(self, **choices: Any) -> pd.DataFrame:
        """Compute all estimates again from the readings. No model is needed.

        Args:
            choices: how answers are extracted and counted: extractor ("standard", "strict", "flexible"), unparsed ("drop", "bound",
                "wrong"), weight ("trace", "question") and level. With any of them, the stored estimates of the run stay unchanged.

        Raises:
            UsageError: a choice is unknown.
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
        """How much the headline of each measure changes under each choice of `estimate`, one at a time. Also saved as tables/sensitivity.csv."""
        with self._here():
            table = sensitivity.sensitivity(self._directory, self.study)
        with self._directory.lock():
            self._directory.write_text("tables/sensitivity.csv", table.to_csv(index=False))
        return table

    def power(self, *, questions: Sequence[int] = (), margin: float | None = None, level: float = 0.95) -> pd.DataFrame:
        """The power of a study with this many `questions`, all like those of this run: one row per test and number of questions.

        Args:
            questions: numbers of questions. The default is half to eight times the number in this run.
            margin: equivalence margin. If given, the power to show that a value lies within it.
            level: 0.95 for a test at 5 %.

        Raises:
            UsageError: the run has no test whose questions differ.
        """
        with self._here():
            return pilot(self._directory, self.study, questions=questions, margin=margin, level=level)

    def verdicts(self) -> pd.DataFrame:
        """One row per text and judge, including hand labels."""
        return self._directory.frame("verdicts")

    def write_labels(self, sheet: Path | str) -> int:
        """Write a sheet for hand labels, with one row per text that followed a hint. Return the number of rows.

        Raises:
            UsageError: there is no such text, or the sheet cannot be written.
        """
        with self._here():
            return hand_labels.write_sheet(self._directory, Path(sheet))

    def read_labels(self, sheet: Path | str) -> int:
        """Import a filled-in sheet, and compute all estimates again. Return the number of labels.

        Raises:
            DataError: a row does not belong to the run, or has an answer other than yes or no.
        """
        with self._here(), self._directory.lock():
            count = hand_labels.read_sheet(self._directory, Path(sheet))
            finish(self._directory, self.study)
        return count

    def report(self) -> Path:
        """Write the HTML report of this run. Return its path."""
        with self._here():
            return report.write(self._directory)

    def manifest(self) -> dict[str, Any]:
        """How the run was made: choices, versions, revisions, hardware and command.

        Raises:
            StoreError: the folder is not a run directory.
        """
        manifest = self._directory.manifest()
        if "study" not in manifest:
            raise StoreError(
                f"{self.path} is not a run directory, since it has no manifest.json: give the folder that `cotfaith run` printed."
            )
        return manifest

    def trace(self, number: int = 0) -> Trace:
        """The trace in row `number` of `traces()`. A notebook shows it step by step.

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
        state = "complete" if self.complete else "not complete: run it again to resume"
        try:
            with self._here():
                shown = tables.headline(self.estimates())
        except StoreError as error:
            return display.note(f"Run {self.path}: {error}")
        return display.note(f"Run {self.path}, {state}.") + display.estimates(shown)

    @contextmanager
    def _here(self) -> Iterator[None]:
        """Register the objects of this session under their names."""
        with session.pieces(self._pieces):
            yield


def finish(directory: RunDirectory, study: Study) -> None:
    """Compute all estimates again, and write the table."""
    table = estimate.table(estimate.estimate(directory, study), study.margin)
    directory.write_text("tables/estimates.csv", table.to_csv(index=False))
    directory.write_frame("estimates.parquet", table)


def _choices(given: dict[str, Any]) -> Choices:
    for name in given:
        if name not in Choices.__dataclass_fields__:
            raise unknown("choice of estimate", name, Choices.__dataclass_fields__)
    return Choices(**given)
