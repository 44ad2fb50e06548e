"""Figures of two estimates against each other: a mark with both of its intervals, named beside it where the marks are few."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from cotfaith.figures.drawing import NARROW, QUIET, SIDE, colours, grid, key, label, letter
from cotfaith.figures.lines import spread

if TYPE_CHECKING:
    import pandas as pd
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

FEW = 6  # marks of a panel that are named beside them
LINE = 0.075  # of the height of a panel: between two of these names, at least
SHARE = 0.3  # of the width of a panel that such a name may take


@dataclass(frozen=True, slots=True)
class Scatter:
    """What a scatter shows: the names of its axes, whether each is from 0 to 1, whether it has the line of equal values, and whether marks are named beside them."""

    x: str
    y: str
    unit: tuple[bool, bool] = (True, True)
    equal: bool = False
    direct: bool = True


def draw(points: pd.DataFrame, how: Scatter, width: float, ax: Axes | None = None) -> Figure:
    """The figure of `points`, in the style that is set.

    The points have the columns `panel`, `series`, `x` and `value`, with intervals `x_low` to `x_high` and `low` to `high`.
    """
    known = points[points["value"].notna() & points["x"].notna()]
    panels, names = list(dict.fromkeys(known["panel"])), list(dict.fromkeys(known["series"]))
    columns = 1 if width < NARROW else min(2, len(panels))
    size = width / columns if columns > 1 or width < NARROW else 0.62 * width
    figure, axes = grid(panels, width if columns > 1 or width < NARROW else size, 0.78 * size + 0.3, ax=ax, side=SIDE)
    looks = colours(names)
    direct = how.direct and _fits(known, names, size) and ax is None
    for panel, one in zip(panels, axes, strict=True):
        here = known[known["panel"] == panel]
        for name in names:
            rows = here[here["series"] == name]
            colour, marker = looks[name]
            one.hlines(rows["value"], rows["x_low"], rows["x_high"], colors=colour, linewidth=1.0, alpha=0.6)
            one.vlines(rows["x"], rows["low"], rows["high"], colors=colour, linewidth=1.0, alpha=0.6)
            one.plot(rows["x"], rows["value"], color=colour, marker=marker, markersize=5.2, linestyle="none", label=name)
    for one in axes:
        _limits(one, known, how)
        one.grid(visible=True, axis="both")
        if how.equal:
            one.axline((0, 0), slope=1, color=QUIET, linewidth=0.9, linestyle=(0, (1, 2)), zorder=1)
    label(figure, axes, how.x, how.y)
    if direct:
        for panel, one in zip(panels, axes, strict=True):
            _name(one, known[known["panel"] == panel], {name: look[0] for name, look in looks.items()})
    elif len(names) > 1:
        key(figure, axes, ax)
    return figure


def _fits(points: pd.DataFrame, names: Sequence[str], size: float) -> bool:
    """Whether the marks can be named beside them."""
    return int(points.groupby("panel").size().max()) <= FEW and max(map(len, names)) * letter() < SHARE * size


def _name(axes: Axes, rows: pd.DataFrame, hues: dict[str, str]) -> None:
    """Name each mark on the side that has more room; names on one side do not overlap."""
    (left, right), (low, high) = axes.get_xlim(), axes.get_ylim()
    across = (rows["x"].to_numpy() - left) / (right - left)
    heights = (rows["value"].to_numpy() - low) / (high - low)
    for side in (False, True):
        inside = np.flatnonzero((across > 0.6) == side)
        placed = spread([heights[i] + 0.035 for i in inside], LINE) if len(inside) else []
        for i, height in zip(inside, placed, strict=True):
            name = rows["series"].iloc[i]
            axes.annotate(
                name, (across[i], height), (-5 if side else 5, 0), xycoords="axes fraction", textcoords="offset points", color=hues[name],
                ha="right" if side else "left", va="center", fontsize="small",
            )  # fmt: skip


def _limits(axes: Axes, points: pd.DataFrame, how: Scatter) -> None:
    for unit, names, limit, ticks in (
        (how.unit[0], ["x", "x_low", "x_high"], axes.set_xlim, axes.set_xticks),
        (how.unit[1], ["value", "low", "high"], axes.set_ylim, axes.set_yticks),
    ):
        if unit:
            limit(-0.03, 1.04)
            ticks(np.linspace(0, 1, 5))
            continue
        seen = points[names].to_numpy(dtype=np.float64)
        low, high = float(np.nanmin(seen)), float(np.nanmax(seen))
        room = 0.06 * (high - low or 1.0)
        limit(low - room, high + room)
