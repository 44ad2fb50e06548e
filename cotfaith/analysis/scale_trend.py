"""Trends over model size: the slope per tenfold increase in parameters, as a claim about models and as a claim about these checkpoints."""

from __future__ import annotations

import math
import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import Any, get_args

import numpy as np
import pandas as pd

from cotfaith.analysis.arms import By, ComparisonArm, Place, common
from cotfaith.errors import UsageError
from cotfaith.stats import Estimate, Regression, Trend, adjust, adjusted_trend, extreme_shares, page, quadratic, trend, two_lines
from cotfaith.stats.keys import FIELDS as KEYS
from cotfaith.stats.trend import Models
from cotfaith.stats.two_lines import Shape

Pick = Callable[[Sequence[Estimate]], list[Estimate]]

CHECKPOINTS = "these checkpoints"
READINGS: Mapping[str, Models] = {"models of this size": "random", CHECKPOINTS: "fixed"}
TRENDS = ("about", "measure", *KEYS, "reading", "value", "se", "low", "high", "level", "p", "p_adj", "family_size", "df", "models", "questions", "method", "note")  # fmt: skip
EXTREMES = ("about", "measure", *KEYS, "side", "parameters", "value", "largest", "smallest", "note")  # fmt: skip
ACCURACY = ("reasoning_gain", "accuracy_full")  # the covariate: the measure and metric that have it

_SIZE = re.compile(r"(?P<number>[0-9]*\.?[0-9]+(?:e[+-]?[0-9]+)?)\s*(?P<unit>[KMBT]?)", re.IGNORECASE)
_UNITS = {"": 1.0, "k": 1e3, "m": 1e6, "b": 1e9, "t": 1e12}


@dataclass(frozen=True, slots=True)
class Scale:
    """The choices of a trend: the size of each arm, the estimates, the break point (or None), the level, and the seed of the bootstrap."""

    by: By
    x: Mapping[str, float] | str
    pick: Pick
    at: float | None
    level: float
    seed: int


@dataclass(frozen=True, slots=True, eq=False)
class _Line:
    """The points of one line: an estimate per arm on the same questions, with log10 sizes, and accuracies if known."""

    about: dict[str, Any]
    sides: tuple[str, ...]
    x: tuple[float, ...]
    points: tuple[Estimate, ...]
    accuracy: tuple[Estimate, ...] | None


def parameters(text: str) -> float:
    """A parameter count from text: 135M, 0.5B, 7e9.

    Raises:
        UsageError: the text is not a parameter count.
    """
    found = _SIZE.fullmatch(text.strip())
    value = float(found["number"]) * _UNITS[found["unit"].lower()] if found else 0.0
    if not value > 0:
        raise UsageError(f"{text!r} is not a number of parameters: give, for example, 135M, 0.5B or 7e9.")
    return value


def trends(places: Mapping[Place, Mapping[str, ComparisonArm]], scale: Scale) -> tuple[pd.DataFrame, pd.DataFrame]:
    """For each comparison and estimate: the slopes of each kind, and how often each arm has the largest or smallest value.

    Raises:
        UsageError: the size of an arm is unknown.
    """
    lines = [line for those in places.values() if len(those) > 1 for line in _lines(those, places, scale)]
    rows = pd.DataFrame([row for line in lines for row in _readings(line, scale)], columns=list(TRENDS))
    for reading, those in rows.groupby("reading", sort=False):
        inside = rows["reading"] == reading
        rows.loc[inside, "p_adj"] = adjust(those["p"].to_numpy(dtype=np.float64), "holm")
        rows.loc[inside, "family_size"] = int(those["p"].notna().sum())
    extremes = pd.DataFrame([row for line in lines for row in _extremes(line, scale)], columns=list(EXTREMES))
    return rows, extremes


def nothing() -> tuple[pd.DataFrame, pd.DataFrame]:
    """The result of `trends` without a scale."""
    return pd.DataFrame(columns=list(TRENDS)), pd.DataFrame(columns=list(EXTREMES))


def _lines(
    those: Mapping[str, ComparisonArm], places: Mapping[Place, Mapping[str, ComparisonArm]], scale: Scale
) -> Iterator[_Line]:
    x = {name: math.log10(_size(name, side, scale)) for name, side in those.items()}
    order = sorted(those, key=lambda name: x[name])
    shared = common(those)
    found = {name: scale.pick(those[name].on(shared, scale.level)) for name in order}
    accuracy = _accuracy(those, order, shared, places, scale)
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
            yield _Line(about, tuple(order), tuple(x[name] for name in order), points, accuracy)


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


