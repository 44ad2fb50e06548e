"""Degrees of freedom of a sum over questions that belong to different sets (Satterthwaite 1946)."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]


def satterthwaite(total: Floats, inside: NDArray[np.bool_], worth: Floats) -> tuple[float, float]:
    """The standard error and its degrees of freedom, from each question's contribution and the estimates that include it.

    `worth` is, for each estimate, its degrees of freedom as a share of its questions: below 1 if they have unequal units.
    """
    patterns, which = np.unique(inside, axis=0, return_inverse=True)
    squares = np.bincount(which.ravel(), weights=total**2, minlength=len(patterns))
    sizes = np.bincount(which.ravel(), minlength=len(patterns))
    variance = float(squares.sum())
    least = np.array([worth[pattern].min() for pattern in patterns])
    free = np.maximum((sizes - 1) * least, 1.0)
    if variance <= 0 or len(patterns) == 1:
        return float(np.sqrt(variance)), float((len(total) - 1) * least.min())
    return float(np.sqrt(variance)), variance**2 / float(np.sum(squares**2 / free))
