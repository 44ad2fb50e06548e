"""The bootstrap by question on sums, against resampling the rows of the questions drawn: `python -m benchmarks.bootstrap`.

100,000 traces of 1,000 questions with 20 columns; 10,000 draws of questions; the 95 % interval of every column's mean. Ours goes from
the rows to the 20 intervals. The plain way puts the rows of the drawn questions together and takes their means; it is timed on the first
draws, the same ones, and its time is multiplied up. Repetitions of the two alternate, so that other work of the machine falls on both.
"""

from __future__ import annotations

import os
import statistics
import time
from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from benchmarks.results import write
from cotfaith import seeds
from cotfaith.stats.bootstrap import bootstrap, weights
from cotfaith.stats.sums import sums

TRACES, QUESTIONS, COLUMNS, DRAWS, SEED = 100_000, 1_000, 20, 10_000, 0
TIMED, REPETITIONS = 20, 5  # draws of the plain way that are timed, and rounds

Floats = NDArray[np.float64]


def rows(traces: int, questions: int, columns: int) -> pd.DataFrame:
    """Traces in no order: the question of each, and whether something holds of it, column by column, with question effects."""
    random = seeds.stream("bootstrap benchmark", traces, questions, columns)
    question = random.integers(0, questions, traces)
    question[:questions] = np.arange(questions)
    chance = random.beta(1, 2, (questions, columns))
    values = (random.random((traces, columns)) < chance[question]).astype(np.float64)
    frame = pd.DataFrame(values, columns=names(columns))
    frame.insert(0, "question_id", [f"question {i:04}" for i in question])
    return frame.assign(n=1.0)


def names(columns: int) -> list[str]:
    return [f"column{j}" for j in range(columns)]


def ours(frame: pd.DataFrame, columns: Sequence[str], draws: int) -> tuple[Floats, Floats]:
    """The means of each draw, shape (draws, columns), and the interval of each column, shape (2, columns)."""

    def means(totals: Mapping[str, Floats]) -> Floats:
        return np.stack([totals[name] / totals["n"] for name in columns], axis=-1)

    drawn = bootstrap(sums(frame, [*columns, "n"]), means, draws=draws, seed=SEED)
    return drawn, np.quantile(drawn, [0.025, 0.975], axis=0)


def by_rows(frame: pd.DataFrame, columns: Sequence[str], draws: int) -> Floats:
    """The same means of the first `draws` draws, from the rows of the questions drawn."""
    values = frame[list(columns)].to_numpy()
    codes, questions = pd.factorize(frame["question_id"], sort=True)
    places = np.split(np.argsort(codes, kind="stable"), np.cumsum(np.bincount(codes))[:-1])
    drawn = next(weights(len(questions), draws, seed=SEED)).astype(np.int64)
    taken = ([places[i] for i in np.repeat(np.arange(len(questions)), often)] for often in drawn)
    return np.array([values[np.concatenate(one)].mean(axis=0) for one in taken])


def seconds(work: Any) -> tuple[Any, float]:
    began = time.perf_counter()
    result = work()
    return result, time.perf_counter() - began


def measure(frame: pd.DataFrame, columns: Sequence[str], *, draws: int, timed: int, repetitions: int) -> dict[str, Any]:
    """Both ways, alternating: their seconds, their ratio, and how far their means of the same draws are apart."""
    fast, slow, gap = [], [], 0.0
    for _ in range(repetitions):
        (drawn, _), took = seconds(lambda: ours(frame, columns, draws))
        again, plain = seconds(lambda: by_rows(frame, columns, timed))
        fast.append(took)
        slow.append(plain * draws / timed)
        gap = max(gap, float(np.abs(again - drawn[:timed]).max()))
    return {
        "seconds": [round(one, 3) for one in fast],
        "median_seconds": round(statistics.median(fast), 3),
        "resampling_rows": {
            "draws_timed": timed,
            "seconds_extrapolated_to_all_draws": [round(one, 1) for one in slow],
            "median_seconds_extrapolated": round(statistics.median(slow), 1),
        },
        "times_faster": round(statistics.median(slow) / statistics.median(fast), 1),
        "times_faster_each": [round(theirs / our, 1) for theirs, our in zip(slow, fast, strict=True)],
        "largest_gap_of_means": gap,
    }


def main() -> None:
    """Measure both, and keep the result."""
    frame = rows(TRACES, QUESTIONS, COLUMNS)
    size = {"traces": TRACES, "questions": QUESTIONS, "columns": COLUMNS, "draws": DRAWS, "seed": SEED}
    found = measure(frame, names(COLUMNS), draws=DRAWS, timed=TIMED, repetitions=REPETITIONS)
    write("bootstrap", {**size, "threads": os.environ.get("OMP_NUM_THREADS", "all"), **found})


if __name__ == "__main__":
    main()
