"""The intervals of bounded means, which hold their level for rare events, near the ends of the range and in unequal designs.

Effective-n Wilson is Wilson's score interval with Korn and Graubard's effective sample size (1998) and t in place of z. A mean of
values from 0 to 1 is treated as a share: its effective size is mean(1-mean)/SE^2. For few events the effective size is capped. A
mean of values on both sides of 0, such as an effect net of its control, is a difference of two such means (the gains and the losses), whose intervals are combined by MOVER (Zou and Donner 2008, Stat. Med. 27, 1693; the paired case as Newcombe 1998). Neither
side is allowed to be larger by more than the sum of both can be.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from cotfaith.stats.lazily import distributions, optimize

FEW_EVENTS = 5  # effective questions with an event: with fewer, their own variance says little
CORRECTED_BELOW = 50  # effective questions, below which one question can hide its own error
FEW_CHANGES = 10  # effective questions with a gain or a loss
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
    """The number of equal questions that these questions are worth, from the units of each (Kish 1965): (sum n)^2 / sum n^2; 0 without any."""
    return float(units.sum() ** 2 / np.sum(units**2)) if units.any() else 0.0


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


@dataclass(frozen=True, slots=True)
class Events:
    """The questions that carry an event: their number, and the number of equal ones that they are worth (`effective_clusters`)."""

    questions: int
    worth: float

    @classmethod
    def of(cls, values: Floats) -> Events:
        """The events of questions with these sums, 0 or more."""
        return cls(int(np.sum(values > _TINY)), effective_clusters(np.maximum(values, 0.0)))

    def said(self, which: str) -> str:
        """That there are few; `which` names the event, as in "with the event"."""
        if self.questions - self.worth < 1:
            return f"only {self.questions} question{'' if self.questions == 1 else 's'} {which}, so the interval is wide"
        return f"the {self.questions} questions {which} are very unequal and count as {self.worth:.1f}, so the interval is wide"


@dataclass(frozen=True, slots=True, eq=False)
class Bounded:
    """The interval of a bounded mean for any quantile q.

    `few` says that the events are too few for their own variance, so that the questions set the width; `note` says which.
    """

    ends: Callable[[float], tuple[float, float]]
    few: bool = False
    note: str = ""

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
    means = _Means(bottom, variance, clusters, units)
    if low < 0 < high:
        return _two_sided_mean(top, support, means)
    scaled = (top - low * bottom) / (high - low)
    event = min(Events.of(scaled), Events.of(bottom - scaled), key=lambda one: one.worth)
    few = event.worth < FEW_EVENTS
    part = means.of(scaled, few=few)

    def inside(q: float) -> tuple[float, float]:
        _, least, most = part.ends(q)
        return low + (high - low) * least, low + (high - low) * most

    return Bounded(inside, few, event.said("with the event") if few else "")


def _two_sided_mean(top: Floats, support: tuple[float, float], means: _Means) -> Bounded:
    """`bounded` for values on both sides of 0: the gains minus the losses."""
    scales = (support[1], -support[0])
    sides = [np.maximum(top, 0.0) / scales[0], np.maximum(-top, 0.0) / scales[1]]
    both, largest = sides[0] + sides[1], max(scales)
    every, events = Events.of(both), [Events.of(side) for side in sides]
    cap = every.worth < FEW_CHANGES
    few = [cap or one.worth < FEW_SIDE for one in events]
    parts = [means.of(side, few=n) for side, n in zip(sides, few, strict=True)]
    spread = 2 * np.sqrt(parts[0].variance * parts[1].variance)
    covariance = means.variance(both) - parts[0].variance - parts[1].variance
    correlation = float(np.clip(covariance / spread, -1, 1)) if spread > _NOTHING else 0.0
    changes = means.of(np.abs(top) / largest, few=cap)

    def ends(q: float, parts: list[_Part] = parts) -> tuple[float, float]:
        share, _, most = changes.ends(q)
        beyond = (most - share) * largest  # gains or losses that were not seen are changes too
        found = []
        for part, scale in zip(parts, scales, strict=True):
            value, least, end = (scale * one for one in part.ends(q))
            found.append((value, least, min(end, value + beyond)))
        return mover(found[0], found[1], correlation)

    plain = [means.of(side, few=False) for side in sides]
    wider = np.ptp(ends(_USUAL)) > _WIDER * np.ptp(ends(_USUAL, plain))
    told = [
        one.said(f"with a value {where} 0") for one, where, n in zip(events, ("above", "below"), few, strict=True) if n and wider
    ]
    return Bounded(ends, cap, every.said("with a value other than 0") if cap else "; ".join(told))


def bounded_value(value: float, se: float, support: tuple[float, float], clusters: float, events: Events | None = None) -> Bounded:
    """The interval of a smooth function of sums that lies within `support`, from its standard error.

    Args:
        value: the value.
        se: its standard error.
        support: the range of the value.
        clusters: the effective number of questions.
        events: the questions that carry the event, if the function has one.
    """
    low, high = support
    share, error = (value - low) / (high - low), se / (high - low)
    cap = events is not None and events.worth < FEW_EVENTS
    size = share * (1 - share) / error**2 if error > _TINY else clusters
    size = clusters if size <= 0 else min(size, clusters) if cap else size

    def ends(q: float) -> tuple[float, float]:
        least, most = wilson(share, size, q)
        return low + (high - low) * least, low + (high - low) * most

    return Bounded(ends, cap, events.said("with the event") if events is not None and cap else "")


@dataclass(frozen=True, slots=True)
class _Part:
    """A mean of values from 0 to 1, its variance, and its effective size."""

    share: float
    variance: float
    size: float

    def ends(self, q: float) -> tuple[float, float, float]:
        return self.share, *wilson(self.share, self.size, q)


@dataclass(frozen=True, slots=True, eq=False)
class _Means:
    """The means over the same units: `bottom` of each question, which are worth `clusters` equal questions and at most `units` units."""

    bottom: Floats
    variance: Callable[[Floats], float]
    clusters: float
    units: float

    def of(self, top: Floats, *, few: bool) -> _Part:
        """The mean of values with the sums `top`; if `few` questions carry the event, its size is at most that of the questions."""
        share, own = float(np.clip(top.sum() / self.bottom.sum(), 0.0, 1.0)), self.variance(top)
        size = share * (1 - share) / own if own > _NOTHING and 0 < share < 1 else self.clusters
        return _Part(share, own, min(size, self.clusters if few else self.units))


_NOTHING = 1e-24  # squared rounding error of a mean of numbers up to 1
_TINY = 1e-12
_LEAST, _MOST = 1e-6, 1e6  # quantiles
_USUAL, _WIDER = 2.0, 1.1  # an interval wider by this factor, at about 95 %, is said to be wide
