"""How often a 95 % interval holds the truth, ours and that of rows taken as independent: `python -m benchmarks.coverage`.

Questions have chances of their own (beta-binomial, so that the ICC is the share of the variance between them), and each is sampled several
times. Three quantities: the proportion (effective-n Wilson), the difference of two arms on the same questions (`a - b`), where the second arm
keeps a question's chance or draws a new one that is larger on average, and an area between 0 and 1 as early answering has it, skewed, with the
ICC on the normal scale. The naive intervals are Wilson's, Wald's of two independent shares, and mean and standard error over all traces.
The p of a cell is the proportion, the first arm's, and the mean area; 1 - p is its mirror image and has the same coverage.
"""

from __future__ import annotations

import os
from collections.abc import Iterable, Mapping, Sequence
from concurrent.futures import ProcessPoolExecutor
from dataclasses import asdict, dataclass
from itertools import product
from multiprocessing import get_context
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from scipy.special import ndtr

from benchmarks.results import write
from cotfaith import seeds
from cotfaith.stats import ClusterSums, Key, Label, Ratio, estimate, intervals

LEVEL, REPLICATIONS, SEED = 0.95, 2000, 1
AIM = (0.93, 0.97)
QUANTITIES = ("proportion", "difference", "area")
LARGER = 0.2  # by how much a new chance of the second arm is larger on average; half of the questions get one
LABEL = Label("coverage", Key("simulated"))
Z = intervals.quantile(np.inf, LEVEL)

Floats = NDArray[np.float64]
Interval = tuple[float, float]


@dataclass(frozen=True, slots=True)
class Cell:
    """A design: questions, samples of each, how alike those are, and the proportion."""

    questions: int
    samples: int
    icc: float
    p: float


