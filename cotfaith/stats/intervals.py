"""The intervals: t, effective-n Wilson, and the interval if all questions have the same value.

Effective-n Wilson is Wilson's score interval with Korn and Graubard's effective sample size (1998) and t(G-1) in place of z. For
few events the effective size is capped, which keeps the coverage for rare outcomes.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray
from scipy import stats as distributions

FEW_EVENTS = 5

Floats = NDArray[np.float64]


def quantile(df: float, level: float) -> float:
    """The t quantile q for which the interval from -q to q has the probability `level`."""
    return float(distributions.t.ppf(0.5 + level / 2, df))


def two_sided(t: float, df: float) -> float:
    """The two-sided p-value of a t statistic."""
    return float(2 * distributions.t.sf(abs(t), df))


def wilson(share: float, size: float, q: float) -> tuple[float, float]:
    """Wilson's score interval for a share of `size` units (any positive number), with the quantile `q`."""
    centre = (share + q**2 / (2 * size)) / (1 + q**2 / size)
    half = q * np.sqrt(share * (1 - share) / size + q**2 / (4 * size**2)) / (1 + q**2 / size)
    # At 0 and 1 the bound is the share itself; in floating point it would be off by one ulp.
    return (0.0 if share <= 0 else max(0.0, float(centre - half))), (1.0 if share >= 1 else min(1.0, float(centre + half)))


def few(events: Floats, trials: Floats) -> bool:
    """Whether fewer than 5 questions have an event, or fewer than 5 a non-event."""
    return min(int(np.sum(events > 0)), int(np.sum(trials - events > 0))) < FEW_EVENTS


def effective_size(events: Floats, trials: Floats, units: float) -> float:
    """The effective sample size of a share, from its events and trials by question (each trials > 0, two questions or more).

    It is p(1-p)/SE^2, at most `units`; the number of questions if SE is 0; and at most that number if events are few.
    """
    clusters = len(trials)
    share = events.sum() / trials.sum()
    variance = clusters / (clusters - 1) * np.sum((events - share * trials) ** 2) / trials.sum() ** 2
    size = float(clusters) if variance <= _NOTHING else float(min(share * (1 - share) / variance, units))
    return min(size, float(clusters)) if few(events, trials) else size


def unvaried(value: float, clusters: int, support: tuple[float, float], q: float) -> tuple[float, float]:
    """The interval of a mean over questions that all have the same `value`, for a quantity within `support`.

    None of the questions deviates, so at most a share u of such questions does (Wilson for 0 of `clusters`). A deviation reaches at
    most the ends of `support`. For a share of 0 or 1 this equals effective-n Wilson.
    """
    deviating = wilson(0.0, float(clusters), q)[1]
    low, high = support
    return value - deviating * (value - low), value + deviating * (high - value)


_NOTHING = 1e-24  # squared rounding error of a mean of numbers up to 1
