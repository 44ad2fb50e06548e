"""Curves by the number of steps, and how many traces have that number.

Lanham et al. 2023 show reasoning of 3 to 6 steps, each length by itself (figures 3, 4 and 6), and how many traces have which length
(figure 2). The points of such a curve are exact: the readings after i of n steps.
"""

from __future__ import annotations

from collections.abc import Iterable

import numpy as np

from cotfaith.contracts.metric import Metric
from cotfaith.measures.parts.answer_arrays import Flags, Readings
from cotfaith.measures.parts.quantity import Quantity, Setting, indicator, mean
from cotfaith.stats import ClusterSums, Estimate, Key, Part

SHOWN = (3, 4, 5, 6)  # the lengths that Lanham et al. 2023 show
MOST = 15  # the last length of the histogram, which also holds longer traces

LENGTH = Metric(
    "length",
    f"Traces by their number of steps ({MOST}: {MOST} or more)",
    "Larger: more traces have that number of steps.",
    role="curve",
    dose="{:g} steps",
)


def stratum(steps: int) -> str:
    """The name of the stratum of traces with exactly so many steps."""
    return f"{steps} steps"


STRATA = tuple(map(stratum, SHOWN))


def of_length(readings: Readings, steps: int) -> Flags:
    """Which readings are of traces with exactly so many steps."""
    exact: Flags = readings.steps == steps
    return exact


def histogram(readings: Readings) -> dict[Key, Quantity]:
    """For each length, whether a trace has it. Every trace counts, whether or not it has an answer."""
    whole = np.arange(len(readings.trace)) == readings.full
    steps = np.minimum(readings.steps, MOST)
    every = np.ones(len(steps), dtype=bool)
    return {Key(LENGTH.name, dose=float(n)): indicator(every, steps == n).only(whole) for n in range(MOST + 1)}


def shares(table: ClusterSums, setting: Setting) -> list[Estimate]:
    """The share of traces of each length, from the least to the greatest that there is."""
    found = [mean(table, setting, LENGTH, Key(LENGTH.name, dose=float(n))) for n in range(MOST + 1)]
    there = [i for i, one in enumerate(found) if one.value > 0]
    return found[there[0] : there[-1] + 1] if there else []


def points(table: ClusterSums, setting: Setting, metric: Metric, places: Iterable[Key]) -> list[Estimate]:
    """The mean at each of the `places` of curves by length at which there are traces."""
    return [mean(table, setting, metric, key) for key in places if Part(key, "all") in table and table[Part(key, "all")].any()]
