"""Two yes-or-no answers to the same question, one of each: McNemar's tests, and the interval of the difference of the two shares.

These methods need one pair per question, as with greedy answers. With several samples per question the pairs of a question are not
independent, and the methods are invalid: the difference of two estimates (`a - b`) then has the interval of `intervals.bounded`.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from cotfaith.errors import UsageError
from cotfaith.stats import intervals
from cotfaith.stats.lazily import distributions, optimize

Floats = NDArray[np.float64]

METHOD = "one pair per question: Tango's score interval, McNemar's test"


@dataclass(frozen=True, slots=True)
class Paired:
    """The first share minus the second, with its score interval and the tests against 0.

    `low` and `high` are the ends of Tango's interval (1998), and `p` McNemar's p-value without continuity correction: both are score
    tests, so they agree. `p_exact` is McNemar's exact p-value, and `p_mid` the mid-p, which is less conservative. `n` counts the pairs, and `discordant` the pairs that differ.
    """

    difference: float
    low: float
    high: float
    level: float
    p: float
    p_exact: float
    p_mid: float
    n: int
    discordant: int

    @property
    def few(self) -> str:
        """A note if fewer than 10 pairs differ; empty otherwise."""
        return (
            f"only {self.discordant} questions differ, so the interval is wide" if self.discordant < intervals.FEW_CHANGES else ""
        )


def paired(n10: int, n01: int, n: int, level: float = 0.95) -> Paired:
    """The difference (n10 - n01)/n of two paired shares, with McNemar's tests (1947) and Tango's score interval.

    The interval is that of Tango (1998, Stat. Med. 17, 891). If no pair differs, the difference is 0 with p = 1, and the interval
    is the limit of Tango's, z^2/(n + z^2) on both sides.

    Args:
        n10: pairs (yes, no).
        n01: pairs (no, yes).
        n: all pairs, those with equal answers included; 1 or more.
        level: the level of the interval.

    Raises:
        UsageError: a count is negative or not a whole number, the pairs that differ are more than all, or the level is not between 0
            and 1.
    """
    counts = (n10, n01, n)
    if not all(count >= 0 and count % 1 == 0 for count in counts) or n < max(1, n10 + n01):  # NaN is neither
        raise UsageError(f"{counts} are not counts of pairs (yes, no), (no, yes) and all; give whole numbers of 0 or more.")
    if not 0 < level < 1:
        raise UsageError(f"The level of an interval is {level}, but it must be between 0 and 1; give 0.95 for 95 percent.")
    n10, n01, n = (int(count) for count in counts)
    low, high = _tango(n10, n01, n, intervals.quantile(np.inf, level))
    return Paired((n10 - n01) / n, low, high, level, *_mcnemar(n10, n01), n, n10 + n01)


def of_differences(differences: Floats, level: float = 0.95) -> Paired | None:
    """`paired` from the first answer minus the second for each question: -1, 0 or 1. None if it does not serve.

    That is so if a difference is another number, or if fewer than 10 questions differ: Tango's interval is then too narrow (it holds
    a true difference of 0.02 in 92 % of samples of 200 questions).

    Args:
        differences: one for each question, of shape (questions,).
        level: the level of the interval.

    Raises:
        UsageError: the level is not between 0 and 1.
    """
    if not np.isin(differences, (-1, 0, 1)).all() or np.count_nonzero(differences) < intervals.FEW_CHANGES:
        return None
    return paired(int((differences > 0).sum()), int((differences < 0).sum()), len(differences), level)


def _tango(b: int, c: int, n: int, z: float) -> tuple[float, float]:
    """The range of differences that the score test does not reject; `b` of `n` pairs are (yes, no) and `c` are (no, yes)."""
    far = z**2 / (n + z**2)
    if b == c == 0:
        return -far, far
    if max(b, c) == n:  # the variance is 0 at the estimate itself, and one end of the interval is there
        ends = (1 - 2 * far, 1.0)
        return ends if b == n else (-ends[1], -ends[0])

    def excess(d: float) -> float:
        linear, constant = -b - c + (2 * n - b + c) * d, -c * d * (1 - d)
        share = (np.sqrt(max(linear**2 - 8 * n * constant, 0.0)) - linear) / (4 * n)  # of (no, yes), the likeliest given d
        return float((b - c - n * d) ** 2 - z**2 * n * (2 * share + d * (1 - d)))

    middle = (b - c) / n
    low, high = (float(optimize.brentq(excess, *sorted((end, middle)), xtol=1e-13)) for end in (-1.0, 1.0))
    return low, high


def _mcnemar(b: int, c: int) -> tuple[float, float, float]:
    """The p of the score test, the exact p, and the mid-p, which counts the observed table by half (Fagerland et al. 2013)."""
    if b + c == 0:
        return 1.0, 1.0, 1.0
    score = float(distributions.chi2.sf((b - c) ** 2 / (b + c), 1))
    exact = float(distributions.binomtest(min(b, c), b + c, 0.5).pvalue)
    same = float(distributions.binom.pmf(min(b, c), b + c, 0.5))
    return score, exact, 1 - same / 2 if b == c else exact - same
