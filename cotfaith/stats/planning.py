"""The number of questions that a claim needs, and the power of a number of questions.

Numbers of questions are not rounded: round them up. The sampling units are always questions. `n_questions` and `n_proportion` also
consider several samples per question.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence

import numpy as np

from cotfaith.errors import UsageError
from cotfaith.stats.icc import design_effect
from cotfaith.stats.lazily import distributions, integrate, optimize, special

MOST = 1e12  # questions; a plan that needs more is refused
LEAST = 1e-9  # a level, or a chance of missing the effect, below which no table of a distribution is exact
TAIL = 1e-13  # the probability that sums and integrals over a distribution omit in each tail
NOWHERE = 1e-12  # a squared noncentrality below this counts as 0; scipy's ncf.sf is negative at 0

Pair = float | tuple[float, float]


def n_questions(delta: float, omega2: float, s2: Pair, k: Pair, *, power: float = 0.8, alpha: float = 0.05) -> float:
    """The number of questions for a paired difference between two arms, by the normal formula (Miller 2024, arXiv 2411.00640).

    (z_{alpha/2} + z_power)^2 (omega2 + s_A^2 / k_A + s_B^2 / k_B) / delta^2

    Args:
        delta: the difference to detect, in the unit of the scores.
        omega2: the variance over questions of the difference of their expected scores.
        s2: the variance of one sample around its question's expected score, as the mean over questions; one number, or one per arm.
        k: samples per question in each arm; one number, or one per arm; `math.inf` for scores without sampling noise.
        power: the target power.
        alpha: the two-sided level of the test.

    Raises:
        UsageError: an argument is not possible.
    """
    goal(power, alpha)
    _above_zero(delta=abs(delta))
    noise, samples = _pair(s2), _pair(k)
    if not (all(0 <= one < np.inf for one in (omega2, *noise)) and all(one >= 1 for one in samples)):
        raise UsageError(f"omega2 is {omega2}, s2 {s2} and k {k}, but variances must be 0 or more and samples 1 or more.")
    variance = omega2 + sum(one / many for one, many in zip(noise, samples, strict=True))
    return (_z(1 - alpha / 2) + _z(power)) ** 2 * variance / delta**2


def n_paired_t(delta: float, sd: float, *, power: float = 0.8, alpha: float = 0.05) -> float:
    """The number of questions for the paired t test, at least 2. Both tails count, as in statsmodels' `tt_solve_power`.

    statsmodels itself is not used, because it finds no solution if the effect is large or the power small.

    Args:
        delta: the mean difference to detect.
        sd: the standard deviation of the per-question differences.
        power: the target power.
        alpha: the two-sided level of the test.

    Raises:
        UsageError: an argument is not possible, or more than 10^12 questions are needed.
    """
    goal(power, alpha)
    return _least(lambda n: power_difference(n, delta, sd, alpha=alpha), power, 2)


def power_difference(n: float, delta: float, sd: float, *, alpha: float = 0.05) -> float:
    """The power of the two-sided paired t test on `n` questions, for differences with mean `delta` and standard deviation `sd`.

    Raises:
        UsageError: an argument is not possible.
    """
    goal(None, alpha)
    _finite("difference", delta)
    _above_zero(sd=sd)
    return _two_sided(delta / sd * np.sqrt(_enough(n)), n - 1, alpha)


def n_equivalence(margin: float, sd: float, *, power: float = 0.8, alpha: float = 0.05) -> float:
    """The number of questions for equivalence within `margin` if the true difference is 0, by the normal formula.

    (z_alpha + z_{(1 - power)/2})^2 sd^2 / margin^2 (Chow, Shao and Wang 2008, chapter 3). The t tests have about 0.001 less power
    than this formula gives (0.02 less below 20 questions).

    Args:
        margin: the margin of equivalence, pre-registered.
        sd: the standard deviation of the per-question differences.
        power: the target power.
        alpha: the level of each of the two one-sided tests.

    Raises:
        UsageError: an argument is not possible.
    """
    goal(power, alpha)
    _above_zero(margin=margin, sd=sd)
    return (_z(1 - alpha) + _z((1 + power) / 2)) ** 2 * sd**2 / margin**2


def power_equivalence(n: float, margin: float, sd: float, *, difference: float = 0.0, alpha: float = 0.05) -> float:
    """The exact power of the two one-sided t tests (Schuirmann 1987) on `n` questions, for normal differences of mean `difference`.

    Both tests reject if the observed mean lies far enough inside the margin for the observed standard deviation. The probability of
    this is integrated over the distribution of the standard deviation (chi).

    Raises:
        UsageError: an argument is not possible.
    """
    goal(None, alpha)
    _finite("difference", difference)
    _above_zero(margin=margin, sd=sd)
    df, root = _enough(n) - 1, float(np.sqrt(n)) / sd
    t = float(distributions.t.ppf(1 - alpha, df))
    low, high = (-margin - difference) * root, (margin - difference) * root

    constant = (1 - df / 2) * np.log(2) - special.gammaln(df / 2)

    def inside(chi: float) -> float:
        half = t * chi / np.sqrt(df)
        return float(
            (special.ndtr(high - half) - special.ndtr(low + half)) * np.exp(constant + (df - 1) * np.log(chi) - chi**2 / 2)
        )

    least = float(np.sqrt(distributions.chi2.ppf(TAIL, df)))
    most = min(float(np.sqrt(distributions.chi2.isf(TAIL, df))), float(np.sqrt(df)) * margin * root / t)
    return float(integrate.quad(inside, least, most, epsabs=1e-11, limit=200)[0]) if most > least else 0.0


def n_proportion(halfwidth: float, p: float = 0.5, icc: float = 0.0, m: float = 1, *, level: float = 0.95) -> float:
    """The number of questions for a share whose interval has the half-width `halfwidth`, by the normal formula.

    z^2 p (1 - p) / halfwidth^2 independent units, times the design effect 1 + (m - 1) icc, divided by m units per question.

    Args:
        halfwidth: the half-width of the interval; 0.05 for five percentage points.
        p: the expected share; 0.5 is the worst case.
        icc: the intraclass correlation of the units of a question.
        m: units per question.
        level: the level of the interval.

    Raises:
        UsageError: an argument is not possible.
    """
    _above_zero(halfwidth=halfwidth)
    if not (0 < p < 1 and 0 < level < 1):
        raise UsageError(f"The share is {p} and the level {level}, but both must be between 0 and 1; give 0.5 for the worst share.")
    return max(0.0, float(_z(0.5 + level / 2) ** 2 * p * (1 - p) / halfwidth**2 * design_effect(icc, m) / m))


def detectable_slope(x: Sequence[float], sd: float, *, power: float = 0.8, alpha: float = 0.05) -> float:
    """The smallest slope over models that the two-sided t test on K - 2 degrees of freedom detects with the given power.

    Args:
        x: the position of each model, such as log10 of its parameters; the slope is then per decade.
        sd: the standard deviation of a model's estimate around the line: its own deviation and its sampling error.
        power: the target power.
        alpha: the two-sided level of the test.

    Raises:
        UsageError: there are fewer than three models, all have the same x, or another argument is not possible.
    """
    goal(power, alpha)
    _above_zero(sd=sd)
    df, root = len(x) - 2, _leverage(x)
    away = float(optimize.brentq(lambda nc: _two_sided(nc, df, alpha) - power, 0, _far(df, power, alpha), xtol=1e-12, rtol=1e-12))
    return away * sd / root


def power_slope(x: Sequence[float], slope: float, sd: float, *, alpha: float = 0.05) -> float:
    """The power of the test of `detectable_slope` for a given slope, with the same arguments and errors."""
    goal(None, alpha)
    _finite("slope", slope)
    _above_zero(sd=sd)
    return _two_sided(slope / sd * _leverage(x), len(x) - 2, alpha)


def n_models(slope: float, sd: float, decades: float, *, power: float = 0.8, alpha: float = 0.05) -> float:
    """The number of models for a slope, if they are spread evenly over `decades`; at least 3.

    The sum of squares of K evenly spread positions is decades^2 K (K + 1) / (12 (K - 1)). The other arguments are those of
    `detectable_slope`.

    Raises:
        UsageError: an argument is not possible, or more than 10^12 models are needed.
    """
    goal(power, alpha)
    _finite("slope", slope)
    _above_zero(sd=sd, decades=decades)

    def at(models: float) -> float:
        squares = decades**2 * models * (models + 1) / (12 * (models - 1))
        return _two_sided(slope / sd * np.sqrt(squares), models - 2, alpha)

    return _least(at, power, 3)


def goal(power: float | None, alpha: float) -> None:
    """Refuse an impossible power or level; a power of None is not checked."""
    if not LEAST <= alpha < 0.5:
        raise UsageError(f"alpha is {alpha}, but it must be between 0 and 1/2; give 0.05.")
    if power is not None and not alpha < power <= 1 - LEAST:
        raise UsageError(f"The power is {power}, but it must be between alpha ({alpha}) and 1; give 0.8.")


def _least(power_at: Callable[[float], float], power: float, fewest: float) -> float:
    """The smallest number, unrounded and at least `fewest`, that reaches the power."""
    high = fewest
    while power_at(high) < power:
        high *= 2
        if high > MOST:
            raise UsageError(f"No number up to {MOST:g} gives a power of {power}; give a larger effect or a smaller sd.")
    return float(optimize.brentq(lambda n: power_at(n) - power, high / 2, high, rtol=1e-12)) if high > fewest else float(fewest)


def _two_sided(noncentrality: float, df: float, alpha: float) -> float:
    """The power of a two-sided t test, by the F distribution, because scipy's noncentral t is NaN in the far tail."""
    square = float(noncentrality) ** 2
    if square < NOWHERE:
        return alpha
    return float(distributions.ncf.sf(distributions.t.ppf(1 - alpha / 2, df) ** 2, 1, df, square))


