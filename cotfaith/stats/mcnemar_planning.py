"""Planning for McNemar's test: of the pairs of answers, a share `psi` differs, and the two shares of yes differ by `delta`."""

from __future__ import annotations

from typing import Literal

import numpy as np
from numpy.typing import NDArray

from cotfaith.errors import UsageError, unknown
from cotfaith.stats.lazily import distributions
from cotfaith.stats.planning import MOST, TAIL, goal

Floats = NDArray[np.float64]
Test = Literal["exact", "mid"]

TESTS = ("exact", "mid")
LARGEST = 10**7  # the largest number of pairs for the exact power


def n_mcnemar(delta: float, psi: float, *, power: float = 0.8, alpha: float = 0.05) -> float:
    """The number of questions for McNemar's test by the normal formula (Connor 1987, Biometrics 43, 207), unrounded.

    (z_{alpha/2} sqrt(psi) + z_power sqrt(psi - delta^2))^2 / delta^2. The exact test then has a power of 0.76 to 0.78 for 0.8.

    Args:
        delta: the difference of the two shares to detect, P(only the first) - P(only the second).
        psi: the share of questions whose two answers differ, P(only the first) + P(only the second).
        power: the target power.
        alpha: the two-sided level of the test.

    Raises:
        UsageError: an argument is not possible.
    """
    _possible(delta, psi, power, alpha)
    if delta == 0:
        raise UsageError("delta is 0, but no number of questions detects that; give the difference to detect.")
    z, z_power = float(distributions.norm.ppf(1 - alpha / 2)), float(distributions.norm.ppf(power))
    return float((z * np.sqrt(psi) + z_power * np.sqrt(psi - delta**2)) ** 2 / delta**2)


def n_mcnemar_exact(delta: float, psi: float, *, power: float = 0.8, alpha: float = 0.05, test: Test = "exact") -> int:
    """The number of questions at which McNemar's exact (or mid-p) test reaches the power; one question fewer does not reach it.

    The arguments are those of `n_mcnemar`; `test` is "exact" or "mid".

    Raises:
        UsageError: an argument is not possible, or more than 10^7 questions are needed.
    """
    low, high = 0, max(1, int(min(n_mcnemar(delta, psi, power=power, alpha=alpha), MOST)))

    def reached(n: int) -> bool:
        return power_mcnemar(n, delta, psi, alpha=alpha, test=test) >= power

    while not reached(high):
        low, high = high, high + high // 4 + 1
    while high - low > 1:
        middle = (low + high) // 2
        low, high = (low, middle) if reached(middle) else (middle, high)
    return high


def power_mcnemar(n: int, delta: float, psi: float, *, alpha: float = 0.05, test: Test = "exact") -> float:
    """The power of McNemar's exact test (or mid-p: Fagerland et al. 2013) on `n` questions, over all numbers of discordant pairs.

    Without a discordant pair the test does not reject. The other arguments are those of `n_mcnemar`.

    Raises:
        UsageError: an argument is not possible, or there are more than 10^7 questions.
    """
    _possible(delta, psi, None, alpha)
    if test not in TESTS:
        raise unknown("McNemar test", test, TESTS)
    if not (1 <= n <= LARGEST and n == int(n)):
        raise UsageError(f"There are {n} questions, but the exact power needs a whole number from 1 to {LARGEST}.")
    few, many = distributions.binom.ppf(TAIL, n, psi), distributions.binom.isf(TAIL, n, psi)
    differ = np.arange(max(1.0, few), many + 1)
    last = _last_rejected(differ, alpha, test)
    share = (psi + delta) / (2 * psi)
    rejects = distributions.binom.cdf(last, differ, share) + distributions.binom.sf(differ - last - 1, differ, share)
    return float(np.sum(distributions.binom.pmf(differ, n, psi) * rejects))


def _last_rejected(differ: Floats, alpha: float, test: Test) -> Floats:
    """The largest smaller count among `differ` discordant pairs at which the test rejects; -1 if it does not reject at 0."""
    near = distributions.binom.ppf(alpha / 2, differ, 0.5)
    p = 2 * distributions.binom.cdf(near, differ, 0.5)
    if test == "mid":
        p = p - distributions.binom.pmf(near, differ, 0.5)
    return np.asarray(np.where(p <= alpha, near, near - 1), dtype=np.float64)


def _possible(delta: float, psi: float, power: float | None, alpha: float) -> None:
    goal(power, alpha)
    if not (0 < psi <= 1 and abs(delta) <= psi):
        raise UsageError(
            f"The share of questions that differ is {psi} and the difference {delta}, but the first must be between 0 and 1 "
            "and no smaller than the second."
        )
