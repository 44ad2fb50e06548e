"""The slope of an estimate over model scale with models as the sample: plain, beside a covariate of each model, or weighted.

Each model is one row. The unweighted slope is least squares, whose error is the models' deviation from the fit; beside a covariate it
is corrected for the covariate's own error (`measured_covariate`). The weighted slope is
a random-effects meta-regression: a model counts by 1/(SE^2 + tau2), where tau2 is the variance of models around the line, by REML,
and the error is Hartung and Knapp's (2001, Stat. Med. 20, 3875; Knapp and Hartung 2003, Stat. Med. 22, 2693), as in metafor's
`rma(method = "REML", test = "knha")`. Their factor is not kept above 1: models answer the same questions, so that they deviate from
a line by less than their own errors say, and the factor allows for that.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from cotfaith.errors import UsageError
from cotfaith.stats import intervals, measured_covariate
from cotfaith.stats.design import INTERCEPT, Design, design, unfit
from cotfaith.stats.estimates import Estimate
from cotfaith.stats.measured_covariate import Solved
from cotfaith.stats.regression import Coefficient, Regression, coefficient
from cotfaith.stats.statistic import SAME
from cotfaith.stats.tasks import variance_root
from cotfaith.stats.trend import check, hindrance

Floats = NDArray[np.float64]

RELIABLE = 0.5  # below this reliability of a covariate, a note says that little is known at equal covariate
MODEL = "model"  # the column of the rows: each model is a cluster of its own


def over_models(
    values: Sequence[Estimate],
    x: Sequence[float],
    covariate: Sequence[Estimate] | None = None,
    *,
    weighted: bool = False,
    level: float = 0.95,
) -> Regression:
    """The slope of `values` along `x`, beside `covariate` if it is given, over models as the sample.

    With K models, t has K-2 degrees of freedom, and about K-3 with a covariate. With a covariate, the slope is that between models whose
    true covariate is equal, as far as a linear model can tell: the fit is corrected for the error of each covariate and for its
    covariance with the error of the value, by questions (Fuller 1987; see `measured_covariate`).

    Args:
        values: the same quantity for each model.
        x: the size of each model on the scale of the claim, such as log10 of its parameters.
        covariate: an estimate for each model that is to be held equal, such as its accuracy.
        weighted: weigh each model by 1/(SE^2 + tau2) instead of equally, without a covariate; `details` then has tau2
            ("variance between models"). With a covariate, `details` has its "reliability": the share of its variance at equal x that
            is not error.
        level: the level of the intervals.

    Returns:
        A regression with the terms "intercept", "x" and, if it was given, "covariate". It is undefined, with the reason, if an
        estimate is undefined, an x is not finite, there are fewer than 3 models (4 with a covariate), the terms are collinear, or a
        model has no standard error to be weighted by, or with a covariate no spread over questions. If the fit leaves nothing over, the coefficients have no interval.

    Raises:
        UsageError: the arguments differ in length, the level is not between 0 and 1, or `weighted` is given with a covariate.
    """
    check(values, x, level)
    if covariate is not None and len(covariate) != len(values):
        raise UsageError(
            f"{len(values)} values do not fit {len(covariate)} covariates; give one for each model, in the same order."
        )
    if weighted and covariate is not None:
        raise UsageError("A slope beside a covariate has no weighted form; give either weighted or a covariate.")
    terms = {"x": np.asarray(x, dtype=np.float64)}
    if covariate is not None:
        terms["covariate"] = np.array([e.value for e in covariate])
    reason = _hindered(values, x, covariate, weighted=weighted)
    if reason:
        blank = {name: Coefficient() for name in (INTERCEPT, *terms)}
        return Regression(blank, "undefined", len(values), {MODEL: len(values)}, np.nan, level, reason)
    rows = pd.DataFrame({"value": [e.value for e in values], **terms, MODEL: [str(place) for place in range(len(values))]})
    given = design(rows, "value", list(terms), (MODEL,), level)
    if covariate is not None:
        return _beside(given, values, covariate)
    return _fit(given, np.array([e.se**2 for e in values]) if weighted else None)


def _hindered(values: Sequence[Estimate], x: Sequence[float], covariate: Sequence[Estimate] | None, *, weighted: bool) -> str:
    """Why there is no such slope; empty if there is one."""
    least = 3 if covariate is None else 4
    reason = hindrance(values, x, least=least, distinct=2)
    if covariate is not None:
        beside = hindrance(covariate, x, least=least, distinct=2)
        flat = [
            str(at + 1) for at, pair in enumerate(zip(values, covariate, strict=True)) if any(e.influence is None for e in pair)
        ]
        reason = reason or (f"covariate: {beside}" if beside else "")
        if flat and not reason:
            return f"there is no spread over questions in model {', '.join(flat)} of {len(values)}"
    silent = [str(place + 1) for place, e in enumerate(values) if not e.se > SAME]
    if weighted and silent and not reason:
        return f"there is no standard error to weigh model {', '.join(silent)} of {len(values)} by"
    return reason


def _fit(given: Design, variances: Floats | None) -> Regression:
    size, k = given.terms.shape
    reason = unfit(given)
    if reason:
        return _undefined(given, reason)
    tau2 = 0.0 if variances is None else between(given.outcome, variances, given.terms)
    weights = np.ones(size) if variances is None else 1 / (variances + tau2)
    solved, inverse = _solved(given.outcome, given.terms, weights)
    rest, df = given.outcome - given.terms @ solved, float(size - k)
    how = "least squares" if variances is None else "random effects (REML, Hartung-Knapp)"
    details = {} if variances is None else {"variance between models": tau2}
    return _regression(given, Solved(solved, float(weights @ rest**2) / df * inverse, df, details), how)


def _beside(given: Design, values: Sequence[Estimate], covariate: Sequence[Estimate]) -> Regression:
    reason = unfit(given)
    if reason:
        return _undefined(given, reason)
    made = measured_covariate.solve(given, values, covariate)
    how = "least squares with a covariate, corrected for its error (Fuller)"
    found, reliability = _regression(given, made, how), made.details["reliability"]
    if reliability >= RELIABLE:
        return found
    little = f"at equal x the covariates differ by little more than their errors (reliability {reliability:.2f})"
    return replace(found, note="; ".join(part for part in (found.note, little) if part))


def _undefined(given: Design, reason: str) -> Regression:
    blank = {name: Coefficient() for name in given.names}
    return Regression(blank, "undefined", len(given.outcome), given.clusters, np.nan, given.level, reason)


def _regression(given: Design, made: Solved, how: str) -> Regression:
    """The coefficients in the units of the terms, with intervals unless the fit leaves nothing over."""
    size, df, rest = len(given.outcome), made.df, given.outcome - given.terms @ made.coefficients
    if float(np.sqrt(rest @ rest / df)) <= SAME * max(1.0, float(np.abs(given.outcome).max())):
        bare = {name: Coefficient(float(made.coefficients[j] / given.unit[j])) for j, name in enumerate(given.names)}
        note = "all models lie on the line, so the spread cannot be told"
        return Regression(bare, "no interval", size, given.clusters, df, given.level, note, made.details)
    q = intervals.quantile(df, given.level)
    found = {
        name: coefficient(made.coefficients[j], made.covariance[j, j], given, j, q=q, df=df) for j, name in enumerate(given.names)
    }
    method = f"models as the sample: {how}, t({df:.3g})"
    return Regression(found, method, size, given.clusters, df, given.level, details=made.details)


def between(y: Floats, v: Floats, terms: Floats) -> float:
    """The variance of models around the fit of `terms`, by REML; 0 if they deviate by no more than their own errors."""

    def excess(tau2: float) -> float:
        """The derivative of the restricted likelihood in tau2, times 2."""
        w = 1 / (v + tau2)
        solved, inverse = _solved(y, terms, w)
        leverage = np.einsum("ij,jk,ik->i", terms, inverse, terms)
        return float((w**2 * (y - terms @ solved) ** 2).sum() - w.sum() + (w**2 * leverage).sum())

    return variance_root(excess, y)


def _solved(y: Floats, terms: Floats, weights: Floats) -> tuple[Floats, Floats]:
    """The weighted least-squares coefficients, and the inverse of terms' W terms."""
    inverse = np.asarray(np.linalg.inv(terms.T @ (weights[:, None] * terms)), dtype=np.float64)
    return inverse @ (terms.T @ (weights * y)), inverse
