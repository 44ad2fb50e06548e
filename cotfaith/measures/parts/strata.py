"""Strata: a measure's headline by whether the full reasoning's answer is right, and by the number of steps.

Correctness is the main confounder of every measure (2607.23458), and length goes with both. The bands of steps are fixed, so that
shards and runs agree on them; 3 to 6 are the lengths that Lanham et al. 2023 show (section 2.2).

The strata of right and wrong answers are selected by an outcome. A resampled answer moves away from a selected one by itself, so
these estimates describe and are not tested.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from types import MappingProxyType

import numpy as np

from cotfaith.contracts.metric import Metric
from cotfaith.measures.parts.answer_arrays import Flags, Readings
from cotfaith.measures.parts.quantity import Quantity, Setting, mean
from cotfaith.stats import ClusterSums, Estimate, Key, Part

LENGTHS: Mapping[str, tuple[float, float]] = MappingProxyType(
    {"1-2 steps": (1, 2), "3-6 steps": (3, 6), "7 or more steps": (7, np.inf)}
)
OUTCOMES = ("answer right", "answer wrong")
STRATA = (*OUTCOMES, *LENGTHS)


def split(readings: Readings, key: Key, quantity: Quantity) -> dict[Key, Quantity]:
    """The quantity in each stratum.

    A trace whose answer or gold is unknown is in neither of the first two strata, and a trace without steps is in none of the
    others.
    """
    among = np.ones(len(readings.trace), dtype=bool) if quantity.among is None else quantity.among
    full = readings.full
    known = readings.answered[full] & (readings.gold[full] != "")
    right = readings.answer[full] == readings.gold[full]
    inside: dict[str, Flags] = {"answer right": known & right, "answer wrong": known & ~right}
    inside |= {length: (readings.steps >= low) & (readings.steps <= high) for length, (low, high) in LENGTHS.items()}
    return {key._replace(stratum=stratum): quantity.only(among & where) for stratum, where in inside.items()}


def estimates(table: ClusterSums, setting: Setting, metric: Metric, key: Key | None = None) -> list[Estimate]:
    """The mean of the quantity `key` (that of `metric` alone if None) in each stratum that has units; without a test by outcome."""
    key = Key(metric.name) if key is None else key
    untested = replace(metric, null=None)
    return [
        mean(table, setting, untested if stratum in OUTCOMES else metric, at)
        for stratum in STRATA
        if Part(at := key._replace(stratum=stratum), "all") in table and table[Part(at, "all")].any()
    ]
