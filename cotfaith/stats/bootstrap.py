"""The bootstrap by question (Davison and Hinkley 1997, section 3.8): a question is drawn with replacement, with all its rows.

A draw is a vector of weights: the number of times each question is drawn. Its sums are these weights times the sums by question.
All draws of all statistics are therefore one matrix product, independent of the number of rows per question, and statistics on
the same draws keep their covariance.
"""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
from numpy.typing import NDArray

from cotfaith import seeds
from cotfaith.errors import UsageError
from cotfaith.stats.statistic import Statistic, evaluate
from cotfaith.stats.sums import ClusterSums

Floats = NDArray[np.float64]

CHUNK = 1_000_000  # weights in memory at once


def weights(clusters: int, draws: int, *, seed: int) -> Iterator[Floats]:
    """The number of times each question is drawn, in chunks of shape (some draws, clusters) with `draws` rows in total."""
    random, rows = seeds.stream("bootstrap", seed), max(1, CHUNK // clusters)
    for start in range(0, draws, rows):
        some = min(rows, draws - start)
        picks = random.integers(0, clusters, (some, clusters)) + np.arange(some)[:, None] * clusters
        yield np.bincount(picks.ravel(), minlength=some * clusters).reshape(some, clusters).astype(np.float64)


def bootstrap(table: ClusterSums, f: Statistic, *, draws: int = 10_000, seed: int = 0) -> Floats:
    """`f` of the sums of each draw, shape (draws, ...): NaN or infinite if a denominator is 0 in the draw.

    One call can evaluate many statistics on the same draws: `f` then returns k values per draw, shape (..., k). The seed, the
    number of questions and their order determine the draws. Memory does not grow with the number of draws, apart from the result.

    Args:
        table: the sums by question.
        f: a function of the totals by column name; it must work on arrays of totals, elementwise.
        draws: the number of draws.
        seed: determines the draws.

    Raises:
        UsageError: there is no draw, or `f` does not give a value for each draw.
    """
    if draws < 1:
        raise UsageError(f"A bootstrap of {draws} draws is not possible; give at least 1.")
    parts = []
    for totals in _totals(table, draws, seed):
        part = evaluate(f, table.columns, totals)
        if part.shape[:1] != totals.shape[:1]:
            raise UsageError(
                f"The statistic gives an array of shape {part.shape} for {len(totals)} draws; it must work elementwise."
            )
        parts.append(part)
    return np.concatenate(parts)


def _totals(table: ClusterSums, draws: int, seed: int) -> Iterator[Floats]:
    """The sums of each draw, shape (some draws, columns)."""
    clusters = len(table.questions)
    if clusters == 0:
        yield np.zeros((draws, len(table.columns)))
        return
    for drawn in weights(clusters, draws, seed=seed):
        yield drawn @ table.matrix
