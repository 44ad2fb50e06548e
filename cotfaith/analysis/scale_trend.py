"""Trends over model size: for each comparison, every estimate on the scale of its models, with all readings and the extremes."""

from __future__ import annotations

import math
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd

from cotfaith.analysis.arms import By, ComparisonArm, Pick, Place, common
from cotfaith.analysis.scale_readings import COVARIATES, Covariate, Line, readings
from cotfaith.errors import UsageError, unknown
from cotfaith.stats import adjust, extreme_shares
from cotfaith.stats.keys import FIELDS as KEYS

TRENDS = ("about", "measure", *KEYS, "reading", "held_fixed", "covariate", "is_slope", "value", "se", "low", "high", "level", "p", "p_adj", "family_size", "df", "intercept", "models", "questions", "method", "note")  # fmt: skip
EXTREMES = ("about", "measure", *KEYS, "side", "parameters", "value", "low", "high", "largest", "smallest", "note")  # fmt: skip
ACCURACY = "reasoning_gain"  # the measure that has the accuracies

_SIZE = re.compile(r"(?P<number>[0-9]*\.?[0-9]+(?:e[+-]?[0-9]+)?)\s*(?P<unit>[KMBT]?)", re.IGNORECASE)
_UNITS = {"": 1.0, "k": 1e3, "m": 1e6, "b": 1e9, "t": 1e12}
MOST = 1e18  # parameters of a model


@dataclass(frozen=True, slots=True)
class Scale:
    """The choices of a trend.

    They are the size of each arm, the estimates, the break point (or None), the level, the seed of the bootstrap, and the accuracy
    that is held fixed (a key of `COVARIATES`).
    """

    by: By
    x: Mapping[str, float] | str
    pick: Pick
    at: float | None
    level: float
    seed: int
    adjust_for: str


@dataclass(frozen=True, slots=True, eq=False)
class _Named:
    """A line with the columns that name it, and its arms."""

    about: dict[str, Any]
    sides: tuple[str, ...]
    line: Line


def parameters(text: str) -> float:
    """A parameter count from text: 135M, 0.5B, 7e9.

    Raises:
        UsageError: the text is not a parameter count.
    """
    found = _SIZE.fullmatch(text.strip())
    value = float(found["number"]) * _UNITS[found["unit"].lower()] if found else 0.0
    if not 0 < value <= MOST:
        raise UsageError(f"{text!r} is not a number of parameters: give, for example, 135M, 0.5B or 7e9.")
    return value


def trends(places: Mapping[Place, Mapping[str, ComparisonArm]], scale: Scale) -> tuple[pd.DataFrame, pd.DataFrame]:
    """For each comparison and estimate: the slopes of each kind, and how often each arm has the largest or smallest value.

    Raises:
        UsageError: the size of an arm or the accuracy to hold fixed is unknown.
    """
    if scale.adjust_for not in COVARIATES:
        raise unknown("accuracy to hold fixed", scale.adjust_for, COVARIATES)
    lines = [line for those in places.values() if len(those) > 1 for line in _lines(those, places, scale)]
    found = [{**one.about, **row} for one in lines for row in readings(one.line, at=scale.at, level=scale.level)]
    rows = in_families(pd.DataFrame(found, columns=list(TRENDS)))
    extremes = pd.DataFrame([row for one in lines for row in _extremes(one, scale)], columns=list(EXTREMES))
    return rows, extremes


def in_families(rows: pd.DataFrame) -> pd.DataFrame:
    """The `rows` of readings with `p_adj` and `family_size`: the tests of one reading are a family, Holm-adjusted."""
    families = rows.assign(p=rows["p"].astype("float64")).groupby("reading", sort=False)["p"]
    return rows.assign(
        p_adj=families.transform(lambda p: adjust(p.to_numpy(dtype=np.float64), "holm")), family_size=families.transform("count")
    )


def nothing() -> tuple[pd.DataFrame, pd.DataFrame]:
    """The result of `trends` without a scale."""
    return pd.DataFrame(columns=list(TRENDS)), pd.DataFrame(columns=list(EXTREMES))


def _lines(
    those: Mapping[str, ComparisonArm], places: Mapping[Place, Mapping[str, ComparisonArm]], scale: Scale
) -> Iterator[_Named]:
    x = {name: math.log10(_size(name, side, scale)) for name, side in those.items()}
    order = sorted(those, key=lambda name: x[name])
    shared = common(those)
    found = {name: scale.pick(those[name].on(shared, scale.level)) for name in order}
    covariate = _covariate(those, order, shared, places, scale)
    first = those[order[0]]
    for one in found[order[0]]:
        points = tuple(e for name in order for e in found[name] if e.key == one.key)
        if len(points) == len(order):
            about = {
                "about": first.about(scale.by),
                "measure": first.measure,
                **one.key._asdict(),
                "dose": np.nan if one.key.dose is None else one.key.dose,
            }
            yield _Named(about, tuple(order), Line(tuple(x[name] for name in order), points, covariate))


def _size(name: str, side: ComparisonArm, scale: Scale) -> float:
    if isinstance(scale.x, str):
        if scale.x != "params":
            raise UsageError(
                f"--x is {scale.x!r}: give params, for the models' numbers of parameters, or NAME=NUMBER for each {scale.by}."
            )
        size = side.size
    else:
        size = scale.x.get(name)
    if size is None or not size > 0:
        known = (
            "the run does not know its number of parameters" if isinstance(scale.x, str) else "it has no number among those of --x"
        )
        raise UsageError(
            f"{scale.by.capitalize()} {name} has no place on the scale, since {known}: give it, for example with --x {name}=7B."
        )
    return float(size)


def _covariate(
    those: Mapping[str, ComparisonArm],
    order: Sequence[str],
    shared: pd.Index[str],
    places: Mapping[Place, Mapping[str, ComparisonArm]],
    scale: Scale,
) -> Covariate:
    """The accuracy of each arm on the same questions; without estimates, and with the reason, if an arm does not have it."""
    beside = places.get((*those[order[0]].place(scale.by)[:-1], ACCURACY), {})
    lacking = [name for name in order if name not in beside]
    if lacking:
        reason = f"accuracy is an estimate of {ACCURACY}, which {', '.join(lacking)} does not have: add this measure to the run"
        return Covariate(scale.adjust_for, reason=reason)
    points = (next(e for e in beside[name].on(shared, scale.level) if e.metric == scale.adjust_for) for name in order)
    return Covariate(scale.adjust_for, tuple(points))


def _extremes(one: _Named, scale: Scale) -> Iterator[dict[str, Any]]:
    shares = extreme_shares(one.line.points, seed=scale.seed)
    for name, x, point, row in zip(one.sides, one.line.x, one.line.points, shares.to_dict("records"), strict=True):
        kept = {key: row[key] for key in ("largest", "smallest", "note")}
        known = {"value": point.value, "low": point.low, "high": point.high}
        yield {**one.about, "side": name, "parameters": 10**x, **known, **kept}
