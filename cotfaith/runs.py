"""The library's front door: `run` does what a study asks, `open_run` opens what was done, and both give a `Run`."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from cotfaith import report
from cotfaith.errors import StoreError
from cotfaith.pipeline import labelling
from cotfaith.pipeline.run import execute, finish
from cotfaith.store import RunDirectory
from cotfaith.study import Study, load, make

if TYPE_CHECKING:
    import pandas as pd


class Run:
    """A run directory as data frames. `complete` says whether everything that was asked for is there."""

    def __init__(self, path: Path, *, complete: bool = True) -> None:
        self._directory = RunDirectory(path)
        self.path = path
        self.complete = complete

    @property
    def study(self) -> Study:
        """The study that the directory holds."""
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

    def estimate(self) -> pd.DataFrame:
        """Estimate everything anew from the readings."""
        with self._directory.lock():
            finish(self._directory, self.study)
        return self.estimates()

    def verdicts(self) -> pd.DataFrame:
        """One row for each text that a judge judged, hand labels included."""
        return self._directory.frame("verdicts")

    def write_labels(self, sheet: Path | str) -> int:
        """Write a sheet for hand labels, a row for each text that followed a hint; how many rows.

        Raises:
            UsageError: there is none, or the sheet cannot be made.
        """
        return labelling.write_sheet(self._directory, Path(sheet))

    def read_labels(self, sheet: Path | str) -> int:
        """Read a sheet that was filled in, and estimate everything anew; how many labels it had.

        Raises:
            DataError: a row does not fit the run, or has an answer other than yes or no.
        """
        with self._directory.lock():
            count = labelling.read_sheet(self._directory, Path(sheet))
            finish(self._directory, self.study)
        return count

    def report(self) -> Path:
        """Write the page of this run; its path."""
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

    def __repr__(self) -> str:
        return f"Run({str(self.path)!r}, complete={self.complete})"


def open_run(path: Path | str) -> Run:
    """The run in the directory `path`.

    Raises:
        StoreError: if there is none.
    """
    opened = Run(Path(path))
    opened.manifest()
    return opened


def run(
    study: Study | Path | str | None = None,
    *,
    model: str | Sequence[str] | None = None,
    task: str | Sequence[str] | None = None,
    measures: str | Sequence[str] | None = None,
    out: Path | str | None = None,
    quiet: bool = False,
    **choices: Any,
) -> Run:
    """Sample, intervene, read and estimate; the same call again resumes, and a larger one tops up.

    Args:
        study: a `Study`, or the path of a study file; keyword arguments change it.
        model: a model string, or several: `hf/Org/Model`, a folder, `scripted/mixed`, an alias such as `smollm2-135m`.
        task: a task, or several.
        measures: the measures to report; early answering, filler tokens and reasoning gain if None.
        out: the run directory; by default one under `runs/`, named after the study file or the choices.
        quiet: show no progress.
        choices: any other field of `Study`: limit, samples, seed, temperature, ...

    Returns:
        The run, with `complete` False if the user stopped it.

    Raises:
        CotfaithError: what is wrong, in one sentence; what was done is kept.
    """
    given = {"model": model, "task": task, "measures": measures}
    changes = {name: value for name, value in given.items() if value is not None} | choices
    asked = resolve(study, changes)
    path = Path(out) if out is not None else place(study, asked)
    return Run(path, complete=execute(asked, path, quiet=quiet))


def place(study: Study | Path | str | None, asked: Study) -> Path:
    """Where a run goes when nobody says: a study file's runs/STEM, else what the choices `asked` for are called."""
    return Path("runs") / Path(study).stem if isinstance(study, Path | str) else asked.directory()


def resolve(study: Study | Path | str | None, changes: dict[str, Any]) -> Study:
    """The study that a caller means: an object or a file with changes, or the changes alone."""
    if isinstance(study, Study):
        return make({**study.model_dump(exclude_unset=True), **changes})
    return make(changes) if study is None else load(study, changes)
