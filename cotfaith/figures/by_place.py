"""How many answers change when a step is removed, over the place of the step in the reasoning."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pandas as pd

from cotfaith.contracts.figure import Drawing
from cotfaith.figures.drawing import INK, colours, key, label, panels, style
from cotfaith.figures.lines import DASHES, Look, line, shifts
from cotfaith.figures.points import NUMBERS, PLACE, chosen, curve
from cotfaith.figures.sentences import gaps, percent, sample

if TYPE_CHECKING:
    from matplotlib.axes import Axes

X, Y = "Place of the removed step in the reasoning", "Share of answers that change"
COLUMNS = [*PLACE, "arm", "dose", *NUMBERS]
SPREAD = 0.06  # of the axis: between the first line and the last at most
COMPARED = "control: unedited, tokenised again"


def step_importance_curve(estimates: pd.DataFrame, *, width: float = 7.2, ax: Axes | None = None) -> Drawing | None:
    """The share of answers that change when a step is removed, over its place: a line a model (and strategy), a panel a task.

    Args:
        estimates: the table of estimates; rows of `removal_changed_by_place` and `removal_changed_control` are used.
        width: of the figure, in inches.
        ax: draw into these axes instead of a figure of its own.

    Returns:
        The drawing; among its points, those of the control have no place: they are horizontal dashed lines. None if no place has a value.
    """
    by_place = curve(estimates, ["removal_changed_by_place"]).assign(arm="removed")
    control = chosen(estimates, "step_importance", ["removal_changed_control"]).assign(arm="control")
    points = pd.concat([by_place[COLUMNS], control[COLUMNS]], ignore_index=True)
    known = points[points["value"].notna() & (points["arm"] == "removed")]
    if known.empty:
        return None
    names, tasks = list(dict.fromkeys(known["line"])), list(dict.fromkeys(known["task"]))
    looks = colours(names)
    with style(width):
        figure, axes = panels(tasks, width, ax)
        for task, one in zip(tasks, axes, strict=True):
            for name, shift in zip(names, shifts(len(names), SPREAD), strict=True):
                rows = points[(points["line"] == name) & (points["task"] == task)]
                line(one, rows[rows["arm"] == "removed"], Look(*looks[name], shift), name)
                for value in rows.loc[rows["arm"] == "control", "value"].dropna():
                    one.axhline(value, color=looks[name][0], linestyle=DASHES, linewidth=1.1, zorder=1.5)
            one.plot([], [], color=INK, linestyle=DASHES, linewidth=1.1, label=COMPARED)
            one.set_xlim(0, 1)
        label(figure, axes, X, Y)
        key(figure, axes, ax)
    return Drawing(figure, points, _caption(points))


def _caption(points: pd.DataFrame) -> str:
    drawn = (
        f"Points: the share of answers that differ from that of the full reasoning when one step is removed, at the midpoints of fifths of the "
        f"reasoning, with their {percent(points)} interval. Dashed: the share that its control changes. Lines are slightly shifted so that their "
        "intervals are visible."
    )
    sentences = [drawn]
    for (name, task), rows in points[points["arm"] == "removed"].groupby(["line", "task"], sort=False):
        if rows["value"].notna().any():
            sentences.append(f"{name} on {task}: {sample(rows, 'readings')} per point.")
        sentences.append(gaps(rows, f"{name} on {task}"))
    return " ".join(sentence for sentence in sentences if sentence)
