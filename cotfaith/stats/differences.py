"""The interval of a difference of two values that have a range, which also holds for rare events."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from cotfaith.stats import intervals
from cotfaith.stats.paired import METHOD, Paired, of_differences

if TYPE_CHECKING:
    from cotfaith.stats.estimates import Estimate

Floats = NDArray[np.float64]


def within(made: Estimate, a: Estimate, b: Estimate) -> Estimate:
    """The difference with an interval that also holds for rare events, if both values have a range.

    On shared questions with one yes-or-no answer each, it is Tango's (`paired`). With other means, it is that of the gains and the
    losses by question (`intervals.bounded`). Without means, it combines the intervals of the two values (`intervals.mover`). The
    last two are never narrower than the t interval, which allows for unequal numbers of units.
    """
    if made.support is None or np.isnan(made.value) or np.isnan([a.low, a.high, b.low, b.high]).any():
        return made
    if made.means is None or made.influence is None or len(made.means) != len(made.influence):
        found = _of_two_intervals(made, a, b)
    else:
        values = np.asarray(made.means, dtype=np.float64)
        pairs = of_differences(values, made.level) if _single(a) and _single(b) else None
        found = _by_question(made, values) if pairs is None else _in_pairs(made, pairs)
    return replace(found, low=max(found.low, made.support[0]), high=min(found.high, made.support[1]))


def _of_two_intervals(made: Estimate, a: Estimate, b: Estimate) -> Estimate:
    """The difference with an interval from those of the two values, and the test that belongs to it."""
    df = made.df if made.se > 0 else max(a.clusters + b.clusters - 2, 1)
    half = intervals.quantile(df, made.level) * (made.se if made.se > 0 else 0.0)
    low, high = intervals.mover((a.value, a.low, a.high), (b.value, b.low, b.high), correlation(a, b))
    method = made.method if made.se > 0 else f"difference by question; from the two intervals, t({df:.4g})"
    note = made.note if made.se > 0 else ""
    found = replace(made, low=min(low, made.value - half), high=max(high, made.value + half), df=df, method=method, note=note)
    return replace(found, p=found.p_of(made.null or 0.0))


def _in_pairs(made: Estimate, pairs: Paired) -> Estimate:
    """The difference of two shares with one answer per question each."""
    return _told(replace(made, low=pairs.low, high=pairs.high, p=pairs.p), METHOD)


def _by_question(made: Estimate, values: Floats) -> Estimate:
    """The difference with the interval of the gains and the losses of the questions, whose differences are `values`."""
    assert made.support is not None  # noqa: S101  told apart above
    ones, centre = np.ones_like(values), float(values.mean())
    own = intervals.bounded(values, ones, made.support, intervals.mean_variance(ones, corrected=False), float(len(values)))
    se = made.se if made.se > 0 else 0.0

    def ends(t: float) -> tuple[float, float]:
        low, high = own.ends(t)
        return made.value - max(centre - low, t * se), made.value + max(high - centre, t * se)

    low, high = ends(intervals.quantile(made.df, made.level))
    p = replace(own, ends=ends).p(made.null or 0.0, made.df)
    return _told(replace(made, low=low, high=high, p=p), f"gains and losses, t({made.df:.4g})", own.note)


def _told(made: Estimate, method: str, note: str = "") -> Estimate:
    """The difference with its method, and a note on few events instead of that on few questions."""
    return replace(made, method=f"difference by question; {method}", note=note or (made.note if made.se > 0 else ""))


def _single(one: Estimate) -> bool:
    """Whether the value is a share with one answer per question."""
    return (
        one.means is not None and one.support == (0.0, 1.0) and one.n == len(one.means) and bool(one.means.isin((0.0, 1.0)).all())
    )


def correlation(a: Estimate, b: Estimate) -> float:
    """The correlation of two values through their shared questions."""
    if a.influence is None or b.influence is None or not a.se > 0 or not b.se > 0:
        return 0.0
    shared = (a.influence * b.influence).dropna()
    size = len(shared)
    return float(np.clip(size / max(1, size - 1) * shared.sum() / (a.se * b.se), -1, 1))


def joined(a: str, b: str) -> str:
    """The text that both sides share, or the two texts of the difference."""
    return a if a == b else f"{a} - {b}"
