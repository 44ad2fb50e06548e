"""The intervals of bounded means, which hold their level for rare events, near the ends of the range and in unequal designs.

Effective-n Wilson is Wilson's score interval with Korn and Graubard's effective sample size (1998) and t in place of z. A mean of
values from 0 to 1 is treated as a share: its effective size is mean(1-mean)/SE^2. For few events the effective size is capped. A
mean of values on both sides of 0, such as an effect net of its control, is a difference of two such means (the gains and the
losses), whose intervals are combined by MOVER (Zou and Donner 2008, Stat. Med. 27, 1693; the paired case as Newcombe 1998). Neither
side is allowed to be larger by more than the sum of both can be.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy import optimize
from scipy import stats as distributions

FEW_EVENTS = 5  # questions with an event: with fewer, their own variance says little
CORRECTED_BELOW = 50  # effective questions, below which one question can hide its own error
FEW_CHANGES = 10  # questions with a gain or a loss
FEW_SIDE = 3  # the same for the gains or the losses alone

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


def effective_clusters(units: Floats) -> float:
    """The number of equal questions that these questions are worth, from the units of each (Kish 1965): (sum n)^2 / sum n^2."""
    return float(units.sum() ** 2 / np.sum(units**2)) if len(units) else 0.0


def mover(first: tuple[float, float, float], second: tuple[float, float, float], correlation: float = 0.0) -> tuple[float, float]:
    """The interval of the difference of two values, each given with its low and high end (Zou and Donner 2008)."""
    (a, a_low, a_high), (b, b_low, b_high) = first, second

    def half(one: float, other: float) -> float:
        return float(np.sqrt(max(one**2 - 2 * correlation * one * other + other**2, 0.0)))

    return a - b - half(a - a_low, b_high - b), a - b + half(a_high - a, b - b_low)


def mean_variance(bottom: Floats, *, corrected: bool) -> Callable[[Floats], float]:
    """The variance of a mean over units from the sums of its values by question: CR1, or CR3 (the jackknife's) if `corrected`.

    Args:
        bottom: the units of each question, above 0; two questions or more.
        corrected: whether each question's error is divided by 1 minus its share of the units.
    """
    clusters, share = len(bottom), bottom / bottom.sum()
    weight = (clusters - 1) / clusters / (1 - share) if corrected else np.ones(clusters)

    def of(top: Floats) -> float:
        error = (top - top.sum() * share) / bottom.sum() * weight
        return float(clusters / (clusters - 1) * np.sum(error**2))

    return of


@dataclass(frozen=True, slots=True, eq=False)
class Bounded:
    """The interval of a bounded mean for any quantile q, and the number of questions that carry the event.

    `few` says that the events are too few for their own variance, so that the questions set the width.
    """

    ends: Callable[[float], tuple[float, float]]
    events: int
    few: bool

    def p(self, null: float, df: float) -> float:
        """The two-sided p-value of `null`: that of the quantile at which the interval reaches it."""

        def beyond(q: float) -> float:
            low, high = self.ends(q)
            return max(low - null, null - high)

        if beyond(_LEAST) <= 0:
            return 1.0
        most = 1.0
        while beyond(most) > 0 and most < _MOST:
            most *= 4
        return two_sided(float(optimize.brentq(beyond, _LEAST, most)) if most < _MOST else most, df)


def bounded(
    top: Floats,
    bottom: Floats,
    support: tuple[float, float],
    variance: Callable[[Floats], float],
    clusters: float,
    *,
    units: float = np.inf,
) -> Bounded:
    """The interval of sum(top) / sum(bottom), a mean of values within `support`.

    Args:
        top: the sum of the values of each question.
        bottom: the units of each question, above 0; two questions or more.
        support: the range of a value.
        variance: the variance of the mean of other values of the same units, from their sums by question.
        clusters: the effective number of questions.
        units: the largest effective size of a mean, for shares the number of units.
    """
    low, high = support
    if low < 0 < high:
        gains, losses = np.maximum(top, 0.0) / high, np.maximum(-top, 0.0) / -low
        counts = [int(np.sum(one > _TINY)) for one in (gains, losses)]
        cap = sum(counts) < FEW_CHANGES
        parts = [
            _Part.of(one, bottom, variance, clusters, clusters if cap or n < FEW_SIDE else units)
            for one, n in zip((gains, losses), counts, strict=True)
        ]
        both = variance(gains + losses)
        spread = 2 * np.sqrt(parts[0].variance * parts[1].variance)
        correlation = float(np.clip((both - parts[0].variance - parts[1].variance) / spread, -1, 1)) if spread > _NOTHING else 0.0

        changes = _Part.of(np.abs(top) / max(high, -low), bottom, variance, clusters, clusters if cap else units)

        def ends(q: float) -> tuple[float, float]:
            share, _, most = changes.ends(q)
            beyond = (most - share) * max(high, -low)  # gains or losses that were not seen are changes too
            sides = []
            for part, scale in zip(parts, (high, -low), strict=True):
                value, least, largest = (scale * end for end in part.ends(q))
                sides.append((value, least, min(largest, value + beyond)))
            return mover(sides[0], sides[1], correlation)

        return Bounded(ends, sum(counts), cap)
    scaled = (top - low * bottom) / (high - low)
    events = min(int(np.sum(scaled > _TINY)), int(np.sum(bottom - scaled > _TINY)))
    part = _Part.of(scaled, bottom, variance, clusters, clusters if events < FEW_EVENTS else units)

    def inside(q: float) -> tuple[float, float]:
        _, least, most = part.ends(q)
        return low + (high - low) * least, low + (high - low) * most

    return Bounded(inside, events, events < FEW_EVENTS)


def bounded_value(value: float, se: float, support: tuple[float, float], clusters: float, events: int | None = None) -> Bounded:
    """The interval of a smooth function of sums that lies within `support`, from its standard error.

    Args:
        value: the value.
        se: its standard error.
        support: the range of the value.
        clusters: the effective number of questions.
        events: the number of questions that carry the event, if the function has one.
    """
    low, high = support
    share, error = (value - low) / (high - low), se / (high - low)
    cap = events is not None and events < FEW_EVENTS
    size = share * (1 - share) / error**2 if error > _TINY else clusters
    size = clusters if size <= 0 else min(size, clusters) if cap else size

    def ends(q: float) -> tuple[float, float]:
        least, most = wilson(share, size, q)
        return low + (high - low) * least, low + (high - low) * most

    return Bounded(ends, -1 if events is None else events, cap)


@dataclass(frozen=True, slots=True)
class _Part:
    """A mean of values from 0 to 1, its variance, and its effective size."""

    share: float
    variance: float
    size: float

    @classmethod
    def of(cls, top: Floats, bottom: Floats, variance: Callable[[Floats], float], clusters: float, most: float) -> _Part:
        share, own = float(np.clip(top.sum() / bottom.sum(), 0.0, 1.0)), variance(top)
        size = share * (1 - share) / own if own > _NOTHING and 0 < share < 1 else clusters
        return cls(share, own, min(size, most))

    def ends(self, q: float) -> tuple[float, float, float]:
        return self.share, *wilson(self.share, self.size, q)


_NOTHING = 1e-24  # squared rounding error of a mean of numbers up to 1
_TINY = 1e-12
_LEAST, _MOST = 1e-6, 1e6  # quantiles
