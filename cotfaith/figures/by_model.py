"""One metric of all models beside each other: a row a model, or a row a kind (a hint, a group) and a point a model."""

from __future__ import annotations

from typing import TYPE_CHECKING

from cotfaith.contracts.figure import Drawing
from cotfaith.figures import rows
from cotfaith.figures.drawing import style
from cotfaith.figures.dumbbells import PUBLISHED
from cotfaith.figures.points import NUMBERS, PLACE, chosen, differs, number
from cotfaith.figures.sentences import per_point, percent

if TYPE_CHECKING:
    import pandas as pd
    from matplotlib.axes import Axes

COLUMNS = [*PLACE, "metric", "kind", *NUMBERS, PUBLISHED]


def by_model(
    estimates: pd.DataFrame,
    *,
    measure: str = "reversed_pairs",
    metric: str = "unfaithful_pairs",
    width: float = 7.2,
    ax: Axes | None = None,
) -> Drawing | None:
    """A metric of every model (and strategy): a row a model, a panel a task. A metric of several kinds has a row a kind, and in it a point a model.

    Args:
        estimates: the table of estimates; rows of this metric over all traces are used, and their column `published` (printed values) if there is one.
        measure: the measure of the metric.
        metric: the metric. By default the share of unfaithful pairs of Arcuschin et al. 2025.
        width: of the figure, in inches.
        ax: draw into these axes instead of a figure of its own.

    Returns:
        The drawing. None if the metric has no value.
    """
    found = chosen(estimates, measure, [metric])
    if found["value"].notna().sum() == 0:
        return None
    kinds = differs(found)
    points = found.assign(**{PUBLISHED: number(found, PUBLISHED)})[COLUMNS].reset_index(drop=True)
    names = dict.fromkeys(points.loc[points["value"].notna(), "line"])
    drawn = points.assign(
        panel=points["task"], row=points["kind"] if kinds else points["line"], series=points["line"] if kinds else ""
    )
    seen = points[["value", "low", "high", PUBLISHED]].max().max()
    with style(width, **{"axes.grid.axis": "x"}):
        series = {name: name for name in names} if kinds else {"": ""}
        how = rows.Rows(str(found["title"].iloc[0]), series, unit=0.3 < seen <= 1, zero=0.0, marks={PUBLISHED: ("x", "published")})
        made = rows.draw(drawn, how, width, ax)
    said = f"Points: {found['title'].iloc[0]}, each with its {percent(points)} interval."
    said += " Crosses: the published values." if points[PUBLISHED].notna().any() else ""
    told = points.assign(point=points["kind"].where(points["kind"] != "", metric))
    return Drawing(made.figure, points, " ".join([said, *per_point(told, "units", ("line", "task"))]))
