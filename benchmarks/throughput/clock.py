"""Seconds, the counts beside them, and how many times one way is faster than another."""

from __future__ import annotations

import statistics
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

# The ways that are measured, as results name them.
OURS, NAIVE, LAST, ONE, OFF = "ours", "naive_batches_of_8", "naive_last_logits_only", "one_by_one_uncached", "caching_off"
SMART, BATCHED = "smart_loop", "smart_loop_batched"


@dataclass(frozen=True, slots=True)
class Took:
    """One measurement of one way: seconds, tokens computed, and how much of the work was timed where the rest is extrapolated."""

    seconds: float
    computed: int
    timed: int = 1
    of: int = 1


@dataclass(frozen=True, slots=True)
class LeftOut:
    """A way that was not measured, and why."""

    reason: str


Way = Callable[[int], Took | LeftOut]


def clocked(work: Callable[[], Any]) -> tuple[Any, float]:
    """What `work` gives, and the seconds that it took. Results come back as Python numbers, so a GPU has finished."""
    began = time.perf_counter()
    result = work()
    return result, time.perf_counter() - began


def in_turn(ways: Mapping[str, Way], repetitions: int) -> dict[str, list[Took | LeftOut]]:
    """Each way measured `repetitions` times, in turn, so that other work of the machine falls on all."""
    found: dict[str, list[Took | LeftOut]] = {name: [] for name in ways}
    for repetition in range(repetitions):
        for name, way in ways.items():
            found[name].append(way(repetition))
    return found


def side(took: Sequence[Took | LeftOut], perfect: int) -> dict[str, Any]:
    """The numbers of one way, whose work has `perfect` distinct tokens."""
    measured = [one for one in took if isinstance(one, Took)]
    if len(measured) < len(took):
        return {"left_out": next(one.reason for one in took if isinstance(one, LeftOut))}
    computed = max(one.computed for one in measured)
    numbers: dict[str, Any] = {
        "seconds": [round(one.seconds, 4) for one in measured],
        "median_seconds": round(statistics.median(one.seconds for one in measured), 4),
        "tokens_computed": computed,
        "computed_over_distinct": round(computed / perfect, 4),
    }
    if measured[0].timed < measured[0].of:
        numbers["extrapolated_from"] = {"timed": measured[0].timed, "of": measured[0].of}
    return numbers


def times_faster(sides: Mapping[str, Mapping[str, Any]]) -> dict[str, Any]:
    """How many times faster ours is than each other way: by the medians, and repetition by repetition."""
    ours = sides[OURS]
    return {
        name: {
            "median": round(slow["median_seconds"] / ours["median_seconds"], 2),
            "each": [round(theirs / mine, 2) for theirs, mine in zip(slow["seconds"], ours["seconds"], strict=True)],
        }
        for name, slow in sides.items()
        if name != OURS and "left_out" not in slow
    }


def growth(rows: Sequence[Mapping[str, Any]], ways: Sequence[str]) -> dict[str, Any]:
    """How the cost of each way grows over `rows` of one prompt and reasoning, by their cuts: the largest over the smallest."""
    ordered = sorted(rows, key=lambda row: row["cuts"])
    low, high = ordered[0], ordered[-1]
    found: dict[str, Any] = {"cuts": [row["cuts"] for row in ordered]}
    for way in ways:
        if "left_out" not in low[way] and "left_out" not in high[way]:
            found[way] = {name: round(high[way][name] / low[way][name], 2) for name in ("median_seconds", "tokens_computed")}
    return found
