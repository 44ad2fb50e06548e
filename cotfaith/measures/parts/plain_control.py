"""The plain control of a hinted reading: the plain sample's own answer, or that of the question's other plain samples.

If a hint points at an option other than the trace's own plain answer (are you sure), the own answer is selected: it is never the
hinted option, and more often right than the other samples are. A resampled answer then moves towards the hinted option by itself
(regression to the mean). The control of such a reading is therefore the mean over the other plain samples of its question. A
comparison that keeps the own reasoning (the direct effect of a hint) keeps the own control: both sides are selected alike.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import numpy as np
import pandas as pd

from cotfaith.measures.parts.answer_arrays import Floats, Places
from cotfaith.measures.parts.hinted_answers import Hinted
from cotfaith.measures.parts.quantity import Quantity


def over_plain(hinted: Hinted, share: Callable[[Places], Quantity]) -> Quantity:
    """The quantity `share` of each hinted reading's control.

    Args:
        hinted: the readings.
        share: for each reading, a quantity from 0 to 1 that compares it with the plain reading at its entry of the places.

    Returns:
        The quantity at the reading's own control. For a reading whose target depends on the plain answer: its mean over the full
        readings of the question's other traces that have a value, and missing if there is none.
    """
    own = share(hinted.readings.control)
    if not hinted.by_answer.any():
        return own
    others = _mean_over_others(hinted, share)
    value, low, high = (np.where(hinted.by_answer, a, b) for a, b in zip(others, (own.value, own.low, own.high), strict=True))
    return replace(own, value=value, low=low, high=high)


def _mean_over_others(hinted: Hinted, share: Callable[[Places], Quantity]) -> tuple[Floats, Floats, Floats]:
    """The mean, lowest and highest value over the full readings of the other traces of each reading's question."""
    found = hinted.readings
    codes, _ = pd.factorize(found.question)
    plain = np.unique(found.full)
    order = plain[np.argsort(codes[plain], kind="stable")]
    first, size = np.searchsorted(codes[order], codes), np.bincount(codes[order], minlength=codes.max() + 1)[codes]
    place = np.empty(len(codes), dtype=np.int64)
    place[order] = np.arange(len(order))
    own = place[found.full] - first
    total, count, low, high = (np.zeros(len(codes)) for _ in range(4))
    for step in range(1, int(size.max())):
        inside = step < size
        one = share(order[first + (own + step) % size])
        known = inside & ~np.isnan(one.value)
        total, count = total + np.where(known, one.value, 0.0), count + known
        low, high = low + np.where(inside, one.low, 0.0), high + np.where(inside, one.high, 0.0)
    others = np.maximum(size - 1, 1)
    value = np.divide(total, count, out=np.full(len(codes), np.nan), where=count > 0)
    return value, np.where(size > 1, low / others, 0.0), np.where(size > 1, high / others, 1.0)
