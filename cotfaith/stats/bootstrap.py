"""The bootstrap by question (Davison and Hinkley 1997, section 3.8): a question is drawn with replacement, with all its rows.

A draw is a vector of weights: the number of times each question is drawn. Its sums are these weights times the sums by question.
All draws of all statistics are therefore one matrix product, independent of the number of rows per question, and statistics on
the same draws keep their covariance.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Literal

import numpy as np
from numpy.typing import NDArray
from scipy import stats as distributions

from cotfaith import seeds
from cotfaith.errors import DataError, UsageError
from cotfaith.stats.statistic import SAME, Statistic, evaluate
from cotfaith.stats.sums import ClusterSums

Floats = NDArray[np.float64]
Bootstrap = Literal["percentile", "bca"]

CHUNK = 1_000_000  # weights in memory at once
UNDEFINED = 0.05  # the share of draws that may be undefined


@dataclass(frozen=True, slots=True)
class Ends:
    """The ends of an interval. `note` explains NaN, or qualifies the interval."""

    low: float
    high: float
    note: str = ""


def weights(clusters: int, draws: int, *, seed: int) -> Iterator[Floats]:
    """The number of times each question is drawn, in chunks of shape (some draws, clusters) with `draws` rows in total."""
    yield from _weights(seeds.stream("bootstrap", seed), clusters, draws, max(1, CHUNK // clusters))


def bootstrap(
    table: ClusterSums, f: Statistic, *, draws: int = 10_000, seed: int = 0, strata: Sequence[str] | None = None
) -> Floats:
    """`f` of the sums of each draw, shape (draws, ...): NaN or infinite if a denominator is 0 in the draw.

    One call can evaluate many statistics on the same draws: `f` then returns k values per draw, shape (..., k). The seed, the
    number of questions and their order determine the draws. Memory does not grow with the number of draws, apart from the result.

    Args:
        table: the sums by question.
        f: a function of the totals by column name; it must work on arrays of totals, elementwise.
        draws: the number of draws.
        seed: determines the draws.
        strata: the name of each question's stratum (such as its task). Each stratum keeps its size in every draw, so a stratum of
            one question contributes no spread.

    Raises:
        UsageError: there is no draw, the strata do not fit the questions, or `f` does not give a value for each draw.
        DataError: a question has no stratum.
    """
    if draws < 1:
        raise UsageError(f"A bootstrap of {draws} draws is not possible; give at least 1, and 10000 for an interval.")
    parts = []
    for totals in _totals(table, draws, seed, strata):
        part = evaluate(f, table.columns, totals)
        if part.shape[:1] != totals.shape[:1]:
            raise UsageError(
                f"The statistic gives an array of shape {part.shape} for {len(totals)} draws; it must work elementwise."
            )
        parts.append(part)
    return np.concatenate(parts)


def percentile(draws: Floats, level: float = 0.95) -> Ends:
    """The percentile interval of `draws`, shape (draws,), at `level` (Efron 1979).

    It is undefined if more than 5 % of the draws are. Otherwise undefined draws are excluded, and the note counts them.
    """
    known, note = _defined(draws)
    if not len(known):
        return Ends(np.nan, np.nan, note)
    low, high = np.quantile(known, [0.5 - level / 2, 0.5 + level / 2])
    return Ends(float(low), float(high), note)


def bca(draws: Floats, value: float, without: Floats, level: float = 0.95) -> Ends:
    """The bias-corrected and accelerated interval (Efron 1987, JASA 82, 171).

    A draw equal to the value counts as half below it. The interval is undefined if more than 5 % of the draws are undefined (fewer
    are excluded, and the note counts them), or if the statistic is undefined without one of the questions. It is also undefined if
    all draws, or all but a few at a high level, lie on one side of the value, because the corrections then have no meaning.

    Args:
        draws: shape (draws,).
        value: the statistic on all questions.
        without: the leave-one-question-out statistics, shape (questions,).
        level: the level of the interval.
    """
    known, note = _defined(draws)
    if not len(known):
        return Ends(np.nan, np.nan, note)
    if not np.isfinite(without).all():
        return Ends(np.nan, np.nan, "undefined without one of the questions, so the bootstrap cannot be accelerated")
    same = np.abs(known - value) <= SAME * max(1.0, abs(value))
    below = float(np.mean((known < value) & ~same) + np.mean(same) / 2)
    if not 0 < below < 1:
        return Ends(np.nan, np.nan, "all draws lie to one side of the value, so the bootstrap cannot be corrected for bias")
    off = without.mean() - without
    squares = float(np.sum(off**2))
    acceleration = float(np.sum(off**3)) / (6 * squares**1.5) if squares > 0 else 0.0
    bias = float(distributions.norm.ppf(below))
    moved = bias + distributions.norm.ppf(np.array([0.5 - level / 2, 0.5 + level / 2]))
    scale = 1 - acceleration * moved
    if not (scale > 0).all():
        return Ends(np.nan, np.nan, "the value lies too far out among the draws, so the bootstrap cannot be accelerated")
    low, high = np.quantile(known, distributions.norm.cdf(bias + moved / scale))
    return Ends(float(low), float(high), note)


def ends(table: ClusterSums, f: Statistic, how: Bootstrap, *, level: float, draws: int, seed: int) -> Ends:
    """The bootstrap interval of one value, from the sums by question.

    Raises:
        UsageError: there are too few draws for the level.
    """
    if draws * (1 - level) < 2:
        raise UsageError(
            f"{draws} draws are too few for an interval at level {level}; give at least {np.ceil(2 / (1 - level)):.0f}."
        )
    drawn = bootstrap(table, f, draws=draws, seed=seed)
    if how == "percentile":
        return percentile(drawn, level)
    totals = table.matrix.sum(axis=0)
    value = float(evaluate(f, table.columns, totals))
    return bca(drawn, value, evaluate(f, table.columns, totals - table.matrix), level)


def _weights(random: np.random.Generator, clusters: int, draws: int, rows: int) -> Iterator[Floats]:
    for start in range(0, draws, rows):
        some = min(rows, draws - start)
        picks = random.integers(0, clusters, (some, clusters)) + np.arange(some)[:, None] * clusters
        yield np.bincount(picks.ravel(), minlength=some * clusters).reshape(some, clusters).astype(np.float64)


def _totals(table: ClusterSums, draws: int, seed: int, strata: Sequence[str] | None) -> Iterator[Floats]:
    """The sums of each draw, shape (some draws, columns). Every stratum has its own random stream and is drawn independently."""
    clusters = len(table.questions)
    if clusters == 0:
        yield np.zeros((draws, len(table.columns)))
    elif strata is None:
        for drawn in weights(clusters, draws, seed=seed):
            yield drawn @ table.matrix
    else:
        groups = _groups(table, strata)
        rows = max(1, CHUNK // clusters)
        streams = [_weights(seeds.stream("bootstrap", seed, name), len(part), draws, rows) for name, part in groups.items()]
        for chunks in zip(*streams, strict=True):
            yield np.sum([drawn @ part for drawn, part in zip(chunks, groups.values(), strict=True)], axis=0)


def _groups(table: ClusterSums, strata: Sequence[str]) -> dict[str, Floats]:
    """The sums of each stratum's questions, in the order of the strata's names."""
    if len(strata) != len(table.questions):
        raise UsageError(f"There are {len(strata)} strata for {len(table.questions)} questions; give one stratum per question.")
    for question, name in zip(table.questions, strata, strict=True):
        if not isinstance(name, str) or not name:
            raise DataError(f"Question {question!r} has the stratum {name!r}, which is not a name; name every stratum.")
    names = np.array(strata, dtype=object)
    return {name: table.matrix[names == name] for name in sorted(set(strata))}


def _defined(draws: Floats) -> tuple[Floats, str]:
    """The defined draws (none if too many are undefined), and a note on the others."""
    known = draws[np.isfinite(draws)]
    gone = len(draws) - len(known)
    if not gone:
        return known, "" if len(draws) else "there is no draw"
    note = f"{gone} of {len(draws)} bootstrap draws are undefined"
    return (known[:0], f"{note}, so the interval is") if gone > UNDEFINED * len(draws) else (known, f"{note} and left out")
