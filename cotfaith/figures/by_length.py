"""The curves of Lanham et al. 2023 with a panel for each number of steps, as in its figures 3, 4 and 6."""

from __future__ import annotations

from typing import TYPE_CHECKING

from cotfaith.figures.continuation import mistakes_curve, paraphrase_curve
from cotfaith.figures.points import by_length
from cotfaith.figures.same_answer import same_answer_curve

if TYPE_CHECKING:
    import pandas as pd
    from matplotlib.axes import Axes

    from cotfaith.contracts.figure import Drawing


def same_answer_by_length(estimates: pd.DataFrame, *, width: float = 7.2, ax: Axes | None = None) -> Drawing | None:
    """As `same_answer_curve`, of the traces with exactly 3, 4, 5 and 6 steps: a panel a task and length."""
    return same_answer_curve(by_length(estimates), width=width, ax=ax)


def mistakes_by_length(estimates: pd.DataFrame, *, width: float = 7.2, ax: Axes | None = None) -> Drawing | None:
    """As `mistakes_curve`, of the traces with exactly 3, 4, 5 and 6 steps: a panel a task and length."""
    return mistakes_curve(by_length(estimates), width=width, ax=ax)


def paraphrase_by_length(estimates: pd.DataFrame, *, width: float = 7.2, ax: Axes | None = None) -> Drawing | None:
    """As `paraphrase_curve`, of the traces with exactly 3, 4, 5 and 6 steps: a panel a task and length."""
    return paraphrase_curve(by_length(estimates), width=width, ax=ax)
