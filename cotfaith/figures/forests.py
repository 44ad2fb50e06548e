"""Forests: areas over the curve of all tests, models and tasks, and each test of equivalence beside its margin."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

import pandas as pd

from cotfaith.contracts.figure import Drawing
from cotfaith.figures import rows
from cotfaith.figures.drawing import GRID, style
from cotfaith.figures.points import NUMBERS, PLACE, chosen, differs, labelled, number, survives, text
from cotfaith.figures.sentences import per_point, percent
from cotfaith.measures import MEASURES

if TYPE_CHECKING:
    from matplotlib.axes import Axes

AOC: Mapping[tuple[str, str], str] = {
    ("early_answering", "aoc"): "Early answering",
    ("adding_mistakes", "aoc"): "Adding mistakes",
    ("adding_mistakes", "aoc_net"): "Adding mistakes, net of control",
}  # the areas over curves, by measure and metric
TESTED = ["measure", "metric", "kind", "group", "row", "p_adj", "face"]
MARGIN = ["measure", "metric", "kind", "group", "row", "null", "margin", "p_equivalence", "face"]


def aoc_forest(estimates: pd.DataFrame, *, width: float = 7.2, ax: Axes | None = None) -> Drawing | None:
    """The areas over the curve of early answering and of adding mistakes: a row a test, a point a model (and strategy), a panel a task.

    A point is filled if its test survives adjustment (`p_adj` below 1 - `level`), hollow if not, and grey if the area is not tested: only
    those net of a control have a value under no effect.

    Args:
        estimates: the table of estimates; rows of `aoc` and `aoc_net` are used.
        width: of the figure, in inches.
        ax: draw into these axes instead of a figure of its own.

    Returns:
        The drawing. None if no area has a value.
    """
    parts = [chosen(estimates, measure, [metric]).assign(row=name) for (measure, metric), name in AOC.items()]
    points = pd.concat(parts, ignore_index=True)
    if differs(points):
        points["row"] = [f"{row}, by {kind}" if kind else row for row, kind in zip(points["row"], points["kind"], strict=True)]
    points = points.assign(face=survives(points), p_adj=number(points, "p_adj"), group="")[[*PLACE, *TESTED, *NUMBERS]]
    if points["value"].notna().sum() == 0:
        return None
    names = dict.fromkeys(points.loc[points["value"].notna(), "line"])
    drawn = points.assign(panel=points["task"], series=points["line"])
    with style(width, **{"axes.grid.axis": "x"}):
        how = rows.Rows("Area over the curve", {name: name for name in names}, unit=False, zero=0.0)
        made = rows.draw(drawn, how, width, ax)
    said = f"Points: areas over the curve, each with its {percent(points)} interval. {rows.SAYS}"
    return Drawing(
        made.figure, points, " ".join([said, *per_point(points.assign(point=points["row"]), "traces", ("line", "task"))])
    )


def equivalence(estimates: pd.DataFrame, *, width: float = 7.2, ax: Axes | None = None) -> Drawing | None:
    """The headline of each measure that is tested beside the study's equivalence margin: a row a number, a point a model, a panel a task.

    Shaded is the margin around the value under no effect. A point is filled if the value is shown to lie within it (`p_equivalence` below
    1 - `level`).

    Args:
        estimates: the table of estimates; headline rows with a `margin` are used.
        width: of the figure, in inches.
        ax: draw into these axes instead of a figure of its own.

    Returns:
        The drawing. None if the study has no margin, or no such row has a value.
    """
    ours = headlines(estimates)
    ours = ours[number(ours, "margin").notna() & number(ours, "p_equivalence").notna()]
    points = ours.assign(face=(ours["p_equivalence"] < 1 - ours["level"]).map({True: "rejected", False: "kept"}))[
        [*PLACE, *MARGIN, *NUMBERS]
    ]
    points = points.reset_index(drop=True)
    if points["value"].notna().sum() == 0:
        return None
    names = dict.fromkeys(points.loc[points["value"].notna(), "line"])
    drawn = points.assign(panel=points["task"], series=points["line"])
    with style(width, **{"axes.grid.axis": "x"}):
        made = rows.draw(drawn, rows.Rows("Value", {name: name for name in names}, unit=False, zero=0.0), width, ax)
        for panel, one in made.panels.items():
            here = drawn[(drawn["panel"] == panel) & drawn["value"].notna()].drop_duplicates(["group", "row"])
            heights = [made.heights[place] for place in zip(here["group"], here["row"], strict=True)]
            one.barh(heights, 2 * here["margin"], left=here["null"] - here["margin"], height=0.86, color=GRID, zorder=0)
            ends = one.get_xlim()
            one.set_xlim(
                min(ends[0], 1.1 * float((here["null"] - here["margin"]).min())),
                max(ends[1], 1.1 * float((here["null"] + here["margin"]).max())),
            )
    said = (
        f"Points: values, each with its {percent(points)} interval; shaded, the equivalence margin around the value under no effect. Filled: the value "
        "lies within its margin (two one-sided tests at 1 minus the level); hollow: this is not shown."
    )
    return Drawing(made.figure, points, " ".join([said, *per_point(points.assign(point=points["row"]), "units", ("line", "task"))]))


def headlines(estimates: pd.DataFrame) -> pd.DataFrame:
    """The headline of each measure over all traces, at dose 1 where it has doses, with `group` (the construct) and `row` (the measure and its kind)."""
    ours = estimates[(estimates["role"] == "headline") & (text(estimates, "stratum") == "")]
    ours = labelled(ours[ours["dose"].isna() | (ours["dose"] == 1)])
    several = {measure: differs(rows) for measure, rows in ours.groupby("measure")}
    named = [
        f"{short(name)}: {kind}" if kind and several[name] else short(name)
        for name, kind in zip(ours["measure"], ours["kind"], strict=True)
    ]
    groups = [MEASURES[name].construct if name in MEASURES else "other" for name in ours["measure"]]
    return ours.assign(row=named, group=[group.capitalize() for group in groups])


def short(measure: str) -> str:
    """The name of a measure in words, which is shorter than its title: "Hint effect"."""
    words = measure.replace("_", " ")
    return {"cct": "CCT", "bbq evidence": "BBQ evidence"}.get(words, words[:1].upper() + words[1:])
