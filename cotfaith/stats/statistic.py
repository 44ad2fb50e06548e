"""Statistics: smooth functions of sums by question, and each question's contribution to them."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from cotfaith.errors import unknown
from cotfaith.stats.keys import ByQuestion, Column
from cotfaith.stats.sums import ClusterSums

Floats = NDArray[np.float64]
Statistic = Callable[[Mapping[Column, Floats]], Floats]

STEP = 1e-3  # of a column's total: on a ratio the five-point rule then has an error of 4e-12, and rounding one of 1e-13
SAME = 1e-9  # a standard error this small, against a value of about 1, is rounding


@dataclass(frozen=True, slots=True)
class Ratio:
    """The total of one column divided by that of another."""

    numerator: Column
    denominator: Column

    def __call__(self, totals: Mapping[Column, Floats]) -> Floats:
        """The ratio of the two totals, elementwise."""
        return totals[self.numerator] / totals[self.denominator]


def per_question(table: ClusterSums, ratio: Ratio) -> tuple[ClusterSums, Ratio]:
    """The table and ratio in which every question counts once, independent of its number of units.

    The new ratio is the mean of question means (question-weighted); the given one is the mean of all units (trace-weighted).
    """
    top, bottom = table[ratio.numerator], table[ratio.denominator]
    mean = np.divide(top, bottom, out=np.zeros_like(top), where=bottom > 0)
    again = Ratio(ByQuestion(ratio.numerator), ByQuestion(ratio.denominator))
    return table.beside({again.numerator: mean, again.denominator: (bottom > 0).astype(np.float64)}), again


def evaluate(f: Statistic, columns: tuple[Column, ...], totals: Floats) -> Floats:
    """`f` at totals of shape (..., columns); not finite if a denominator is 0."""
    with np.errstate(divide="ignore", invalid="ignore"):
        named = _Totals((name, totals[..., j]) for j, name in enumerate(columns))
        return np.asarray(f(named), dtype=np.float64)


def influences(table: ClusterSums, f: Statistic) -> Floats:
    """Each question's contribution to f: T_g . grad f, centred, by a five-point numerical gradient."""
    totals = table.matrix.sum(axis=0)
    scale = np.abs(table.matrix).sum(axis=0)
    used = np.flatnonzero(scale > 0)  # a column of zeros contributes nothing
    steps = STEP * scale[used]
    points = np.broadcast_to(totals, (4, len(used), len(totals))).copy()
    for i, shift in enumerate((2, 1, -1, -2)):
        points[i, np.arange(len(used)), used] += shift * steps
    far, near, below, farther = evaluate(f, table.columns, points)
    gradient = (8 * (near - below) - (far - farther)) / (12 * steps)
    h = table.matrix[:, used] @ gradient
    return np.asarray(h - h.mean(), dtype=np.float64)


def standard_error(influence: Floats) -> float:
    """The linearised standard error from centred influences of two questions or more."""
    clusters = len(influence)
    return float(np.sqrt(clusters / (clusters - 1) * np.sum(influence**2)))


def jackknife(table: ClusterSums, f: Statistic) -> float:
    """The delete-one-question standard error; NaN if `f` is undefined without one of the questions."""
    without = evaluate(f, table.columns, table.matrix.sum(axis=0) - table.matrix)
    if not np.isfinite(without).all():
        return float("nan")
    clusters = len(without)
    return float(np.sqrt((clusters - 1) / clusters * np.sum((without - without.mean()) ** 2)))


class _Totals(dict[Column, Floats]):
    def __missing__(self, column: Column) -> Floats:
        raise unknown("column of sums", str(column), map(str, self))
