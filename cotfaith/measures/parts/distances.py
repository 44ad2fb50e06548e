"""The distance between two samples of answers, and its expectation if both came from one distribution.

Samples are small here (10 draws per site), and distances of small samples are never 0 on average: both distances below are biased
upwards. Their exact expectation under no effect takes the pooled answers as given and assigns them to the two samples at random, as
a permutation test does. The number of draws with a given answer is then hypergeometric. The excess over the expectation is 0 on
average if nothing differs.

Thought Anchors (Bogdan et al. 2506.19143, `analyze_rollouts.py`) smooths the Kullback-Leibler divergence by 1e-9, so that an answer
on one side only adds about 20 nats. Here every answer that occurs in either sample gets an extra half draw in both (Jeffreys;
Krichevsky and Trofimov).
"""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from cotfaith.errors import UsageError

SMOOTHING = 0.5  # draws, added to every answer that either sample has

Term = Callable[[int, int], float]  # from an answer's counts in the treated and in the control sample to its part in the distance


@dataclass(frozen=True, slots=True)
class Distance:
    """A distance between two samples, and its expectation if both came from one distribution."""

    value: float
    null: float

    @property
    def excess(self) -> float:
        """The distance minus its expectation under no effect; it may be negative."""
        return self.value - self.null


def total_variation(treated: Sequence[str], control: Sequence[str]) -> Distance:
    """Half the sum of the differences between the two samples' shares of each answer: 0 to 1.

    Raises:
        UsageError: a sample is empty.
    """
    m, n = _sizes(treated, control)
    return _distance(treated, control, lambda x, y: abs(x / m - y / n) / 2)


def divergence(treated: Sequence[str], control: Sequence[str]) -> Distance:
    """The Kullback-Leibler divergence of the treated sample from the control sample in nats, additively smoothed: 0 or more.

    Raises:
        UsageError: a sample is empty.
    """
    m, n = _sizes(treated, control)
    more = SMOOTHING * len({*treated, *control})

    def term(x: int, y: int) -> float:
        share = (x + SMOOTHING) / (m + more)
        return share * math.log(share * (n + more) / (y + SMOOTHING))

    return _distance(treated, control, term)


def largest_divergence(treated: int, control: int) -> float:
    """The upper bound of the smoothed divergence of at most `treated` (1 or more) draws from at most `control` draws.

    With k answers, m treated and n control draws no ratio of shares exceeds (2m + 1)(2n + k)/(2m + k): at most 2m + 1 if n <= m,
    and at most (2m + 1)n/m <= 3n if n > m.
    """
    return math.log(max(2 * treated + 1, 3 * control))


def _sizes(treated: Sequence[str], control: Sequence[str]) -> tuple[int, int]:
    if not treated or not control:
        raise UsageError("A distance between two samples of answers needs an answer in each: leave out samples that have none.")
    return len(treated), len(control)


def _distance(treated: Sequence[str], control: Sequence[str], term: Term) -> Distance:
    here, there = Counter(treated), Counter(control)
    pooled = here + there
    value = math.fsum(term(here[answer], there[answer]) for answer in pooled)
    m, size = len(treated), len(treated) + len(control)
    return Distance(value, math.fsum(_expected(term, count, m, size) for count in pooled.values()))


def _expected(term: Term, count: int, m: int, size: int) -> float:
    """The mean of `term` for an answer that `count` of `size` draws have, if `m` of these at random are the treated ones."""
    possible = range(max(0, count - (size - m)), min(count, m) + 1)
    ways = math.comb(size, m)
    return math.fsum(math.comb(count, x) * math.comb(size - count, m - x) / ways * term(x, count - x) for x in possible)
