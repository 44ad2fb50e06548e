"""The intraclass correlation: how similar the units of one question are, and how much a further sample of it adds."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray

from cotfaith.errors import UsageError

Floats = NDArray[np.float64]

_NOTHING = 1e-12  # of the sum of squares: a smaller variation is rounding


@dataclass(frozen=True, slots=True)
class Anova:
    """One-way analysis of variance over questions: mean squares `between` and `within`, and the average `size` n0 of a question."""

    between: float
    within: float
    size: float

    @property
    def icc(self) -> float:
        """The share of the units' variance that lies between questions."""
        return (self.between - self.within) / (self.between + (self.size - 1) * self.within)


def icc(total: ArrayLike, squares: ArrayLike, count: ArrayLike) -> float:
    """The intraclass correlation, estimated by analysis of variance for questions of unequal size (Donner 1986).

    (MSB - MSW) / (MSB + (n0 - 1) MSW), with n0 = (N - sum n^2 / N) / (G - 1). It can be negative (down to -1 / (n0 - 1)), if units
    of one question are less similar than units of different questions, and is reported unchanged.

    Args:
        total: the sum of the units' values of each question, of shape (questions,).
        squares: the sum of their squares.
        count: their number; a question with none is excluded.

    Returns:
        The correlation; NaN if there are fewer than two questions, no question has two units, or all units are equal.

    Raises:
        UsageError: the three arrays do not fit each other.
    """
    made = anova(total, squares, count)
    return float("nan") if made is None else made.icc


def anova(total: ArrayLike, squares: ArrayLike, count: ArrayLike) -> Anova | None:
    """The analysis of variance of `icc`, with the same arguments and errors; None if the correlation is undefined."""
    y, y2, n = _columns(total, squares, count)
    inside = n > 0
    y, y2, n = y[inside], y2[inside], n[inside]
    units, questions = float(n.sum()), len(n)
    if questions < 2 or units <= questions:
        return None
    means = float(np.sum(y**2 / n))
    whole, mean = float(y2.sum()), float(y.sum()) ** 2 / units
    if whole - mean <= _NOTHING * whole:
        return None
    return Anova(
        between=max(0.0, means - mean) / (questions - 1),
        within=max(0.0, whole - means) / (units - questions),
        size=(units - float(np.sum(n**2)) / units) / (questions - 1),
    )


def design_effect(icc: float, m: float) -> float:
    """The inflation of a mean's variance by `m` units per question, relative to independent units: 1 + (m - 1) icc (Kish 1965).

    Args:
        icc: their intraclass correlation; NaN gives NaN.
        m: units per question, 1 or more; for unequal questions sum n^2 / sum n, or approximately the mean.

    Raises:
        UsageError: the correlation is above 1, or m below 1.
    """
    if icc > 1:
        raise UsageError(f"The intraclass correlation is {icc:g}, but it cannot be above 1; give the value of icc() on a pilot.")
    if not m >= 1:
        raise UsageError(f"There are {m:g} units per question, but there must be 1 or more; give the samples per question.")
    return 1 + (m - 1) * icc


def effective_size(icc: float, m: float) -> float:
    """The effective sample size of `m` units of a question: m / (1 + (m - 1) icc), at most 1 / icc for an icc above 0.

    The arguments are those of `design_effect`.

    Raises:
        UsageError: an argument is not possible, or the correlation is too negative for `m` units.
    """
    effect = design_effect(icc, m)
    if effect <= 0:
        raise UsageError(
            f"{m:g} units cannot have an intraclass correlation of {icc:g}, which is not above {-1 / (m - 1):.3g}; give fewer units "
            "or 0."
        )
    return m / effect


def _columns(total: ArrayLike, squares: ArrayLike, count: ArrayLike) -> tuple[Floats, Floats, Floats]:
    y, y2, n = (np.asarray(one, dtype=np.float64) for one in (total, squares, count))
    if y.ndim != 1 or not y.shape == y2.shape == n.shape:
        raise UsageError(
            f"Sums of shapes {y.shape}, {y2.shape} and {n.shape} do not fit each other; give one total, one sum of squares and one "
            "count per question."
        )
    if not (np.isfinite(y) & np.isfinite(y2) & np.isfinite(n)).all() or (n < 0).any():
        raise UsageError(
            "A total, a sum of squares or a count is missing, infinite or below 0; exclude missing units from all three."
        )
    return y, y2, n
