"""Strata: a measure's headline again by whether the full reasoning's answer is right, and by the number of steps.

Correctness is the main confounder of every measure (2607.23458), and length goes with both. The bands of steps are fixed, so that
shards and runs agree on them; 3 to 6 are the lengths that Lanham et al. 2023 show (section 2.2).
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import replace
from types import MappingProxyType

import numpy as np

from cotfaith.contracts.measure import Weight
from cotfaith.measures.parts.answer_arrays import Flags, Readings
from cotfaith.measures.parts.quantity import Quantity, mean, names
from cotfaith.stats import ClusterSums, Estimate, Label
from cotfaith.stats.engine import Kind

LENGTHS: Mapping[str, tuple[float, float]] = MappingProxyType(
    {"1-2 steps": (1, 2), "3-6 steps": (3, 6), "7 or more steps": (7, np.inf)}
)
STRATA = ("answer right", "answer wrong", *LENGTHS)


def whole(estimates: Iterable[Estimate]) -> list[Estimate]:
    """Those of `estimates` that are of no stratum."""
    return [e for e in estimates if e.group.rpartition(": ")[2] not in STRATA]


def split(readings: Readings, name: str, quantity: Quantity) -> dict[str, Quantity]:
    """The quantity in each stratum, named NAME|STRATUM.

    A trace whose answer or gold is unknown is in neither of the first two, and a trace without steps in none of the others.
    """
    among = np.ones(len(readings.trace), dtype=bool) if quantity.among is None else quantity.among
    full = readings.full
    known = readings.answered[full] & (readings.gold[full] != "")
    right = readings.answer[full] == readings.gold[full]
    inside: dict[str, Flags] = {"answer right": known & right, "answer wrong": known & ~right}
    inside |= {length: (readings.steps >= low) & (readings.steps <= high) for length, (low, high) in LENGTHS.items()}
    return {f"{name}|{stratum}": quantity.only(among & where) for stratum, where in inside.items()}


def estimates(
    table: ClusterSums, name: str, label: Label, *, weight: Weight, level: float, kind: Kind = "smooth",
    support: tuple[float, float] = (0.0, 1.0), null: float | None = None,
) -> list[Estimate]:  # fmt: skip
    """The mean of the quantity `name` in each stratum that has units; group: the stratum, or "GROUP: STRATUM" where `label` has one."""
    known = set(names(table))
    lead = f"{label.group}: " if label.group else ""
    return [
        mean(table, at, replace(label, group=f"{lead}{stratum}"), weight=weight, level=level, kind=kind, support=support, null=null)
        for stratum in STRATA
        if (at := f"{name}|{stratum}") in known and table[f"{at}/all"].any()
    ]
