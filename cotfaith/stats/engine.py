"""The engine: an estimate is a smooth function of sums by question, and its uncertainty comes from these sums alone.

With T the sums and h_g = T_g . grad f, the linearised standard error is sqrt(G/(G-1) sum (h_g - mean h)^2). For a mean this is
exactly the cluster-robust CR1 of sandwich and statsmodels. Below 50 questions the delete-one-question jackknife replaces it. Both
use t(G-1). For ratios with small denominators, whose intervals are asymmetric, there is a bootstrap by question (percentile, BCa).
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Literal, get_args

import numpy as np
import pandas as pd

from cotfaith.errors import UsageError, unknown
from cotfaith.stats import intervals
from cotfaith.stats.bootstrap import Bootstrap, ends
from cotfaith.stats.estimates import FEW_CLUSTERS, Estimate, Label, few_clusters
from cotfaith.stats.keys import Column
from cotfaith.stats.statistic import SAME, Ratio, Statistic, evaluate, influences, jackknife, standard_error
from cotfaith.stats.sums import ClusterSums

Kind = Literal["smooth", "proportion"]
Interval = Literal["auto", "t", "jackknife", "percentile", "bca"]

JACKKNIFE_BELOW = 50


@dataclass(frozen=True, slots=True)
class Missing:
    """The units that could not be included: their number, and the value if all of them counted as the lowest and as the highest."""

    missing: int = 0
    bounds: tuple[float, float] | None = None


@dataclass(frozen=True, slots=True)
class _Choice:
    kind: Kind
    interval: Interval
    support: tuple[float, float] | None
    null: float | None
    level: float
    draws: int
    seed: int


@dataclass(frozen=True, slots=True, eq=False)
class _Fit:
    value: float
    clusters: int
    method: str
    se: float = np.nan
    low: float = np.nan
    high: float = np.nan
    p: float | None = None
    note: str = ""
    influence: pd.Series[float] | None = None


def estimate(
    table: ClusterSums, f: Statistic, label: Label, *, count: Column | None = None, kind: Kind = "smooth", interval: Interval = "auto",
    support: tuple[float, float] | None = None, null: float | None = None, left: Missing | None = None, level: float = 0.95,
    draws: int = 10_000, seed: int = 0,
) -> Estimate:  # fmt: skip
    """The estimate f(sums over questions) with its uncertainty.

    Args:
        table: the sums by question.
        f: a function of the totals by column name; it must work on arrays of totals, elementwise.
        label: the identity of the estimate.
        count: the column that counts the units; questions without units are excluded. A `Ratio` counts its denominator.
        kind: "proportion" for a share (`f` a `Ratio`), with the effective-n Wilson interval; "smooth" for everything else.
        interval: for "smooth": "t" (linearised), "jackknife", "auto" (jackknife below 50 questions), or a bootstrap interval with
            the linearised standard error: "percentile" (Efron 1979) or "bca" (Efron 1987).
        support: the values that a unit can take. The interval stays inside, and has a width even if all questions are equal.
        null: for "smooth", the value to test against; a bootstrap interval has no test.
        left: the units that could not be included.
        level: the level of the interval.
        draws: the number of draws of a bootstrap interval.
        seed: determines these draws.

    Returns:
        An estimate. If the denominator is 0, its value is NaN and the note says why; with one question it has no interval.

    Raises:
        UsageError: the arguments do not fit each other.
    """
    choice = _Choice(kind, interval, support, null, level, draws, seed)
    units = table[_counting(f, count, choice)]
    entered = table.where(units > 0)
    left, size = left or Missing(), float(units.sum())
    return replace(_assembled(_fit(entered, f, size, choice, left), label, left, size, choice), means=_means(entered, f))


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
    if choice.kind == "proportion" and choice.interval != "auto":
        raise UsageError(
            f"An estimate of kind 'proportion' has the effective-n Wilson interval; use kind 'smooth' for the interval {choice.interval!r}."
        )
    if choice.interval in get_args(Bootstrap) and choice.null is not None:
        raise UsageError(f"The interval {choice.interval!r} has no test; omit null, or use the interval 't'.")


def _fit(table: ClusterSums, f: Statistic, size: float, choice: _Choice, left: Missing) -> _Fit:
    value = float(evaluate(f, table.columns, table.matrix.sum(axis=0)))
    clusters = len(table.questions)
    if clusters == 0 or not np.isfinite(value):
        note = f"the denominator is 0: {size:.0f} units entered, {left.missing} missing"
        return _Fit(np.nan, clusters, "undefined", note=note)
    if clusters == 1:
        return _Fit(value, 1, "no interval", note="one question only, so its spread cannot be told")
    if choice.kind == "proportion" and isinstance(f, Ratio):
        return _share(table, f, value, size, choice.level)
    return _smooth(table, f, value, choice)


def _share(table: ClusterSums, f: Ratio, value: float, size: float, level: float) -> _Fit:
    events, trials = table[f.numerator], table[f.denominator]
    df = len(trials) - 1
    influence = (events - value * trials) / trials.sum()
    effective = intervals.effective_size(events, trials, size)
    low, high = intervals.wilson(value, effective, intervals.quantile(df, level))
    series = pd.Series(influence, index=table.questions)
    return _Fit(value, df + 1, f"effective-n Wilson, t({df})", standard_error(influence), low, high, influence=series)


def _smooth(table: ClusterSums, f: Statistic, value: float, choice: _Choice) -> _Fit:
    influence = influences(table, f)
    series = pd.Series(influence, index=table.questions)
    clusters = len(influence)
    df, q = clusters - 1, intervals.quantile(clusters - 1, choice.level)
    se, how = standard_error(influence), "linearised"
    if choice.interval == "jackknife" or (choice.interval == "auto" and clusters < JACKKNIFE_BELOW):
        left_out = jackknife(table, f)
        if np.isfinite(left_out) or choice.interval == "jackknife":
            se, how = left_out, "jackknife"
    if se > SAME * max(1.0, abs(value)) and choice.interval in get_args(Bootstrap):
        return _drawn(table, f, _Fit(value, clusters, "no interval", se, influence=series), choice)
    if se > SAME * max(1.0, abs(value)):
        least, most = choice.support or (-np.inf, np.inf)
        p = None if choice.null is None else intervals.two_sided((value - choice.null) / se, df)
        low, high = max(value - q * se, least), min(value + q * se, most)
        return _Fit(value, clusters, f"{how}, t({df})", se, low, high, p, influence=series)
    if np.isnan(se):
        note = "undefined without one of the questions, so the jackknife gives no spread"
        return _Fit(value, clusters, "no interval", note=note, influence=series)
    if choice.support is None:
        note = "no question differs from another, so the spread cannot be told"
        return _Fit(value, clusters, "no interval", 0.0, note=note, influence=series)
    low, high = intervals.unvaried(value, clusters, choice.support, q)
    return _Fit(value, clusters, f"no variation: Wilson for 0 of {clusters} questions, t({df})", 0.0, low, high, influence=series)


def _drawn(table: ClusterSums, f: Statistic, fit: _Fit, choice: _Choice) -> _Fit:
    """`fit` with its bootstrap interval; unchanged apart from a note if the interval is undefined."""
    how: Bootstrap = "bca" if choice.interval == "bca" else "percentile"
    found = ends(table, f, how, level=choice.level, draws=choice.draws, seed=choice.seed)
    if np.isnan(found.low):
        return replace(fit, note=found.note)
    least, most = choice.support or (-np.inf, np.inf)
    name = "BCa" if how == "bca" else how
    method = f"{name} bootstrap of questions, {choice.draws} draws, seed {choice.seed}"
    return replace(fit, method=method, low=max(found.low, least), high=min(found.high, most), note=found.note)


def _assembled(fit: _Fit, label: Label, left: Missing, size: float, choice: _Choice) -> Estimate:
    defined = fit.method != "undefined"
    notes = [fit.note] if fit.note else []
    if defined and 1 < fit.clusters < FEW_CLUSTERS:
        notes.append(few_clusters(fit.clusters))
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
        df=float(fit.clusters - 1) if defined and fit.clusters > 1 else np.nan,
        bounds=bounds,
        p=fit.p,
        null=choice.null,
        direction=label.direction,
        title=label.title,
        role=label.role,
        note="; ".join(notes),
        influence=fit.influence,
    )
