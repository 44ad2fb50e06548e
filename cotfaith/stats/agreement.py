"""How far two judges agree who say yes or no of the same units: raw, beyond chance (Cohen 1960), and Gwet's AC2 (2014, chapter 4).

All three are smooth functions of a 2 x 2 table summed by question, so that their intervals are clustered by question. Gwet's
coefficient is the weighted general form with identity weights, which for yes and no is his AC1 (2008).
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from itertools import product

import numpy as np
from numpy.typing import NDArray

from cotfaith.stats.engine import Missing, estimate
from cotfaith.stats.estimates import Estimate, Label
from cotfaith.stats.keys import Column
from cotfaith.stats.statistic import Ratio
from cotfaith.stats.sums import ClusterSums

Floats = NDArray[np.float64]
Cells = tuple[Column, Column, Column, Column]
Range = tuple[float, float]

CELLS: Cells = ("n11", "n10", "n01", "n00")
SATURATED = 0.95
_NO_KAPPA = "both judges say the same of every unit, so they agree by chance alone"
_SATURATED = "saturated: a judge says the same of more than 95 % of the units, so kappa means little and AC2 is to be read"


@dataclass(frozen=True, slots=True)
class _Coefficient:
    """Agreement beyond chance: of tables of shares, and the least and most agreement by chance for two ranges of shares of yes."""

    of: Callable[[Floats], Floats]
    chance: Callable[[Range, Range], Range]


def raw(table: ClusterSums, cells: Cells, label: Label, level: float = 0.95, *, missing: int = 0) -> Estimate:
    """The share of units of which both judges say the same.

    Args:
        table: sums by question.
        cells: the columns that count units by (first judge, second judge): (yes, yes), (yes, no), (no, yes), (no, no).
        label: what it is an estimate of.
        level: the level of the interval.
        missing: units that one of the judges, or both, did not judge.
    """
    least, most = _same(table, cells, missing)
    left = Missing(missing, (least, most) if missing else None)
    return estimate(_counted(table, cells), Ratio("same", "units"), label, kind="proportion", left=left, level=level)


def kappa(table: ClusterSums, cells: Cells, label: Label, level: float = 0.95, *, missing: int = 0) -> Estimate:
    """Cohen's kappa; the arguments are those of `raw`.

    The reason says so where a judge is `saturated`; where both judges say the same of every unit it is undefined.
    """
    made = _beyond_chance(table, cells, label, _Coefficient(cohen, _by_cohen), level=level, missing=missing)
    if made.n and np.isnan(made.value):
        return replace(made, note=_NO_KAPPA)
    if saturated(table, cells):
        return replace(made, note="; ".join(part for part in (_SATURATED, made.note) if part))
    return made


def ac2(table: ClusterSums, cells: Cells, label: Label, level: float = 0.95, *, missing: int = 0) -> Estimate:
    """Gwet's AC2, which stays near the raw agreement where judges nearly always say the same; the arguments are those of `raw`."""
    identity = _Coefficient(lambda shares: gwet(shares, np.eye(2)), _by_gwet)
    return _beyond_chance(table, cells, label, identity, level=level, missing=missing)


def saturated(table: ClusterSums, cells: Cells = CELLS) -> bool:
    """Whether one of the judges says the same of more than 95 % of the units; False where there is no unit."""
    both, first, second, neither = (float(table[name].sum()) for name in cells)
    units = both + first + second + neither
    return units > 0 and any(max(yes, units - yes) > SATURATED * units for yes in (both + first, both + second))


def cohen(shares: Floats) -> Floats:
    """Kappa of tables of shares of shape (..., q, q), each with the sum 1."""
    same = np.trace(shares, axis1=-2, axis2=-1)
    chance = (shares.sum(axis=-1) * shares.sum(axis=-2)).sum(axis=-1)
    return np.asarray((same - chance) / (1 - chance), dtype=np.float64)


def gwet(shares: Floats, weights: Floats) -> Floats:
    """AC2 of tables of shares of shape (..., q, q), each with the sum 1 (Gwet 2014, chapter 4).

    `weights` of shape (q, q) say how far two categories are the same: 1 on the diagonal, and elsewhere 0 where they have no order.
    """
    q = weights.shape[0]
    same = (weights * shares).sum(axis=(-2, -1))
    prevalence = (shares.sum(axis=-1) + shares.sum(axis=-2)) / 2
    chance = weights.sum() / (q * (q - 1)) * (prevalence * (1 - prevalence)).sum(axis=-1)
    return np.asarray((same - chance) / (1 - chance), dtype=np.float64)


def _beyond_chance(
    table: ClusterSums, cells: Cells, label: Label, coefficient: _Coefficient, *, level: float, missing: int
) -> Estimate:
    def of_totals(totals: Mapping[Column, Floats]) -> Floats:
        counts = np.stack([totals[name] for name in CELLS], axis=-1)
        shares = counts / counts.sum(axis=-1, keepdims=True)
        return coefficient.of(shares.reshape(*shares.shape[:-1], 2, 2))

    left = Missing(missing, _bounds(table, cells, missing, coefficient) if missing else None)
    own = _counted(table, cells)
    return estimate(own, of_totals, label, count="units", support=(-1.0, 1.0), left=left, level=level)


def _counted(table: ClusterSums, cells: Cells) -> ClusterSums:
    """The four cells under their own names, with the units, and those of which both say the same."""
    both, first, second, neither = counts = [table[name] for name in cells]
    columns = [*counts, both + neither, both + first + second + neither]
    return ClusterSums(table.questions, (*CELLS, "same", "units"), np.column_stack(columns))


# --- what is missing could be anything --------------------------------------------------------------------------------------


def _same(table: ClusterSums, cells: Cells, missing: int) -> Range:
    """The least and the most that the raw agreement could be; NaN where there is no unit at all."""
    both, first, second, neither = (float(table[name].sum()) for name in cells)
    size = both + first + second + neither + missing
    return ((both + neither) / size, (both + neither + missing) / size) if size else (np.nan, np.nan)


def _bounds(table: ClusterSums, cells: Cells, missing: int, coefficient: _Coefficient) -> Range:
    """No more and no less than these: agreement and agreement by chance each at their extremes, which they need not reach together."""
    both, first, second, neither = (float(table[name].sum()) for name in cells)
    size = both + first + second + neither + missing
    sides = [(yes / size, (yes + missing) / size) for yes in (both + first, both + second)]
    least, most = _same(table, cells, missing)
    low, high = coefficient.chance(sides[0], sides[1])
    worst = (least - high) / (1 - high) if high < 1 else -1.0
    best = (most - low) / (1 - low) if low < 1 else 1.0
    return max(worst, -1.0), best


def _by_cohen(first: Range, second: Range) -> Range:
    """The least and the most agreement by chance of two judges whose shares of yes lie in these ranges: linear in each, so at corners."""
    corners = [p * q + (1 - p) * (1 - q) for p, q in product(first, second)]
    return min(corners), max(corners)


def _by_gwet(first: Range, second: Range) -> Range:
    """The same for AC2, where it is 2 x (1 - x) of the mean share x: most next to a half."""
    low, high = (first[0] + second[0]) / 2, (first[1] + second[1]) / 2
    nearest = min(max(0.5, low), high)
    return min(2 * low * (1 - low), 2 * high * (1 - high)), 2 * nearest * (1 - nearest)
