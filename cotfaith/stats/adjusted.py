"""The trend of an estimate over model scale, adjusted for a covariate of each question, such as its accuracy."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import numpy as np
import pandas as pd

from cotfaith.errors import UsageError
from cotfaith.stats.design import INTERCEPT
from cotfaith.stats.estimates import Estimate
from cotfaith.stats.regression import Coefficient, Regression, linear
from cotfaith.stats.trend import check, hindrance

TERMS = ("x", "covariate")


def adjusted_trend(
    values: Sequence[Estimate], covariate: Sequence[Estimate], x: Sequence[float], *, level: float = 0.95
) -> Regression:
    """The slope of `values` along `x` and along `covariate`, jointly, over models and questions.

    Each model has a mean of the value on each question, and one of the covariate. Least squares regress the first on the model's x
    and on the second, with questions as clusters (CR1, t(G-1)). Every question of a model counts once. A value that is not a mean
    over units (a quotient, a product, a kappa) has no question means; its pseudo-values take their place, and the note says so.

    What is held fixed is the covariate on the same question, which is not the model's covariate as a whole: if a value falls with
    the accuracy of a model, and not with that of its single answers, this slope still has the part that goes through accuracy.
    `over_models` holds the model's covariate fixed. The claim is about these checkpoints only, like that of a fixed `trend`.

    Args:
        values: the same quantity for each model.
        covariate: the covariate for each model, on the same questions.
        x: the size of each model.
        level: the level of the intervals.

    Returns:
        A regression with the terms "intercept", "x" and "covariate". It is undefined, with the reason, if an estimate is undefined
        or has no spread over questions, an x is not finite, or the terms are collinear. Questions with a value but no covariate, or
        the reverse, are excluded; the note counts them.

    Raises:
        UsageError: the arguments differ in length, or the level is not between 0 and 1.
    """
    check(values, x, level)
    if len(covariate) != len(values):
        raise UsageError(
            f"{len(values)} values do not fit {len(covariate)} covariates; give one for each model, in the same order."
        )
    for what, estimates in (("value", values), ("covariate", covariate)):
        reason = hindrance(estimates, x, least=2, distinct=2)
        silent = [str(j + 1) for j, e in enumerate(estimates) if e.influence is None]
        if not reason and silent:
            reason = f"there is no spread over questions in model {', '.join(silent)} of {len(estimates)}"
        if reason:
            return _undefined(f"{what}: {reason}", level)
    rows = _rows(values, covariate, x)
    whole = rows.dropna()
    made = linear(whole, "value", TERMS, level=level)
    lost = len(rows) - len(whole)
    notes = [
        f"{lost} of {len(rows)} questions of models have value or covariate only, and do not enter" if lost else "",
        *(f"the {what} is not a mean over units, so pseudo-values take the place of question means"
          for what, those in (("value", values), ("covariate", covariate)) if any(e.means is None for e in those)),
        made.note,
    ]  # fmt: skip
    return replace(made, note="; ".join(note for note in notes if note))


def _rows(values: Sequence[Estimate], covariate: Sequence[Estimate], x: Sequence[float]) -> pd.DataFrame:
    """One row per model and question with a value or a covariate; the other one is NaN if it is missing."""
    columns = {"value": values, "covariate": covariate}
    stacked = {name: pd.concat(dict(enumerate(map(_by_question, those)))) for name, those in columns.items()}
    rows = pd.concat(stacked, axis=1).rename_axis(["place", "question_id"]).reset_index()
    return rows.assign(x=np.asarray(x, dtype=np.float64)[rows["place"].to_numpy()])


def _by_question(one: Estimate) -> pd.Series[float]:
    return one.pseudo_values() if one.means is None else one.means


def _undefined(reason: str, level: float) -> Regression:
    blank = {name: Coefficient() for name in (INTERCEPT, *TERMS)}
    return Regression(blank, "undefined", 0, {"question_id": 0}, np.nan, level, reason)
