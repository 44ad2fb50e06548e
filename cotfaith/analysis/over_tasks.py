"""One number over several tasks, and what each claim about it holds fixed.

The mean of some tasks allows two kinds of claims. A claim about these tasks has their questions as the sample. A claim about tasks
like these has the tasks as the sample.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd

from cotfaith.analysis.arms import By, ComparisonArm, Pick, estimates_of_both, pairs
from cotfaith.stats import Estimate, Key, Label, adjust_once, macro, pooled
from cotfaith.stats.keys import FIELDS as KEYS

COLUMNS = ("about", "measure", *KEYS, "title", "of", "claim", "held_fixed", "value", "se", "low", "high", "level", "p", "p_adj", "family_size", "df", "tasks", "questions", "missing", "tau2", "q", "p_q", "i2", "method", "note")  # fmt: skip

_NUMBERS = ("value", "se", "low", "high", "level", "p", "df", "missing", "method", "note")


@dataclass(frozen=True, slots=True)
class Claim:
    """What a number over tasks is about. `held` says what it holds fixed."""

    name: str
    held: str


THESE = Claim("these tasks", "The tasks. Only their questions are a sample. Each task counts once.")
LIKE = Claim("tasks like these", "Nothing. The tasks are the sample, and each counts once.")
WEIGHTED = Claim(
    "tasks like these, weighted",
    "Nothing. Tasks with a more precise value count for more (random-effects meta-analysis, Paule-Mandel with Hartung-Knapp errors, never narrower than without their factor).",
)


@dataclass(frozen=True, slots=True)
class Asked:
    """What is estimated over tasks: how arms are compared, which estimates, whether all pairs of arms, and the level of the intervals."""

    by: By
    pick: Pick
    all_pairs: bool
    level: float


def over_tasks(sides: Sequence[ComparisonArm], asked: Asked) -> pd.DataFrame:
    """Rows for every value, and every difference of arms, that several tasks have: one for each claim. No row if nothing has several.

    The tests of one claim are a family, Holm-adjusted.
    """
    rows = [row for group in _groups(sides, asked.by) for row in _rows(group, asked)]
    found = pd.DataFrame(rows, columns=list(COLUMNS))
    found["p"] = found["p"].astype("float64")
    for _, those in found.groupby("claim", sort=False):
        tests = list(those[["about", *KEYS, "of", "value"]].astype(str).itertuples(index=False, name=None))
        found.loc[those.index, "p_adj"], found.loc[those.index, "family_size"] = adjust_once(those["p"].to_numpy(), tests)
    return found


_Tasks = Mapping[str, ComparisonArm]  # one arm on each of its tasks


def _groups(sides: Sequence[ComparisonArm], by: By) -> list[Mapping[str, _Tasks]]:
    """The arms that are compared with each other, by name, each on its tasks. Where tasks are compared, an arm has no name."""
    groups: dict[tuple[str, ...], dict[str, dict[str, ComparisonArm]]] = {}
    for side in sides:
        alike = tuple(getattr(side, name) for name in ("model", "strategy", "measure") if name != by)
        groups.setdefault(alike, {}).setdefault("" if by == "task" else side.key(by), {})[side.task] = side
    return [{name: tasks for name, tasks in group.items() if len(tasks) > 1} for group in groups.values()]


def _rows(group: Mapping[str, _Tasks], asked: Asked) -> Iterator[dict[str, Any]]:
    for name, tasks in group.items():
        found = {
            task: {one.key: one for one in asked.pick(side.on(side.table.questions, asked.level))} for task, side in tasks.items()
        }
        yield from _of(found, next(iter(tasks.values())), name, asked, tested=False)
    for a, b in pairs(list(group), every=asked.all_pairs):
        both = [task for task in group[a] if task in group[b]]
        found = {task: _differences(group[a][task], group[b][task], asked) for task in both}
        if len(found) > 1:
            yield from _of(found, group[a][both[0]], f"{a} - {b}", asked, tested=True)


def _differences(a: ComparisonArm, b: ComparisonArm, asked: Asked) -> dict[Key, Estimate]:
    """`a` minus `b` on one task, on shared questions if there are any."""
    _, (ours, theirs) = estimates_of_both(a, b, asked.pick, asked.level)
    return {key: ours[key] - theirs[key] for key in ours if key in theirs}


def _of(
    found: Mapping[str, Mapping[Key, Estimate]], side: ComparisonArm, name: str, asked: Asked, *, tested: bool
) -> Iterator[dict[str, Any]]:
    """The rows of one arm or difference: for each estimate that several tasks have, one for each claim."""
    for key in dict.fromkeys(key for those in found.values() for key in those):
        tasks = {task: those[key] for task, those in found.items() if key in those}
        if len(tasks) < 2:
            continue
        one = next(iter(tasks.values()))
        about = {
            "about": side.about(asked.by, "task"),
            "measure": side.measure,
            **key._asdict(),
            "dose": np.nan if key.dose is None else key.dose,
            "title": one.title,
            "of": name,
            "tasks": len(tasks),
        }
        null = 0.0 if tested else one.null
        for claim, numbers in _claims(tasks, Label(side.measure, key, one.direction, title=one.title, role=one.role), null):
            yield {**about, "claim": claim.name, "held_fixed": claim.held, **numbers}


def _claims(tasks: Mapping[str, Estimate], label: Label, null: float | None) -> Iterator[tuple[Claim, dict[str, Any]]]:
    questions = sum(one.clusters for one in tasks.values())
    plain = {"questions": questions, **dict.fromkeys(("tau2", "q", "p_q", "i2"), np.nan)}

    def numbers(made: Estimate) -> dict[str, Any]:
        tested = null is not None and made.p is not None
        return {**plain, **{name: getattr(made, name) for name in _NUMBERS}, "p": made.p if tested else np.nan}

    yield THESE, numbers(macro(tasks, label, tasks="fixed", null=null or 0.0))
    yield LIKE, numbers(macro(tasks, label, tasks="random", null=null or 0.0))
    made = pooled(tasks, label, null=null or 0.0)
    yield WEIGHTED, {**numbers(made.estimate), "tau2": made.tau2, "q": made.q, "p_q": made.p_q, "i2": made.i2}
