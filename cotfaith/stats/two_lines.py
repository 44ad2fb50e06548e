"""Peaks and troughs over model scale: one line up to a pre-registered break, one from it, and a test of opposite slopes.

The test is Simonsohn's (2018, AMPPS 1(4), 538) with a pre-registered break instead of an estimated one, because eight models or
fewer estimate a break poorly. Lanham et al. (2307.13702) report such a peak at 13B parameters. The errors are those of the
questions, so the claim is about these checkpoints only (see `cotfaith.stats.trend`).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal, get_args

import numpy as np
from numpy.typing import NDArray

from cotfaith.errors import UsageError, unknown
from cotfaith.stats.estimates import Estimate
from cotfaith.stats.lazily import distributions
from cotfaith.stats.trend import check, contrast, hindrance, named, slope_weights, undefined

Shape = Literal["inverted V", "V"]

_SAME_X = 1e-9  # relative: log10 of one number and of an array can differ in the last digit


@dataclass(frozen=True, slots=True, eq=False)
class TwoLines:
    """The slopes on both sides of the break `at`, and the test of `shape`.

    `up` is the slope of the side that should rise (the left one of an inverted V, the right one of a V), and `down` that of the
    other side; each is an estimate for these checkpoints, paired by question. `p_up` is the one-sided p-value for `up` above 0, and
    `p_down` for `down` below 0. They are NaN if the slope is undefined or has no spread; its `note` says why.
    """

    up: Estimate
    down: Estimate
    p_up: float
    p_down: float
    at: float
    shape: Shape

    @property
    def p(self) -> float:
        """The p-value of the shape (an intersection-union test): the larger of the two, NaN if one is."""
        return float(np.maximum(self.p_up, self.p_down))

    @property
    def note(self) -> str:
        """The notes of both sides."""
        return "; ".join(f"{side}: {e.note}" for side, e in (("up", self.up), ("down", self.down)) if e.note)


def two_lines(
    estimates: Sequence[Estimate], x: Sequence[float], at: float, shape: Shape = "inverted V", *, level: float = 0.95
) -> TwoLines:
    """The test that `estimates` rise along `x` up to the break `at` and fall from it on, or the other way round.

    A model at the break belongs to both sides. Declare break and shape before looking at the estimates.

    Args:
        estimates: the same quantity for each model.
        x: the size of each model.
        at: the break, on the scale of x.
        shape: "inverted V" for a peak at the break, "V" for a trough.
        level: the level of the slopes' intervals.

    Returns:
        Both slopes and the tests. A slope is NaN, with a note, if its side has fewer than 2 different x or an undefined estimate.

    Raises:
        UsageError: `estimates` and `x` differ in length, `shape` is unknown, `at` is not finite, or the level is not between 0
            and 1.
    """
    if shape not in get_args(Shape):
        raise unknown("shape", shape, get_args(Shape))
    if not np.isfinite(at):
        raise UsageError(f"The break is {at}; give the number on the scale of x at which the shape turns.")
    check(estimates, x, level)
    sizes = np.asarray(x, dtype=np.float64)
    near = np.isclose(sizes, at, rtol=_SAME_X, atol=_SAME_X)
    lost = ~np.isfinite(sizes)  # a model of unknown size could be on either side
    left = _slope(estimates, sizes, (sizes < at) | near | lost, "left", level)
    right = _slope(estimates, sizes, (sizes > at) | near | lost, "right", level)
    up, down = (left, right) if shape == "inverted V" else (right, left)
    return TwoLines(up, down, _above(up.value, up), _above(-down.value, down), float(at), shape)


def _slope(estimates: Sequence[Estimate], x: NDArray[np.float64], inside: NDArray[np.bool_], side: str, level: float) -> Estimate:
    those, sizes = [one for one, among in zip(estimates, inside, strict=True) if among], x[inside].tolist()
    label = named(those, f"slope on the {side}")
    reason = hindrance(those, sizes, least=2, distinct=2)
    return undefined(those, label, level, reason) if reason else contrast(those, slope_weights(sizes), label, level)


def _above(value: float, slope: Estimate) -> float:
    return float(distributions.t.sf(value / slope.se, slope.df)) if slope.se > 0 else np.nan
