"""The profile: the headline of every measure in a row, by construct, each on the scale of its own possible values."""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import TYPE_CHECKING

import numpy as np

from cotfaith.contracts.figure import Drawing
from cotfaith.figures import rows
from cotfaith.figures.drawing import GRID, INK, NARROW, QUIET, style
from cotfaith.figures.forests import headlines
from cotfaith.figures.points import NUMBERS, PLACE, number
from cotfaith.figures.sentences import per_point, percent
from cotfaith.measures import metric

if TYPE_CHECKING:
    import pandas as pd
    from matplotlib.axes import Axes

REFERENCES = {
    "reference_reader": ("v", "a reader that only follows the reasoning"),
    "reference_direct": ("^", "a model that never reads it"),
}  # columns of reference values, if the table has them, with their marker and their name
COLUMNS = [
    *PLACE,
    "measure",
    "metric",
    "kind",
    "group",
    "row",
    "support_low",
    "support_high",
    "null",
    "at",
    "at_low",
    "at_high",
    *NUMBERS,
]
X = "Each row has its own scale"


def profile(estimates: pd.DataFrame, *, width: float = 7.2, ax: Axes | None = None) -> Drawing | None:
    """The headline of every measure: a row a measure (and kind), by construct, a point a model (and strategy), a panel a task.

    Values of different measures have different scales, so each row has its own, from its least possible value to its largest. A tick is at the value
    under no effect.

    Args:
        estimates: the table of estimates; headline rows over all traces are used, and their columns `reference_reader` and
            `reference_direct` (what a reader that only follows the reasoning and what a model that never reads it would score) if there are any.
        width: of the figure, in inches.
        ax: draw into these axes instead of a figure of its own.

    Returns:
        The drawing; `at`, `at_low` and `at_high` say where on its row, from 0 to 1, a point and its interval are. None if no headline has a value.
    """
    ours = headlines(estimates)
    if ours["value"].notna().sum() == 0:
        return None
    ours = _scaled(ours)
    references = [name for name in REFERENCES if number(ours, name).notna().any()]
    points = ours.assign(null=number(ours, "null"))
    for name in references:
        points[f"{name}_at"] = _at(points, name)
    points = (
        points[[*COLUMNS, *references, *(f"{name}_at" for name in references)]]
        .sort_values("group", kind="stable")
        .reset_index(drop=True)
    )
    names = dict.fromkeys(points.loc[points["value"].notna(), "line"])
    drawn = points.assign(panel=points["task"], series=points["line"])
    with style(width, **{"axes.grid": False}):
        marks = {f"{name}_at": REFERENCES[name] for name in references}
        how = rows.Rows(X, {name: name for name in names}, columns=("at", "at_low", "at_high"), marks=marks)
        made = rows.draw(drawn, how, width, ax)
        for panel, axes in made.panels.items():
            _rails(
                axes,
                drawn[drawn["panel"] == panel],
                made.heights,
                numbers=len(names) == 1 and len(made.panels) == 1 and width >= NARROW,
            )
    return Drawing(made.figure, points, _caption(points, references))


def _scaled(rows_: pd.DataFrame) -> pd.DataFrame:
    """The rows with the ends of their scale, and where value and interval are on it. Without a known range the scale ends at the largest interval."""
    known = [metric(measure, name) for measure, name in zip(rows_["measure"], rows_["metric"], strict=True)]
    ends = [one.support if one is not None and one.support is not None else (math.nan, math.nan) for one in known]
    low, high = (np.array([end[i] for end in ends], dtype=np.float64) for i in (0, 1))
    same = rows_.groupby(["measure", "metric"])
    least = np.minimum(0.0, same["low"].transform("min").fillna(0.0).to_numpy())
    most = np.maximum(1.0, same["high"].transform("max").fillna(1.0).to_numpy())
    rows_ = rows_.assign(support_low=np.where(np.isnan(low), least, low), support_high=np.where(np.isnan(high), most, high))
    return rows_.assign(at=_at(rows_, "value"), at_low=_at(rows_, "low"), at_high=_at(rows_, "high"))


def _at(rows_: pd.DataFrame, name: str) -> pd.Series[float]:
    return (number(rows_, name) - rows_["support_low"]) / (rows_["support_high"] - rows_["support_low"])


def _rails(axes: Axes, points: pd.DataFrame, heights: Mapping[rows.Place, float], *, numbers: bool) -> None:
    """The scale of each row: a grey line with its ends in numbers, and a tick at the value under no effect. With `numbers`, value and interval beside it."""
    for row in points[points["value"].notna()].drop_duplicates(["group", "row"]).to_dict("records"):
        height = heights[row["group"], row["row"]]
        axes.hlines(height, 0, 1, colors=GRID, linewidth=2.4, zorder=0)
        if not math.isnan(row["null"]):
            place = (row["null"] - row["support_low"]) / (row["support_high"] - row["support_low"])
            axes.vlines(place, height - 0.2, height + 0.2, colors=QUIET, linewidth=1.0, zorder=0)
        for end, text, side in ((0, row["support_low"], "right"), (1, row["support_high"], "left")):
            axes.annotate(
                f"{text:.3g}", (end, height), (-4 if side == "right" else 4, 0), textcoords="offset points", ha=side, va="center", color=QUIET, fontsize="small"
            )  # fmt: skip
        if numbers:
            said = f"{row['value']:.2f} [{row['low']:.2f}, {row['high']:.2f}]"
            axes.annotate(
                said, (1.0, height), (32, 0), textcoords="offset points", ha="left", va="center", color=INK, annotation_clip=False
            )  # fmt: skip
    axes.set_xlim(-0.13, 1.1)
    axes.set_xticks([])
    axes.spines[["left", "bottom"]].set_visible(False)
    axes.tick_params(length=0)


def _caption(points: pd.DataFrame, references: list[str]) -> str:
    drawn = (
        f"Points: the headline of each measure with its {percent(points)} interval, each row on the scale of its own possible values; a tick is at the "
        "value under no effect. Values of different constructs are never averaged."
    )
    said = [drawn]
    if references:
        where = {"v": "above", "^": "below"}
        said.append("Triangles: " + "; ".join(f"{where[REFERENCES[name][0]]}, {REFERENCES[name][1]}" for name in references) + ".")
    return " ".join([*said, *per_point(points.assign(point=points["row"]), "units", ("line", "task"))])
