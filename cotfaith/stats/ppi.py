"""A judge's rate corrected by hand labels: prediction-powered inference (Angelopoulos et al. 2023, Science 382, 669), by question.

The corrected rate is the judge's mean over all units, minus its mean excess over the hand labels on the labelled units. If whole
questions are labelled at random, the rate is unbiased for any errors of the judge. Its interval includes the variance of the
judge's verdicts and that of its errors.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from cotfaith.stats import intervals
from cotfaith.stats.engine import Missing, estimate
from cotfaith.stats.estimates import FEW_CLUSTERS, Estimate, Label
from cotfaith.stats.keys import Column
from cotfaith.stats.statistic import SAME, Ratio, evaluate
from cotfaith.stats.sums import ClusterSums

Floats = NDArray[np.float64]

_NO_LABELS = "no unit that was judged has a hand label"
_FEW = "hand labels on {} questions only, so the interval may be too narrow"
_NO_ERROR = "the judge errs on no labelled unit, so the interval has the spread of its verdicts alone"
_ONE = "hand labels on one question only, so the spread of the judge's errors cannot be told"


def corrected(
    table: ClusterSums, all_: Ratio, rectifier: Ratio, label: Label, level: float = 0.95, *, left: Missing | None = None
) -> Estimate:
    """An estimate of the rate that hand labels on all units would give.

    With few labels it can fall outside 0 to 1; the interval is then not clipped.

    Args:
        table: sums by question.
        all_: the sum of the judge's verdicts (1 or 0) over the number of units that it judged.
        rectifier: the sum of verdict minus hand label, over the number of units that have both.
        label: the identity of the estimate.
        level: the level of the interval.
        left: the units that the judge could not judge.
    """

    def rate(totals: Mapping[Column, Floats]) -> Floats:
        return all_(totals) - rectifier(totals)

    value = float(evaluate(rate, table.columns, table.matrix.sum(axis=0)))
    support = (0.0, 1.0) if 0 <= value <= 1 else None
    made = estimate(table, rate, label, count=all_.denominator, support=support, left=left, level=level)
    labelled = int((table[rectifier.denominator] > 0).sum())
    if made.n and labelled == 0:
        return replace(made, note=_NO_LABELS)
    if made.clusters > 1 and labelled == 1:
        return _without_interval(made)
    notes = [_FEW.format(labelled)] if made.n and labelled < FEW_CLUSTERS else []
    if made.clusters > 1 and not table[rectifier.numerator].any():
        notes.append(_NO_ERROR)
    made = replace(made, note="; ".join([*notes, made.note] if made.note else notes))
    return _from_labels(made, labelled) if made.se <= SAME and support else made


def _without_interval(made: Estimate) -> Estimate:
    nan = float("nan")
    return replace(made, se=nan, low=nan, high=nan, method="no interval", note=_ONE, influence=None)


def _from_labels(made: Estimate, labelled: int) -> Estimate:
    """If all questions are equal, the interval uses only those with labels, because the others only have a verdict."""
    own = intervals.bounded_value(made.value, 0.0, (0.0, 1.0), float(labelled))
    low, high = own.ends(intervals.quantile(labelled - 1, made.level))
    method = f"no variation: Wilson for 0 of {labelled} labelled questions, t({labelled - 1})"
    return replace(made, low=low, high=high, method=method, df=float(labelled - 1))
