"""One number over several tasks: their mean, for these tasks or for tasks like these, and a random-effects meta-analysis.

A claim about these tasks has the uncertainty of the questions alone. A claim about tasks like these also has the uncertainty of the
choice of tasks; its sample is the tasks' estimates.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import combinations
from typing import Literal

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from cotfaith.errors import unknown
from cotfaith.stats import intervals
from cotfaith.stats.differences import correlation
from cotfaith.stats.estimates import Estimate, Label, combined
from cotfaith.stats.lazily import distributions, optimize
from cotfaith.stats.statistic import SAME

Floats = NDArray[np.float64]
Tasks = Literal["fixed", "random"]
Method = Literal["pm", "reml", "dl"]

METHODS = {"pm": "Paule-Mandel", "reml": "REML", "dl": "DerSimonian-Laird"}


@dataclass(frozen=True, slots=True, eq=False)
class Pooled:
    """The pooled `estimate` and the heterogeneity of the tasks.

    `tau2` is the variance between tasks, `q` Cochran's Q with its p-value `p_q` on tasks - 1 degrees of freedom, and `i2` the share
    of the variance of the tasks' estimates that lies between tasks (Higgins and Thompson 2002). They are NaN if the estimate is
    undefined.
    """

    estimate: Estimate
    tau2: float
    q: float
    p_q: float
    i2: float
    tasks: int


def macro(estimates: Mapping[str, Estimate], label: Label, *, tasks: Tasks = "fixed", null: float = 0.0) -> Estimate:
    """The mean of the tasks' estimates, with equal weights, tested against `null`.

    If a task is undefined, the mean is undefined, and the note names the task.

    Args:
        estimates: each task's estimate, by the task's name.
        label: the identity of the mean.
        tasks: "fixed" for a claim about these tasks: sqrt(sum SE^2)/K, with the covariances of questions that tasks share, and an
            interval from those of the tasks (MOVER). "random" for a claim about tasks like these: t(K-1) on the K estimates, never
            narrower than the former. The influence is then by task, so that a difference of two means over the same tasks is paired
            by task, and `clusters` counts tasks.
        null: the value to test against.

    Raises:
        UsageError: there is no task, their intervals have different levels, or `tasks` is neither "fixed" nor "random".
    """
    if tasks not in ("fixed", "random"):
        raise unknown("view of tasks", tasks, ("fixed", "random"))
    size = len(estimates)
    rule = "; ".join(part for part in (label.rule, f"mean of {size} tasks") if part)
    made = combined(list(estimates.values()), [1 / size] * size if size else [], replace(label, rule=rule), null=null)
    made = replace(made, support=_support(estimates))
    reason = _undefined(estimates)
    if reason:
        return replace(made, note=reason)
    these = _of_these(made, estimates)
    return these if tasks == "fixed" else _over_tasks(made, these, estimates, rule)


def _support(estimates: Mapping[str, Estimate]) -> tuple[float, float] | None:
    """The range of the mean; None if a task's value has none."""
    ranges = [one.support for one in estimates.values() if one.support is not None]
    return (min(low for low, _ in ranges), max(high for _, high in ranges)) if len(ranges) == len(estimates) > 0 else None


def _of_these(made: Estimate, estimates: Mapping[str, Estimate]) -> Estimate:
    """The mean with an interval that also holds for rare events, if its tasks have intervals."""
    lone = [name for name, one in estimates.items() if one.influence is None or np.isnan(one.low)]
    if lone:
        return replace(made, note=f"task {lone[0]!r} has no interval: {estimates[lone[0]].note}")
    parts = list(estimates.values())
    df = made.df if made.se > 0 else float(max(sum(one.clusters - 1 for one in parts), 1))
    made = replace(made, df=df, note="")
    rule = made.method.split("; linearised")[0]
    if made.support is not None and made.support[0] >= 0:
        return _as_a_share(made, parts, f"{rule}; effective-n Wilson, t({df:.4g})")
    alike, size = _correlations(parts), len(parts)
    halves = [np.array([getattr(one, end) - one.value for one in parts]) / size for end in ("low", "high")]
    low, high = (math.sqrt(max(float(half @ alike @ half), 0.0)) for half in halves)
    method = f"{rule}; from the intervals of the tasks, t({df:.4g})"
    found = _clipped(replace(made, low=made.value - low, high=made.value + high, method=method))
    return replace(found, p=found.p_of(made.null or 0.0))


