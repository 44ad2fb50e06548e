"""Quantities: the value of each unit, its lowest and highest possible value, and the estimate from them.

Every estimate of a measure is the mean of a quantity over units. A unit with a missing value is excluded from the mean and counted.
A unit that is partly known (a trace with some cuts unanswered) enters with what is known of it, and is counted as partial: leaving
it out would select short reasoning traces, which have fewer readings to lose. The bounds are the means over all units with
everything unknown at its lowest, and at its highest. They enclose the value.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from cotfaith.contracts.measure import Weight
from cotfaith.contracts.metric import Metric
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
    estimate,
    icc,
    per_question,
)
from cotfaith.stats.engine import Kind
from cotfaith.stats.statistic import SAME

PARTS = ("sum", "n", "low", "high", "all")
SQUARES = "squares"  # of the units' values, for the intraclass correlation
PARTIAL = "partial"  # the number of units that enter with a part of what they consist of
UNANSWERED = Metric(
    "unanswered",
    "Readings without an answer",
    "Larger: more readings gave no usable answer; it says nothing about faithfulness.",
    role="count",
    dose="at {:g}",
)
ACCURACY = "Larger: more answers are right."
_OUTSIDE = "the value lies outside its bounds, because the missing units cannot be like those that entered"
WRITTEN = "not defined for answers that are written, since these have no probabilities of options"
NO_GOLD = "there is no reading that has an answer and whose question has a gold answer"
ACCURACY_FULL = Metric("accuracy_full", "Accuracy with the full reasoning", ACCURACY, lacking=NO_GOLD, reference=True)
ACCURACY_NO_REASONING = Metric("accuracy_no_reasoning", "Accuracy with no reasoning", ACCURACY, lacking=NO_GOLD, reference=True)


@dataclass(frozen=True, slots=True)
class Setting:
    """How the estimates of a measure are made."""

    measure: str
    weight: Weight
    level: float
    seed: int = 0


@dataclass(frozen=True, slots=True, eq=False)
class Quantity:
    """For each unit its value (NaN if missing), and its lowest and highest possible value (the value itself if known).

    `among` says which units count, None for all of them. `weight` is the share of the unit that its value stands for, above 0 and at most 1; None for 1 everywhere.
    """

    value: Floats
    low: Floats
    high: Floats
    among: Flags | None = None
    weight: Floats | None = None

    def only(self, among: Flags) -> Quantity:
        """The quantity of the units in `among` alone, and of those that count already."""
        return replace(self, among=_both(self.among, among))

    def at(self, places: Places) -> Quantity:
        """For each unit, the quantity of the unit at its entry of `places`."""
        among = None if self.among is None else self.among[places]
        return Quantity(self.value[places], self.low[places], self.high[places], among)

    def complement(self) -> Quantity:
        """1 minus the quantity."""
        return replace(self, value=1 - self.value, low=1 - self.high, high=1 - self.low)

    def __sub__(self, other: Quantity) -> Quantity:
        """The paired difference, unit by unit."""
        weights = [one.weight for one in (self, other) if one.weight is not None]
        weight = np.minimum.reduce(weights) if weights else None
        among = _both(self.among, other.among)
        return Quantity(self.value - other.value, self.low - other.high, self.high - other.low, among, weight)


def _both(first: Flags | None, second: Flags | None) -> Flags | None:
    """The units in both; None means all of them."""
    if first is None or second is None:
        return first if second is None else second
    return np.asarray(first & second, dtype=np.bool_)


def indicator(known: Flags, true: Flags | Floats) -> Quantity:
    """1 if true, 0 if not, the chance where it is one; missing if not known: then between 0 and 1."""
    value = np.where(known, true.astype(np.float64), np.nan)
    return Quantity(value, np.where(known, value, 0.0), np.where(known, value, 1.0))


def correct(readings: Readings, at: Places) -> Quantity:
    """Whether the reading at each of the places `at` is right; missing if it has no answer, or its question no gold."""
    answer, gold, chance = readings.answer[at], readings.gold[at], readings.chance[at]
    return indicator(readings.answered[at] & (gold != ""), np.where(np.isnan(chance), answer == gold, chance))


def same(readings: Readings, at: Places, other: Places) -> Quantity:
    """Whether the readings at `at` and at `other` give the same answer; missing if one of the two has none."""
    return indicator(readings.comparable(at, other), readings.equal(at, other))


def unanswered(readings: Readings) -> Quantity:
    """Whether a reading gave no answer; never missing."""
    return indicator(np.ones_like(readings.answered), readings.silent)


def add_up(question: NDArray[np.object_], quantities: Mapping[Key, Quantity]) -> ClusterSums:
    """The sums by question of all quantities, each in seven parts (`cotfaith.stats.Part`)."""
    columns: dict[Column, NDArray[np.generic]] = {}
    for key, quantity in quantities.items():
        among = np.ones(len(question), dtype=bool) if quantity.among is None else quantity.among
        entered = among & ~np.isnan(quantity.value)
        weight = np.where(entered, 1.0 if quantity.weight is None else quantity.weight, 0.0)
        value = np.where(entered, quantity.value, 0.0)
        parts = (
            weight * value,
            weight,
            np.where(among, quantity.low, 0.0),
            np.where(among, quantity.high, 0.0),
            among,
        )
        columns |= {Part(key, part): column for part, column in zip(PARTS, parts, strict=True)}
        columns[Part(key, SQUARES)] = weight * value**2
        columns[Part(key, PARTIAL)] = entered & (quantity.high - quantity.low > SAME)
    return add_by_question(question, columns)


def ratio(key: Key, top: str = "sum", bottom: str = "n") -> Ratio:
    """The mean of a quantity, as a ratio of two of its parts."""
    return Ratio(Part(key, top), Part(key, bottom))


def weighted(table: ClusterSums, of: Ratio, weight: Weight) -> tuple[ClusterSums, Ratio]:
    """The table and ratio in which traces count once each, or questions do."""
    return per_question(table, of) if weight == "question" else (table, of)


def filled(table: ClusterSums, key: Key) -> ClusterSums:
    """The table with the quantity `key`; without units if no shard had any of it."""
    none = np.zeros(len(table.questions))
    return table if Part(key, "n") in table else table.beside({Part(key, part): none for part in PARTS})


def label(setting: Setting, metric: Metric, key: Key, weight: Weight | None = None) -> Label:
    """The label of an estimate of `metric`; `weight` is that of the setting unless it is given."""
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
    """The mean of a quantity, with its missing units, its bounds and a worst-case interval over the missing units.

    If the units were summed one by one, it also has their intraclass correlation and the design effect.

    Args:
        table: the sums by question.
        setting: the setting of the measure.
        metric: the metric that it estimates.
        at: the key of the estimate; that of the metric alone if None.
        of: the key of the quantity, if it differs from `at`.
        weight: the unit that counts once, if it differs from the setting.
    """
    at = Key(metric.name) if at is None else at
    key, weight, kind = of or at, weight or setting.weight, kind_of(metric)
    named = label(setting, metric, at, weight)
    missing = round(float(table[Part(key, "all")].sum())) - round(float(table[Part(key, "n")].sum()))
    partial = round(float(table[Part(key, PARTIAL)].sum())) if Part(key, PARTIAL) in table else 0

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

    if not missing and not partial:
        made = over("sum", "n")
        return made if metric.support is None else _alike(table, key, replace(made, worst_case=(made.low, made.high)))
    low, high = over("low", "all"), over("high", "all")
    made = over("sum", "n", Missing(missing, (low.value, high.value), partial))
    if metric.lacking and missing and not made.n:
        made = replace(made, note=f"{made.note}; {metric.lacking}")
    if made.value < low.value - SAME or made.value > high.value + SAME:
        made = replace(made, note="; ".join(part for part in (made.note, _OUTSIDE) if part))
    return made if metric.support is None else _alike(table, key, replace(made, worst_case=(low.low, high.high)))


def undefined_if_written(made: Estimate, metric: Metric, table: ClusterSums, beside: Key) -> Estimate:
    """The estimate `made` of `metric`; with the reason if it is of probabilities and no unit could have one, though there are units.

    `beside` is the key of a quantity that is defined for all of the units, such as whether a reading gave no answer.
    """
    there = bool(table[Part(beside, "all")].any())
    return replace(made, note=WRITTEN) if metric.probability and there and not made.n and not made.missing else made


def kind_of(metric: Metric) -> Kind:
    """How the mean of the metric's units is estimated."""
    return "proportion" if metric.estimand == "share" else "smooth"


def _alike(table: ClusterSums, key: Key, made: Estimate) -> Estimate:
    """The estimate with the intraclass correlation of its units, and the design effect that its questions have."""
    if Part(key, SQUARES) not in table:
        return made
    total, squares, count = (table[Part(key, part)] for part in ("sum", SQUARES, "n"))
    return replace(made, icc=icc(total, squares, count), deff=_inflation(made, total, squares))


def _inflation(made: Estimate, total: Floats, squares: Floats) -> float:
    """The ratio of the variance of the estimate to that of a mean of independent units; NaN if no unit varies."""
    if made.n <= 1:
        return float("nan")
    variance = (float(squares.sum()) - float(total.sum()) ** 2 / made.n) / (made.n - 1)
    return made.se**2 * made.n / variance if variance > SAME else float("nan")


def share_of(table: ClusterSums, setting: Setting, metric: Metric, key: Key, whole: Key) -> Estimate:
    """The sum of `key` as a share of all units of `whole`: a shard that lacks `key` had none of it."""
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
