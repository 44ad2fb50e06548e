"""The sign-flip test: the probability of a sum as extreme as the observed one, if the sign of every question's score is random.

It is exact for any number of questions. Its only assumption is that without an effect each question's score is symmetric around 0.
"""

from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction
from math import lcm

import numpy as np
from numpy.typing import NDArray
from scipy import stats as distributions

from cotfaith import seeds
from cotfaith.errors import DataError, UsageError

Floats = NDArray[np.float64]

ENUMERATED = 20  # scores; they have a million sums
STATES = 2_000_000  # sums in memory at once
WORK = 400_000_000  # sums updated in total: about a second
SAME = 1e-9  # of the largest score: two numbers closer than this are equal
CHUNK = 1_000_000  # random signs in memory at once


@dataclass(frozen=True, slots=True)
class SignFlip:
    """The two-sided `p`, its method, and the number of questions, including those with a score of 0."""

    p: float
    method: str
    questions: int
    note: str = ""


def signflip(per_question: Floats, seed: int = 0, draws: int = 100_000) -> SignFlip:
    """The two-sided sign-flip test that the sum of `per_question` is 0 (Fisher 1935; Good 2005, section 3.2).

    It is exact, over all 2^n signs, if the scores are whole multiples of a common unit (to 1e-9 of the largest), such as counts of
    answers or means over equal numbers of samples. It is also exact if at most 20 scores differ from 0. Otherwise signs are drawn
    at random, and p is (1 + draws as extreme)/(1 + draws). If every score is 0, p is 1; without questions it is NaN.

    Args:
        per_question: one score per question, treated minus control, of shape (questions,).
        seed: determines the random signs, if they are needed.
        draws: the number of random draws of the signs, if they are needed.

    Raises:
        DataError: a score is missing or infinite.
        UsageError: the scores have more than one dimension, or there are no draws.
    """
    scores = np.asarray(per_question, dtype=np.float64)
    if scores.ndim != 1:
        raise UsageError(f"Scores of shape {scores.shape} are not one per question; sum the rows of each question first.")
    if draws < 1:
        raise UsageError(f"A sign-flip test with {draws} draws has no p-value; give at least 1, and 100000 for a precise one.")
    if not np.isfinite(scores).all():
        raise DataError(
            "A question's score is missing or infinite, so its sign cannot be flipped; exclude it and count it as missing."
        )
    questions = len(scores)
    if questions == 0:
        return SignFlip(float("nan"), "undefined", 0, "there is no question")
    moving = scores[scores != 0]
    if len(moving) == 0:
        return SignFlip(1.0, "exact sign-flip", questions, "every question's score is 0, so no sign matters")
    if len(moving) <= ENUMERATED:
        return SignFlip(_enumerated(moving), "exact sign-flip", questions)
    units = _units(moving)
    if units is not None:
        return SignFlip(_convolved(units), "exact sign-flip", questions)
    return SignFlip(_random(moving, seed, draws), f"sign-flip, {draws} random draws, seed {seed}", questions)


def _units(scores: Floats) -> NDArray[np.int64] | None:
    """The scores as whole multiples of their common unit; None if they have none, or if there would be too many sums."""
    largest = float(np.abs(scores).max())
    shares = scores / largest
    total = float(np.abs(shares).sum())
    commonest = int(np.unique(np.abs(scores), return_counts=True)[1].max())
    most = min(STATES, WORK // max(1, len(scores) - commonest)) / total  # units in the largest score
    parts = 1
    for share in np.unique(np.abs(shares)).tolist():
        parts = lcm(parts, Fraction(share).limit_denominator(max(1, int(most))).denominator)
        if parts > most:
            return None
    units = np.rint(shares * parts)
    if np.abs(shares * parts - units).max() > SAME * parts:
        return None
    return units.astype(np.int64)


def _enumerated(scores: Floats) -> float:
    sums = np.zeros(1)
    for score in scores.tolist():
        sums = np.concatenate([sums + score, sums - score])
    return float(np.mean(np.abs(sums) >= _as_extreme(scores)))


def _convolved(units: NDArray[np.int64]) -> float:
    """The exact p from the distribution of the sum of the scores with a positive sign, which has one state per unit."""
    sizes, counts = np.unique(np.abs(units), return_counts=True)
    first = int(counts.argmax())  # the scores of the commonest size have a binomial distribution
    chance = np.zeros(int(sizes[first] * counts[first]) + 1)
    chance[:: int(sizes[first])] = distributions.binom.pmf(np.arange(counts[first] + 1), counts[first], 0.5)
    for size in np.repeat(np.delete(sizes, first), np.delete(counts, first)).tolist():
        grown = np.zeros(len(chance) + size)
        grown[: len(chance)] = chance
        grown[size:] += chance
        chance = grown / 2
    sums = 2 * np.arange(len(chance)) - int(np.abs(units).sum())
    return min(1.0, float(chance[np.abs(sums) >= abs(int(units.sum()))].sum()))


def _random(scores: Floats, seed: int, draws: int) -> float:
    random = seeds.stream("sign-flip", seed)
    rows, extreme = max(1, CHUNK // len(scores)), 0
    for start in range(0, draws, rows):
        bits = random.integers(0, 256, (min(rows, draws - start), -(-len(scores) // 8)), dtype=np.uint8)
        positive = np.unpackbits(bits, axis=1, count=len(scores)) @ scores
        extreme += int((np.abs(2 * positive - scores.sum()) >= _as_extreme(scores)).sum())
    return (1 + extreme) / (1 + draws)


def _as_extreme(scores: Floats) -> float:
    """The size of the observed sum, minus a tolerance for rounding."""
    return abs(float(scores.sum())) - SAME * float(np.abs(scores).sum())
