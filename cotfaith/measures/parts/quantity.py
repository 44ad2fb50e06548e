"""Quantities: what each unit contributes, what it would have contributed at least and at most, and the estimate that comes of it.

Every estimate of a measure is the mean of a quantity over units. A unit whose value is missing leaves the mean and is counted; the bounds
are the means over all units with each missing value at its least, and at its most. With a unit missing altogether the bounds enclose
the value; where units are partly known (a trace with some cuts unanswered) the value of the complete ones may lie outside, which
says that the complete ones are unlike the rest.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from cotfaith.contracts.measure import Weight
from cotfaith.contracts.metric import BAND, Metric
from cotfaith.measures.parts.answer_arrays import Flags, Floats, Places, Readings
from cotfaith.stats import (
    ClusterSums,
    Column,
    Estimate,
    Key,
    Label,
    Missing,
    Part,
    Ratio,
    add_by_question,
    band,
    estimate,
    icc,
    per_question,
)
from cotfaith.stats.engine import Kind
from cotfaith.stats.statistic import SAME

PARTS = ("sum", "n", "low", "high", "all")
SQUARES = "squares"  # of the units' values, for how alike the units of a question are
UNANSWERED = Metric(
    "unanswered",
    "Readings without an answer",
    "Larger: more readings gave no usable answer; it says nothing about faithfulness.",
    role="count",
    dose="at {:g}",
)
ACCURACY = "Larger: more answers are right."
ACCURACY_FULL = Metric("accuracy_full", "Accuracy with the full reasoning", ACCURACY)
ACCURACY_NO_REASONING = Metric("accuracy_no_reasoning", "Accuracy with no reasoning", ACCURACY)


@dataclass(frozen=True, slots=True)
class Setting:
    """How the estimates of a measure are made."""

    measure: str
    weight: Weight
    level: float
    seed: int = 0


@dataclass(frozen=True, slots=True, eq=False)
class Quantity:
    """For each unit its value (NaN where missing), and its least and most possible value (the value itself where known)."""

    value: Floats
    low: Floats
    high: Floats
    among: Flags | None = None

    def only(self, among: Flags) -> Quantity:
        """The quantity of the units in `among` alone."""
        return replace(self, among=among)

    def complement(self) -> Quantity:
        """1 minus the quantity."""
        return replace(self, value=1 - self.value, low=1 - self.high, high=1 - self.low)

    def __sub__(self, other: Quantity) -> Quantity:
        """The paired difference, unit by unit."""
        return Quantity(self.value - other.value, self.low - other.high, self.high - other.low)


def indicator(known: Flags, true: Flags) -> Quantity:
    """1 where true, 0 where not, missing where not known: then between 0 and 1."""
    value = np.where(known, true.astype(np.float64), np.nan)
    return Quantity(value, np.where(known, value, 0.0), np.where(known, value, 1.0))


def correct(readings: Readings, at: Places) -> Quantity:
    """Whether the reading at each of the places `at` is right; missing where it has no answer, or its question no gold."""
    answer, gold = readings.answer[at], readings.gold[at]
    return indicator(readings.answered[at] & (gold != ""), answer == gold)


def same(readings: Readings, at: Places, other: Places) -> Quantity:
    """Whether the readings at `at` and at `other` give the same answer; missing where one of the two has none."""
    return indicator(readings.answered[at] & readings.answered[other], readings.answer[at] == readings.answer[other])


def unanswered(readings: Readings) -> Quantity:
    """Whether a reading gave no answer; never missing."""
    return indicator(np.ones_like(readings.answered), ~readings.answered)


def add_up(question: NDArray[np.object_], quantities: Mapping[Key, Quantity]) -> ClusterSums:
    """The sums by question of all quantities, each in six parts (`cotfaith.stats.Part`)."""
    columns: dict[Column, NDArray[np.generic]] = {}
    for key, quantity in quantities.items():
        among = np.ones(len(question), dtype=bool) if quantity.among is None else quantity.among
        entered = among & ~np.isnan(quantity.value)
        parts = (
            np.where(entered, quantity.value, 0.0),
            entered,
            np.where(among, quantity.low, 0.0),
            np.where(among, quantity.high, 0.0),
            among,
        )
        columns |= {Part(key, part): column for part, column in zip(PARTS, parts, strict=True)}
        columns[Part(key, SQUARES)] = np.where(entered, quantity.value**2, 0.0)
    return add_by_question(question, columns)


def ratio(key: Key, top: str = "sum", bottom: str = "n") -> Ratio:
    """The mean of a quantity, as a ratio of two of its parts."""
    return Ratio(Part(key, top), Part(key, bottom))


def weighted(table: ClusterSums, of: Ratio, weight: Weight) -> tuple[ClusterSums, Ratio]:
    """The table and ratio in which traces count once each, or questions do."""
    return per_question(table, of) if weight == "question" else (table, of)


def filled(table: ClusterSums, key: Key) -> ClusterSums:
    """The table with the quantity `key`; without units where no shard had any of it."""
    none = np.zeros(len(table.questions))
    return table if Part(key, "n") in table else table.beside({Part(key, part): none for part in PARTS})


def label(setting: Setting, metric: Metric, key: Key, weight: Weight | None = None) -> Label:
    """What an estimate of `metric` is called; `weight` is that of the setting unless it is given."""
    rule = ", ".join(part for part in (metric.rule, f"{weight or setting.weight}-weighted") if part)
    return Label(setting.measure, key, metric.larger, rule, metric.title, metric.role)


def mean(
    table: ClusterSums,
    setting: Setting,
    metric: Metric,
    at: Key | None = None,
    *,
    of: Key | None = None,
    weight: Weight | None = None,
) -> Estimate:
    """The mean of a quantity, with what is missing from it, its bounds and the interval that holds for any value of what is missing.

    Where the units were added up one by one it says too how alike those of a question are, and what that costs.

    Args:
        table: the sums by question.
        setting: of the measure.
        metric: what it is an estimate of.
        at: the key of the estimate; that of the metric alone if None.
        of: the key of the quantity, if it is another one.
        weight: what counts once, if it is not as in the setting.
    """
    at = Key(metric.name) if at is None else at
    key, weight, kind = of or at, weight or setting.weight, _kind(metric)
    named = label(setting, metric, at, weight)
    missing = round(float(table[Part(key, "all")].sum() - table[Part(key, "n")].sum()))

    def over(part: str, units: str, left: Missing | None = None) -> Estimate:
        own, wanted = weighted(table, ratio(key, part, units), weight)
        return estimate(
            own,
            wanted,
            named,
            count=Part(key, units),
            kind=kind,
            support=metric.support,
            null=metric.null,
            left=left,
            level=setting.level,
        )

    if metric.support is None:
        ends = (over("low", "all").value, over("high", "all").value) if missing else None
        return over("sum", "n", Missing(missing, ends))
    if not missing:
        made = over("sum", "n")
        return _alike(table, key, replace(made, worst_case=(made.low, made.high)))
    low, high = over("low", "all"), over("high", "all")
    made = over("sum", "n", Missing(missing, (low.value, high.value)))
    return _alike(table, key, replace(made, worst_case=(low.low, high.high)))


def _kind(metric: Metric) -> Kind:
    return "proportion" if metric.estimand == "share" else "smooth"


def _alike(table: ClusterSums, key: Key, made: Estimate) -> Estimate:
    """The estimate with the intraclass correlation of its units, and the design effect that its questions have."""
    if Part(key, SQUARES) not in table:
        return made
    total, squares, count = (table[Part(key, part)] for part in ("sum", SQUARES, "n"))
    return replace(made, icc=icc(total, squares, count), deff=_inflation(made, total, squares))


def _inflation(made: Estimate, total: Floats, squares: Floats) -> float:
    """By how much the variance of the estimate exceeds that of a mean of independent units; NaN where no unit varies."""
    if made.n <= 1:
        return float("nan")
    variance = (float(squares.sum()) - float(total.sum()) ** 2 / made.n) / (made.n - 1)
    return made.se**2 * made.n / variance if variance > SAME else float("nan")


def share_of(table: ClusterSums, setting: Setting, metric: Metric, key: Key, whole: Key) -> Estimate:
    """What `key` adds up to, as a share of all units of `whole`: a shard that lacks `key` had none of it."""
    count, units = filled(table, key)[Part(key, "sum")], table[Part(whole, "all")]
    parts = {"sum": count, "n": units, "low": count, "high": count, "all": units}
    own = ClusterSums(table.questions, tuple(Part(key, part) for part in parts), np.column_stack(list(parts.values())))
    return mean(own, setting, metric, key)


def accuracy_of_ends(readings: Readings) -> dict[Key, Quantity]:
    """Accuracy with all of the reasoning and with none of it."""
    right = correct(readings, np.arange(len(readings.trace)))
    ends = {ACCURACY_FULL: "full", ACCURACY_NO_REASONING: "no_reasoning"}
    return {Key(metric.name): right.only(readings.arm == arm) for metric, arm in ends.items()}


def unanswered_by_arm(readings: Readings) -> dict[Key, Quantity]:
    """The share of readings without an answer in each arm that there is."""
    lost = unanswered(readings)
    return {Key(UNANSWERED.name, arm=str(arm)): lost.only(readings.arm == arm) for arm in sorted(set(readings.arm))}


def unanswered_shares(table: ClusterSums, setting: Setting) -> list[Estimate]:
    """The estimates of `unanswered`: by arm first, then by kind and dose."""
    keys = sorted(
        table.quantities(UNANSWERED.name),
        key=lambda key: (key.dose is not None, key.intervention, key.arm, key.kind, key.dose or 0.0),
    )
    return [mean(table, setting, UNANSWERED, key) for key in keys]


def curve(table: ClusterSums, setting: Setting, metric: Metric, keys: Sequence[Key]) -> list[Estimate]:
    """The means of the quantities `keys` as points of a curve, then the same with the simultaneous band for an interval.

    The last point is where all of the reasoning is given: its value is fixed by definition, and has no part in the band.
    """
    points = [mean(table, setting, metric, key) for key in keys]
    points[-1] = replace(points[-1], se=0.0 * points[-1].value, low=points[-1].value, high=points[-1].value)
    if points[-1].n:
        points[-1] = replace(points[-1], method="by definition", note="")
    around = banded(table, setting, metric, points[:-1])
    return [*points, *around, _as_band(points[-1], metric)]


def banded(table: ClusterSums, setting: Setting, metric: Metric, points: Sequence[Estimate]) -> list[Estimate]:
    """The `points`, which are means of the quantities with their keys, with the simultaneous band for an interval.

    The band of each point is at least as wide as its own interval.
    """
    ratios = []
    for point in points:
        table, wanted = weighted(table, ratio(point.key), setting.weight)
        ratios.append(wanted)
    support = metric.support or (-np.inf, np.inf)
    around = band(table, ratios, support=support, kind=_kind(metric), level=setting.level, seed=setting.seed)
    return [
        replace(
            _as_band(point, metric),
            low=float(np.fmin(point.low, low)),
            high=float(np.fmax(point.high, high)),
            method=f"{setting.weight}-weighted; {around.method}" if point.clusters > 1 else point.method,
        )
        for point, low, high in zip(points, around.low, around.high, strict=True)
    ]


def _as_band(point: Estimate, metric: Metric) -> Estimate:
    return replace(point, key=point.key._replace(metric=f"{metric.name}{BAND}"), title=metric.banded().title)
