"""Curves over a dose: the means of several quantities as points, with the interval of each point and the band of the whole curve."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import numpy as np

from cotfaith.contracts.metric import BAND, Metric
from cotfaith.measures.parts.quantity import Setting, kind_of, mean, ratio, weighted
from cotfaith.stats import ClusterSums, Estimate, Key, band


def curve(table: ClusterSums, setting: Setting, metric: Metric, keys: Sequence[Key]) -> list[Estimate]:
    """The means of the quantities `keys` as points of a curve, then the same with the simultaneous band as interval.

    At the last point all of the reasoning is given: its value is fixed by definition, and it does not enter the band.
    """
    points = [mean(table, setting, metric, key) for key in keys]
    points[-1] = by_definition(points[-1])
    around = banded(table, setting, metric, points[:-1])
    return [*points, *around, _as_band(points[-1], metric)]


def by_definition(point: Estimate) -> Estimate:
    """The `point` of a curve whose value is fixed by definition: its interval has no width."""
    point = replace(point, se=0.0 * point.value, low=point.value, high=point.value)
    return replace(point, method="by definition", note="") if point.n else point


def banded(table: ClusterSums, setting: Setting, metric: Metric, points: Sequence[Estimate]) -> list[Estimate]:
    """The `points`, which are means of the quantities with their keys, with the simultaneous band as interval.

    The band of each point is at least as wide as its own interval.
    """
    ratios = []
    for point in points:
        table, wanted = weighted(table, ratio(point.key), setting.weight)
        ratios.append(wanted)
    support = metric.support or (-np.inf, np.inf)
    around = band(table, ratios, support=support, kind=kind_of(metric), level=setting.level, seed=setting.seed)
    return [
        replace(
            _as_band(point, metric),
            low=float(np.fmin(point.low, low)),
            high=float(np.fmax(point.high, high)),
            method=f"{setting.weight}-weighted; {around.method}" if point.clusters > 1 else point.method,
        )
        for point, low, high in zip(points, around.low, around.high, strict=True)
    ]


def _as_band(point: Estimate, metric: Metric) -> Estimate:
    return replace(point, key=point.key._replace(metric=f"{metric.name}{BAND}"), title=metric.banded().title)
