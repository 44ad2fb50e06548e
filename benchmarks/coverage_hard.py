"""How often our 95 % intervals hold the truth in hard designs: `python -m benchmarks.coverage_hard`.

Rare effects, effects net of their control, paired rare shares, questions with most of the units, few questions, sites of steps as units,
answers missing at random and by length, products, quotients, means over tasks, agreement beyond chance, corrected rates, and trends over a few models. Each cell gives
the coverage, the median number of questions that carry the event, the mean width, and how often a note says that the interval is wide.
The aim: 93 to 97 % where at least ten questions carry the event, and at least 94 % where fewer do, or where most of the intervals have that
note (fewer than 20 effective questions).
"""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator, Mapping
from concurrent.futures import ProcessPoolExecutor
from dataclasses import asdict, dataclass
from itertools import product
from multiprocessing import get_context
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from benchmarks import coverage as coverage_grid
from benchmarks.results import write
from cotfaith import seeds
from cotfaith.measures.early_answering import EarlyAnswering
from cotfaith.measures.parts.undefined import near_zero, without
from cotfaith.stats import ClusterSums, Estimate, Key, Label, Ratio, agreement, corrected, estimate, macro, trend

REPLICATIONS, SEED = 1000, 1
AIM, RARE_AIM, ENOUGH = (0.93, 0.97), 0.94, 10
ICC = 0.3
LABEL = Label("coverage", Key("simulated"))

Floats = NDArray[np.float64]
Random = np.random.Generator


@dataclass(frozen=True, slots=True)
class Cell:
    """A design: its family, the questions, and what varies within the family."""

    family: str
    questions: int
    a: float
    b: float = 0.0
    samples: int = 3


@dataclass(frozen=True, slots=True)
class Drawn:
    """The estimate of one simulated study, its true value, and how many questions carry the event."""

    made: Estimate
    truth: float
    events: int


def chances(mean: float, questions: int, random: Random) -> Floats:
    """The chance of each question: beta with this mean and the benchmark's intraclass correlation."""
    return coverage_grid.chances(mean, coverage_grid.Cell(questions, 1, ICC, mean), random) if mean > 0 else np.zeros(questions)


def table(**columns: Floats) -> ClusterSums:
    """Sums by question from one array for each column."""
    size = len(next(iter(columns.values())))
    ids = pd.Index([f"q{i:04}" for i in range(size)], dtype=object)
    return ClusterSums(ids, tuple(columns), np.column_stack(list(columns.values())).astype(np.float64))


def areas(cell: Cell, random: Random) -> Drawn:
    """Areas over the curve of which a share `a` of traces have one at all."""
    counts = random.binomial(cell.samples, chances(cell.a, cell.questions, random))
    y = sum((counts > i) * random.uniform(0.05, 1, cell.questions) for i in range(cell.samples))
    made = estimate(table(y=y, n=np.full(cell.questions, cell.samples)), Ratio("y", "n"), LABEL, support=(0.0, 1.0))
    return Drawn(made, 0.525 * cell.a, int((y > 0).sum()))


def net(cell: Cell, random: Random) -> Drawn:
    """Changed answers of treated readings minus those of their controls: a share `a` changes, of which `b` change anyway."""
    control, extra = chances(cell.b, cell.questions, random), chances(cell.a - cell.b, cell.questions, random)
    treated = random.binomial(cell.samples, np.minimum(control + extra, 1)) - random.binomial(cell.samples, control)
    made = estimate(
        table(y=treated, n=np.full(cell.questions, cell.samples)), Ratio("y", "n"), LABEL, support=(-1.0, 1.0), null=0.0
    )
    return Drawn(made, cell.a - cell.b, int((treated != 0).sum()))


def paired(cell: Cell, random: Random) -> Drawn:
    """The difference of two rare shares on the same questions, half of whose chances are shared."""
    shared = random.random(cell.questions) < 0.5
    first = chances(cell.a, cell.questions, random)
    second = np.where(shared, first * cell.b / cell.a, chances(cell.b, cell.questions, random))
    counts = [random.binomial(cell.samples, one) for one in (first, second)]
    sums = table(x=counts[0], y=counts[1], n=np.full(cell.questions, cell.samples))
    a, b = (estimate(sums, Ratio(name, "n"), LABEL, kind="proportion") for name in "xy")
    return Drawn(a - b, cell.a - cell.b, int((counts[0] != counts[1]).sum()))


