"""A judge's rate corrected by its sensitivity and specificity (Rogan and Gladen 1978, Am. J. Epidemiol. 107, 71), by question.

With p the share of units with the verdict yes, the corrected rate is (p + specificity - 1)/(sensitivity + specificity - 1).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from cotfaith.errors import UsageError
from cotfaith.stats.engine import Missing, estimate
from cotfaith.stats.estimates import FEW_CLUSTERS, Estimate, Label
from cotfaith.stats.keys import Column
from cotfaith.stats.statistic import SAME, Ratio, Statistic, evaluate
from cotfaith.stats.sums import ClusterSums

Floats = NDArray[np.float64]
Accuracy = float | Ratio

_ENTERED = "judged or labelled"
_UNKNOWN = "no unit that was judged has the hand label {}, so the {} is unknown"
_USELESS = "the judge's sensitivity of {:.3g} and specificity of {:.3g} add up to no more than 1, so its verdicts tell nothing"
_FEW = "hand labels on {} questions only, so the interval may be too narrow"
_ONE = "one question only has the hand label {}, so the spread of the {} cannot be told"
_NAMES = (("yes", "sensitivity"), ("no", "specificity"))


def rogan_gladen(
    table: ClusterSums, judge: Ratio, label: Label, *, sensitivity: Accuracy, specificity: Accuracy, level: float = 0.95,
    left: Missing | None = None,
) -> Estimate:  # fmt: skip
    """An estimate of the rate that a judge without errors would find.

    Sensitivity and specificity count as known if they are numbers. If they are columns of sums, the interval includes their
    uncertainty from the hand labels. The value falls below 0 if the judge says yes less often than its false positives alone would
    make it; it can also exceed 1. Neither the value nor its interval is clipped. If sensitivity and specificity sum to 1 or less,
    or are unknown, the value is NaN, and the note says why.

    Args:
        table: sums by question.
        judge: the sum of the judge's verdicts (1 or 0) over the number of units that it judged.
        label: the identity of the estimate.
        sensitivity: the judge's share of yes among the units with the hand label yes: a number, or the columns of both counts.
        specificity: the judge's share of no among the units with the hand label no: a number, or the columns of both counts.
        level: the level of the interval.
        left: the units that the judge could not judge.

    Raises:
        UsageError: a number lies outside 0 to 1.
    """
    both = (sensitivity, specificity)
    for (_, name), given in zip(_NAMES, both, strict=True):
        if not isinstance(given, Ratio) and not 0 <= given <= 1:
            raise UsageError(f"The {name} of a judge is {given:g}, but it must be between 0 and 1; give the share as a number.")
    judged = table[judge.denominator]
    reason = _undefined(table, both) if judged.any() else ""
    entered = table.beside({_ENTERED: sum((table[one.denominator] for one in both if isinstance(one, Ratio)), judged)})
    made = estimate(
        entered, _nothing if reason else _rate(judge, both), label, count=_ENTERED if judged.any() else judge.denominator,
        support=_reach(both), left=left, level=level,
    )  # fmt: skip
    made = replace(made, n=round(float(judged.sum())), note=reason or made.note)
    return _told(made, table, both) if np.isfinite(made.value) else made


def _at(totals: Mapping[Column, Floats], given: Accuracy) -> Floats:
    return given(totals) if isinstance(given, Ratio) else np.asarray(given, dtype=np.float64)


def _rate(judge: Ratio, both: tuple[Accuracy, Accuracy]) -> Statistic:
    def rate(totals: Mapping[Column, Floats]) -> Floats:
        sensitivity, specificity = (_at(totals, given) for given in both)
        return (judge(totals) + specificity - 1) / (sensitivity + specificity - 1)

    return rate


def _nothing(totals: Mapping[Column, Floats]) -> Floats:
    return totals[_ENTERED] * np.nan


def _undefined(table: ClusterSums, both: tuple[Accuracy, Accuracy]) -> str:
    """Why the correction is undefined; empty if it is defined."""
    totals = table.matrix.sum(axis=0)
    values = [float(evaluate(lambda sums, one=given: _at(sums, one), table.columns, totals)) for given in both]  # type: ignore[misc]
    for value, (word, name) in zip(values, _NAMES, strict=True):
        if not np.isfinite(value):
            return _UNKNOWN.format(word, name)
    return "" if sum(values) - 1 > SAME else _USELESS.format(*values)


def _reach(both: tuple[Accuracy, Accuracy]) -> tuple[float, float] | None:
    """The corrected values of a unit with the verdict no, and with the verdict yes, if the judge's errors are known."""
    sensitivity, specificity = both
    if isinstance(sensitivity, Ratio) or isinstance(specificity, Ratio) or sensitivity + specificity - 1 <= SAME:
        return None
    better = sensitivity + specificity - 1
    return (specificity - 1) / better, specificity / better


def _told(made: Estimate, table: ClusterSums, both: tuple[Accuracy, Accuracy]) -> Estimate:
    """The estimate with a note if few questions have hand labels, or without an interval if only one has."""
    labels = {
        name: (word, table[one.denominator] > 0) for (word, name), one in zip(_NAMES, both, strict=True) if isinstance(one, Ratio)
    }
    for name, (word, questions) in labels.items():
        if made.clusters > 1 and questions.sum() == 1:
            nan = float("nan")
            reason = _ONE.format(word, name)
            return replace(made, se=nan, low=nan, high=nan, method="no interval", note=reason, influence=None)
    labelled = int(np.any([questions for _, questions in labels.values()], axis=0).sum()) if labels else FEW_CLUSTERS
    if labelled >= FEW_CLUSTERS:
        return made
    return replace(made, note="; ".join(part for part in (_FEW.format(labelled), made.note) if part))
