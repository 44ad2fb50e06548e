"""Arms of a comparison: the finished readings of one run, model, task and strategy, by measure."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Literal, get_args

import pandas as pd

from cotfaith.analysis import estimate
from cotfaith.analysis.reextract import Choices
from cotfaith.contracts import intervention
from cotfaith.errors import DataError, StoreError, UsageError, unknown
from cotfaith.stats import ClusterSums, Estimate
from cotfaith.storage.run_directory import RunDirectory
from cotfaith.study import Study, stored

By = Literal["model", "strategy", "task", "run"]
ITSELF = "itself"  # kind of a model that is its own writer or donor
Place = tuple[str, ...]  # what all arms of one comparison share


@dataclass(frozen=True, slots=True, eq=False)
class ComparisonArm:
    """The sums per question of one measure for one (model, task, strategy) of one run. `size` is the model's parameter count, if known."""

    run: str
    model: str
    task: str
    strategy: str
    measure: str
    study: Study
    table: ClusterSums
    size: float | None

    def key(self, by: By) -> str:
        """The name of this arm in a comparison by `by`."""
        return str(getattr(self, by))

    def about(self, by: By) -> str:
        """The model, task and strategy, except what is compared."""
        named = {"model": self.model, "task": f"on {self.task}", "strategy": f"by {self.strategy}" if self.strategy else ""}
        return " ".join(text for name, text in named.items() if name != by and text)

    def place(self, by: By) -> Place:
        """Everything that is not compared. The run counts only where runs are compared."""
        return tuple(getattr(self, name) for name in ("model", "task", "strategy", "measure") if name != by)

    def on(self, questions: pd.Index[str], level: float) -> list[Estimate]:
        """The estimates of the measure on these `questions` only, without strata; on all questions if `questions` is empty.

        A model that is its own writer or donor is called "itself", so that its estimates match those of other models that are their
        own.
        """
        if not len(questions):
            questions = self.table.questions
        inside = self.table.where(self.table.questions.isin(questions))
        found = [e for e in estimate.estimates(self.study, self.measure, inside, Choices(level=level)) if not e.key.stratum]
        return [replace(e, key=e.key._replace(kind=ITSELF)) if e.key.kind == self.model else e for e in found]


def load(paths: Sequence[Path]) -> list[ComparisonArm]:
    """All arms in the runs in `paths`.

    Raises:
        StoreError: a folder is not a run directory.
        DataError: two runs have different questions under one id.
    """
    names = _names(paths)
    directories = {name: RunDirectory(path) for name, path in zip(names, paths, strict=True)}
    _same_questions(directories)
    return [side for name, directory in directories.items() for side in _sides(name, directory)]


def arrange(sides: Sequence[ComparisonArm], by: str | None) -> tuple[By, dict[Place, dict[str, ComparisonArm]]]:
    """What is compared, and the arms of each comparison, by key, in the order of the runs.

    Raises:
        UsageError: `by` is unknown, there is nothing to compare, or two runs have the same arm.
    """
    ways: dict[str, By] = {way: way for way in get_args(By)}
    if by is not None and by not in ways:
        raise unknown("way to compare", by, ways)
    chosen = _by(sides) if by is None else ways[by]
    arranged: dict[Place, dict[str, ComparisonArm]] = {}
    for side in sides:
        there = arranged.setdefault(side.place(chosen), {})
        if side.key(chosen) in there:
            raise UsageError(
                f"{side.measure} of {side.model} on {side.task} is in both runs {there[side.key(chosen)].run} and {side.run}: "
                "compare these two with --by run."
            )
        there[side.key(chosen)] = side
    several = {place: those for place, those in arranged.items() if len(those) > 1}
    if not several:
        raise UsageError(
            f"There is nothing to compare by {chosen}, since each measure has only one {chosen}: give more runs, or another --by "
            "(model, strategy, task or run)."
        )
    return chosen, several


def common(sides: Mapping[str, ComparisonArm]) -> pd.Index[str]:
    """The questions that all `sides` share."""
    first, *others = (side.table.questions for side in sides.values())
    shared = first
    for questions in others:
        shared = shared.intersection(questions)
    return shared


def differing(sides: Sequence[ComparisonArm]) -> list[str]:
    """A line for each choice in which the runs differ, except what is compared."""
    studies = {side.run: side.study.identity() | _described(side.study) for side in sides}
    keys = sorted({key for study in studies.values() for key in study})
    lines = []
    for key in keys:
        values = {run: study[key] for run, study in studies.items() if key in study}
        if len({repr(value) for value in values.values()}) > 1:
            lines.append(f"The runs differ in {key}: " + ", ".join(f"{run} has {value!r}" for run, value in values.items()) + ".")
    return lines


def _described(study: Study) -> dict[str, str]:
    """Each intervention with its parameters."""
    return {f"the intervention {name}": intervention.describe(made) for name, made in study.probing().items()}


def _by(sides: Sequence[ComparisonArm]) -> By:
    """The first of the possible comparisons that has something to compare."""
    for way in get_args(By):
        places = [(side.place(way), side.key(way)) for side in sides]
        if len({place for place, _ in places}) < len(set(places)):
            chosen: By = way
            return chosen
    return "run"


def _sides(name: str, directory: RunDirectory) -> list[ComparisonArm]:
    manifest = directory.manifest()
    if "study" not in manifest:
        raise StoreError(
            f"{directory.path} is not a run directory, since it has no manifest.json: give folders that `cotfaith run` printed."
        )
    study = stored(manifest["study"], directory.path)
    sizes = {model: facts.get("parameters") for model, facts in manifest.get("subjects", {}).items()}
    return [
        ComparisonArm(name, model, task, strategy, measure, study, table, sizes.get(model))
        for (model, task, strategy, measure), table in estimate.cells(directory, study).items()
    ]


def _names(paths: Sequence[Path]) -> list[str]:
    short = [path.resolve().name for path in paths]
    if len({path.resolve() for path in paths}) < len(paths):
        raise UsageError("A run is given twice: give each run once.")
    return short if len(set(short)) == len(short) else [str(path) for path in paths]


def _same_questions(directories: Mapping[str, RunDirectory]) -> None:
    seen: dict[str, tuple[str, dict[str, object]]] = {}
    for name, directory in directories.items():
        for row in directory.table("questions").select(["id", "text", "choices", "gold"]).to_pylist():
            run, first = seen.setdefault(row["id"], (name, row))
            if first != row:
                raise DataError(
                    f"Question {row['id']!r} of {run} differs in {name}, so the runs cannot be paired: make both runs with the same "
                    "task options and data."
                )
