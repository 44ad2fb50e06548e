"""Truncated traces as curves over the share of the reasoning given: readings at the cuts, straight lines between them."""

from __future__ import annotations

import numpy as np

from cotfaith.errors import DataError
from cotfaith.measures.parts.answer_arrays import Floats, Places, Readings
from cotfaith.measures.parts.quantity import Quantity, indicator
from cotfaith.types import LETTERS

NEAR = 1e-9  # a grid point this near to a cut is at the cut


def check(readings: Readings) -> None:
    """Refuse a cut whose dose is outside 0 to 1.

    Raises:
        DataError: there is one.
    """
    wrong = (readings.given < 0) | (readings.given > 1)
    if wrong.any():
        dose = readings.dose[wrong][0]
        raise DataError(f"A truncated reading has the dose {dose:g}, but the share of reasoning cut off lies between 0 and 1.")


def same_answer(readings: Readings) -> Quantity:
    """For each reading, whether its answer is that of its trace's full reasoning; true for the full reading by definition.

    If the full reading has no answer, nothing can be compared with it. A trace without steps has no reasoning to cut, so its
    readings are also missing.
    """
    whole = np.arange(len(readings.trace)) == readings.full
    here = np.arange(len(readings.trace))
    known = readings.comparable(here, readings.full) & (readings.steps > 0)
    quantity = indicator(known, readings.equal(here, readings.full))
    return Quantity(quantity.value, np.where(whole, 1.0, quantity.low), quantity.high)


def probability_shift(readings: Readings) -> Quantity:
    """For each reading, the fall in the probability of the full reasoning's answer, relative to the full reading.

    Probabilities are renormalised over the options (the continuous form of Causal Diagnosticity). Missing if either reading has no
    answer or no log-probabilities. It is not defined for traces whose answers were written.
    """
    here = np.array([probability(*pair) for pair in zip(readings.logprobs, readings.answer[readings.full], strict=True)])
    here = np.where(readings.scored & readings.answered[readings.full] & (readings.steps > 0), here, np.nan)
    there = here[readings.full]
    whole = np.arange(len(readings.trace)) == readings.full
    value = there - here
    unknown = np.isnan(value)
    low = np.where(unknown, np.where(np.isnan(there), -1.0, there - 1.0), value)
    high = np.where(unknown, np.where(np.isnan(there), 1.0, there), value)
    return Quantity(value, np.where(whole, 0.0, low), np.where(whole, 0.0, high), ~readings.written)


def area(readings: Readings, quantity: Quantity) -> Quantity:
    """The area under each trace's curve, by trapezoids over 0 to 1, placed at the trace's full reading.

    The curve goes through the readings that are known, with straight lines between them. If the reading without reasoning is
    unknown, the trace has no height at 0: it enters with the weight of the heights that it has. The area is missing if only the full
    reading is known, whose height is fixed by definition.
    """
    width = np.where(np.diff(readings.trace) == 0, np.diff(readings.given), 0.0)
    share = (np.append(width, 0.0) + np.insert(width, 0, 0.0)) / 2

    def total(height: Floats) -> Floats:
        areas: Floats = np.bincount(readings.trace, weights=share * height).astype(np.float64)
        return areas[readings.trace]

    curve, start = _known_curve(readings, quantity)
    weight = 1 - start / 2  # the trapezoid from 0 to the first known reading gives half of its width to the height at 0
    value = np.where(start < 1, total(curve) / weight, np.nan)
    return _of_traces(readings, Quantity(value, total(quantity.low), total(quantity.high), quantity.among, weight))


def at(readings: Readings, quantity: Quantity, x: float) -> Quantity:
    """Each trace's curve at `x`, placed at the trace's full reading, by a straight line between the known readings around it.

    If no reading at or before `x` is known, the trace enters with the weight that the first known reading has at `x`. It is missing
    if that weight is 0, or if only the full reading is known, whose height is fixed by definition.
    """
    left, right = _around(readings, x)
    gap = readings.given[right] - readings.given[left]
    part = np.divide(x - readings.given[left], gap, out=np.ones_like(gap), where=gap > 0)

    def between(height: Floats) -> Floats:
        return (1 - part) * height[left] + part * height[right]

    curve, start = _known_curve(readings, quantity)
    weight = np.where(start > x + NEAR, x / np.maximum(start, NEAR), 1.0)
    enters = (weight > 0) & ((start < 1) | (x >= 1 - NEAR))
    value = np.divide(between(curve), weight, out=np.full_like(weight, np.nan), where=enters)
    return _of_traces(readings, Quantity(value, between(quantity.low), between(quantity.high), quantity.among, weight))


def _known_curve(readings: Readings, quantity: Quantity) -> tuple[Floats, Floats]:
    """The height of each reading on its trace's curve through the known readings, and the share given of the first known one.

    Before the first known reading the curve rises in a straight line from 0 at the start, so that its area there is what the first
    known reading contributes. A trace without a known reading has NaN throughout.
    """
    known = ~np.isnan(quantity.value)
    places = np.arange(len(known))
    before = np.maximum.accumulate(np.where(known, places, -1)) if len(known) else places
    after = np.minimum.accumulate(np.where(known, places, len(known))[::-1])[::-1] if len(known) else places
    led = before >= readings.none  # a known reading of the same trace is at or before it
    whole = known[readings.full]  # without the full reading nothing of its trace is known
    left, right = np.where(led, before, readings.none), np.where(whole, np.minimum(after, readings.full), readings.full)
    low = np.where(led, quantity.value[left], 0.0)
    x0, x1 = np.where(led, readings.given[left], 0.0), readings.given[right]
    part = np.divide(readings.given - x0, x1 - x0, out=np.ones_like(x1), where=x1 > x0)
    curve = np.where(whole, (1 - part) * low + part * quantity.value[right], np.nan)
    first = np.where(whole, after[readings.none].clip(max=max(0, len(known) - 1)), 0)
    return curve, np.where(whole, readings.given[first], 1.0)


def _of_traces(readings: Readings, quantity: Quantity) -> Quantity:
    return quantity.only(np.arange(len(readings.trace)) == readings.full)


def _around(readings: Readings, x: float) -> tuple[Places, Places]:
    """For each reading, the places of the two readings of its trace around `x`; the same place twice if one is at `x`."""
    key = readings.trace * 2 + readings.given
    right = np.minimum(np.searchsorted(key, readings.trace * 2 + (x - NEAR)), readings.full)
    left = np.where(readings.given[right] <= x + NEAR, right, right - 1)
    return left.astype(np.int64), right.astype(np.int64)


def probability(logprobs: object, answer: str) -> float:
    """The probability of the option `answer`, renormalised over the options that have `logprobs`; NaN if there is none."""
    scores = np.asarray(() if logprobs is None else logprobs, dtype=np.float64).ravel()
    place = LETTERS.find(answer) if len(answer) == 1 else -1
    if not 0 <= place < len(scores) or not np.isfinite(scores.max()):
        return float("nan")
    weights = np.exp(scores - scores.max())
    return float(weights[place] / weights.sum())
