"""The engine: an estimate is a smooth function of sums by question, and its uncertainty comes from these sums alone.

With T the sums and h_g = T_g . grad f, the linearised standard error is sqrt(G/(G-1) sum (h_g - mean h)^2). For a mean this is
exactly the cluster-robust CR1 of sandwich and statsmodels. Below 50 effective questions the delete-one-question jackknife replaces
it (for a mean, CR3). Effective questions are Kish's: one question with most of the units makes them few, however many there are.
Degrees of freedom are the effective questions minus 1.

A value within a range has an effective-n Wilson interval (`intervals.bounded`), which holds near the ends of the range. A mean of
differences of two yes-or-no answers, one pair per question, has Tango's interval and McNemar's test (`paired`). A quotient has the
interval of its logarithm.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Literal, get_args

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from cotfaith.errors import UsageError, unknown
from cotfaith.stats import intervals
from cotfaith.stats.estimates import FEW_CLUSTERS, Estimate, Label, few_clusters
from cotfaith.stats.keys import Column
from cotfaith.stats.paired import METHOD, of_differences
from cotfaith.stats.statistic import SAME, Ratio, Statistic, evaluate, influences, jackknife, standard_error
from cotfaith.stats.sums import ClusterSums

Kind = Literal["smooth", "proportion"]
Interval = Literal["auto", "log", "t", "jackknife"]


Floats = NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Missing:
    """What is unknown: the number of units that could not be included, and of those that are included in part.

    `bounds` is the value if everything unknown counted as the lowest, and as the highest value.
    """

    missing: int = 0
    bounds: tuple[float, float] | None = None
    partial: int = 0


@dataclass(frozen=True, slots=True)
class _Choice:
    kind: Kind
    interval: Interval
    support: tuple[float, float] | None
    null: float | None
    level: float
    events: Column | None


@dataclass(frozen=True, slots=True, eq=False)
class _Fit:
    value: float
    clusters: int
    method: str
    se: float = np.nan
    df: float = np.nan
    low: float = np.nan
    high: float = np.nan
    p: float | None = None
    note: str = ""
    influence: pd.Series[float] | None = None


def estimate(
    table: ClusterSums, f: Statistic, label: Label, *, count: Column | None = None, kind: Kind = "smooth", interval: Interval = "auto",
    support: tuple[float, float] | None = None, null: float | None = None, left: Missing | None = None, level: float = 0.95, events: Column | None = None,
) -> Estimate:  # fmt: skip
    """The estimate f(sums over questions) with its uncertainty.

    Args:
        table: the sums by question.
        f: a function of the totals by column name; it must work on arrays of totals, elementwise.
        label: the identity of the estimate.
        count: the column that counts the units; questions without units are excluded. A `Ratio` counts its denominator.
        kind: "proportion" for a share (`f` a `Ratio`), whose units are 0 or 1; "smooth" for everything else.
        interval: "auto" and "log" take effective questions into account; "log" is for a quotient of two shares or means, whose
            interval is symmetric on the log scale. The others count all questions alike: "t" (linearised; for a share the
            effective-n Wilson interval) and "jackknife".
        support: the range of a unit's value (of the value itself, if `f` is no `Ratio`). With "auto" it gives an effective-n Wilson
            interval, which has a width even if all questions are equal. A share has the range 0 to 1.
        null: for "smooth", the value to test against.
        left: the units that could not be included.
        level: the level of the interval.
        events: if `f` is no `Ratio`: the column that counts the events on which the value depends. If fewer than 5 questions have
            one, the interval is widened. A `Ratio` counts its own.

    Returns:
        An estimate. If the denominator is 0, its value is NaN and the note says why; with one question it has no interval.

    Raises:
        UsageError: the arguments do not fit each other.
    """
    support = (0.0, 1.0) if kind == "proportion" else support
    choice = _Choice(kind, interval, support, null, level, events)
    counting = _counting(f, count, choice)
    table = table.only(f.numerator, f.denominator, counting) if isinstance(f, Ratio) else table
    units = table[counting]
    entered = table.where(units > 0)
    left, size = left or Missing(), float(units.sum())
    fit = _fit(entered, f, units[units > 0], choice, left)
    return replace(_assembled(fit, label, left, size, choice), means=_means(entered, f), support=support)


def _means(table: ClusterSums, f: Statistic) -> pd.Series[float] | None:
    """Each question's own mean; None for a function that is not a mean over units."""
    if not isinstance(f, Ratio):
        return None
    units = table[f.denominator]
    return pd.Series(table[f.numerator][units > 0] / units[units > 0], index=table.questions[units > 0])


def _counting(f: Statistic, count: Column | None, choice: _Choice) -> Column:
    if not 0 < choice.level < 1:
        raise UsageError(f"The level of an interval is {choice.level}, but it must be between 0 and 1; give 0.95 for 95 percent.")
    if choice.kind == "proportion" and (not isinstance(f, Ratio) or choice.null is not None):
        raise UsageError("An estimate of kind 'proportion' needs a Ratio and no null; use kind 'smooth' for anything else.")
    _check_interval(choice)
    if count is not None:
        return count
    if isinstance(f, Ratio):
        return f.denominator
    raise UsageError("An estimate of a function needs the column that counts its units; give count.")


def _check_interval(choice: _Choice) -> None:
    for kind, name, known in (("kind", choice.kind, get_args(Kind)), ("interval", choice.interval, get_args(Interval))):
        if name not in known:
            raise unknown(f"{kind} of an estimate", name, known)
    if choice.kind == "proportion" and choice.interval not in {"auto", "t"}:
        raise UsageError(
            f"An estimate of kind 'proportion' has the effective-n Wilson interval; use kind 'smooth' for the interval {choice.interval!r}."
        )


