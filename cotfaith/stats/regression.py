"""Regressions on rows, by statsmodels, for effects adjusted for covariates.

A difference between arms or models is an estimate (`cotfaith.stats.difference`), and a claim about scale is a `trend`: neither
needs a regression. These wrappers add covariates, such as the accuracy of a reasoning trace or the position of its mistake. Rows
of a question are not independent, so every regression has clusters, and its t has one degree of freedom less than their number. For
inference over models use `trend`: with a handful of models a cluster-robust error by model is unreliable.

Terms are column names; no formula is evaluated. The intercept is always included.
"""

from __future__ import annotations

import warnings
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from cotfaith.errors import unknown
from cotfaith.stats import intervals
from cotfaith.stats.design import Design, design, unfit
from cotfaith.stats.estimates import FEW_CLUSTERS
from cotfaith.stats.statistic import SAME

Floats = NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Coefficient:
    """A coefficient, its standard error, the ends of its interval, and its two-sided p-value against 0; NaN if undefined."""

    value: float = np.nan
    se: float = np.nan
    low: float = np.nan
    high: float = np.nan
    p: float = np.nan


@dataclass(frozen=True, slots=True, eq=False)
class Regression:
    """The coefficients of a regression by name (`fit["x"]`), with its method and sample.

    `n` counts the rows, and `clusters` the clusters in each cluster column; `df` are the degrees of freedom of t. `details` holds
    the method's other results (log-likelihood, variances, correlation). If the fit is undefined, every number is NaN, and `note`
    says why.
    """

    coefficients: Mapping[str, Coefficient]
    method: str
    n: int
    clusters: Mapping[str, int]
    df: float
    level: float
    note: str = ""
    details: Mapping[str, float] = field(default_factory=dict)

    def __getitem__(self, name: str) -> Coefficient:
        """The coefficient of the term `name`."""
        if name not in self.coefficients:
            raise unknown("term", name, self.coefficients)
        return self.coefficients[name]


@dataclass(frozen=True, slots=True, eq=False)
class _Fit:
    coefficients: Floats
    covariance: Floats
    converged: bool = True
    details: Mapping[str, float] = field(default_factory=dict)

    @property
    def finite(self) -> bool:
        return bool(np.isfinite([*self.coefficients, *np.diag(self.covariance), *self.details.values()]).all())


def linear(
    rows: pd.DataFrame, outcome: str, terms: Sequence[str], cluster: str | Sequence[str] = "question_id", *, level: float = 0.95
) -> Regression:
    """Least squares with cluster-robust errors (CR1; two-way: Cameron, Gelbach and Miller 2011, JBES 29(2), 238).

    For a numerical outcome, or a binary one with differences of probability as coefficients.

    Args:
        rows: one row per observation.
        outcome: the column of the outcome.
        terms: the columns of the terms, numbers or booleans; the intercept is added.
        cluster: the column of cluster ids, or two columns for two-way clusters.
        level: the level of the intervals.

    Raises:
        UsageError: a column is unknown, not numeric, or named twice; the clusters are not one or two columns; or the level is not
            between 0 and 1.
        DataError: a value or an id is missing, or a value is infinite; the message names the column.
    """
    given = design(rows, outcome, terms, (cluster,) if isinstance(cluster, str) else tuple(cluster), level)

    def fit() -> _Fit:
        from statsmodels.regression.linear_model import OLS  # noqa: PLC0415  heavy, and only when used

        made = OLS(given.outcome, given.terms).fit(cov_type="cluster", cov_kwds={"groups": given.codes.squeeze()}, use_t=True)
        return _Fit(made.params, made.cov_params())

    return _result(given, fit, f"OLS, CR1 by {_by(given)}", unfit(given))


def _result(given: Design, fit: Callable[[], _Fit], method: str, reason: str) -> Regression:
    blank = {name: Coefficient() for name in given.names}
    n, clusters, level = len(given.outcome), given.clusters, given.level
    made = None if reason else _quietly(fit)
    if made is None or not made.converged or not made.finite:
        return Regression(blank, "undefined", n, clusters, np.nan, level, reason or "the fit did not converge to finite values")
    df = float(min(clusters.values()) - 1)
    q = intervals.quantile(df, level)
    few = [name for name, size in clusters.items() if size < FEW_CLUSTERS]
    notes = [f"only {clusters[name]} clusters in {name!r}, so the intervals may be too narrow" for name in few]
    found = {}
    for j, name in enumerate(given.names):
        found[name] = coefficient(made.coefficients[j], made.covariance[j, j], given, j, q=q, df=df)
        if np.isnan(found[name].se):
            notes.append(f"the clusters give {name!r} no spread")
    return Regression(found, f"{method}, t({df:.0f})", n, clusters, df, level, "; ".join(notes), made.details)


def coefficient(value: float, variance: float, given: Design, j: int, *, q: float, df: float) -> Coefficient:
    """The coefficient of term j in its own unit, without an error if its variance is negative (two-way) or rounding."""
    unit = float(given.unit[j])
    value, se = float(value), float(np.sqrt(max(variance, 0.0)))
    if se <= SAME * float(np.abs(given.outcome).max()):
        return Coefficient(value / unit)
    half = q * se
    return Coefficient(value / unit, se / unit, (value - half) / unit, (value + half) / unit, intervals.two_sided(value / se, df))


def _quietly(fit: Callable[[], _Fit]) -> _Fit | None:
    """The fit without statsmodels' warnings, whose causes the result is checked for; None if its equations cannot be solved."""
    with warnings.catch_warnings(), np.errstate(all="ignore"):
        warnings.simplefilter("ignore")
        try:
            return fit()
        except np.linalg.LinAlgError:
            return None


def _by(given: Design) -> str:
    return " and ".join(given.clusters)
