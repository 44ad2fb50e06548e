"""Comparison: adjusted paired differences on shared questions, and the readings over model size."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from cotfaith.analysis import arms, scale_trend
from cotfaith.analysis.arms import By, ComparisonArm
from cotfaith.analysis.over_tasks import Asked, over_tasks
from cotfaith.contracts.measure import check_level, headline
from cotfaith.errors import UsageError
from cotfaith.stats import Estimate, adjust_once
from cotfaith.stats.keys import FIELDS as KEYS

_DIFFERENCES = ("about", "measure", *KEYS, "title", "a", "b", "value_a", "value_b", "value", "se", "low", "high", "level", "p", "p_adj", "family_size", "margin", "p_equivalence", "df", "n", "clusters", "common", "missing", "method", "note")  # fmt: skip

MARGINS = (1e-6, 1e6)  # of equivalence, in the unit of the estimates


@dataclass(frozen=True, slots=True, eq=False)
class Comparison:
    """The result: a row per difference, per number over tasks, per trend, and per model that can have the largest or smallest value, and notes.

    Tests of differences form one family (Holm), in which a metric that several measures share counts once. The tests of one claim over tasks form another, and so do the trends of one reading. Each
    claim and each trend says what it holds fixed (`held_fixed`). `caveats` are what a reader should know first of the runs.
    """

    by: By
    differences: pd.DataFrame
    over_tasks: pd.DataFrame
    trends: pd.DataFrame
    extremes: pd.DataFrame
    notes: tuple[str, ...]
    caveats: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Wanted:
    """What is compared, and how.

    Args:
        by: "model", "strategy", "task" or "run". None takes the first of these that differs.
        x: the size of each arm: "params" for the models' own parameter counts, or a number by name. None means no trend.
        metrics: the metrics to compare. Empty means the headline of each measure.
        all_pairs: compare every pair of arms, not only each with the first.
        margin: the equivalence margin. None takes the margin of the studies.
        at: pre-registered break point of a two-line test, in parameters. None means no such test.
        level: the confidence level of the intervals.
        seed: the seed of the bootstrap draws.
        adjust_for: the accuracy that the readings "at equal accuracy" hold fixed: "accuracy_full" or "accuracy_no_reasoning".
    """

    by: str | None = None
    x: Mapping[str, float] | str | None = None
    metrics: tuple[str, ...] = ()
    all_pairs: bool = False
    margin: float | None = None
    at: float | None = None
    level: float = 0.95
    seed: int = 0
    adjust_for: str = "accuracy_full"

    def __post_init__(self) -> None:
        """Refuse numbers with which nothing can be computed."""
        check_level(self.level)
        if self.margin is not None and not MARGINS[0] <= self.margin <= MARGINS[1]:
            raise UsageError(
                f"The margin of equivalence is {self.margin}, but it must be a number from {MARGINS[0]:g} to {MARGINS[1]:g}: give 0.05 for 5 points."
            )


def compare(paths: Sequence[Path], wanted: Wanted) -> Comparison:
    """Compare the runs in `paths`.

    Raises:
        UsageError: there is nothing to compare, a metric is unknown, or the size of an arm is unknown.
        DataError: two runs have different questions under one id.
    """
    loaded = arms.load(paths)
    by, places = arms.arrange(loaded, wanted.by)
    _check_metrics(places.values(), wanted)
    made = [
        _between(those[a], those[b], by, wanted)
        for those in places.values()
        for a, b in arms.pairs(list(those), every=wanted.all_pairs)
    ]
    differences = pd.DataFrame([row for rows, _ in made for row in rows], columns=list(_DIFFERENCES))
    differences["p"] = differences["p"].astype("float64")
    tests = list(differences[["about", *KEYS, "a", "b", "value"]].astype(str).itertuples(index=False, name=None))
    differences["p_adj"], differences["family_size"] = adjust_once(differences["p"].to_numpy(), tests)
    trends, extremes = scale_trend.nothing()
    if wanted.x is not None:
        trends, extremes = scale_trend.trends(
            places, scale_trend.Scale(by, wanted.x, _picker(wanted), wanted.at, wanted.level, wanted.seed, wanted.adjust_for)
        )
    over = over_tasks(loaded, Asked(by, _picker(wanted), wanted.all_pairs, wanted.level))
    notes = tuple(dict.fromkeys(note for _, notes in made for note in notes))
    caveats = (*arms.caveats_of(paths), *arms.differing(loaded))
    return Comparison(by, differences, over, trends, extremes, notes, caveats)


def _picker(wanted: Wanted) -> arms.Pick:
    """Which of a measure's estimates are compared."""

    def pick(found: Sequence[Estimate]) -> list[Estimate]:
        return [e for e in found if e.metric in wanted.metrics] if wanted.metrics else headline(found)

    return pick


def _check_metrics(places: Iterable[Mapping[str, ComparisonArm]], wanted: Wanted) -> None:
    if not wanted.metrics:
        return
    known = {one.metric for those in places for side in those.values() for one in side.on(side.table.questions, wanted.level)}
    for metric in wanted.metrics:
        if metric not in known:
            raise UsageError(f"No estimate of these runs has the metric {metric!r}: choose from {', '.join(sorted(known))}.")


def _between(a: ComparisonArm, b: ComparisonArm, by: By, wanted: Wanted) -> tuple[list[dict[str, Any]], list[str]]:
    """The rows of `a` minus `b`, on shared questions if there are any, and a note for each estimate that one of them lacks."""
    shared, (ours, theirs) = arms.estimates_of_both(a, b, _picker(wanted), wanted.level)
    margin = a.study.margin if wanted.margin is None else wanted.margin
    rows = [_row(ours[key], theirs[key], a, b, by, common=shared, margin=margin) for key in ours if key in theirs]
    alone = [(side, key) for side, own, other in ((a, ours, theirs), (b, theirs, ours)) for key in own if key not in other]
    lost = [
        f"{side.measure}, {key.metric}{f' of {key.kind!r}' if key.kind else ''} exists only for {side.key(by)}, so it is not compared."
        for side, key in alone
    ]
    return rows, lost


def _row(
    ours: Estimate, theirs: Estimate, a: ComparisonArm, b: ComparisonArm, by: By, *, common: int, margin: float | None
) -> dict[str, Any]:
    made = ours - theirs
    return {
        "about": a.about(by),
        "measure": a.measure,
        **ours.key._asdict(),
        "dose": np.nan if ours.key.dose is None else ours.key.dose,
        "title": ours.title,
        "a": a.key(by),
        "b": b.key(by),
        "value_a": ours.value,
        "value_b": theirs.value,
        "value": made.value,
        "se": made.se,
        "low": made.low,
        "high": made.high,
        "level": made.level,
        "p": np.nan if made.p is None else made.p,
        "margin": np.nan if margin is None else margin,
        "p_equivalence": np.nan if margin is None else made.equivalent(margin).p,
        "df": made.df,
        "n": made.n,
        "clusters": made.clusters,
        "common": common,
        "missing": made.missing,
        "method": made.method if common else f"unpaired; {made.method}",
        "note": made.note,
    }
