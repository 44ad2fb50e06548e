"""Page's test of a monotone trend over ordered models, from the ranks within each question.

The claim is about these models: a rank correlation over many questions says nothing about another model (use the trend over models
for that). For models with different questions, where no question ranks them, use statsmodels' `jonckheere_terpstra`.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from cotfaith.errors import DataError, UsageError
from cotfaith.stats.estimates import Estimate
from cotfaith.stats.lazily import distributions

Floats = NDArray[np.float64]

DECIMALS = 9  # means that differ by less are ties, apart from rounding


@dataclass(frozen=True, slots=True)
class Page:
    """Page's `L`, its standardised value `z` (above 0: rising) and two-sided `p`; `dropped` questions lack a value.

    `note` says why the test is undefined, or how many questions were dropped.
    """

    L: float
    z: float
    p: float
    questions: int
    models: int
    dropped: int
    note: str = ""


def page(matrix: Floats, x: Sequence[float] | None = None) -> Page:
    """Page's test (1963, JASA 58, 216) with the variance corrected for ties; z equals that of R's coin.

    Without this correction, as in scipy's asymptotic p-value, many ties make the test too conservative.

    Args:
        matrix: values of shape (questions, models), the models in the order of the hypothesis. Questions with a NaN are excluded
            and counted.
        x: what orders the models, such as their sizes; models of one size share their rank. The default is the order of the columns.

    Raises:
        UsageError: the matrix does not have two dimensions, or has fewer than two models.
        DataError: a value is infinite.
    """
    values = np.asarray(matrix, dtype=np.float64)
    if values.ndim != 2 or values.shape[1] < 2:
        raise UsageError(
            f"Values of shape {values.shape} have no trend over models; give one row per question and at least two models."
        )
    if np.isinf(values).any():
        raise DataError("A value to be ranked is infinite; give finite values, and NaN for missing ones.")
    whole = values[~np.isnan(values).any(axis=1)]
    questions, models = whole.shape
    ranks = distributions.rankdata(np.round(whole, DECIMALS), axis=1) if questions else whole
    order = np.arange(1, models + 1) if x is None else distributions.rankdata(np.asarray(x, dtype=np.float64))
    statistic = float((ranks @ order).sum())
    middle = (models + 1) / 2
    variance = float(((ranks - middle) ** 2).sum() * ((order - middle) ** 2).sum() / (models - 1))
    dropped = len(values) - questions
    if variance == 0:
        nan = float("nan")
        reason = "every question ties all models" if questions else "no question has a value of every model"
        reason = "all models have one size" if not np.ptp(order) else reason
        return Page(statistic if questions else nan, nan, nan, questions, models, dropped, reason)
    z = (statistic - questions * models * middle**2) / float(np.sqrt(variance))
    note = f"{dropped} of {len(values)} questions lack a value of some model, so they are not ranked" if dropped else ""
    return Page(statistic, z, float(2 * distributions.norm.sf(abs(z))), questions, models, dropped, note)


def page_of(estimates: Sequence[Estimate], x: Sequence[float] | None = None) -> Page:
    """Page's test on the question means of `estimates`, one per model, in the order of the hypothesis, or in that of `x` (see `page`).

    Each model's mean on a question is that of its own units there, however many could be read. So questions on which all models
    answer alike are ties, and stay ties if some of the answers are missing. Under no difference between models that miss answers at
    random, the expected rank of a mean hardly depends on its number of units.

    Returns:
        The test. It is undefined, with the reason, if one of the estimates is not a mean over units (a quotient, a product, a
        kappa), which has no question means.

    Raises:
        UsageError: there are fewer than two estimates.
    """
    means = [e.means for e in estimates]
    known = [one for one in means if one is not None]
    if len(known) < len(means):
        nan = float("nan")
        return Page(nan, nan, nan, 0, len(means), 0, "it is not a mean over units, so its questions have no means to rank")
    return page(pd.concat(dict(enumerate(known)), axis=1).to_numpy(dtype=np.float64) if known else np.empty((0, 0)), x)