def _fit(table: ClusterSums, f: Statistic, units: Floats, choice: _Choice, left: Missing) -> _Fit:
    value = float(evaluate(f, table.columns, table.matrix.sum(axis=0)))
    clusters = len(table.questions)
    if clusters == 0 or not np.isfinite(value):
        note = f"the denominator is 0: {units.sum():.0f} units entered, {left.missing} missing"
        return _Fit(np.nan, clusters, "undefined", note=note)
    if clusters == 1:
        return _Fit(value, 1, "no interval", note="one question only, so its spread cannot be told")
    return _spread(table, f, value, units, choice)


def _spread(table: ClusterSums, f: Statistic, value: float, units: Floats, choice: _Choice) -> _Fit:
    """The standard error by the chosen method, and the interval that belongs to it."""
    influence, clusters = influences(table, f), len(table.questions)
    plain = choice.interval not in {"auto", "log"}
    effective = float(clusters) if plain else intervals.effective_clusters(units)
    df = max(effective - 1, 1.0)
    se, how = standard_error(influence), "linearised"
    if choice.interval == "jackknife" or (not plain and effective < intervals.CORRECTED_BELOW):
        left_out = jackknife(table, f)
        if np.isfinite(left_out) or choice.interval == "jackknife":
            # The questions keep their shares of the variance, so that a difference of estimates has the same correction.
            influence = influence * (left_out / se) if se > SAME else influence
            se, how = left_out, "jackknife"
    fit = _Fit(value, clusters, f"{how}, t({df:.4g})", se, df=df, influence=pd.Series(influence, index=table.questions))
    if np.isnan(se):
        return replace(fit, method="no interval", note="undefined without one of the questions, so the jackknife gives no spread")
    if choice.interval == "log" and value > 0 and se > SAME * max(1.0, value):
        return _on_logs(fit, choice)
    if choice.support is None or (plain and choice.kind == "smooth"):
        return _unbounded(fit, choice)
    return _inside(table, f, fit, effective, choice)


def _unbounded(fit: _Fit, choice: _Choice) -> _Fit:
    """The t interval, for a value that has no range; within the range if there is one."""
    if not fit.se > SAME * max(1.0, abs(fit.value)):
        note = "no question differs from another, so the spread cannot be told"
        return replace(fit, method="no interval", se=0.0, note=note)
    q = intervals.quantile(fit.df, choice.level)
    least, most = choice.support or (-np.inf, np.inf)
    p = None if choice.null is None else intervals.two_sided((fit.value - choice.null) / fit.se, fit.df)
    return replace(fit, low=max(fit.value - q * fit.se, least), high=min(fit.value + q * fit.se, most), p=p)


def _on_logs(fit: _Fit, choice: _Choice) -> _Fit:
    """The t interval of the logarithm of a quotient, whose standard error is se / value."""
    error = fit.se / fit.value
    factor = float(np.exp(intervals.quantile(fit.df, choice.level) * error))
    p = None if not choice.null else intervals.two_sided(np.log(fit.value / choice.null) / error, fit.df)
    return replace(fit, method=f"{fit.method} on the log scale", low=fit.value / factor, high=fit.value * factor, p=p)


def _inside(table: ClusterSums, f: Statistic, fit: _Fit, effective: float, choice: _Choice) -> _Fit:
    """The effective-n Wilson interval of a value within its range."""
    assert choice.support is not None  # noqa: S101  told apart above
    if isinstance(f, Ratio):
        top, bottom = table[f.numerator], table[f.denominator]
        one_each = choice.support == (-1.0, 1.0) and not choice.null and bool((bottom == 1).all())
        pairs = of_differences(top, choice.level) if one_each else None
        if pairs is not None:
            p = None if choice.null is None else pairs.p
            return replace(fit, method=METHOD, low=pairs.low, high=pairs.high, p=p)
        variance = intervals.mean_variance(bottom, corrected=fit.method.startswith("jackknife"))
        most = float(bottom.sum()) if choice.kind == "proportion" else np.inf
        made = intervals.bounded(top, bottom, choice.support, variance, effective, units=most)
    else:
        carry = None if choice.events is None else intervals.Events.of(table[choice.events])
        made = intervals.bounded_value(fit.value, fit.se, choice.support, effective, carry)
    low, high = np.clip(made.ends(intervals.quantile(fit.df, choice.level)), *choice.support).tolist()
    p = None if choice.null is None else made.p(choice.null, fit.df)
    return replace(fit, method=f"effective-n Wilson, t({fit.df:.4g})", low=low, high=high, p=p, note=made.note)


def _assembled(fit: _Fit, label: Label, left: Missing, size: float, choice: _Choice) -> Estimate:
    defined = fit.method != "undefined"
    few = few_clusters(fit.clusters, fit.df + 1) if defined and fit.clusters > 1 and fit.df + 1 < FEW_CLUSTERS else ""
    unequal = fit.df + 2 <= fit.clusters  # then the questions explain few events too; otherwise few events say more
    notes = [note for note in ((few, fit.note) if unequal else (fit.note, few)) if note][:1]
    bounds = left.bounds
    if bounds is None:
        bounds = (np.nan, np.nan) if left.missing else (fit.value, fit.value)
    return Estimate(
        measure=label.measure,
        key=label.key,
        value=fit.value,
        se=fit.se,
        low=fit.low,
        high=fit.high,
        level=choice.level,
        method=f"{label.rule}; {fit.method}" if label.rule and defined else fit.method,
        n=round(size),
        clusters=fit.clusters,
        missing=left.missing,
        partial=left.partial,
        df=fit.df,
        bounds=bounds,
        p=fit.p,
        null=choice.null,
        direction=label.direction,
        title=label.title,
        role=label.role,
        note="; ".join(notes),
        influence=fit.influence,
    )