def sizes(shape: float, questions: int) -> NDArray[np.int64]:
    """Units by question: below 1, one question has that share of all; 1, from 1 to 5; 2, lognormal."""
    if shape < 1:
        return np.array([round(shape / (1 - shape) * (questions - 1)), *[1] * (questions - 1)])
    if shape == 1:
        return 1 + np.arange(questions) % 5
    return np.ceil(2 * np.exp(np.random.default_rng(1).normal(0, 1, questions))).astype(np.int64)


def uneven(cell: Cell, random: Random) -> Drawn:
    """A share of `b` on questions with the units of `sizes(a)`."""
    n = sizes(cell.a, cell.questions)
    y = random.binomial(n, chances(cell.b, cell.questions, random))
    made = estimate(table(y=y, n=n), Ratio("y", "n"), LABEL, kind="proportion")
    return Drawn(made, cell.b, min(int((y > 0).sum()), int((n - y > 0).sum())))


def sites(cell: Cell, random: Random) -> Drawn:
    """Sites of steps as units, net of their control: 3 to 12 sites a trace, `a` change, all of a trace more or less together."""
    n = random.integers(3, 13, (cell.questions, cell.samples)).sum(axis=1)
    treated = random.binomial(n, chances(cell.a, cell.questions, random)) - random.binomial(n, cell.b)
    made = estimate(table(y=treated, n=n), Ratio("y", "n"), LABEL, support=(-1.0, 1.0), null=0.0)
    return Drawn(made, cell.a - cell.b, int((treated != 0).sum()))


def silent(cell: Cell, random: Random) -> Drawn:
    """UAR: the answers with the hinted option (share `a`) times those of them that are silent (share `b`)."""
    follows = random.binomial(cell.samples, chances(cell.a, cell.questions, random))
    quiet = random.binomial(follows, cell.b)
    sums = table(f=follows, s=follows - quiet, n=np.full(cell.questions, cell.samples), quiet=quiet)

    def uar(totals: Mapping[Any, Floats]) -> Floats:
        return np.asarray(totals["f"] / totals["n"] * (1 - totals["s"] / totals["f"]), dtype=np.float64)

    made = estimate(sums, uar, LABEL, count="n", support=(0.0, 1.0), events="quiet")
    return Drawn(made, cell.a * cell.b, int((quiet > 0).sum()))


def quotient(cell: Cell, random: Random) -> Drawn:
    """The share `a` over the share `b` on the same questions. It is undefined where `b` cannot be told from 0."""
    shares = [random.binomial(cell.samples, chances(one, cell.questions, random)) for one in (cell.a, cell.b)]
    sums = table(y=shares[0], x=shares[1], n=np.full(cell.questions, cell.samples))
    made = estimate(sums, lambda totals: np.asarray(totals["y"] / totals["x"]), LABEL, count="n", interval="log")
    if near_zero(estimate(sums, Ratio("x", "n"), LABEL, kind="proportion")):
        made = without(made, "near 0")
    return Drawn(made, cell.a / cell.b, min(int((one > 0).sum()) for one in shares))


def judges(cell: Cell, random: Random) -> Drawn:
    """Cohen's kappa of two judges that each err on a share `b` of units of which `a` are yes."""
    truth = random.random((cell.questions, cell.samples)) < chances(cell.a, cell.questions, random)[:, None]
    one, two = (truth ^ (random.random(truth.shape) < cell.b) for _ in range(2))
    cells = {"n11": one & two, "n10": one & ~two, "n01": ~one & two, "n00": ~one & ~two}
    sums = table(**{name: value.sum(axis=1) for name, value in cells.items()})
    yes, same = cell.a * (1 - cell.b) + (1 - cell.a) * cell.b, (1 - cell.b) ** 2 + cell.b**2
    chance = yes**2 + (1 - yes) ** 2
    made = agreement.kappa(sums, agreement.CELLS, LABEL)
    return Drawn(made, (same - chance) / (1 - chance), int((one != two).any(axis=1).sum()))


def labelled(cell: Cell, random: Random) -> Drawn:
    """A judge's rate of yes (true of `a`), corrected by hand labels on 40 % of the questions; the judge errs on `b`."""
    truth = random.random((cell.questions, cell.samples)) < chances(cell.a, cell.questions, random)[:, None]
    verdict = truth ^ (random.random(truth.shape) < cell.b)
    hand = np.arange(cell.questions) < 0.4 * cell.questions
    wrong = (verdict.astype(int) - truth.astype(int)).sum(axis=1) * hand
    n = np.full(cell.questions, cell.samples)
    sums = table(v=verdict.sum(axis=1), n=n, e=wrong, m=n * hand)
    made = corrected(sums, Ratio("v", "n"), Ratio("e", "m"), LABEL)
    return Drawn(made, cell.a, int((truth & hand[:, None]).any(axis=1).sum()))


