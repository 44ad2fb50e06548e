"""Quantities: what each unit contributes, what it would have contributed at least and at most, and the estimate that comes of it.

Every estimate of a measure is the mean of a quantity over units. A unit whose value is missing leaves the mean and is counted; the bounds
are the means over all units with each missing value at its least, and at its most. With a unit missing altogether the bounds enclose
the value; where units are partly known (a trace with some cuts unanswered) the value of the complete ones may lie outside, which
says that the complete ones are unlike the rest.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from cotfaith.contracts.measure import Weight
from cotfaith.measures.parts.answer_arrays import Flags, Floats, Places, Readings
from cotfaith.stats import ClusterSums, Estimate, Label, Missing, Ratio, band, estimate, icc, per_question, sums
from cotfaith.stats.engine import Kind
from cotfaith.stats.statistic import SAME

PARTS = ("sum", "n", "low", "high", "all")
SQUARES = "squares"  # of the units' values, for how alike the units of a question are
UNANSWERED = "Larger: more readings gave no usable answer; it says nothing of faithfulness."


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


def add_up(question: NDArray[np.object_], quantities: Mapping[str, Quantity]) -> ClusterSums:
    """The sums by question of all quantities, each in six columns: NAME/sum, /n, /low, /high, /all, and /squares of the values."""
    columns: dict[str, NDArray[np.generic]] = {"question_id": question}
    for name, quantity in quantities.items():
        among = np.ones(len(question), dtype=bool) if quantity.among is None else quantity.among
        entered = among & ~np.isnan(quantity.value)
        parts = (
            np.where(entered, quantity.value, 0.0),
            entered,
            np.where(among, quantity.low, 0.0),
            np.where(among, quantity.high, 0.0),
            among,
        )
        columns |= {f"{name}/{part}": column for part, column in zip(PARTS, parts, strict=True)}
        columns[f"{name}/{SQUARES}"] = np.where(entered, quantity.value**2, 0.0)
    return sums(pd.DataFrame(columns), [name for name in columns if name != "question_id"])


def joined(a: ClusterSums, b: ClusterSums) -> ClusterSums:
    """The columns of both, over the questions of either; a question that one of them lacks has sums of 0 there."""
    questions = a.questions.union(b.questions)
    parts = [
        pd.DataFrame(one.matrix, index=one.questions, columns=list(one.columns)).reindex(questions, fill_value=0.0)
        for one in (a, b)
    ]
    both = pd.concat(parts, axis=1)
    return ClusterSums(pd.Index(questions, dtype=object), tuple(both.columns), both.to_numpy(dtype=np.float64))


def names(table: ClusterSums) -> list[str]:
    """The quantities that were added up, in order."""
    return list(dict.fromkeys(name.rsplit("/", 1)[0] for name in table.columns))


def weighted(table: ClusterSums, ratio: Ratio, weight: Weight) -> tuple[ClusterSums, Ratio]:
    """The table and ratio in which traces count once each, or questions do."""
    return per_question(table, ratio) if weight == "question" else (table, ratio)


def mean(
    table: ClusterSums, name: str, label: Label, *, weight: Weight, level: float, kind: Kind = "proportion",
    support: tuple[float, float] = (0.0, 1.0), null: float | None = None,
) -> Estimate:  # fmt: skip
    """The mean of the quantity `name`, with what is missing from it, its bounds and the interval that holds whatever they are.

    Where the units were added up one by one it says too how alike those of a question are, and what that costs.
    """
    label = replace(label, rule=", ".join(part for part in (label.rule, f"{weight}-weighted") if part))
    missing = round(float(table[f"{name}/all"].sum() - table[f"{name}/n"].sum()))

    def over(part: str, units: str, left: Missing | None = None) -> Estimate:
        own, ratio = weighted(table, Ratio(f"{name}/{part}", f"{name}/{units}"), weight)
        return estimate(own, ratio, label, count=f"{name}/{units}", kind=kind, support=support, null=null, left=left, level=level)

    if not missing:
        made = over("sum", "n")
        return _alike(table, name, replace(made, worst_case=(made.low, made.high)))
    low, high = over("low", "all"), over("high", "all")
    made = over("sum", "n", Missing(missing, (low.value, high.value)))
    return _alike(table, name, replace(made, worst_case=(low.low, high.high)))


def _alike(table: ClusterSums, name: str, made: Estimate) -> Estimate:
    """The estimate with the intraclass correlation of its units, and the design effect that its questions have."""
    if f"{name}/{SQUARES}" not in table.columns:
        return made
    total, squares, count = (table[f"{name}/{part}"] for part in ("sum", SQUARES, "n"))
    return replace(made, icc=icc(total, squares, count), deff=_inflation(made, total, squares))


def _inflation(made: Estimate, total: Floats, squares: Floats) -> float:
    """By how much the variance of the estimate exceeds that of a mean of independent units; NaN where no unit varies."""
    if made.n <= 1:
        return float("nan")
    variance = (float(squares.sum()) - float(total.sum()) ** 2 / made.n) / (made.n - 1)
    return made.se**2 * made.n / variance if variance > SAME else float("nan")


def accuracy_of_ends(readings: Readings) -> dict[str, Quantity]:
    """Accuracy with all of the reasoning and with none of it."""
    right = correct(readings, np.arange(len(readings.trace)))
    return {f"accuracy_{arm}": right.only(readings.arm == arm) for arm in ("full", "no_reasoning")}


def unanswered_by_arm(readings: Readings) -> dict[str, Quantity]:
    """The share of readings without an answer in each arm that there is, named unanswered@ARM."""
    lost = unanswered(readings)
    return {f"unanswered@{arm}": lost.only(readings.arm == arm) for arm in sorted(set(readings.arm))}


def unanswered_shares(table: ClusterSums, measure: str, *, weight: Weight, level: float) -> list[Estimate]:
    """The estimates of unanswered@ARM (group: the arm) and of unanswered@DOSE@KIND (group: the kind, x: the dose)."""
    found = []
    for name in names(table):
        parts = name.split("@", 2)
        if parts[0] == "unanswered":
            x = float(parts[1]) if len(parts) > 2 else None
            label = Label(measure, "unanswered", UNANSWERED, x=x, group=parts[-1])
            found.append(mean(table, name, label, weight=weight, level=level))
    return sorted(found, key=lambda e: (e.x is not None, e.group, e.x or 0.0))


def curve(
    table: ClusterSums, labels: Mapping[str, Label], *, weight: Weight, level: float, seed: int, kind: Kind,
    support: tuple[float, float],
) -> list[Estimate]:  # fmt: skip
    """The means of the quantities in `labels` as points of a curve, then the same with the simultaneous band as their interval.

    The last point is where all of the reasoning is given: its value is fixed by definition, and has no part in the band.
    """
    points = [mean(table, name, label, weight=weight, level=level, kind=kind, support=support) for name, label in labels.items()]
    points[-1] = replace(points[-1], se=0.0 * points[-1].value, low=points[-1].value, high=points[-1].value)
    if points[-1].n:
        points[-1] = replace(points[-1], method="by definition", note="")
    inner = dict(zip(list(labels)[:-1], points, strict=False))
    around = banded(table, inner, weight=weight, level=level, seed=seed, kind=kind, support=support)
    return [*points, *around, replace(points[-1], metric=f"{points[-1].metric}_band")]


def banded(
    table: ClusterSums, points: Mapping[str, Estimate], *, weight: Weight, level: float, seed: int, kind: Kind,
    support: tuple[float, float],
) -> list[Estimate]:  # fmt: skip
    """The `points`, which are means of quantities by name, with the simultaneous band as their interval, as METRIC_band.

    The band of each point is at least as wide as its own interval.
    """
    ratios = []
    for name in points:
        table, ratio = weighted(table, Ratio(f"{name}/sum", f"{name}/n"), weight)
        ratios.append(ratio)
    around = band(table, ratios, support=support, kind=kind, level=level, seed=seed)
    return [
        replace(
            point,
            metric=f"{point.metric}_band",
            low=float(np.fmin(point.low, low)),
            high=float(np.fmax(point.high, high)),
            method=f"{weight}-weighted; {around.method}" if point.clusters > 1 else point.method,
        )
        for point, low, high in zip(points.values(), around.low, around.high, strict=True)
    ]
