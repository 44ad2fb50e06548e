"""Estimates and their linear combinations, which are automatically paired by question.

Every estimate keeps the contribution of each of its questions (its influence). A weighted sum of estimates has the weighted sum of
their influences, which includes the covariance of shared questions. A difference on the same questions is therefore paired.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from html import escape

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from cotfaith.contracts.metric import Role
from cotfaith.errors import UsageError
from cotfaith.stats import intervals
from cotfaith.stats.differences import joined, within
from cotfaith.stats.equivalence import Equivalence, tost
from cotfaith.stats.keys import FIELDS, Key
from cotfaith.stats.satterthwaite import satterthwaite
from cotfaith.stats.statistic import SAME

FEW_CLUSTERS = 20

Floats = NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Label:
    """The identity of an estimate. `direction` says what a larger value means, and `rule` how units are weighted or integrated.

    `title` is the title of its metric, and `role` the role of the metric in its measure (`cotfaith.contracts.metric`).
    """

    measure: str
    key: Key
    direction: str = ""
    rule: str = ""
    title: str = ""
    role: Role = "component"


@dataclass(frozen=True, slots=True, eq=False)
class Estimate:
    """A number with its uncertainty, its sample, and what is missing from it.

    `n` counts the included units (traces or pairs), `clusters` their questions, and `missing` the units without a usable answer.
    `partial` counts the included units of which a part is unknown (a trace that lacks some of its readings).
    `bounds` is the value if everything unknown counts as the lowest, and as the highest value. `worst_case` is the interval over
    all values of the missing units: from the low end of the interval around the first bound to the high end of the interval around
    the second. `icc` is the share of the units' variance that lies between questions, and `deff` the factor by which it increases
    the variance of the value; both are NaN if not requested. `influence` holds each question's contribution (they sum to 0), so
    that a difference of estimates on the same questions is automatically paired. `means` holds each question's own mean if the
    quantity is a mean over units (a `Ratio`), or a difference of two such; it is None for any other function of the sums. `support`
    is the range of the value, if it has one.
    """

    measure: str
    key: Key
    value: float
    se: float
    low: float
    high: float
    level: float
    method: str
    n: int
    clusters: int
    missing: int
    df: float
    bounds: tuple[float, float]
    worst_case: tuple[float, float] = (np.nan, np.nan)
    p: float | None = None
    null: float | None = None
    icc: float = np.nan
    deff: float = np.nan
    direction: str = ""
    title: str = ""
    role: Role = "component"
    note: str = ""
    partial: int = 0
    influence: pd.Series[float] | None = field(default=None, repr=False)
    means: pd.Series[float] | None = field(default=None, repr=False)
    support: tuple[float, float] | None = field(default=None, repr=False)

    @property
    def metric(self) -> str:
        """The name of its metric."""
        return self.key.metric

    @property
    def kind(self) -> str:
        """Its variant: a writer, a hint or a kind of filler; empty if there is only one."""
        return self.key.kind

    @property
    def dose(self) -> float | None:
        """The dose at which it was measured."""
        return self.key.dose

    def _repr_html_(self) -> str:
        """The value with its interval and its sample, for a notebook."""
        of = ", ".join(
            f"{name} {value}" for name, value in self.key._asdict().items() if name != "metric" and value not in {"", None}
        )
        ends = "no interval" if np.isnan(self.low) else f"[{self.low:.3f}, {self.high:.3f}] at {100 * self.level:g} %"
        value = "undefined" if np.isnan(self.value) else f"<b>{self.value:.3f}</b>"
        sample = f"n = {self.n}, questions = {self.clusters}, missing = {self.missing}"
        notes = [self.title, self.direction, self.method, self.note]
        lines = [
            f"{escape(f'{self.measure}: {self.metric}')} {escape(of)}",
            f"{value} {ends}; {sample}",
            *map(escape, filter(None, notes)),
        ]
        return "".join(f"<div>{line}</div>" for line in lines)

    def __sub__(self, other: Estimate) -> Estimate:
        """The difference, paired by shared questions; the test is against 0."""
        return difference(self, other)

    def equivalent(self, margin: float, *, around: float = 0.0, alpha: float = 0.05) -> Equivalence:
        """Two one-sided tests that the value lies within `margin` of `around` (Schuirmann 1987), by the estimate's own interval.

        The distances from the value to the ends of the interval take the place of a standard error, so that the test holds for rare
        events as the interval does.

        Raises:
            UsageError: the margin is not above 0, or alpha not between 0 and 1/2.
        """
        return tost(self.value - around, self.errors(), self.df, margin=margin, alpha=alpha)

    def errors(self) -> tuple[float, float]:
        """The standard errors that the interval stands for, towards smaller and towards larger values; NaN without an interval."""
        q = intervals.quantile(self.df, self.level)
        return (self.value - self.low) / q, (self.high - self.value) / q

    def p_of(self, null: float) -> float:
        """The two-sided p-value of `null` by the interval: below 1 - level if and only if the interval leaves it out."""
        down, up = self.errors()
        error = down if null < self.value else up
        if null == self.value or np.isnan(error):
            return 1.0 if null == self.value else float("nan")
        return intervals.two_sided((self.value - null) / error, self.df) if error > 0 else 0.0

    def bounded(self) -> Estimate:
        """The estimate with a worst-case interval over the missing units. The test is dropped, because it would not remain valid.

        A mean has the interval from that around one bound to that around the other. For other quantities the bounds are widened
        by as much as the interval extends beyond the value. It contains the plain interval.
        """
        if not self.missing and not self.partial:
            return self
        low, high = self.worst_case
        if (np.isnan(low) or np.isnan(high)) and np.isnan(self.low):
            low, high = self.bounds
        elif np.isnan(low) or np.isnan(high):
            low, high = self.bounds[0] - (self.value - self.low), self.bounds[1] + (self.high - self.value)
        low, high = float(np.fmin(low, self.low)), float(np.fmax(high, self.high))
        return replace(self, low=low, high=high, p=None, method=f"{self.method}; worst case over the missing units")

    def pseudo_values(self) -> pd.Series[float]:
        """The pseudo-value of each question: the value, plus the number of questions times the question's influence.

        Their mean is the value, so they serve to resample or to regress a value that is not a mean over units. They are not the
        questions' own means unless all questions have equally many units: to rank or to compare questions, use `means`.

        Raises:
            UsageError: the estimate has no spread.
        """
        if self.influence is None:
            raise UsageError(
                f"The estimate of {self.measure}, {self.key.metric}, has no spread over questions: {self.note or self.method}."
            )
        return self.value + len(self.influence) * self.influence


def difference(a: Estimate, b: Estimate) -> Estimate:
    """`a - b`, with the covariance of their shared questions; a question in only one of them contributes to that one.

    `n` and `missing` are the sums over `a` and `b`, and the test is against 0.

    Raises:
        UsageError: the two have intervals at different levels.
    """
    texts = {name: joined(getattr(a.key, name), getattr(b.key, name)) for name in FIELDS if name != "dose"}
    key = Key(**texts, dose=a.key.dose if a.key.dose == b.key.dose else None)
    alike = a.direction if a.direction == b.direction else ""
    label = Label(joined(a.measure, b.measure), key, alike, "difference by question", joined(a.title, b.title), a.role)
    made = combined([a, b], [1.0, -1.0], label)
    means = None if a.means is None or b.means is None else (a.means - b.means).dropna()
    bounds = (a.bounds[0] - b.bounds[1], a.bounds[1] - b.bounds[0])
    support = None if a.support is None or b.support is None else (a.support[0] - b.support[1], a.support[1] - b.support[0])
    return within(replace(made, bounds=bounds, means=means, support=support), a, b)


def combined(estimates: Sequence[Estimate], weights: Sequence[float], label: Label, *, null: float = 0.0) -> Estimate:
    """The weighted sum of `estimates`, tested against `null`, with the covariances of their shared questions.

    The standard error is always linearised. If all estimates have the same questions, there are G-1 degrees of freedom. Otherwise
    they are Satterthwaite's, from the variance of each set of questions that occur in the same estimates (for two estimates without
    a shared question this is Welch's test).

    Raises:
        UsageError: there are no estimates, the weights differ from them in number, or the intervals have different levels.
    """
    level = _level(estimates, weights)
    whole = Estimate(
        measure=label.measure,
        key=label.key,
        value=float(sum(w * e.value for w, e in zip(weights, estimates, strict=True))),
        se=np.nan,
        low=np.nan,
        high=np.nan,
        level=level,
        method="undefined",
        n=sum(e.n for e in estimates),
        clusters=0,
        missing=sum(e.missing for e in estimates),
        partial=sum(e.partial for e in estimates),
        df=np.nan,
        bounds=_bounds(estimates, weights),
        null=null,
        direction=label.direction,
        title=label.title,
        role=label.role,
    )
    if not np.isfinite(whole.value):
        return replace(whole, note=f"{_which(estimates)} is undefined")
    if any(e.influence is None for e in estimates):
        return replace(
            whole, method="no interval", clusters=max(e.clusters for e in estimates), note=f"{_which(estimates)} has no spread"
        )
    worth = np.array([e.df / max(1, e.clusters - 1) if e.clusters > 1 else 1.0 for e in estimates])
    return _spread(whole, _scaled(estimates, weights), label.rule, np.nan_to_num(worth, nan=1.0))


def few_clusters(clusters: int, effective: float | None = None) -> str:
    """The note of an estimate on fewer than 20 effective questions, whose interval is wide and rests on few of them."""
    if effective is None or clusters - effective < 1:
        return f"only {clusters} questions, so the interval may be too narrow"
    return f"the {clusters} questions have very different numbers of units and count as {effective:.1f}, so the interval is wide"


def _level(estimates: Sequence[Estimate], weights: Sequence[float]) -> float:
    if not estimates or len(estimates) != len(weights):
        raise UsageError(
            f"{len(estimates)} estimates cannot be combined with {len(weights)} weights; give one weight for each, and at least one."
        )
    levels = sorted({e.level for e in estimates})
    if len(levels) > 1:
        raise UsageError(f"Estimates with intervals at {levels[0]} and {levels[1]} cannot be combined; compute both at one level.")
    return levels[0]


def _bounds(estimates: Sequence[Estimate], weights: Sequence[float]) -> tuple[float, float]:
    ends = [sorted(w * bound for bound in e.bounds) for w, e in zip(weights, estimates, strict=True)]
    return float(sum(low for low, _ in ends)), float(sum(high for _, high in ends))


def _which(estimates: Sequence[Estimate]) -> str:
    return "one side of the difference" if len(estimates) == 2 else "one of the estimates"


def scaled_influence(estimate: Estimate) -> pd.Series[float]:
    """Each question's influence, scaled so that the squares sum to the variance of the value. There must be an influence."""
    assert estimate.influence is not None  # noqa: S101  told apart by the callers
    return estimate.influence * float(np.sqrt(len(estimate.influence) / max(1, len(estimate.influence) - 1)))


