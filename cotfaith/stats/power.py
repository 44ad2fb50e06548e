"""The power of a study like a pilot, by simulation: for any smooth function of sums by question without a power formula."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from cotfaith import seeds
from cotfaith.errors import UsageError
from cotfaith.stats import intervals
from cotfaith.stats.keys import Column
from cotfaith.stats.lazily import distributions
from cotfaith.stats.statistic import SAME, STEP, Ratio, Statistic, evaluate
from cotfaith.stats.sums import ClusterSums

Floats = NDArray[np.float64]

CHUNK = 1_000_000  # numbers in memory at once
MOST = 10**7  # questions of a study that is simulated


def power_sim(
    table: ClusterSums, f: Statistic, questions: Sequence[int], *, null: float = 0.0, margin: float | None = None, reps: int = 2000,
    seed: int = 0, level: float = 0.95, count: Column | None = None,
) -> pd.DataFrame:  # fmt: skip
    """The power of studies with the given numbers of questions, if all questions are like those of a pilot.

    Questions of the pilot are drawn with replacement, and f of their sums is tested as `estimate` does with `interval="t"`. A
    draw in which f or its standard error is undefined counts as not rejecting. The pilot's effect counts as the true effect,
    although a small pilot estimates it poorly: the intervals here only have the error of the simulation.

    Args:
        table: the pilot's sums by question.
        f: the statistic, elementwise on totals by column name.
        questions: the numbers of questions, each 2 or more.
        null: the value to test against, or the middle of the margin.
        margin: the margin of equivalence. If given, power is the share of draws in which both one-sided tests reject, each at
            1 - level.
        reps: draws for each number of questions.
        seed: determines the draws of each number, independently of the other numbers.
        level: 0.95 for a two-sided test at 5 %.
        count: the column that counts the units; a question without units is excluded. A `Ratio` counts its denominator.

    Returns:
        One row per number of questions: the number, the power, and its 95 % Wilson interval for the number of draws (low, high).

    Raises:
        UsageError: an argument is not possible, or fewer than two questions of the pilot have units.
    """
    sizes = _sizes(questions)
    _check(null, margin, reps, level)
    inside = _inside(table[_counting(f, count)])
    entered = table.where(inside)
    rows = []
    for size in sizes:
        draws = draws_of(inside, size, reps, seed, len(table.columns))
        share = sum(int(_shown(entered, f, drawn, null=null, margin=margin, level=level).sum()) for drawn in draws) / reps
        rows.append((size, share, *intervals.wilson(share, reps, intervals.quantile(np.inf, 0.95))))
    return pd.DataFrame(rows, columns=["questions", "power", "low", "high"])


def _sizes(questions: Sequence[int]) -> list[int]:
    for size in questions:
        if not (2 <= size <= MOST and size == int(size)):
            raise UsageError(f"Power cannot be simulated for {size} questions; give whole numbers of 2 or more, up to {MOST:,}.")
    if not len(questions):
        raise UsageError("There is no number of questions to simulate; give at least one.")
    return [int(size) for size in questions]


def _check(null: float, margin: float | None, reps: int, level: float) -> None:
    if not (margin is None or 0 < margin < np.inf):
        raise UsageError(f"The margin of equivalence is {margin}, but it must be above 0; give 0.05 for five percentage points.")
    if not 0.5 < level < 1:
        raise UsageError(f"The level is {level}, but it must be between 0.5 and 1; give 0.95 for 95 percent.")
    if not (np.isfinite(null) and reps >= 1):
        raise UsageError(f"The null is {null} and there are {reps} draws, but a test needs a finite null and 1 draw or more.")


def _counting(f: Statistic, count: Column | None) -> Column:
    if count is not None:
        return count
    if isinstance(f, Ratio):
        return f.denominator
    raise UsageError("The power of a function needs the column that counts its units; give count.")


def _inside(units: Floats) -> NDArray[np.bool_]:
    inside = units > 0
    if inside.sum() < 2:
        raise UsageError(
            f"Only {inside.sum()} questions of the pilot have units, but a standard error needs 2 or more; give a larger pilot."
        )
    return inside


def draws_of(inside: NDArray[np.bool_], size: int, reps: int, seed: int, columns: int) -> Iterator[Floats]:
    """The number of times each question with units is drawn, in chunks of shape (some draws, questions), `reps` rows in total."""
    random = seeds.stream("power", seed, size)
    pilot = len(inside)
    rows = max(1, CHUNK // max(pilot, size, 4 * columns**2))
    for start in range(0, reps, rows):
        some = min(rows, reps - start)
        picks = random.integers(0, pilot, (some, size)) + np.arange(some)[:, None] * pilot
        yield np.bincount(picks.ravel(), minlength=some * pilot).reshape(some, pilot).astype(np.float64)[:, inside]


def _shown(
    table: ClusterSums, f: Statistic, drawn: Floats, *, null: float, margin: float | None, level: float
) -> NDArray[np.bool_]:  # fmt: skip
    """The draws in which the test rejects, or equivalence is shown; `drawn` has shape (draws, questions)."""
    totals = drawn @ table.matrix
    value = evaluate(f, table.columns, totals)
    h = _gradients(table, f, totals, drawn @ np.abs(table.matrix)) @ table.matrix.T
    clusters = drawn.sum(axis=1)
    with np.errstate(divide="ignore", invalid="ignore"):
        mean = (drawn * h).sum(axis=1) / clusters
        se = np.sqrt(clusters / (clusters - 1) * (drawn * (h - mean[:, None]) ** 2).sum(axis=1))
        known = np.isfinite(value) & (clusters > 1) & (se > SAME * np.maximum(1.0, np.abs(value)))
        df = np.where(clusters > 1, clusters - 1, 1.0)
        if margin is None:
            return np.asarray(known & (np.abs(value - null) > se * distributions.t.ppf(0.5 + level / 2, df)))
        return np.asarray(known & (np.abs(value - null) + se * distributions.t.ppf(level, df) < margin))


def _gradients(table: ClusterSums, f: Statistic, totals: Floats, scale: Floats) -> Floats:
    """The gradient of f at each row of `totals`, by the engine's five-point rule; 0 for a column of zeros."""
    steps = STEP * scale
    points = np.broadcast_to(totals, (4, len(table.columns), *totals.shape)).copy()
    for i, shift in enumerate((2, 1, -1, -2)):
        for j in range(len(table.columns)):
            points[i, j, :, j] += shift * steps[:, j]
    far, near, below, farther = evaluate(f, table.columns, points)
    with np.errstate(divide="ignore", invalid="ignore"):
        gradient = (8 * (near - below) - (far - farther)) / (12 * steps.T)
    return np.where(scale > 0, gradient.T, 0.0)
