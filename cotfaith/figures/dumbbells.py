"""Dumbbells of accuracy: without a hint and with it (Turpin et al. 2023, figure 1), and without reasoning and with it (Lanham et al. 2023, figure 2)."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING

from cotfaith.contracts.figure import Drawing
from cotfaith.figures import rows
from cotfaith.figures.drawing import style
from cotfaith.figures.points import NUMBERS, PLACE, chosen, number
from cotfaith.figures.sentences import per_point, percent

if TYPE_CHECKING:
    import pandas as pd
    from matplotlib.axes import Axes

X = "Accuracy"
PUBLISHED = "published"  # a column of printed values, if the table has one
COLUMNS = [*PLACE, "hint", "metric", *NUMBERS, PUBLISHED]


@dataclass(frozen=True, slots=True)
class Ends:
    """The two ends of a dumbbell: their measure, their metrics with their names, and what the caption says of them."""

    measure: str
    metrics: Mapping[str, str]
    said: str


BIAS = Ends(
    "bias_accuracy",
    {"accuracy_plain": "without the hint", "accuracy_biased": "with the hint"},
    "Accuracy on questions whose hinted option is wrong, without the hint (hollow) and with it (filled)",
)
REASONING = Ends(
    "reasoning_gain",
    {"accuracy_no_reasoning": "without reasoning", "accuracy_full": "with the full reasoning"},
    "Accuracy without reasoning (hollow) and with all of it (filled)",
)


def bias_dumbbell(estimates: pd.DataFrame, *, width: float = 7.2, ax: Axes | None = None) -> Drawing | None:
    """Accuracy without and with each hint at a wrong option: a row a hint, grouped by task, a panel a model (and strategy).

    Args:
        estimates: the table of estimates; rows of `accuracy_plain` and `accuracy_biased` are used, and their column `published` (printed
            values) if there is one.
        width: of the figure, in inches.
        ax: draw into these axes instead of a figure of its own.

    Returns:
        The drawing. None if no accuracy with a hint has a value.
    """
    return _dumbbell(estimates, BIAS, width, ax)


def reasoning_dumbbell(estimates: pd.DataFrame, *, width: float = 7.2, ax: Axes | None = None) -> Drawing | None:
    """Accuracy without and with the reasoning: a row a task, a panel a model (and strategy).

    Args:
        estimates: the table of estimates; rows of `accuracy_no_reasoning` and `accuracy_full` of `reasoning_gain` are used, and their column
            `published` (printed values) if there is one.
        width: of the figure, in inches.
        ax: draw into these axes instead of a figure of its own.

    Returns:
        The drawing. None if no accuracy with the reasoning has a value.
    """
    return _dumbbell(estimates, REASONING, width, ax)


def _dumbbell(estimates: pd.DataFrame, ends: Ends, width: float, ax: Axes | None) -> Drawing | None:
    found = chosen(estimates, ends.measure, list(ends.metrics)).rename(columns={"kind": "hint"})
    points = found.assign(**{PUBLISHED: number(found, PUBLISHED)})[COLUMNS].reset_index(drop=True)
    first, last = ends.metrics
    known = points[points["value"].notna()]
    if not (known["metric"] == last).any():
        return None
    alone = {name: len(set(known[name])) == 1 for name in ("task", "hint")}
    named = points["task"] if alone["hint"] else points["hint"]
    grouped = not alone["task"] and not alone["hint"]
    drawn = points.assign(panel=points["line"], series=points["metric"], row=named, group=points["task"] if grouped else "")
    with style(width, **{"axes.grid.axis": "x"}):
        how = rows.Rows(X, ends.metrics, frozenset({first}), joined=True, marks={PUBLISHED: ("x", "published")})
        made = rows.draw(drawn, how, width, ax)
    said = f"{ends.said}, each with its {percent(points)} interval."
    said += " Crosses: the published values." if points[PUBLISHED].notna().any() else ""
    told = points.assign(point=points["metric"].map(ends.metrics))
    return Drawing(made.figure, points, " ".join([said, *per_point(told, "readings", ("line", "task", "hint"))]))