def _scaled(estimates: Sequence[Estimate], weights: Sequence[float]) -> pd.DataFrame:
    """One column of weighted influences per estimate, NaN for a question it lacks; the squares of a column sum to its variance."""
    columns = [w * scaled_influence(e).rename(place) for place, (w, e) in enumerate(zip(weights, estimates, strict=True))]
    together: pd.DataFrame = pd.concat(columns, axis=1)
    return together


def _spread(whole: Estimate, scaled: pd.DataFrame, rule: str, worth: Floats) -> Estimate:
    inside = scaled.notna().to_numpy()
    total = scaled.fillna(0.0).sum(axis=1)
    clusters = len(total)
    influence = total * np.sqrt((clusters - 1) / clusters) if clusters > 1 else total
    se, df = satterthwaite(total.to_numpy(dtype=np.float64), inside, worth)
    if se <= SAME * max(1.0, abs(whole.value)):
        reason = "no question differs from another, so the spread cannot be told"
        return replace(whole, method="no interval", clusters=clusters, se=0.0, df=df, note=reason, influence=influence)
    half = intervals.quantile(df, whole.level) * se
    return replace(
        whole,
        se=se,
        df=df,
        low=whole.value - half,
        high=whole.value + half,
        clusters=clusters,
        method="; ".join(part for part in (rule, f"linearised, t({df:.4g})") if part),
        p=intervals.two_sided((whole.value - (whole.null or 0.0)) / se, df),
        note=few_clusters(clusters) if clusters < FEW_CLUSTERS else "",
        influence=influence,
    )