def cells(questions: Sequence[int], samples: Sequence[int], icc: Sequence[float], p: Sequence[float]) -> list[Cell]:
    """All combinations; with one sample of each question the ICC says nothing of a single arm, and one of them stands for all."""
    middle = icc[len(icc) // 2]
    return [Cell(*one) for one in product(questions, samples, icc, p) if one[1] > 1 or one[2] == middle]


GRID = cells((50, 100, 200), (1, 5, 10), (0.0, 0.1, 0.3, 0.5, 0.8), (0.1, 0.5))
CORNERS = [*cells((20,), (1, 5), (0.3, 0.8), (0.1, 0.5)), *cells((50, 200), (1, 5), (0.3, 0.8), (0.02,))]


@dataclass(frozen=True, slots=True, eq=False)
class Sample:
    """What one simulated study finds: by question the events of two arms, and the areas of its traces, shape (questions, samples)."""

    first: Floats
    second: Floats
    areas: Floats


def truths(cell: Cell) -> dict[str, float]:
    """The true values."""
    return {"proportion": cell.p, "difference": LARGER / 2, "area": cell.p}


def simulate(cell: Cell, random: np.random.Generator) -> Sample:
    """One study."""
    shape = (cell.questions, cell.samples)
    chance = chances(cell.p, cell, random)
    kept = random.random(cell.questions) < 0.5
    other = np.where(kept, chance, chances(cell.p + LARGER, cell, random))
    mixed = np.sqrt(cell.icc) * random.standard_normal((cell.questions, 1)) + np.sqrt(1 - cell.icc) * random.standard_normal(shape)
    areas = ndtr(mixed) ** (1 / cell.p - 1)  # a uniform number to the power k has the mean 1 / (k + 1)
    first, second = (random.binomial(cell.samples, one).astype(np.float64) for one in (chance, other))
    return Sample(first, second, areas)


def chances(mean: float, cell: Cell, random: np.random.Generator) -> Floats:
    """The chance of each question: beta with this mean and the cell's ICC, which is 1 / (a + b + 1)."""
    if cell.icc == 0:
        return np.full(cell.questions, mean)
    size = 1 / cell.icc - 1
    return random.beta(mean * size, (1 - mean) * size, cell.questions)


def ours(cell: Cell, sample: Sample, ids: pd.Index[str]) -> dict[str, Interval]:
    """Our intervals, as the measures ask for them."""
    n = np.full(cell.questions, float(cell.samples))
    matrix = np.column_stack([sample.first, sample.second, sample.areas.sum(axis=1), n])
    table = ClusterSums(ids, ("first", "second", "area", "n"), matrix)
    first, second = (estimate(table, Ratio(arm, "n"), LABEL, kind="proportion", level=LEVEL) for arm in ("first", "second"))
    area = estimate(table, Ratio("area", "n"), LABEL, support=(0.0, 1.0), level=LEVEL)
    found = {"proportion": first, "difference": second - first, "area": area}
    return {name: (one.low, one.high) for name, one in found.items()}


def naive(cell: Cell, sample: Sample) -> dict[str, Interval]:
    """The intervals of rows taken as independent."""
    size = cell.questions * cell.samples
    a, b = (float(arm.sum() / size) for arm in (sample.first, sample.second))
    apart = Z * np.sqrt((a * (1 - a) + b * (1 - b)) / size)
    mean, half = float(sample.areas.mean()), Z * float(sample.areas.std(ddof=1)) / np.sqrt(size)
    return {
        "proportion": intervals.wilson(a, size, Z),
        "difference": (b - a - apart, b - a + apart),
        "area": (mean - half, mean + half),
    }


def coverage(cell: Cell, replications: int) -> dict[str, Any]:
    """The cell with how often each interval holds the truth. One without ends holds nothing; `undefined` counts those of ours."""
    random = seeds.stream("coverage", SEED, *asdict(cell).values())
    ids = pd.Index([f"q{i:03}" for i in range(cell.questions)], dtype=object)
    truth, undefined = truths(cell), 0
    held = {f"{name}{way}": 0 for name in QUANTITIES for way in ("", "_naive")}
    for _ in range(replications):
        sample = simulate(cell, random)
        for way, found in (("", ours(cell, sample, ids)), ("_naive", naive(cell, sample))):
            undefined += sum(np.isnan(low) for low, _ in found.values())
            for name, (low, high) in found.items():
                held[name + way] += bool(low <= truth[name] <= high)
    return {**asdict(cell), **{name: count / replications for name, count in held.items()}, "undefined": int(undefined)}


def block(found: Sequence[dict[str, Any]]) -> dict[str, Any]:
    """Cells with what they come to: the least, median and greatest coverage, how many miss the aim, and which of ours do, and why."""
    summary = {}
    for name in (f"{name}{way}" for name in QUANTITIES for way in ("", "_naive")):
        shares = [one[name] for one in found]
        misses = sum(not AIM[0] <= share <= AIM[1] for share in shares)
        summary[name] = {"min": min(shares), "median": float(np.median(shares)), "max": max(shares), "outside": misses}
    return {"summary": summary, "outside": outside(found), "cells": list(found)}


def outside(found: Iterable[dict[str, Any]]) -> list[dict[str, Any]]:
    """Each of our intervals that misses the aim, with its cell and the reason."""
    return [
        {
            "quantity": name,
            **{key: one[key] for key in ("questions", "samples", "icc", "p")},
            "coverage": one[name],
            "why": why(name, one),
        }
        for one in found
        for name in QUANTITIES
        if not AIM[0] <= one[name] <= AIM[1]
    ]


def why(quantity: str, cell: Mapping[str, Any]) -> str:
    """What makes coverage miss the aim: it is not the clustering, which all of ours allow for."""
    if quantity == "area":
        return "a symmetric interval around the mean of a skewed area: most traces have one near 0, few a large one"
    if cell["samples"] == 1:
        return "one sample of each question and few events: the estimate takes few values"
    return "few questions have an event, so the interval is widened"


def main() -> None:
    """Simulate every cell, one process a core, and keep the result."""
    every = [*GRID, *CORNERS]
    with ProcessPoolExecutor(os.cpu_count(), mp_context=get_context("spawn")) as pool:
        found = list(pool.map(coverage, every, [REPLICATIONS] * len(every)))
    grid, corners = found[: len(GRID)], found[len(GRID) :]
    write(
        "coverage",
        {
            "level": LEVEL, "aim": AIM, "replications": REPLICATIONS, "seed": SEED,
            "monte_carlo_se": round(float(np.sqrt(LEVEL * (1 - LEVEL) / REPLICATIONS)), 4),
            "grid": block(grid), "corners": block(corners),
        },
    )  # fmt: skip


if __name__ == "__main__":
    main()
