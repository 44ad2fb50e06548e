"""Two yes-or-no answers to the same question: McNemar's tests, and intervals of the difference of the two shares.

These methods need one pair per question, as with greedy answers. With several samples per question the pairs of a question are not
independent, and the methods are invalid: use the difference of two estimates (`a - b`), or `signflip`.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
import pandas as pd
from numpy.typing import ArrayLike, NDArray
from scipy import optimize
from scipy import stats as distributions

from cotfaith.errors import DataError, UsageError
from cotfaith.stats import intervals

_NO_PAIR = "there is no pair"
_AGREE = "no pair differs, so the odds ratio is undefined and no test can reject"


class Table(NamedTuple):
    """The numbers of pairs (yes, yes), (yes, no), (no, yes) and (no, no)."""

    n11: int
    n10: int
    n01: int
    n00: int


@dataclass(frozen=True, slots=True)
class Paired:
    """The first share minus the second, with its score interval and the tests against 0.

    `low` and `high` are the ends of Tango's interval (1998). `p_exact` is McNemar's exact two-sided p-value, and `p_mid` the mid-p,
    which is less conservative. `odds_ratio` is the conditional odds ratio n10/n01 with its exact interval; it is infinite if only
    n01 is 0. `n` counts the pairs, and `discordant` the pairs that differ. Undefined values are NaN, and `note` says why.
    """

    difference: float
    low: float
    high: float
    level: float
    p_exact: float
    p_mid: float
    odds_ratio: float
    odds_low: float
    odds_high: float
    n: int
    discordant: int
    note: str = ""


def paired_table(first: ArrayLike, second: ArrayLike, question_ids: ArrayLike) -> Table:
    """The table of pairs, from the two answers to each question.

    Args:
        first: True or False for each question, of shape (questions,).
        second: the answers under the other condition.
        question_ids: the ids, each once.

    Raises:
        UsageError: the three arrays differ in length, an answer is neither True nor False, or a question occurs twice.
        DataError: a question id is missing.
    """
    one, two, ids = np.asarray(first), np.asarray(second), pd.Index(np.asarray(question_ids, dtype=object), dtype=object)
    if not one.shape == two.shape == ids.shape:
        raise UsageError(f"{one.shape} and {two.shape} answers to {ids.shape} questions are not pairs; give two per question.")
    if len(ids) and not one.dtype == two.dtype == np.bool_:
        raise UsageError("Pairs must be True or False; exclude the questions without both answers, and report their number.")
    if bool(ids.isna().any()) or bool((ids == "").any()):
        raise DataError("A pair has no question id, so repeated questions cannot be detected; give every pair its id.")
    if not ids.is_unique:
        raise UsageError(
            f"Question {ids[ids.duplicated()][0]!r} occurs twice, and McNemar's test is invalid with several samples per question; "
            "use the paired difference of two estimates (a - b) or signflip."
        )
    one, two = one.astype(np.bool_), two.astype(np.bool_)
    return Table(int((one & two).sum()), int((one & ~two).sum()), int((~one & two).sum()), int((~one & ~two).sum()))


def paired(n11: int, n10: int, n01: int, n00: int, level: float = 0.95) -> Paired:
    """The difference (n10 - n01)/n of two paired shares, with McNemar's tests (1947) and Tango's score interval.

    The interval is that of Tango (1998, Stat. Med. 17, 891). If no pair differs, the difference is 0 with p = 1, and the interval
    is the limit of Tango's, z^2/(n + z^2) on both sides.

    Args:
        n11: pairs (yes, yes).
        n10: pairs (yes, no).
        n01: pairs (no, yes).
        n00: pairs (no, no).
        level: the level of the intervals.

    Raises:
        UsageError: a count is negative or not a whole number, or the level is not between 0 and 1.
    """
    _, b, c, _ = table = _checked(Table(n11, n10, n01, n00), level)
    n, discordant = sum(table), b + c
    if n == 0:
        nan = float("nan")
        return Paired(nan, nan, nan, level, nan, nan, nan, nan, nan, 0, 0, _NO_PAIR)
    low, high = _tango(b, c, n, _z(level))
    exact, mid = _mcnemar(b, c)
    ratio, odds_low, odds_high = _odds(b, c, level)
    reason = "" if discordant else _AGREE
    return Paired((b - c) / n, low, high, level, exact, mid, ratio, odds_low, odds_high, n, discordant, reason)


def newcombe(n11: int, n10: int, n01: int, n00: int, level: float = 0.95) -> tuple[float, float]:
    """The interval of the difference of two paired shares from Wilson's intervals (Newcombe 1998, Stat. Med. 17, 2635, method 10).

    The arguments and errors are those of `paired`. Without pairs both ends are NaN.
    """
    table = _checked(Table(n11, n10, n01, n00), level)
    n = sum(table)
    if n == 0:
        return float("nan"), float("nan")
    yes = np.array([n11 + n10, n11 + n01])
    first, second = (yes / n).tolist()
    (low1, high1), (low2, high2) = (intervals.wilson(share, n, _z(level)) for share in (first, second))
    phi = _phi(table, yes)
    below = (first - low1) ** 2 - 2 * phi * (first - low1) * (high2 - second) + (high2 - second) ** 2
    above = (high1 - first) ** 2 - 2 * phi * (high1 - first) * (second - low2) + (second - low2) ** 2
    return first - second - float(np.sqrt(below)), first - second + float(np.sqrt(above))


def _checked(table: Table, level: float) -> Table:
    if not all(count >= 0 and count % 1 == 0 for count in table):  # NaN is neither
        raise UsageError(f"{tuple(table)} are not counts of pairs; give whole numbers of 0 or more.")
    if not 0 < level < 1:
        raise UsageError(f"The level of an interval is {level}, but it must be between 0 and 1; give 0.95 for 95 percent.")
    return Table(*(int(count) for count in table))


def _z(level: float) -> float:
    return intervals.quantile(np.inf, level)


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


def _mcnemar(b: int, c: int) -> tuple[float, float]:
    """The exact p, and the mid-p, which counts the probability of the observed table by half (Fagerland et al. 2013)."""
    from statsmodels.stats.contingency_tables import mcnemar  # noqa: PLC0415  heavy, and only when used

    if b + c == 0:
        return 1.0, 1.0
    exact = float(mcnemar(np.array([[0, b], [c, 0]]), exact=True).pvalue)
    same = float(distributions.binom.pmf(min(b, c), b + c, 0.5))
    return exact, 1 - same / 2 if b == c else exact - same


def _odds(b: int, c: int, level: float) -> tuple[float, float, float]:
    """The conditional odds ratio b/c, with an interval from Clopper and Pearson's for the share b/(b + c)."""
    if b + c == 0:
        return float("nan"), float("nan"), float("nan")
    ends = distributions.binomtest(b, b + c).proportion_ci(level)
    low, high = (float(share / (1 - share)) if share < 1 else np.inf for share in (ends.low, ends.high))
    return (b / c if c else np.inf), low, high


def _phi(table: Table, yes: NDArray[np.int64]) -> float:
    """The correlation of the two answers, with Newcombe's continuity correction if it is positive."""
    n = sum(table)
    product = float(np.prod(yes.astype(np.float64) * (n - yes)))
    off = float(table.n11 * table.n00 - table.n10 * table.n01)
    if off > 0:
        off = max(off - n / 2, 0.0)
    return off / float(np.sqrt(product)) if product > 0 else 0.0
