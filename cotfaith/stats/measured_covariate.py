"""Least squares over models beside a covariate that is itself an estimate, such as each model's accuracy.

An accuracy on few questions explains less than the true accuracy would, and least squares attribute the rest to size. The normal
equations are therefore corrected by what the errors of the estimates add to them: the variance of the covariate's errors, and their
covariance with the errors of the value, which comes from the same answers (Fuller 1987, Measurement Error Models, section 2.2, with the
modification of section 2.5, which keeps the slope from running away where the errors are as large as the differences). Without errors
it is ordinary least squares.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from cotfaith.stats.design import Design
from cotfaith.stats.estimates import Estimate, scaled_influence

Floats = NDArray[np.float64]

ALPHA = 2.0  # of the modification: the one that Fuller advises


@dataclass(frozen=True, slots=True, eq=False)
class Solved:
    """The coefficients of the terms, shape (terms,), and their covariance, shape (terms, terms).

    `df` are the degrees of freedom of the fit. A covariate costs one of them, and less if the modification shrinks its slope.
    `details` holds the method's other results.
    """

    coefficients: Floats
    covariance: Floats
    df: float
    details: Mapping[str, float]


def solve(given: Design, values: Sequence[Estimate], covariate: Sequence[Estimate]) -> Solved:
    """The corrected fit of `given`, whose last term is the value of `covariate`. All estimates must have an influence.

    `details` has the "reliability" of the covariate: the share of its variance, at equal other terms, that is not error.
    """
    terms, y, unit = given.terms, given.outcome, float(given.unit[-1])
    size, k = terms.shape
    left = size - k + 1  # degrees of freedom beside the other terms
    others = terms[:, :-1]
    beside = np.eye(size) - others @ np.linalg.pinv(others)
    own = _covariance([*covariate, *values])
    uu = float(np.trace(beside @ own[:size, :size])) / unit**2
    uv = float(np.trace(beside @ own[:size, size:])) / unit
    spread = float(terms[:, -1] @ beside @ terms[:, -1])
    share = min(1.0, spread / uu - 1 / left) - ALPHA / left if uu > 0 else 0.0
    moments, target = terms.T @ terms, terms.T @ y
    corrected = moments.copy()
    corrected[-1, -1] -= share * uu
    target[-1] -= share * uv
    inverse = np.linalg.inv(corrected)
    found = inverse @ target
    rest = y - terms @ found
    df = left - min(1.0, spread / (spread - share * uu))
    middle = float(rest @ rest) / df * moments
    middle[-1, -1] += (uv - found[-1] * uu) ** 2 / left
    return Solved(found, inverse @ middle @ inverse, df, {"reliability": max(0.0, 1 - uu / spread)})


def _covariance(estimates: Sequence[Estimate]) -> Floats:
    """The covariance of the estimates' errors, shape (estimates, estimates): those on the same questions vary together."""
    together = pd.concat([scaled_influence(one).rename(place) for place, one in enumerate(estimates)], axis=1).fillna(0.0)
    columns = together.to_numpy(dtype=np.float64)
    return np.asarray(columns.T @ columns, dtype=np.float64)
