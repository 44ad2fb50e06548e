"""The agreement of two judges with yes-or-no verdicts: raw, Cohen's kappa (1960), and Gwet's AC2 (2014, chapter 4).

All three are smooth functions of a 2 x 2 table summed by question, so their intervals are clustered by question. Gwet's coefficient
is the general weighted form with identity weights; for yes and no, this is his AC1 (2008).
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
    """A chance-corrected coefficient of tables of shares, and the range of its chance agreement for two ranges of shares of yes."""

    of: Callable[[Floats], Floats]
    chance: Callable[[Range, Range], Range]


def raw(table: ClusterSums, cells: Cells, label: Label, level: float = 0.95, *, missing: int = 0) -> Estimate:
    """The share of units with the same verdict by both judges.

    Args:
        table: sums by question.
        cells: the columns that count units by (first judge, second judge): (yes, yes), (yes, no), (no, yes), (no, no).
        label: the identity of the estimate.
        level: the level of the interval.
        missing: the number of units that at least one of the judges did not judge.
    """
    least, most = _same(table, cells, missing)
    left = Missing(missing, (least, most) if missing else None)
    return estimate(_counted(table, cells), Ratio("same", "units"), label, kind="proportion", left=left, level=level)


def kappa(table: ClusterSums, cells: Cells, label: Label, level: float = 0.95, *, missing: int = 0) -> Estimate:
    """Cohen's kappa; the arguments are those of `raw`.

    The note reports a `saturated` judge. Kappa is undefined if both judges give one and the same verdict on every unit.
    """
    made = _beyond_chance(table, cells, label, _Coefficient(cohen, _by_cohen), level=level, missing=missing)
    if made.n and np.isnan(made.value):
        return replace(made, note=_NO_KAPPA)
    if saturated(table, cells):
        return replace(made, note="; ".join(part for part in (_SATURATED, made.note) if part))
    return made


def ac2(table: ClusterSums, cells: Cells, label: Label, level: float = 0.95, *, missing: int = 0) -> Estimate:
    """Gwet's AC2, which stays near the raw agreement if nearly all verdicts are equal; the arguments are those of `raw`."""
    identity = _Coefficient(lambda shares: gwet(shares, np.eye(2)), _by_gwet)
    return _beyond_chance(table, cells, label, identity, level=level, missing=missing)


def saturated(table: ClusterSums, cells: Cells = CELLS) -> bool:
    """Whether one of the judges gives the same verdict on more than 95 % of the units; False without units."""
    both, first, second, neither = (float(table[name].sum()) for name in cells)
    units = both + first + second + neither
    return units > 0 and any(max(yes, units - yes) > SATURATED * units for yes in (both + first, both + second))


def cohen(shares: Floats) -> Floats:
    """Kappa of tables of shares of shape (..., q, q), each of which sums to 1."""
    same = np.trace(shares, axis1=-2, axis2=-1)
    chance = (shares.sum(axis=-1) * shares.sum(axis=-2)).sum(axis=-1)
    return np.asarray((same - chance) / (1 - chance), dtype=np.float64)


def gwet(shares: Floats, weights: Floats) -> Floats:
    """AC2 of tables of shares of shape (..., q, q), each of which sums to 1 (Gwet 2014, chapter 4).

    `weights` of shape (q, q) are the similarities of the categories: 1 on the diagonal, and 0 elsewhere for unordered categories.
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
    return estimate(own, of_totals, label, count="units", support=(-1.0, 1.0), left=left, level=level, events="differ")


def _counted(table: ClusterSums, cells: Cells) -> ClusterSums:
    """The four cells under their own names, the number of units, and the number of units with the same verdict by both judges."""
    both, first, second, neither = counts = [table[name] for name in cells]
    columns = [*counts, both + neither, first + second, both + first + second + neither]
    return ClusterSums(table.questions, (*CELLS, "same", "differ", "units"), np.column_stack(columns))


# --- bounds over the missing verdicts ---------------------------------------------------------------------------------------


def _same(table: ClusterSums, cells: Cells, missing: int) -> Range:
    """The lowest and the highest possible raw agreement; NaN without units."""
    both, first, second, neither = (float(table[name].sum()) for name in cells)
    size = both + first + second + neither + missing
    return ((both + neither) / size, (both + neither + missing) / size) if size else (np.nan, np.nan)


def _bounds(table: ClusterSums, cells: Cells, missing: int, coefficient: _Coefficient) -> Range:
    """Outer bounds: the raw and the chance agreement are each at their extremes, which they need not reach together."""
    both, first, second, neither = (float(table[name].sum()) for name in cells)
    size = both + first + second + neither + missing
    sides = [(yes / size, (yes + missing) / size) for yes in (both + first, both + second)]
    least, most = _same(table, cells, missing)
    low, high = coefficient.chance(sides[0], sides[1])
    worst = (least - high) / (1 - high) if high < 1 else -1.0
    best = (most - low) / (1 - low) if low < 1 else 1.0
    return max(worst, -1.0), best


def _by_cohen(first: Range, second: Range) -> Range:
    """The range of chance agreement for shares of yes in these ranges: linear in each share, so its extremes are at corners."""
    corners = [p * q + (1 - p) * (1 - q) for p, q in product(first, second)]
    return min(corners), max(corners)


def _by_gwet(first: Range, second: Range) -> Range:
    """The same for AC2. Its chance agreement is 2 x (1 - x) for the mean share x, which is largest nearest to one half."""
    low, high = (first[0] + second[0]) / 2, (first[1] + second[1]) / 2
    nearest = min(max(0.5, low), high)
    return min(2 * low * (1 - low), 2 * high * (1 - high)), 2 * nearest * (1 - nearest)
