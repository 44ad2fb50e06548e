"""How long the reasoning is: the share of traces with each number of steps (Lanham et al. 2023, figure 2)."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from cotfaith.contracts.figure import Drawing
from cotfaith.figures.drawing import colours, key, label, panels, style
from cotfaith.figures.points import NUMBERS, PLACE, curve
from cotfaith.figures.sentences import percent, sample
from cotfaith.measures.parts.lengths import LENGTH, MOST

if TYPE_CHECKING:
    import pandas as pd
    from matplotlib.axes import Axes

X, Y = "Steps of the reasoning", "Share of traces"
COLUMNS = [*PLACE, "dose", *NUMBERS]
WIDTH = 0.8  # of the room of a length: what its bars take together


def lengths(estimates: pd.DataFrame, *, width: float = 7.2, ax: Axes | None = None) -> Drawing | None:
    """The share of traces with each number of steps: a bar a model (and strategy), a panel a task.

    Args:
        estimates: the table of estimates of a run; rows of the metric `length` are used.
        width: of the figure, in inches.
        ax: draw into these axes instead of a figure of its own.

    Returns:
        The drawing. None if no point has a value.
    """
    points = curve(estimates, [LENGTH.name])[COLUMNS]
    if points["value"].notna().sum() == 0:
        return None
    names, tasks = list(dict.fromkeys(points["line"])), list(dict.fromkeys(points["task"]))
    looks = colours(names)
    each = WIDTH / len(names)
    with style(width):
        figure, axes = panels(tasks, width, ax)
        for task, one in zip(tasks, axes, strict=True):
            for i, name in enumerate(names):
                rows = points[(points["line"] == name) & (points["task"] == task)]
                at = rows["dose"].to_numpy(dtype=np.float64) + (i - (len(names) - 1) / 2) * each
                one.bar(at, rows["value"], each * 0.9, color=looks[name][0], alpha=0.35)
                one.plot(
                    at, rows["value"], color=looks[name][0], marker=looks[name][1], markersize=4.2, linestyle="none", label=name
                )
                one.vlines(at, rows["low"], rows["high"], colors=looks[name][0], linewidth=1.1)
            first, last = int(points["dose"].min()), int(points["dose"].max())
            one.set_xticks(range(first, last + 1))
            one.set_xlim(first - 0.6, last + 0.6)
        label(figure, axes, X, Y)
        if len(names) > 1:
            key(figure, axes, ax)
    return Drawing(figure, points, _caption(points))


def _caption(points: pd.DataFrame) -> str:
    said = [f"Bars and marks: the share of traces with that number of steps, with its {percent(points)} interval."]
    if points["dose"].max() >= MOST:
        said.append(f"The last bar also holds traces of more than {MOST} steps.")
    for (name, task), rows in points.groupby(["line", "task"], sort=False):
        said.append(f"{name} on {task}: {sample(rows, 'traces')}.")
    return " ".join(said)
