"""Page's test of a monotone trend over ordered models, from the ranks within each question.

It is about these models: a rank correlation over many questions says nothing about a further model (for that, take the trend over
models). For groups of models with different questions, where no question ranks them, there is statsmodels' `jonckheere_terpstra`.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy import stats as distributions

from cotfaith.errors import DataError, UsageError

Floats = NDArray[np.float64]

DECIMALS = 9  # means that differ by less are ties that rounding broke


@dataclass(frozen=True, slots=True)
class Page:
    """Page's `L`, its standardised value `z` (above 0: rising) and two-sided `p`; `dropped` questions lacked a model's value."""

    L: float
    z: float
    p: float
    questions: int
    models: int
    dropped: int
    note: str = ""


def page(matrix: Floats) -> Page:
    """Page's test (1963, JASA 58, 216) with the variance that holds under ties, so that z is that of R's coin.

    Without that correction, as in scipy's asymptotic p, many ties make the test too cautious.

    Args:
        matrix: values of shape (questions, models), the models in the order of the hypothesis. Questions with a NaN are left out,
            and counted.

    Raises:
        UsageError: the matrix has not two dimensions, or fewer than two models.
        DataError: a value is infinite.
    """
    values = np.asarray(matrix, dtype=np.float64)
    if values.ndim != 2 or values.shape[1] < 2:
        raise UsageError(
            f"Values of shape {values.shape} have no trend over models; give questions in rows and two models or more."
        )
    if np.isinf(values).any():
        raise DataError("A value to be ranked is infinite; give finite values, and NaN where there is none.")
    whole = values[~np.isnan(values).any(axis=1)]
    questions, models = whole.shape
    ranks = distributions.rankdata(np.round(whole, DECIMALS), axis=1) if questions else whole
    order = np.arange(1, models + 1)
    statistic = float((ranks @ order).sum())
    middle = (models + 1) / 2
    variance = float(((ranks - middle) ** 2).sum() * ((order - middle) ** 2).sum() / (models - 1))
    dropped = len(values) - questions
    if variance == 0:
        nan = float("nan")
        reason = "every question ties all models" if questions else "no question has a value of every model"
        return Page(statistic if questions else nan, nan, nan, questions, models, dropped, reason)
    z = (statistic - questions * models * middle**2) / float(np.sqrt(variance))
    return Page(statistic, z, float(2 * distributions.norm.sf(abs(z))), questions, models, dropped)