def lost(cell: Cell, random: Random) -> Drawn:
    """Early answering with a share `a` of its cuts unread: at random, or (`b` 1) in proportion to the place of the cut's trace by length."""
    rows: list[dict[str, Any]] = []
    for i in range(cell.questions):
        lean = random.beta(2, 2)
        for j in range(cell.samples):
            steps = int(random.integers(2, 13))
            changes = min(steps, int(random.binomial(steps, lean * (0.4 + 0.6 * steps / 12))) + 1)
            chance = cell.a * (2 * steps / 14 if cell.b else 1)
            for k in range(steps + 1):
                answer: str | None = "B" if k < changes else "A"
                arm = "no_reasoning" if k == 0 else "full" if k == steps else "treated"
                answer = None if arm != "full" and random.random() < chance else answer
                rows.append(
                    {
                        "question_id": f"q{i:04}",
                        "trace_id": f"t{i}/{j}",
                        "arm": arm,
                        "dose": 1 - k / steps,
                        "answer": answer,
                        "n_steps": steps,
                    }
                )
    frame = pd.DataFrame(rows).assign(
        gold="A", intervention="truncation", site=0, kind="", draw=0, valid=True, logprobs=[()] * len(rows)
    )
    frame["state"] = np.where(frame["answer"].isna(), "unparsed", "answered")
    measure = EarlyAnswering()
    made = measure.estimates(measure.columns(frame), level=0.95, seed=0)[0]
    return Drawn(made, truth_of_lost(), cell.questions)


def truth_of_lost() -> float:
    """The mean area of a trace of `lost`: with c changes of n steps the curve is 0 up to (c-1)/n and 1 from c/n, an area of (c - 1/2)/n over it."""
    nodes, weights = np.polynomial.legendre.leggauss(60)
    lean, density = (nodes + 1) / 2, weights / 2 * 6 * ((nodes + 1) / 2) * (1 - (nodes + 1) / 2)
    total = 0.0
    for steps in range(2, 13):
        p = lean * (0.4 + 0.6 * steps / 12)
        mean = steps * p + 1 - p**steps  # of min(steps, binomial + 1)
        total += float((density * (mean - 0.5) / steps).sum()) / 11
    return total


def tasks(cell: Cell, random: Random) -> Drawn:
    """The mean over `a` tasks of `questions` questions each, with a share around `b` in each: a claim about these tasks."""
    shares = cell.b * np.linspace(0.5, 1.5, int(cell.a))
    found = {}
    for i, share in enumerate(shares):
        y = random.binomial(cell.samples, chances(share, cell.questions, random))
        ids = pd.Index([f"t{i}q{j:04}" for j in range(cell.questions)], dtype=object)
        sums = ClusterSums(ids, ("y", "n"), np.column_stack([y, np.full(cell.questions, cell.samples)]).astype(np.float64))
        found[f"t{i}"] = estimate(sums, Ratio("y", "n"), LABEL, kind="proportion")
    made = macro(found, LABEL)
    return Drawn(made, float(shares.mean()), round(sum(one.value * one.clusters for one in found.values())))


def models(cell: Cell, random: Random) -> Drawn:
    """The slope over `a` models that vary around a line by a standard deviation `b`, each measured on the same questions."""
    x = np.linspace(8, 11, int(cell.a))
    level = 0.3 + 0.05 * (x - x.mean()) + cell.b * random.standard_normal(len(x))
    difficulty = 0.15 * random.standard_normal(cell.questions)
    n = np.full(cell.questions, cell.samples)
    points = []
    for one in level:
        y = random.binomial(cell.samples, np.clip(one + difficulty, 0, 1))
        points.append(estimate(table(y=y, n=n), Ratio("y", "n"), LABEL, kind="proportion"))
    made = trend(points, x.tolist(), "random", 0.95)
    nan = float("nan")
    value = Estimate("coverage", LABEL.key, made.slope, made.se, made.low, made.high, 0.95, "", 0, 0, 0, nan, (nan, nan))
    return Drawn(value, 0.05, cell.questions)


FAMILIES: Mapping[str, Callable[[Cell, Random], Drawn]] = {
    "areas": areas,
    "net": net,
    "paired": paired,
    "uneven": uneven,
    "sites": sites,
    "silent": silent,
    "quotient": quotient,
    "judges": judges,
    "labelled": labelled,
    "lost": lost,
    "tasks": tasks,
    "models": models,
}


