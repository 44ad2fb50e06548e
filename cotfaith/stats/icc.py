"""How alike the units of one question are (the intraclass correlation), and what that makes a further sample of it worth."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray

from cotfaith.errors import UsageError

Floats = NDArray[np.float64]

_NOTHING = 1e-12  # of the sum of squares: what varies less is rounding


@dataclass(frozen=True, slots=True)
class Anova:
    """One-way analysis of variance of units in questions: mean squares `between` and `within`, and the average `size` n0 of a question."""

    between: float
    within: float
    size: float

    @property
    def icc(self) -> float:
        """The share of the units' variance that lies between questions."""
        return (self.between - self.within) / (self.between + (self.size - 1) * self.within)


def icc(total: ArrayLike, squares: ArrayLike, count: ArrayLike) -> float:
    """The intraclass correlation, estimated by analysis of variance for questions of unequal size (Donner 1986).

    (MSB - MSW) / (MSB + (n0 - 1) MSW), with n0 = (N - sum n^2 / N) / (G - 1). It can be negative, where units of one question are
    less alike than those of different ones (down to -1 / (n0 - 1)), and is reported as it is.

    Args:
        total: the sum of the units' values of each question, of shape (questions,).
        squares: the sum of their squares.
        count: how many they are; a question with none takes no part.

    Returns:
        The correlation; NaN where there are fewer than two questions, no question has two units, or no unit differs from another.

    Raises:
        UsageError: the three do not fit each other.
    """
    made = anova(total, squares, count)
    return float("nan") if made is None else made.icc


def anova(total: ArrayLike, squares: ArrayLike, count: ArrayLike) -> Anova | None:
    """The analysis of variance behind `icc`, whose arguments and errors these are; None where the correlation is undefined."""
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
    """By how much `m` units a question inflate the variance of a mean of all units, against independent ones: 1 + (m - 1) icc (Kish 1965).

    Args:
        icc: their intraclass correlation; NaN gives NaN.
        m: units a question, 1 or more; for unequal questions the mean, or rather sum n^2 / sum n.

    Raises:
        UsageError: the correlation is above 1, or m below 1.
    """
    if icc > 1:
        raise UsageError(f"The intraclass correlation is {icc:g}, but it cannot be above 1; give what icc() says of a pilot.")
    if not m >= 1:
        raise UsageError(f"There are {m:g} units a question, but there must be 1 or more; give how often each question is sampled.")
    return 1 + (m - 1) * icc


def effective_size(icc: float, m: float) -> float:
    """How many independent units the `m` units of a question are worth: m / (1 + (m - 1) icc), never more than 1 / icc for an icc above 0.

    The arguments are those of `design_effect`.

    Raises:
        UsageError: they cannot be, or no `m` units can be so unlike each other.
    """
    effect = design_effect(icc, m)
    if effect <= 0:
        raise UsageError(
            f"{m:g} units cannot have an intraclass correlation of {icc:g}, which is not above {-1 / (m - 1):.3g}; give fewer units or 0."
        )
    return m / effect


def _columns(total: ArrayLike, squares: ArrayLike, count: ArrayLike) -> tuple[Floats, Floats, Floats]:
    y, y2, n = (np.asarray(one, dtype=np.float64) for one in (total, squares, count))
    if y.ndim != 1 or not y.shape == y2.shape == n.shape:
        raise UsageError(
            f"Sums of shapes {y.shape}, {y2.shape} and {n.shape} do not fit each other; give one total, one sum of squares and one count a question."
        )
    if not (np.isfinite(y) & np.isfinite(y2) & np.isfinite(n)).all() or (n < 0).any():
        raise UsageError(
            "A total, a sum of squares or a count is missing, infinite or below 0; leave missing units out of all three."
        )
    return y, y2, n