def _as_a_share(made: Estimate, parts: Sequence[Estimate], method: str) -> Estimate:
    """The mean with the effective-n Wilson interval, as a mean over the questions of all tasks has it."""
    assert made.support is not None  # noqa: S101  told apart above
    low, high = made.support
    events = None
    if all(one.means is not None for one in parts):
        scaled = np.concatenate([(np.asarray(one.means, dtype=np.float64) - low) / (high - low) for one in parts])
        events = min((intervals.Events.of(side) for side in (scaled, 1 - scaled)), key=lambda one: one.worth)
    error = made.se if made.se > SAME * max(1.0, abs(made.value)) else 0.0
    own = intervals.bounded_value(made.value, error, made.support, float(made.clusters), events)
    least, most = own.ends(intervals.quantile(made.df, made.level))
    found = _clipped(replace(made, low=min(least, made.value), high=max(most, made.value), method=method, note=own.note))
    return replace(found, p=own.p(made.null or 0.0, made.df))


def _correlations(parts: Sequence[Estimate]) -> Floats:
    """The correlation of each two tasks through the questions that they share, shape (tasks, tasks)."""
    alike = np.eye(len(parts))
    for (i, one), (j, two) in combinations(enumerate(parts), 2):
        shares = one.influence is not None and two.influence is not None and one.influence.index.isin(two.influence.index).any()
        alike[i, j] = alike[j, i] = correlation(one, two) if shares else 0.0
    return alike


def _clipped(made: Estimate) -> Estimate:
    """The estimate with its interval within its range."""
    least, most = made.support or (-np.inf, np.inf)
    return replace(made, low=max(made.low, least), high=min(made.high, most))


def _over_tasks(made: Estimate, these: Estimate, estimates: Mapping[str, Estimate], rule: str) -> Estimate:
    """The mean with the tasks as the sample. Its interval is never narrower than that of the claim about `these` tasks."""
    values = np.array([one.value for one in estimates.values()])
    size = len(values)
    nan = float("nan")
    blank = replace(made, se=nan, low=nan, high=nan, df=nan, p=None, clusters=size, influence=None, method="no interval")
    if size == 1:
        return replace(blank, note="one task only, so the spread of tasks cannot be told")
    influence = pd.Series((values - values.mean()) / size, index=list(estimates))
    se, df = float(values.std(ddof=1) / np.sqrt(size)), float(size - 1)
    made = replace(_with_interval(blank, se, df, f"{rule}; tasks as the sample, t({size - 1})"), influence=influence, note="")
    if np.isnan(these.low):
        return _clipped(made)
    made = _clipped(replace(made, low=min(made.low, these.low), high=max(made.high, these.high)))
    return replace(made, p=made.p_of(made.null or 0.0))


def pooled(estimates: Mapping[str, Estimate], label: Label, *, method: Method = "pm", null: float = 0.0) -> Pooled:
    """The mean over tasks like these, each weighted by 1/(SE^2 + tau2): a random-effects meta-analysis, tested against `null`.

    Unlike `macro(tasks="random")` it gives more weight to tasks with more precise estimates. "pm" (Paule and Mandel 1982) and
    "reml" have Hartung and Knapp's interval, t(K-1) (2001, Stat. Med. 20, 3875), which here is never narrower than the interval
    without their factor. "dl" (DerSimonian and Laird 1986) has the normal interval, which is too narrow with few tasks.

    Args:
        estimates: each task's estimate, by the task's name.
        label: the identity of the mean.
        method: the estimator of the variance between tasks.
        null: the value to test against.

    Returns:
        The estimate, without an influence, because its uncertainty is not that of questions alone. It is NaN if a task is undefined
        or has no spread, or if two tasks share a question, and the note says why. With one task it has no interval.

    Raises:
        UsageError: there is no task, their intervals have different levels, or the method is unknown.
    """
    if method not in METHODS:
        raise unknown("method of pooling", method, METHODS)
    size, nan = len(estimates), float("nan")
    made = combined(list(estimates.values()), [1 / size] * size if size else [], label, null=null)
    made = replace(made, se=nan, low=nan, high=nan, df=nan, p=None, influence=None)
    reason = _undefined(estimates) or _unweighted(estimates) or _dependent(estimates)
    if reason:
        return Pooled(replace(made, value=nan, method="undefined", note=reason), nan, nan, nan, nan, size)
    if size == 1:
        reason = "one task only, so the spread of tasks cannot be told"
        return Pooled(replace(made, method="no interval", note=reason), nan, nan, nan, nan, 1)
    y, v = np.array([one.value for one in estimates.values()]), np.array([one.se**2 for one in estimates.values()])
    return _meta(made, y, v, method, label.rule)


