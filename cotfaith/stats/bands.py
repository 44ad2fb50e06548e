"""Simultaneous bands: the whole curve lies inside with the given probability, not only each point by itself.

The band is a bootstrap-t band (Romano and Wolf's studentised maximum). Questions are drawn with replacement, as one multinomial
weight matrix for all points. Each draw gives the largest studentised deviation over the points. The quantile of these maxima
multiplies every point's standard error.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from cotfaith.errors import UsageError
from cotfaith.stats import intervals
from cotfaith.stats.bootstrap import weights
from cotfaith.stats.engine import Kind
from cotfaith.stats.statistic import SAME, Ratio, standard_error
from cotfaith.stats.sums import ClusterSums

Floats = NDArray[np.float64]

ROUNDING = 1e-12


@dataclass(frozen=True, slots=True, eq=False)
class Band:
    """The band at each point and its method. A point with fewer than two questions has NaN."""

    low: Floats
    high: Floats
    method: str


@dataclass(frozen=True, slots=True, eq=False)
class _Points:
    """The points of a curve: numerators and denominators of shape (questions, points), their ratios and standard errors."""

    top: Floats
    bottom: Floats
    value: Floats
    se: Floats
    clusters: NDArray[np.int64]


def band(
    table: ClusterSums, curve: Sequence[Ratio], *, support: tuple[float, float], kind: Kind = "proportion", level: float = 0.95,
    draws: int = 10_000, seed: int = 0,
) -> Band:  # fmt: skip
    """The simultaneous band of a curve of ratios.

    A point at which all questions are equal (or, for shares, fewer than 5 questions have an event or a non-event) cannot be
    studentised. It gets its own interval at the Bonferroni level, and the other points share the rest of the error. If too many
    draws have no spread, as happens with a handful of questions, all points get Bonferroni intervals.

    Args:
        table: the sums by question.
        curve: the points, each a ratio of two columns.
        support: the values that a unit can take; the band stays inside.
        kind: "proportion" where the points are shares.
        level: the probability that the whole curve lies inside.
        draws: bootstrap draws.
        seed: determines the draws, together with the number of questions.

    Raises:
        UsageError: the curve has no points.
    """
    if not curve:
        raise UsageError("A band needs a curve of at least one point.")
    points = _points(table, curve)
    known = points.clusters > 1
    bonferroni = 1 - (1 - level) / max(1, int(known.sum()))
    own = [_own(points, j, kind, support) if known[j] else None for j in range(len(curve))]
    plain = known & ~_sparse(points, own)
    low, high = _pointwise(own, bonferroni)
    critical = np.inf
    if plain.any():
        share = (1 - level) * plain.sum() / known.sum()
        critical = _critical(points, plain, 1 - share, draws, seed)
    method = "simultaneous Bonferroni intervals"
    if np.isfinite(critical):
        low = np.where(plain, points.value - critical * points.se, low)
        high = np.where(plain, points.value + critical * points.se, high)
        method = f"simultaneous bootstrap-t band, {draws} draws, seed {seed}"
    return Band(np.maximum(low, support[0]), np.minimum(high, support[1]), method)


def _points(table: ClusterSums, curve: Sequence[Ratio]) -> _Points:
    top = np.column_stack([table[ratio.numerator] for ratio in curve])
    bottom = np.column_stack([table[ratio.denominator] for ratio in curve])
    clusters = (bottom > 0).sum(axis=0)
    with np.errstate(divide="ignore", invalid="ignore"):
        value = top.sum(axis=0) / bottom.sum(axis=0)
        influence = (top - value * bottom) / bottom.sum(axis=0)
    se = np.array([standard_error(influence[bottom[:, j] > 0, j]) if clusters[j] > 1 else np.nan for j in range(len(curve))])
    return _Points(top, bottom, value, se, clusters)


def _own(points: _Points, j: int, kind: Kind, support: tuple[float, float]) -> tuple[intervals.Bounded, float]:
    """The interval of point j by itself, as `estimate` makes it, and its degrees of freedom."""
    top, bottom = _at(points, j)
    effective = intervals.effective_clusters(bottom)
    variance = intervals.mean_variance(bottom, corrected=effective < intervals.CORRECTED_BELOW)
    most = float(bottom.sum()) if kind == "proportion" else np.inf
    if np.isfinite(support).all():
        return intervals.bounded(top, bottom, support, variance, effective, units=most), max(effective - 1, 1.0)
    value, se = float(points.value[j]), float(np.sqrt(variance(top)))
    return intervals.Bounded(lambda q: (value - q * se, value + q * se)), max(effective - 1, 1.0)


def _sparse(points: _Points, own: Sequence[tuple[intervals.Bounded, float] | None]) -> NDArray[np.bool_]:
    few = np.array([one is None or one[0].few for one in own])
    return few | ~(points.se > SAME)


def _pointwise(own: Sequence[tuple[intervals.Bounded, float] | None], level: float) -> tuple[Floats, Floats]:
    ends = [(np.nan, np.nan) if one is None else one[0].ends(intervals.quantile(one[1], level)) for one in own]
    low, high = np.array(ends, dtype=np.float64).T
    return low, high


def _critical(points: _Points, plain: NDArray[np.bool_], level: float, draws: int, seed: int) -> float:
    """The quantile of the largest studentised deviation over the points in `plain`; infinite if too many draws have no spread."""
    top, bottom, value = points.top[:, plain], points.bottom[:, plain], points.value[plain]
    moments = np.hstack([top, bottom, top**2, top * bottom, bottom**2])
    factor = points.clusters[plain] / (points.clusters[plain] - 1)
    largest = []
    for drawn in weights(len(top), draws, seed=seed):
        t, b, tt, tb, bb = np.split(drawn @ moments, 5, axis=1)
        with np.errstate(divide="ignore", invalid="ignore"):
            again = t / b
            whole = tt + again**2 * bb
            squares = whole - 2 * again * tb
            # A difference of nearly equal sums: below this share of them it is rounding, not spread.
            se = np.sqrt(factor * np.where(squares > ROUNDING * whole, squares, 0.0)) / b
            off = np.abs(again - value) / se
        # If a point has no unit in a draw, or a different value without spread, its deviation counts as infinite.
        off[np.isnan(off) & ~(np.abs(again - value) <= SAME)] = np.inf
        largest.append(np.nanmax(np.nan_to_num(off, nan=0.0, posinf=np.inf), axis=1))
    return float(np.quantile(np.concatenate(largest), level, method="higher"))


def _at(points: _Points, j: int) -> tuple[Floats, Floats]:
    inside = points.bottom[:, j] > 0
    return points.top[inside, j], points.bottom[inside, j]
