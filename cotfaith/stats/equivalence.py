"""Equivalence: a value lies within a pre-registered margin (Schuirmann 1987). A large p of a difference does not show this."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from cotfaith.errors import UsageError
from cotfaith.stats.lazily import distributions


@dataclass(frozen=True, slots=True)
class Equivalence:
    """Two one-sided tests at `alpha`: `p` is the larger of `p_low` and `p_high`, `low` and `high` the interval at 1 - 2 alpha.

    `holds` says whether equivalence is shown: p is below alpha or, what is the same, the interval lies inside the margin. If the
    value has no interval, p is NaN and equivalence is not shown.
    """

    margin: float
    alpha: float
    p_low: float
    p_high: float
    low: float
    high: float

    @property
    def p(self) -> float:
        """The p-value of equivalence."""
        return float(np.maximum(self.p_low, self.p_high))

    @property
    def holds(self) -> bool:
        """Whether the value is shown to lie within the margin."""
        return bool(self.p < self.alpha)


def tost(value: float, se: float | tuple[float, float], df: float, *, margin: float, alpha: float = 0.05) -> Equivalence:
    """The two one-sided t tests that `value` lies between -margin and margin.

    Args:
        value: the value.
        se: its standard error, or those towards smaller and towards larger values.
        df: its degrees of freedom.
        margin: the margin.
        alpha: the level of each one-sided test.

    Raises:
        UsageError: the margin is not above 0, or alpha not between 0 and 1/2.
    """
    if not margin > 0:
        raise UsageError(f"The margin of equivalence is {margin}, but it must be above 0; give 0.05 for five percentage points.")
    if not 0 < alpha < 0.5:
        raise UsageError(f"alpha is {alpha}, but it must be between 0 and 1/2; give 0.05.")
    down, up = se if isinstance(se, tuple) else (se, se)
    if not (np.isfinite(value) and down >= 0 and up >= 0 and down + up > 0):
        return Equivalence(margin, alpha, np.nan, np.nan, np.nan, np.nan)
    p_low, p_high = (_beyond(distance, error, df) for distance, error in ((value + margin, down), (margin - value, up)))
    q = float(distributions.t.ppf(1 - alpha, df))
    return Equivalence(margin, alpha, p_low, p_high, value - q * down, value + q * up)


def _beyond(distance: float, error: float, df: float) -> float:
    """The one-sided p-value of an end of the margin that is `distance` away; without an error on that side, 0 or 1."""
    return float(distributions.t.sf(distance / error, df)) if error > 0 else float(distance <= 0)