def _accuracy(
    those: Mapping[str, ComparisonArm],
    order: Sequence[str],
    shared: pd.Index[str],
    places: Mapping[Place, Mapping[str, ComparisonArm]],
    scale: Scale,
) -> tuple[Estimate, ...] | None:
    """The accuracy of each arm on the same questions, if every arm has it."""
    measure, metric = ACCURACY
    beside = places.get((*those[order[0]].place(scale.by)[:-1], measure), {})
    if not len(shared) or any(name not in beside for name in order):
        return None
    return tuple(next(e for e in beside[name].on(shared, scale.level) if e.metric == metric) for name in order)


def _readings(line: _Line, scale: Scale) -> Iterator[dict[str, Any]]:
    counts = {"models": len(line.sides), "level": scale.level}
    for reading, models in READINGS.items():
        yield {**line.about, "reading": reading, **_slope(trend(line.points, line.x, models, scale.level)), **counts}
    if line.accuracy is not None:
        made = adjusted_trend(line.points, line.accuracy, line.x, level=scale.level)
        yield {**line.about, "reading": f"{CHECKPOINTS}, at equal accuracy", **_covariate(made), **counts}
    yield {**line.about, "reading": f"{CHECKPOINTS}, by rank", **_page(line), **counts}
    bend = quadratic(line.points, line.x, scale.level)
    yield {**line.about, "reading": f"{CHECKPOINTS}, curvature", **_contrast(bend), **counts}
    if scale.at is not None:
        yield from _two_lines(line, scale.at, scale.level, counts)


def _slope(made: Trend) -> dict[str, Any]:
    numbers = {name: getattr(made, name) for name in ("se", "low", "high", "p", "df", "method", "note")}
    return {"value": made.slope, **numbers, "questions": made.clusters}


def _covariate(made: Regression) -> dict[str, Any]:
    return {
        **asdict(made["x"]),
        "df": made.df,
        "method": made.method,
        "note": made.note,
        "questions": min(made.clusters.values()),
    }


def _contrast(made: Estimate) -> dict[str, Any]:
    numbers = {name: getattr(made, name) for name in ("value", "se", "low", "high", "df", "method", "note")}
    return {**numbers, "p": np.nan if made.p is None else made.p, "questions": made.clusters}


def _two_lines(line: _Line, at: float, level: float, counts: dict[str, Any]) -> Iterator[dict[str, Any]]:
    """The slopes before and after the break, and the tests of the two possible shapes."""
    peak, trough = (two_lines(line.points, line.x, math.log10(at), shape, level=level) for shape in get_args(Shape))
    for side, one in (("up to the break", peak.up), ("from the break", peak.down)):
        yield {**line.about, "reading": f"{CHECKPOINTS}, {side}", **_contrast(one), **counts}
    for made, shape in ((peak, "a peak there"), (trough, "a trough there")):
        both = {"value": np.nan, "p": made.p, "method": "intersection-union of two one-sided tests", "note": made.note}
        yield {**line.about, "reading": f"{CHECKPOINTS}, {shape}", **both, "questions": made.up.clusters, **counts}


def _page(line: _Line) -> dict[str, Any]:
    """Page's test on the per-question values of each arm; undefined if an arm has no variance."""
    if any(e.influence is None for e in line.points):
        return {
            "value": np.nan,
            "p": np.nan,
            "method": "undefined",
            "note": "one of the models has no spread over questions",
            "questions": 0,
        }
    values = pd.concat([e.pseudo_values().rename(j) for j, e in enumerate(line.points)], axis=1).dropna()
    made = page(values.to_numpy(dtype=np.float64))
    return {
        "value": made.z,
        "p": made.p,
        "method": "Page's L, z with correction for ties",
        "note": made.note,
        "questions": made.questions,
    }


def _extremes(line: _Line, scale: Scale) -> Iterator[dict[str, Any]]:
    shares = extreme_shares(line.points, seed=scale.seed)
    for name, x, point, row in zip(line.sides, line.x, line.points, shares.to_dict("records"), strict=True):
        kept = {key: row[key] for key in ("largest", "smallest", "note")}
        yield {**line.about, "side": name, "parameters": 10**x, "value": point.value, **kept}
