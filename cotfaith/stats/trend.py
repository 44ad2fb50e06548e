"""Trends over model scale: how an estimate changes from model to model.

The same points allow two claims, whose tests can differ greatly. With models as the sample ("faithfulness changes with scale", the
claim that papers make), the error is the deviation of models from the line, t(K-2) for K models. With fixed models ("these
checkpoints differ along x"), the error is that of the questions alone, paired by shared questions, t(G-1) for G questions. As a
test of a claim about scale, the second rejects far too often, and more so with more questions.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from typing import Literal, get_args

import numpy as np
from numpy.typing import NDArray

from cotfaith.errors import UsageError, unknown
from cotfaith.stats import intervals
from cotfaith.stats.estimates import Estimate, Label, combined
from cotfaith.stats.keys import Key
from cotfaith.stats.statistic import SAME

Floats = NDArray[np.float64]
Models = Literal["random", "fixed"]

_LEAST = {"random": 3, "fixed": 2}


@dataclass(frozen=True, slots=True, eq=False)
class Trend:
    """The least-squares line through one estimate per model, and the uncertainty of its slope.

    `slope` is per unit of x (per decade, if x is log10 of parameters), `intercept` the line at x = 0, and `sd` the standard
    deviation of the points around the line (K-2 degrees of freedom; NaN below 3 models). `p` is two-sided, against a slope of 0.
    `models` is the kind of claim, `n_models` the number of models, and `clusters` the number of their distinct questions. `x` and
    `points` are the given values. If the line or its error is undefined, the numbers are NaN, and `note` says why.
    """

    models: Models
    level: float
    n_models: int
    clusters: int
    slope: float = np.nan
    se: float = np.nan
    df: float = np.nan
    low: float = np.nan
    high: float = np.nan
    p: float = np.nan
    intercept: float = np.nan
    sd: float = np.nan
    method: str = "undefined"
    note: str = ""
    x: tuple[float, ...] = field(default=(), repr=False)
    points: tuple[Estimate, ...] = field(default=(), repr=False)

    def at(self, x: float) -> tuple[float, float, float]:
        """The line at `x` with its confidence interval: for the mean of models like these, or for the line of these checkpoints."""
        nowhere = (np.nan, np.nan)
        if np.isnan(self.slope):
            return (np.nan, *nowhere)
        value = self.intercept + self.slope * x
        if np.isnan(self.low):
            return (value, *nowhere)
        sizes = np.asarray(self.x)
        off = sizes - sizes.mean()
        if self.models == "random":
            half = intervals.quantile(self.df, self.level) * self.sd * np.sqrt(1 / len(off) + (x - sizes.mean()) ** 2 / (off @ off))
            return value, float(value - half), float(value + half)
        weights = 1 / len(off) + (x - sizes.mean()) * off / (off @ off)
        line = contrast(self.points, weights, Label("", Key("")), self.level)
        return value, line.low, line.high


def trend(estimates: Sequence[Estimate], x: Sequence[float], models: Models = "random", level: float = 0.95) -> Trend:
    """The trend of `estimates`, one per model, along `x`.

    Args:
        estimates: the same quantity for each model.
        x: the size of each model on the scale of the claim, such as log10 of its parameters.
        models: "random" for a claim about scale, with models as the sample (t on K-2 degrees of freedom); "fixed" for a claim about
            these checkpoints only, with questions as the sample (t on G-1, or Satterthwaite's if models differ in their questions).
        level: the level of the intervals.

    Returns:
        A trend. It is NaN, with a note, if a model's estimate is undefined, an x is not finite, all x are equal, or there are fewer
        than 3 models ("random") or 2 ("fixed"). Without an error (all points lie on the line, or an estimate has no spread) the
        slope has no interval.

    Raises:
        UsageError: `estimates` and `x` differ in length, `models` is unknown, or the level is not between 0 and 1.
    """
    if models not in get_args(Models):
        raise unknown("choice of models", models, get_args(Models))
    check(estimates, x, level)
    blank = Trend(models, level, len(estimates), _questions(estimates), x=tuple(map(float, x)), points=tuple(estimates))
    reason = hindrance(estimates, x, least=_LEAST[models], distinct=2)
    if reason:
        return replace(blank, note=reason)
    line = _line(blank)
    return _of_models(line) if models == "random" else _of_questions(line)


def quadratic(estimates: Sequence[Estimate], x: Sequence[float], level: float = 0.95) -> Estimate:
    """The curvature of `estimates` along `x` for these checkpoints: the quadratic coefficient beside a line, paired by question.

    It is below 0 for a peak between the ends, and above 0 for a trough. Its error is that of the questions, so it makes no claim
    about other models.

    Args:
        estimates: the same quantity for each model.
        x: the size of each model.
        level: the level of the interval.

    Returns:
        An estimate tested against 0; NaN, with a note, if one of the estimates is undefined or there are fewer than 3 different x.

    Raises:
        UsageError: `estimates` and `x` differ in length, or the level is not between 0 and 1.
    """
    check(estimates, x, level)
    label = named(estimates, "curvature")
    reason = hindrance(estimates, x, least=3, distinct=3)
    if reason:
        return undefined(estimates, label, level, reason)
    sizes = np.asarray(x, dtype=np.float64)
    off = sizes - sizes.mean()
    square = off**2 - np.mean(off**2)
    bend = square - (square @ off) / (off @ off) * off
    return contrast(estimates, bend / (bend @ bend), label, level)


def check(estimates: Sequence[Estimate], x: Sequence[float], level: float) -> None:
    """Raise a UsageError if `estimates` and `x` differ in length, or `level` is not between 0 and 1."""
    if len(estimates) != len(x):
        raise UsageError(
            f"{len(estimates)} estimates do not fit {len(x)} values of x; give the x of each model, in the same order."
        )
    if not 0 < level < 1:
        raise UsageError(f"The level of an interval is {level}, but it must be between 0 and 1; give 0.95 for 95 percent.")


def hindrance(estimates: Sequence[Estimate], x: Sequence[float], *, least: int, distinct: int) -> str:
    """Why there is no line through these points, with the model's name; empty if there is one."""
    for place, (estimate, size) in enumerate(zip(estimates, x, strict=True)):
        if not np.isfinite(size):
            return f"the x of {_which(place, estimates)} is {size}"
        if not np.isfinite(estimate.value):
            return f"the estimate of {_which(place, estimates)} is undefined{_because(estimate)}"
    if len(estimates) < least:
        return f"it takes {least} models, not {len(estimates)}"
    if len(set(x)) < distinct:
        return f"it takes models at {distinct} different x, not {len(set(x))}"
    return ""


def slope_weights(x: Sequence[float]) -> Floats:
    """The weights whose sum with the models' values is the least-squares slope along `x`."""
    off = np.asarray(x, dtype=np.float64) - np.mean(x)
    return np.asarray(off / (off @ off), dtype=np.float64)


def contrast(estimates: Sequence[Estimate], weights: Floats, label: Label, level: float) -> Estimate:
    """The weighted sum of defined `estimates`, paired by question, at `level`; the note names a model without spread."""
    unit = float(np.abs(weights).max())  # so that the threshold for no spread does not depend on the unit of x
    made = combined([replace(e, level=level) for e in estimates], (weights / unit).tolist(), label)
    made = replace(
        made,
        value=made.value * unit,
        se=made.se * unit,
        low=made.low * unit,
        high=made.high * unit,
        bounds=(made.bounds[0] * unit, made.bounds[1] * unit),
        influence=None if made.influence is None else made.influence * unit,
    )
    for place, estimate in enumerate(estimates):
        if estimate.influence is None:
            return replace(made, note=f"the estimate of {_which(place, estimates)} has no spread{_because(estimate)}")
    return made


def undefined(estimates: Sequence[Estimate], label: Label, level: float, reason: str) -> Estimate:
    """An undefined contrast of `estimates`, with the reason."""
    nan = float("nan")
    return Estimate(
        label.measure, label.key, nan, nan, nan, nan, level, "undefined", sum(e.n for e in estimates), _questions(estimates),
        sum(e.missing for e in estimates), nan, (nan, nan), null=0.0, direction=label.direction, note=reason,
    )  # fmt: skip


def named(estimates: Sequence[Estimate], what: str) -> Label:
    """The label of the contrast `what` of `estimates`: their common names, or a list of their different names."""

    def joined(parts: list[str]) -> str:
        return ", ".join(dict.fromkeys(parts))

    measure, metric = joined([e.measure for e in estimates]), joined([e.metric for e in estimates])
    kinds = {e.kind for e in estimates}
    key = Key(f"{what} of {metric}", kind=kinds.pop() if len(kinds) == 1 else "")
    return Label(measure, key, rule="these checkpoints only")


def _line(blank: Trend) -> Trend:
    y, x = np.array([e.value for e in blank.points]), np.asarray(blank.x)
    slope = float(slope_weights(blank.x) @ y)
    intercept = float(y.mean() - slope * x.mean())
    rest = y - intercept - slope * x
    sd = float(np.sqrt(rest @ rest / (len(y) - 2))) if len(y) > 2 else np.nan
    return replace(blank, slope=slope, intercept=intercept, sd=sd)


def _of_models(line: Trend) -> Trend:
    x = np.asarray(line.x)
    se = line.sd / float(np.sqrt(np.sum((x - x.mean()) ** 2)))
    df = float(line.n_models - 2)
    if line.sd <= SAME * max(1.0, *(abs(e.value) for e in line.points)):
        return replace(line, se=0.0, df=df, method="no interval", note="all models lie on the line, so the spread cannot be told")
    half = intervals.quantile(df, line.level) * se
    return replace(
        line,
        se=se,
        df=df,
        low=line.slope - half,
        high=line.slope + half,
        p=intervals.two_sided(line.slope / se, df),
        method=f"models as the sample: least squares, t({df:.0f})",
    )


def _of_questions(line: Trend) -> Trend:
    made = contrast(line.points, slope_weights(line.x), named(line.points, "slope"), line.level)
    p = np.nan if made.p is None else made.p
    return replace(line, se=made.se, df=made.df, low=made.low, high=made.high, p=p, method=made.method, note=made.note)


def _questions(estimates: Sequence[Estimate]) -> int:
    """The number of distinct questions of the estimates; a lower bound if an estimate does not hold its questions."""
    told = [e.influence.index for e in estimates if e.influence is not None]
    distinct = len(set().union(*told)) if told else 0
    return max([distinct, *(e.clusters for e in estimates)])


def _which(place: int, estimates: Sequence[Estimate]) -> str:
    kind = f" ({estimates[place].kind})" if estimates[place].kind else ""
    return f"model {place + 1} of {len(estimates)}{kind}"


def _because(estimate: Estimate) -> str:
    return f": {estimate.note}" if estimate.note else ""
