"""Arms of a comparison: the finished readings of one run, model, task and strategy, by measure."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import combinations
from pathlib import Path
from typing import Literal, get_args

import pandas as pd

from cotfaith.analysis import caveats, estimate, kept, side_by_side
from cotfaith.analysis.progress import progress
from cotfaith.analysis.reextract import Choices
from cotfaith.contracts import intervention
from cotfaith.errors import DataError, StoreError, UsageError, unknown
from cotfaith.stats import ClusterSums, Estimate, Key
from cotfaith.storage import losses
from cotfaith.storage.run_directory import RunDirectory
from cotfaith.study import Study, stored

By = Literal["model", "strategy", "task", "run"]
ITSELF = "itself"  # kind of a model that is its own writer or donor
Place = tuple[str, ...]  # what all arms of one comparison share
Pick = Callable[[Sequence[Estimate]], list[Estimate]]  # which of a measure's estimates are compared


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

    def about(self, *without: str) -> str:
        """The model, task and strategy, except those of a name in `without`."""
        named = {"model": self.model, "task": f"on {self.task}", "strategy": f"by {self.strategy}" if self.strategy else ""}
        return " ".join(text for name, text in named.items() if name not in without and text)

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
    """All arms in the runs in `paths`, without questions that differ between runs.

    Raises:
        StoreError: a folder is not a run directory, or has lost rows.
        DataError: all questions that two runs share differ.
    """
    directories = _directories(paths)
    for directory in directories.values():
        losses.check(directory)
    changed = _changed(directories)
    sides = [side for name, directory in directories.items() for side in _sides(name, directory)]
    if not changed:
        return sides
    return [replace(side, table=side.table.where(~side.table.questions.isin(changed))) for side in sides]


def caveats_of(paths: Sequence[Path]) -> list[str]:
    """What a reader should know first of the runs in `paths`, such as that one is not complete."""
    found, directories = list[str](), _directories(paths)
    if changed := _changed(directories):
        shown = ", ".join(changed[:5]) + (f" and {len(changed) - 5} more" if len(changed) > 5 else "")
        found.append(
            f"{len(changed)} question{'s differ' if len(changed) > 1 else ' differs'} between the runs and {'do' if len(changed) > 1 else 'does'} not enter: {shown}."
        )
    for name, directory in directories.items():
        study = stored(directory.manifest()["study"], directory.path)
        held = progress(kept.table(directory, study, kept.COUNTS), directory, study)
        found += [f"{name}: {one}" if len(paths) > 1 else one for one in caveats.of_rows(held, study)]
    return found


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
    if not several and chosen == "run" and len({side.run for side in sides}) > 1:
        raise UsageError(
            "There is nothing to compare by run, since no two runs have the same model, task and strategy: use --by model or --by task."
        )
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


def pairs(names: Sequence[str], *, every: bool) -> Iterator[tuple[str, str]]:
    """The pairs of arms to compare, as minuend and subtrahend: `every` two, or each with the first."""
    for first, second in combinations(names, 2) if every else ((names[0], other) for other in names[1:]):
        yield second, first


def estimates_of_both(a: ComparisonArm, b: ComparisonArm, pick: Pick, level: float) -> tuple[int, list[dict[Key, Estimate]]]:
    """The number of shared questions, and the picked estimates of `a` and of `b` by key: on these questions, if there are any."""
    shared = common({"a": a, "b": b})
    return len(shared), [{one.key: one for one in pick(side.on(shared, level))} for side in (a, b)]


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


def _directories(paths: Sequence[Path]) -> dict[str, RunDirectory]:
    return {name: RunDirectory(path) for name, path in side_by_side.named(paths).items()}


def _changed(directories: Mapping[str, RunDirectory]) -> list[str]:
    """The questions that are not the same in all runs that have them.

    Raises:
        DataError: two runs have no equal question under any id that both have.
    """
    seen: dict[str, tuple[str, dict[str, object]]] = {}
    shared, changed = set[str](), dict[str, str]()
    for name, directory in directories.items():
        for row in {row["id"]: row for row in directory.table("questions", ["id", "text", "choices", "gold"]).to_pylist()}.values():
            run, first = seen.setdefault(row["id"], (name, row))
            if run != name:
                shared.add(row["id"])
            if first != row:
                changed.setdefault(row["id"], f"Question {row['id']!r} of {run} differs in {name}")
    if changed and not shared - changed.keys():
        raise DataError(
            f"{next(iter(changed.values()))}, and so do all others that the runs share, so the runs cannot be paired: make both runs with the "
            "same task options and data."
        )
    return list(changed)
