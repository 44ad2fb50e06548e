"""The interval of a difference of two values that have a range, which also holds for rare events."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np

from cotfaith.stats import intervals

if TYPE_CHECKING:
    from cotfaith.stats.estimates import Estimate


def within(made: Estimate, a: Estimate, b: Estimate) -> Estimate:
    """The difference with an interval that also holds for rare events, if both values have a range.

    On shared questions with means, it is that of the gains and the losses by question (`intervals.bounded`); without, it combines
    the intervals of the two values (`intervals.mover`). It is never narrower than the t interval, which allows for unequal numbers
    of units.
    """
    if made.support is None or np.isnan(made.value) or np.isnan([a.low, a.high, b.low, b.high]).any():
        return made
    q = intervals.quantile(made.df, made.level)
    together = made.means is not None and len(made.means) == len(made.influence if made.influence is not None else ())
    if not together or made.means is None:
        if not made.se > 0:
            return made
        low, high = intervals.mover((a.value, a.low, a.high), (b.value, b.low, b.high), correlation(a, b))
        low, high = min(low, made.value - q * made.se), max(high, made.value + q * made.se)
        return replace(made, low=max(low, made.support[0]), high=min(high, made.support[1]))
    values = np.asarray(made.means, dtype=np.float64)
    ones = np.ones_like(values)
    centre = float(values.mean())
    own = intervals.bounded(values, ones, made.support, intervals.mean_variance(ones, corrected=False), float(len(values)))
    se = made.se if made.se > 0 else 0.0

    def ends(t: float) -> tuple[float, float]:
        low, high = own.ends(t)
        return made.value - max(centre - low, t * se), made.value + max(high - centre, t * se)

    whole = replace(own, ends=ends)
    low, high = ends(q)
    notes = [made.note if made.se > 0 else "", f"only {own.events} questions differ, so the interval is wide" if own.few else ""]
    return replace(
        made,
        low=max(low, made.support[0]),
        high=min(high, made.support[1]),
        p=whole.p(made.null or 0.0, made.df),
        method=f"difference by question; gains and losses, t({made.df:.4g})",
        note="; ".join(note for note in notes if note),
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