def _far(df: float, power: float, alpha: float) -> float:
    far = 1.0
    while _two_sided(far, df, alpha) < power:
        far *= 2
    return far


def _leverage(x: Sequence[float]) -> float:
    places = np.asarray(x, dtype=np.float64)
    if places.ndim != 1 or len(places) < 3 or not np.isfinite(places).all() or np.ptp(places) == 0:
        raise UsageError(f"A slope cannot be tested over the sizes {list(x)}; give at least three models, of at least two sizes.")
    return float(np.sqrt(np.sum((places - places.mean()) ** 2)))


def _above_zero(**values: float) -> None:
    for name, value in values.items():
        if not 0 < value < np.inf:
            raise UsageError(
                f"{name} is {value}, but it must be a number above 0; give it in the unit of the scores, 0.05 for 5 points."
            )


def _finite(name: str, value: float) -> None:
    if not np.isfinite(value):
        raise UsageError(f"The {name} is {value}, but it must be a number; give it in the unit of the scores, 0.05 for 5 points.")


def _enough(n: float) -> float:
    if not 2 <= n < np.inf:
        raise UsageError(f"There are {n} questions, but a standard error needs 2 or more; give the size of the study.")
    return n


def _pair(value: Pair) -> tuple[float, float]:
    return value if isinstance(value, tuple) else (value, value)


def _z(share: float) -> float:
    return float(distributions.norm.ppf(share))
