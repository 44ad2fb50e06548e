"""Which model has the largest value, and which the smallest: the share of bootstrap draws for each model."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from cotfaith.errors import UsageError
from cotfaith.stats.bootstrap import weights
from cotfaith.stats.estimates import Estimate
from cotfaith.stats.statistic import SAME

Floats = NDArray[np.float64]


def extreme_shares(estimates: Sequence[Estimate], draws: int = 10_000, seed: int = 0) -> pd.DataFrame:
    """The share of bootstrap draws in which each of `estimates` is the largest, and the smallest.

    Questions are drawn with replacement, and all estimates use the same draw. With the influences h, a draw gives
    value_j + sum_g w_g h_jg, the mean of the drawn pseudo-values. A question that an estimate lacks contributes nothing to it, and
    no question is excluded. Equal values share the draw. The shares describe these models' estimates; they are not p-values.

    Args:
        estimates: the same quantity for each model.
        draws: bootstrap draws.
        seed: determines the draws, together with the number of questions.

    Returns:
        One row per estimate: `place` (its position in `estimates`, from 0), `largest` and `smallest` (each column sums to 1), and
        `note`. If one of the estimates is undefined or has no spread, all shares are NaN and the note names it. If one has a spread
        of 0, its value counts as known, and the note says so.

    Raises:
        UsageError: `draws` is below 1.
    """
    if draws < 1:
        raise UsageError(f"A share of {draws} draws is undefined; give draws=10000, or at least 1.")
    shares, reason = np.full((2, len(estimates)), np.nan), _trouble(estimates)
    if estimates and not reason:
        shares = _shares(estimates, draws, seed)
        reason = _known(estimates)
    table = {"place": range(len(estimates)), "largest": shares[0], "smallest": shares[1], "note": reason}
    return pd.DataFrame(table, index=range(len(estimates)))


def _trouble(estimates: Sequence[Estimate]) -> str:
    for place, one in enumerate(estimates):
        if not np.isfinite(one.value) or one.influence is None:
            what = "has no spread" if np.isfinite(one.value) else "is undefined"
            return f"the estimate at place {place} {what}{': ' + one.note if one.note else ''}"
    return ""


def _known(estimates: Sequence[Estimate]) -> str:
    flat = [
        str(place) for place, one in enumerate(estimates) if one.influence is not None and not (np.abs(one.influence) > SAME).any()
    ]
    return f"no question differs from another at place {', '.join(flat)}, so the value there is taken as known" if flat else ""


def _shares(estimates: Sequence[Estimate], draws: int, seed: int) -> Floats:
    """Shape (2, estimates): the share of draws in which each is the largest, and the smallest."""
    influences = pd.concat([one.influence.rename(j) for j, one in enumerate(estimates) if one.influence is not None], axis=1)
    h = influences.fillna(0.0).to_numpy(dtype=np.float64)  # of a question that an estimate lacks
    values = np.array([one.value for one in estimates])
    counts, same = np.zeros((2, len(estimates))), SAME * max(1.0, float(np.abs(values).max()))
    for drawn in weights(len(h), draws, seed=seed):
        again = values + drawn @ h
        for row, signed in enumerate((again, -again)):
            best = signed >= signed.max(axis=1, keepdims=True) - same
            counts[row] += (best / best.sum(axis=1, keepdims=True)).sum(axis=0)
    return counts / draws