def grid() -> list[Cell]:
    """All cells."""
    sizes_ = (30, 50, 200)
    found = [Cell("areas", q, a, samples=m) for q, a, m in product((10, *sizes_), (0.02, 0.05, 0.2), (1, 4))]
    pairs = ((0.02, 0.0), (0.03, 0.01), (0.12, 0.1), (0.25, 0.05))
    found += [Cell("net", q, a, b, m) for q, (a, b), m in product(sizes_, pairs, (1, 3))]
    found += [Cell("paired", q, a, b, m) for q, (a, b), m in product(sizes_, ((0.03, 0.03), (0.05, 0.02), (0.3, 0.2)), (1, 3))]
    found += [Cell("uneven", q, a, b) for q, a, b in product((20, 50, 200), (0.3, 0.6, 1.0, 2.0), (0.1, 0.5))]
    found += [Cell("sites", q, a, b, 2) for q, (a, b) in product(sizes_, ((0.02, 0.0), (0.05, 0.02), (0.2, 0.1)))]
    found += [Cell("silent", q, a, b) for q, (a, b) in product(sizes_, ((0.1, 0.5), (0.06, 0.8), (0.5, 0.05), (0.3, 0.5)))]
    found += [Cell("quotient", q, a, b) for q, (a, b) in product(sizes_, ((0.6, 0.5), (0.3, 0.15), (0.9, 0.9), (0.5, 0.08)))]
    found += [Cell("judges", q, a, b) for q, (a, b) in product(sizes_, ((0.5, 0.1), (0.1, 0.05), (0.2, 0.02), (0.3, 0.3)))]
    found += [Cell("labelled", q, a, b) for q, (a, b) in product((50, 200, 400), ((0.05, 0.02), (0.1, 0.05), (0.3, 0.1)))]
    over = product(((6, 20), (5, 50), (2, 20), (3, 20), (3, 100)), (0.03, 0.1, 0.4), (1, 3))
    found += [Cell("tasks", q, k, b, m) for (k, q), b, m in over]
    found += [Cell("lost", 50, a, b, 2) for a, b in ((0.0, 0.0), (0.1, 0.0), (0.1, 1.0))]
    return [*found, *(Cell("models", 100, k, b, 5) for k, b in product((4, 6, 11), (0.02, 0.1)))]


def coverage(cell: Cell, replications: int | None = None) -> dict[str, Any]:
    """The cell with its coverage. An interval without ends holds nothing; `undefined` is the share of these.

    A quotient without a value, since its denominator cannot be told from 0, makes no claim and does not enter.
    """
    random = seeds.stream("coverage hard", SEED, *asdict(cell).values())
    size = replications or REPLICATIONS
    drawn = [FAMILIES[cell.family](cell, random) for _ in range(size)]
    low, high, truth = (np.array(one) for one in zip(*((d.made.low, d.made.high, d.truth) for d in drawn), strict=True))
    events = float(np.median([d.events for d in drawn]))
    known = np.isfinite(low) if cell.family == "quotient" else np.ones(size, dtype=np.bool_)
    covered = float(np.mean(((low <= truth) & (truth <= high))[known])) if known.any() else float("nan")
    said = float(np.mean(["wide" in d.made.note or "too narrow" in d.made.note for d in drawn]))
    enough = events >= ENOUGH and said < 0.5
    return {
        **asdict(cell),
        "coverage": covered,
        "events": events,
        "width": float(np.nanmean(high - low)) if np.isfinite(high - low).any() else None,
        "undefined": float(np.mean(np.isnan(low))),
        "said": said,
        "enough": enough,
        "replications": size,
        "in_aim": AIM[0] <= covered <= AIM[1] if enough else covered >= RARE_AIM,
    }


def worst(found: list[dict[str, Any]]) -> Iterator[dict[str, Any]]:
    """The lowest coverage of each family, with many events and with few."""
    frame = pd.DataFrame(found)
    for (family, enough), rows in frame.groupby(["family", "enough"], sort=False):
        lowest = rows.loc[rows["coverage"].idxmin()]
        yield {
            "family": str(family),
            "enough": bool(enough),
            "cells": len(rows),
            "in_aim": int(rows["in_aim"].sum()),
            "lowest": float(lowest["coverage"]),
            "highest": float(rows["coverage"].max()),
            "questions": int(lowest["questions"]),
            "events": float(lowest["events"]),
        }


def main() -> None:
    """Simulate every cell, one process a core, and keep the result."""
    every = grid()
    with ProcessPoolExecutor(os.cpu_count(), mp_context=get_context("spawn")) as pool:
        found = list(pool.map(coverage, every))
    write("coverage_hard", {"aim": AIM, "rare_aim": RARE_AIM, "enough": ENOUGH, "worst": list(worst(found)), "cells": found})


if __name__ == "__main__":
    main()
