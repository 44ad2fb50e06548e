"""The library's front door: `run` does what a study asks, `open_run` opens what was done, and both give a `Run`."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from cotfaith import report
from cotfaith.analysis import estimate, hand_labels, scale_trend, sensitivity
from cotfaith.analysis.compare import Comparison, Wanted
from cotfaith.analysis.compare import compare as comparison
from cotfaith.analysis.reextract import Choices
from cotfaith.errors import StoreError, unknown
from cotfaith.model_choices import over
from cotfaith.pipeline.run import check, execute
from cotfaith.planning import suffices
from cotfaith.planning.pilot import pilot
from cotfaith.planning.plan import SD
from cotfaith.storage.run_directory import RunDirectory
from cotfaith.study import Study, load, make
from cotfaith.tables.estimates import at

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

    def estimate(self, **choices: Any) -> pd.DataFrame:
        """Estimate everything anew from the readings; no model is needed.

        Args:
            choices: how the readings are read again, and counted: extractor ("standard", "strict", "flexible"), unparsed ("drop", "bound", "wrong"),
                weight ("trace", "question") and level. With any of them the run's own estimates stay as they are.

        Raises:
            UsageError: a choice is none of these.
        """
        if choices:
            found = estimate.estimate(self._directory, self.study, _choices(choices))
            return estimate.table(found, self.study.margin)
        with self._directory.lock():
            finish(self._directory, self.study)
        return self.estimates()

    def sensitivity(self) -> pd.DataFrame:
        """How far the headline of each measure moves under each choice of `estimate`, one at a time; also kept as tables/sensitivity.csv."""
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
        return pilot(self._directory, self.study, questions=questions, margin=margin, level=level)

    def verdicts(self) -> pd.DataFrame:
        """One row for each text that a judge judged, hand labels included."""
        return self._directory.frame("verdicts")

    def write_labels(self, sheet: Path | str) -> int:
        """Write a sheet for hand labels, a row for each text that followed a hint; how many rows.

        Raises:
            UsageError: there is none, or the sheet cannot be made.
        """
        return hand_labels.write_sheet(self._directory, Path(sheet))

    def read_labels(self, sheet: Path | str) -> int:
        """Read a sheet that was filled in, and estimate everything anew; how many labels it had.

        Raises:
            DataError: a row does not fit the run, or has an answer other than yes or no.
        """
        with self._directory.lock():
            count = hand_labels.read_sheet(self._directory, Path(sheet))
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
    return Run(path, complete=execute(asked, path, finish, quiet=quiet))


def compare(
    paths: Sequence[Path | str],
    *,
    by: str | None = None,
    x: Mapping[str, float | str] | str | None = None,
    metrics: Sequence[str] = (),
    all_pairs: bool = False,
    margin: float | None = None,
    at: float | str | None = None,
    level: float = 0.95,
    seed: int = 0,
) -> Comparison:
    """Runs, or the models, strategies or tasks in them, side by side.

    Args:
        paths: run directories.
        by: "model", "strategy", "task" or "run"; None: the first of these in which there is something to compare.
        x: for the trend over scale: "params" for the models' own numbers of parameters, or a number for each of them (7e9 or "7B").
        metrics: what to compare; the headline of each measure if empty.
        all_pairs: compare every two of them; else each with the first.
        margin: what counts as no difference, for tests of equivalence; by default the studies' own.
        at: where a peak or trough was expected, declared beforehand, as a number of parameters.
        level: the level of intervals.
        seed: decides the bootstrap draws.

    Returns:
        Data frames: `differences` (paired on common questions, adjusted by Holm), `trends` (in both readings) and `extremes`.

    Raises:
        CotfaithError: what is wrong, in one sentence.
    """
    scale = x if x is None or isinstance(x, str) else {name: scale_trend.parameters(str(value)) for name, value in x.items()}
    break_ = None if at is None else scale_trend.parameters(str(at))
    wanted = Wanted(by, scale, tuple(metrics), all_pairs=all_pairs, margin=margin, at=break_, level=level, seed=seed)
    return comparison([Path(path) for path in paths], wanted)


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


def dry(study: Study, path: Path) -> list[str]:
    """What a run of `study` into `path` would do, a line each; and, where it names a margin, whether its questions are enough for that.

    The spread is that of the run in `path`, if there is one, else assumed.
    """
    return [*check(study), *_sufficing(study, path)]


def _sufficing(study: Study, path: Path) -> list[str]:
    if study.margin is None:
        return []
    power, alpha = study.power, 1 - study.level
    if (path / "estimates.parquet").exists():
        tests = RunDirectory(path).derived("estimates.parquet").query("family == 'study' and se > 0")
        places = [
            f"{row['model']} on {row['task']}, {row['measure']} {row['metric']} {at(row)}".strip()
            for row in tests.to_dict("records")
        ]
        spreads = zip(places, tests["se"] * tests["clusters"] ** 0.5, strict=True)
        lines = [f"{name}: {suffices(study.margin, study.limit, sd, power=power, alpha=alpha).sentence}" for name, sd in spreads]
        if lines:
            return lines
    found = suffices(study.margin, study.limit, SD, power=power, alpha=alpha, samples=study.samples)
    return [f"{found.sentence} The sd is assumed: cotfaith power --pilot RUN has that of a run."]


def place(study: Study | Path | str | None, asked: Study) -> Path:
    """Where a run goes when nobody says: a study file's runs/STEM, else what the choices `asked` for are called."""
    return Path("runs") / Path(study).stem if isinstance(study, Path | str) else asked.directory()


def resolve(study: Study | Path | str | None, changes: dict[str, Any]) -> Study:
    """The study that a caller means: an object or a file with changes, or the changes alone."""
    if isinstance(study, Study):
        return make(over(study.model_dump(exclude_unset=True), changes, "Study"))
    return make(changes) if study is None else load(study, changes)