def _meta(made: Estimate, y: Floats, v: Floats, method: Method, rule: str) -> Pooled:
    df, q, normal = len(y) - 1, _q(0.0, y, v), method == "dl"
    tau2 = _between(y, v, method)
    w = 1 / (v + tau2)
    se = float(np.sqrt(1 / w.sum()))
    if not normal:
        # If tasks differ by less than their own errors, the factor is below 1 by chance, and would make the interval too narrow.
        se *= float(np.sqrt(max(1.0, _q(tau2, y, v) / df)))
    how = "normal" if normal else f"Hartung-Knapp, t({df})"
    method_text = f"random effects over {df + 1} tasks ({METHODS[method]}, {how})"
    made = replace(made, value=float((w * y).sum() / w.sum()), note="")
    made = _with_interval(made, se, float("inf") if normal else float(df), "; ".join(part for part in (rule, method_text) if part))
    made = _clipped(made)
    typical = df / _c(v)
    return Pooled(made, tau2, q, float(distributions.chi2.sf(q, df)), tau2 / (tau2 + typical), df + 1)


def _between(y: Floats, v: Floats, method: Method) -> float:
    """The variance between tasks; 0 if they differ by no more than their own errors.

    The root is found here and not by statsmodels, whose Paule-Mandel iteration returns 0 if rounding takes it past the root by one
    ulp.
    """
    df = len(y) - 1
    if method == "dl":
        return max(0.0, (_q(0.0, y, v) - df) / _c(v))

    def excess(tau2: float) -> float:
        if method == "pm":
            return _q(tau2, y, v) - df
        w = 1 / (v + tau2)
        mean = (w * y).sum() / w.sum()
        return float(
            (w**2 * (y - mean) ** 2).sum() - w.sum() + (w**2).sum() / w.sum()
        )  # the derivative of the restricted likelihood

    return variance_root(excess, y)


def variance_root(excess: Callable[[float], float], y: Floats) -> float:
    """The variance at which `excess`, which falls, is 0; 0 if it is not above 0 there. `y` are the values that vary."""
    if excess(0.0) <= 0:
        return 0.0
    high = float(y.var(ddof=1))
    while excess(high) > 0:
        high *= 2
    return float(optimize.brentq(excess, 0.0, high, xtol=1e-13 * high))


def _q(tau2: float, y: Floats, v: Floats) -> float:
    """The weighted sum of squares around the weighted mean; with tau2 = 0, Cochran's Q."""
    w = 1 / (v + tau2)
    return float((w * (y - (w * y).sum() / w.sum()) ** 2).sum())


def _c(v: Floats) -> float:
    w = 1 / v
    return float(w.sum() - (w**2).sum() / w.sum())


def _with_interval(made: Estimate, se: float, df: float, method: str) -> Estimate:
    half = intervals.quantile(df, made.level) * se
    p = intervals.two_sided((made.value - (made.null or 0.0)) / se, df) if se > 0 else None
    return replace(made, se=se, df=df, low=made.value - half, high=made.value + half, p=p, method=method)


def _undefined(estimates: Mapping[str, Estimate]) -> str:
    return next((f"task {name!r} is undefined: {one.note}" for name, one in estimates.items() if not np.isfinite(one.value)), "")


def _unweighted(estimates: Mapping[str, Estimate]) -> str:
    lone = (name for name, one in estimates.items() if not one.se > 0)
    return next((f"task {name!r} has no spread, so it cannot be weighted" for name in lone), "")


def _dependent(estimates: Mapping[str, Estimate]) -> str:
    questions = {name: one.influence.index for name, one in estimates.items() if one.influence is not None}
    for one, two in combinations(questions, 2):
        common = questions[one].intersection(questions[two])
        if len(common):
            return f"tasks {one!r} and {two!r} share the question {common[0]!r}, but the weighted mean needs independent tasks"
    return ""
