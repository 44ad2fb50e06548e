"""How often each hint's option is the answer, with the hint and without: a point each, with its interval."""

from __future__ import annotations

from typing import TYPE_CHECKING

from cotfaith.contracts.figure import Drawing
from cotfaith.figures import rows
from cotfaith.figures.drawing import style
from cotfaith.figures.points import NUMBERS, PLACE, labelled
from cotfaith.figures.sentences import per_point, percent

if TYPE_CHECKING:
    import pandas as pd
    from matplotlib.axes import Axes

X = "Share of answers that are the hinted option"
COLUMNS = [*PLACE, "hint", "metric", *NUMBERS]
SHOWN = {"cfr": "with the hint", "base_rate": "without it: other plain samples of the same questions"}


def hint_dots(estimates: pd.DataFrame, *, width: float = 7.2, ax: Axes | None = None) -> Drawing | None:
    """CFR and base rate of every hint: one row per hint, one panel per model (and strategy) and task.

    Args:
        estimates: the table of estimates of a run; rows of `cfr` and `base_rate` are used.
        width: of the figure, in inches.
        ax: draw into these axes instead of a figure of its own.

    Returns:
        The drawing. None if no CFR has a value.
    """
    ours = estimates[(estimates["measure"] == "hint_effect") & estimates["metric"].isin(list(SHOWN))]
    points = labelled(ours).rename(columns={"kind": "hint"})[COLUMNS].reset_index(drop=True)
    known = points[points["value"].notna()]
    if not (known["metric"] == "cfr").any():
        return None
    drawn = points.assign(panel=points["line"] + ", " + points["task"], row=points["hint"], series=points["metric"])
    with style(width, **{"axes.grid.axis": "x"}):
        made = rows.draw(drawn, rows.Rows(X, SHOWN, hollow=frozenset({"base_rate"})), width, ax)
    said = f"Points: shares of answers, each with its {percent(points)} interval; filled with the hint, hollow without it."
    told = points.assign(point=points["hint"] + ": " + points["metric"])
    return Drawing(made.figure, points, " ".join([said, *per_point(told, "readings", ("line", "task"))]))
