"""The readings of one quantity over model scale, and what each of them holds fixed.

One estimate per model allows several claims. They differ in the sample (models, or questions of these models) and in what is held
fixed: nothing, or accuracy. A claim about model size rests on a reading with models as the sample.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import Any, get_args

import numpy as np

from cotfaith.stats import Estimate, Regression, Trend, adjusted_trend, over_models, quadratic, trend, two_lines
from cotfaith.stats.ranks import page_of
from cotfaith.stats.two_lines import Shape

COVARIATES: Mapping[str, str] = {"accuracy_full": "with the full reasoning", "accuracy_no_reasoning": "without reasoning"}
SIZE, CHECKPOINTS = "models of this size", "these checkpoints"
NUMBERS = ("value", "se", "low", "high", "p", "df", "method", "note")  # of a reading


@dataclass(frozen=True, slots=True)
class Reading:
    """One way to read a quantity over scale. `held` says what it holds fixed; `slope` whether its value is a slope per tenfold."""

    name: str
    held: str
    slope: bool = True


PLAIN = Reading(SIZE, "Nothing. The slope includes all that goes along with size, such as accuracy. Each model counts once.")
WEIGHTED = Reading(
    f"{SIZE}, weighted",
    "Nothing. Models with a more precise value count for more (random-effects meta-regression, REML with Hartung-Knapp errors).",
)
FIXED = Reading(CHECKPOINTS, "The models. Only their questions are a sample, so it says nothing about other models.")
RANKS = Reading(
    f"{CHECKPOINTS}, by rank",
    "The models, and the question: each question ranks the models by their own means on it. The value is z of Page's test.",
    slope=False,
)
CURVATURE = Reading(f"{CHECKPOINTS}, curvature", "The models. The value is the coefficient of the squared term.", slope=False)
UP = Reading(f"{CHECKPOINTS}, up to the break", "The models, of which only those up to the break enter.")
DOWN = Reading(f"{CHECKPOINTS}, from the break", "The models, of which only those from the break on enter.")
PEAK = Reading(f"{CHECKPOINTS}, a peak there", "The models. It tests for a rise up to the break and a fall from it.", slope=False)
TROUGH = Reading(
    f"{CHECKPOINTS}, a trough there", "The models. It tests for a fall up to the break and a rise from it.", slope=False
)


@dataclass(frozen=True, slots=True, eq=False)
class Covariate:
    """The accuracy that a reading holds fixed: the metric, and its estimate for each model; without estimates, why."""

    metric: str
    points: tuple[Estimate, ...] = ()
    reason: str = ""


@dataclass(frozen=True, slots=True, eq=False)
class Line:
    """One quantity over scale: an estimate per model on the same questions, in the order of `x` (log10 of the parameters)."""

    x: Sequence[float]
    points: Sequence[Estimate]
    covariate: Covariate


def at_equal_accuracy(metric: str) -> tuple[Reading, Reading]:
    """The readings that hold the accuracy `metric` fixed: with models as the sample, and for these checkpoints."""
    words = COVARIATES[metric]
    return (
        Reading(
            f"{SIZE}, at equal accuracy",
            f"The model's accuracy {words}, corrected for the error of its estimate: the slope is that between equally accurate models.",
        ),
        Reading(
            f"{CHECKPOINTS}, at equal accuracy",
            f"The models, and each model's accuracy {words} on the same question. The model's accuracy as a whole is not held fixed.",
        ),
    )


def every(metric: str = "accuracy_full") -> tuple[Reading, ...]:
    """Every reading in the order of the tables, at equal accuracy `metric`; the last four need a break."""
    ours, theirs = at_equal_accuracy(metric)
    return (PLAIN, WEIGHTED, ours, FIXED, theirs, RANKS, CURVATURE, UP, DOWN, PEAK, TROUGH)


def readings(line: Line, *, at: float | None = None, level: float = 0.95) -> Iterator[dict[str, Any]]:
    """Every reading of `line`, as rows.

    Args:
        line: the quantity.
        at: the break of the two-line tests, in parameters; None for no such test.
        level: the level of the intervals.

    Returns:
        Per reading its name ("reading"), "held_fixed", "covariate" (the metric that is held fixed, or ""), "is_slope", `NUMBERS`,
        "intercept" (of a line in log10 of the parameters; NaN without one), "models", "questions" and "level".
    """
    plain, fixed = (trend(line.points, line.x, models, level) for models in ("random", "fixed"))
    counts = {"models": len(line.points), "level": level, "questions": plain.clusters}
    ours, theirs = at_equal_accuracy(line.covariate.metric)
    weighted = over_models(line.points, line.x, weighted=True, level=level)
    rows: list[tuple[Reading, dict[str, Any]]] = [
        (PLAIN, _slope(plain)),
        (WEIGHTED, {**_coefficient(weighted), "intercept": weighted["intercept"].value}),
        (ours, _beside(line, level, questions=False)),
        (FIXED, _slope(fixed)),
        (theirs, _beside(line, level, questions=True)),
        (RANKS, _ranks(line)),
        (CURVATURE, _contrast(quadratic(line.points, line.x, level))),
    ]
    if at is not None:
        rows += _two_lines(line, math.log10(at), level)
    for reading, numbers in rows:
        held = line.covariate.metric if reading in {ours, theirs} else ""
        about = {
            "reading": reading.name,
            "held_fixed": reading.held,
            "covariate": held,
            "is_slope": reading.slope,
            "intercept": np.nan,
        }
        yield {**about, **counts, **dict.fromkeys(NUMBERS[:6], np.nan), **numbers}


def _slope(made: Trend) -> dict[str, Any]:
    return {"value": made.slope, "intercept": made.intercept} | {name: getattr(made, name) for name in NUMBERS[1:]}


def _coefficient(made: Regression) -> dict[str, Any]:
    return {**asdict(made["x"]), "df": made.df, "method": made.method, "note": made.note}


def _beside(line: Line, level: float, *, questions: bool) -> dict[str, Any]:
    """The slope beside the covariate, with models or with questions as the sample."""
    beside = line.covariate.points
    if not beside:
        return {"method": "undefined", "note": line.covariate.reason}
    if not questions:
        return _coefficient(over_models(line.points, line.x, beside, level=level))
    made = adjusted_trend(line.points, beside, line.x, level=level)
    return {**_coefficient(made), "questions": min(made.clusters.values())}


def _ranks(line: Line) -> dict[str, Any]:
    made = page_of(line.points, line.x)
    method = "undefined" if np.isnan(made.p) else "Page's L on question means, z with correction for ties"
    return {"value": made.z, "p": made.p, "method": method, "note": made.note, "questions": made.questions}


def _contrast(made: Estimate) -> dict[str, Any]:
    numbers = {name: getattr(made, name) for name in NUMBERS if name != "p"}
    return {**numbers, "p": np.nan if made.p is None else made.p, "questions": made.clusters}


def _two_lines(line: Line, at: float, level: float) -> Iterator[tuple[Reading, dict[str, Any]]]:
    """The slopes before and after the break, and the tests of the two possible shapes."""
    peak, trough = (two_lines(line.points, line.x, at, shape, level=level) for shape in get_args(Shape))
    yield UP, _contrast(peak.up)
    yield DOWN, _contrast(peak.down)
    for made, reading in ((peak, PEAK), (trough, TROUGH)):
        both = {"p": made.p, "method": "intersection-union of two one-sided tests", "note": made.note}
        yield reading, {**both, "questions": made.up.clusters}
