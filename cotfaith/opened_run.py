"""A run as data frames, estimates and a report: what `run` and `open_run` return."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from types import MappingProxyType
from typing import TYPE_CHECKING, Any

from cotfaith import display, report, seeds, tables
from cotfaith.analysis import caveats, close_calls, estimate, hand_labels, kept, sensitivity
from cotfaith.analysis import joined as rows_of_probes
from cotfaith.analysis.progress import Progress, progress
from cotfaith.analysis.reextract import Choices
from cotfaith.errors import StoreError, UsageError, unknown
from cotfaith.planning.pilot import pilot
from cotfaith.plugins import session
from cotfaith.storage import losses, schema
from cotfaith.storage.run_directory import RunDirectory
from cotfaith.study import Study, stored
from cotfaith.types import Trace

if TYPE_CHECKING:
    import pandas as pd

NOTHING: session.Pieces = MappingProxyType({})


class Run:
    """A run directory as data frames. Its numbers are those of all that it holds, which may be more than a command asked for.

    `stopped` says whether the user stopped the call that made it. `pieces` are the Python objects of this session behind names in its
    study (see `cotfaith.objects`).
    """

    def __init__(self, path: Path, *, stopped: bool = False, pieces: session.Pieces = NOTHING) -> None:
        self._directory = RunDirectory(path)
        self._pieces = pieces
        self.path = path
        self.stopped = stopped

    @property
    def complete(self) -> bool:
        """Whether all work of the directory's study is done."""
        return self.progress().complete

    def progress(self) -> Progress:
        """How much of the study is done: reasoning traces of those that it needs, and answers that are not read yet."""
        with self._here():
            return progress(kept.table(self._directory, self.study, kept.COUNTS), self._directory, self.study)

    @property
    def study(self) -> Study:
        """The study of the run."""
        with self._here():
            return stored(self.manifest()["study"], self.path)

    def questions(self) -> pd.DataFrame:
        """One row per question."""
        return self._rows("questions")

    def traces(self, *, prompts: bool = False) -> pd.DataFrame:
        """One row per reasoning trace. With `prompts`, the column `prompt` has the text before the reasoning, as the model was given it.

        Raises:
            UsageError: `prompts`, and the tokenizer of a model is not on this machine.
        """
        frame = self._rows("traces")
        if not prompts:
            return frame
        with self._here():
            return frame.assign(prompt=rows_of_probes.trace_prompts(self._directory, self.study))

    def probes(self) -> pd.DataFrame:
        """One row per probe. `reading_id` names its reading."""
        return self._rows("probes")

    def readings(self, *, joined: bool = False, prompts: bool = False) -> pd.DataFrame:
        """One row per reading, in any state.

        Args:
            joined: one row per probe, with its question, sample, intervention, arm, kind and dose beside its reading. A reading that several
                probes share is in each of their rows.
            prompts: the same, with the text that the model was given before it answered or continued, in the column `prompt`.

        Raises:
            UsageError: `prompts`, and the tokenizer of a model is not on this machine.
        """
        if not (joined or prompts):
            return self._rows("readings")
        with self._here():
            return rows_of_probes.joined(self._directory, self.study, prompts=prompts)

    def unread(self) -> pd.DataFrame:
        """The readings without an answer: a row per model, task, state and reason, the commonest first. Empty if every reading was answered.

        `readings` counts them, out of the `of` readings of the model and task (`share`). `strict` and `flexible` are how many of them
        have an answer under that extractor (`estimate(extractor=...)`); the row of the state "answered" says so of the others. `example` is
        a text of the model as it came, or the whole reason where no text was written. Escape it before it is printed.
        """
        return self._kept(kept.UNREAD)

    def caveats(self, estimates: pd.DataFrame | None = None, *, cut: str | None = None) -> list[str]:
        """What a reader of the numbers should know first, in sentences.

        That is what is not done, traces that the token limit cut, samples that are equal, and models whose accuracy cannot be told from
        guessing. For `estimates` under other choices, give them, and `cut` if it is among the choices.
        """
        with self._here():
            study = self.study
            chance = kept.table(self._directory, study, kept.CHANCE)
            shown = self.estimates() if estimates is None else estimates
            return caveats.caveats(self.progress(), study, shown, chance, cut)

    def cut(self) -> tuple[int, int]:
        """The number of traces that the token limit cut, and the number of all traces. A cut trace has no stated conclusion."""
        held = self.progress().counts
        return held.cut, held.traces

    def close_calls(self) -> pd.DataFrame:
        """How many readings were decided by little: one row per model and task whose answers were read from log-probabilities.

        `scored` readings have a likeliest option or a tie. Of these, `close` were decided by less than 0.1 nat between the two
        likeliest options (ties included), and `tied` have no answer, since their likeliest options are equally likely.
        `share_close` is close / scored.
        """
        return self._kept(kept.CLOSE)

    def close_sentences(self) -> list[str]:
        """What `close_calls` counts, as a sentence for each model and task."""
        return close_calls.sentences(close_calls.of_table(self.close_calls()))

    def estimates(self) -> pd.DataFrame:
        """One row per estimate: value, SE, interval, n, clusters, missing, bounds, method and direction.

        They are those of the rows that the run has now. If the kept ones are of other rows, since a run was stopped, they are computed
        again.
        """
        return self._kept(kept.ESTIMATES)

    def summary(self) -> pd.DataFrame:
        """The headline of each measure over all traces: the rows of `estimates` that the table of a run shows."""
        return tables.summary.rows(self.estimates()).reset_index(drop=True)

    def estimate(self, **choices: Any) -> pd.DataFrame:
        """Every estimate, from the readings. No model is needed.

        Estimates that were computed earlier from the same rows, with the same study and the same version of cotfaith, are not computed
        again.

        Args:
            choices: how answers are extracted and counted: extractor ("standard", "strict", "flexible"), unparsed ("drop", "bound",
                "wrong"), weight ("trace", "question"), level, and cut ("keep", "drop", "bound"), which is how traces that the token limit cut
                count. With any of them, or if the run cannot be written, its stored estimates
                stay unchanged.

        Raises:
            UsageError: a choice is unknown.
        """
        with self._here():
            study = self.study
            if choices:
                found = estimate.estimate(self._directory, study, _choices(choices))
                return estimate.table(found, study.margin)
            if not self._directory.writable():
                return estimate.table(estimate.estimate(self._directory, study), study.margin)
            with self._directory.lock():
                kept.keep(self._directory, study)
        return self.estimates()

    def sensitivity(self) -> pd.DataFrame:
        """How much the headline of each measure changes under each choice of `estimate`, one at a time. Also saved as tables/sensitivity.csv, if the run can be written."""
        with self._here():
            table = sensitivity.sensitivity(self._directory, self.study)
        if self._directory.writable():
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
        return self._rows("verdicts")

    def write_labels(self, sheet: Path | str) -> int:
        """Write a sheet for hand labels, with one row per text that followed a hint. Return the number of rows.

        Raises:
            UsageError: there is no such text, or the sheet cannot be written.
        """
        with self._here():
            self.manifest()  # which refuses a run that has lost rows
            return hand_labels.write_sheet(self._directory, Path(sheet))

    def read_labels(self, sheet: Path | str) -> int:
        """Import a filled-in sheet, and compute all estimates again. Return the number of labels.

        Raises:
            DataError: a row does not belong to the run, or has an answer other than yes or no.
        """
        with self._here(), self._directory.lock():
            self.manifest()  # the same
            count = hand_labels.read_sheet(self._directory, Path(sheet))
            kept.keep(self._directory, self.study)
            self._directory.write_manifest(self._directory.manifest())  # which lists the new rows
        return count

    def report(self) -> Path:
        """Write the HTML report of this run and its trace page, unless the same ones are there. Return the path of the report."""
        with self._here():
            now = kept.key(self._directory, self.study)
            key = seeds.key("page", now, self._directory.manifest())
            if all(self._directory.kept(name, key) for name in (report.PAGE, report.TRACES)):
                return self.path / report.PAGE
            return report.write(self._directory, kept.tables(self._directory, self.study, now), key)

    def manifest(self) -> dict[str, Any]:
        """How the run was made: choices, versions, revisions, hardware and command.

        Raises:
            StoreError: the folder is not a run directory, or has lost rows.
        """
        manifest = self._directory.manifest()
        if "study" not in manifest:
            raise StoreError(
                f"{self.path} is not a run directory, since it has no manifest.json: give the folder that `cotfaith run` printed."
            )
        losses.check(self._directory, manifest)
        return manifest

    def trace(self, number: int = 0) -> Trace:
        """The trace in row `number` of `traces()`. A notebook shows it step by step.

        Raises:
            UsageError: there is no such row.
        """
        losses.check(self._directory)
        rows = self._directory.table("traces")
        if not 0 <= number < len(rows):
            raise UsageError(f"Run {self.path} has no trace {number}: it has {len(rows)}, numbered from 0.")
        (row,) = rows.slice(number, 1).to_pylist()
        return schema.trace(row)

    def __repr__(self) -> str:
        return f"Run({str(self.path)!r}, complete={self.complete})"

    def _repr_html_(self) -> str:
        """The estimates that a person reads first, for a notebook."""
        try:
            state = self.progress().sentence() or "It is complete."
            shown = self.summary()
        except StoreError as error:
            return display.note(f"Run {self.path}: {error}")
        return display.note(f"Run {self.path}. {state}") + display.estimates(shown)

    def _rows(self, name: str) -> pd.DataFrame:
        losses.check(self._directory)
        return self._directory.frame(name)

    def _kept(self, name: str) -> pd.DataFrame:
        with self._here():
            return kept.table(self._directory, self.study, name)

    @contextmanager
    def _here(self) -> Iterator[None]:
        """Register the objects of this session under their names."""
        with session.pieces(self._pieces):
            yield


def _choices(given: dict[str, Any]) -> Choices:
    for name in given:
        if name not in Choices.__dataclass_fields__:
            raise unknown("choice of estimate", name, Choices.__dataclass_fields__)
    return Choices(**given)
