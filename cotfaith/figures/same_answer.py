"""The curve of early answering: how often the answer is already the final one (Lanham et al. 2023, figure 3)."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

import pandas as pd

from cotfaith.contracts.figure import Drawing
from cotfaith.figures.drawing import QUIET, colours, gaps, intervals, key, label, labelled, panels, percent, sample, style

if TYPE_CHECKING:
    from matplotlib.axes import Axes

X, Y = "Share of the reasoning given", "Same answer as with the full reasoning"
COLUMNS = [
    "model",
    "strategy",
    "task",
    "line",
    "dose",
    "value",
    "low",
    "high",
    "band_low",
    "band_high",
    "level",
    "n",
    "clusters",
    "missing",
    "note",
]


def same_answer_curve(estimates: pd.DataFrame, *, chance: Mapping[str, float] | None = None, width: float = 7.2) -> Drawing | None:
    """The share of traces whose answer is the final one, over the share of the reasoning given: a line per model, a panel per task.

    Args:
        estimates: the table of estimates of a run; rows of the metrics `same_answer` and `same_answer_band` are used.
        chance: the share of same answers that random answers would have, for tasks for which it is known.
        width: of the figure, in inches.

    Returns:
        The drawing; its points hold the pointwise interval (`low`, `high`) and the simultaneous band. None if no point has a value.
    """
    points = _points(estimates)
    if points["value"].notna().sum() == 0:
        return None
    names, tasks = list(dict.fromkeys(points["line"])), list(dict.fromkeys(points["task"]))
    looks = colours(names)
    with style():
        figure, axes = panels(tasks, width)
        for task, one in zip(tasks, axes, strict=True):
            for name in names:
                rows = points[(points["line"] == name) & (points["task"] == task)]
                _line(one, rows, name, looks[name], alone=len(names) == 1)
            _chance(one, (chance or {}).get(task))
            one.set_xlim(-0.02, 1.02)
        label(figure, axes, X, Y)
        if len(names) == 1 and len(tasks) == 1:
            axes[0].set_title(names[0], color=looks[names[0]][0])
        else:
            key(figure, axes)
    return Drawing(figure, points, _caption(points, chance))


def _points(estimates: pd.DataFrame) -> pd.DataFrame:
    """The points of all curves, with both intervals."""
    curve = estimates[(estimates["metric"] == "same_answer") & estimates["dose"].notna()]
    band = estimates[(estimates["metric"] == "same_answer_band") & estimates["dose"].notna()]
    place = ["model", "strategy", "task", "dose"]
    band = band[[*place, "low", "high"]].rename(columns={"low": "band_low", "high": "band_high"})
    points = curve.merge(band, on=place, how="left", validate="one_to_one")
    return labelled(points)[COLUMNS].reset_index(drop=True)


def _line(axes: Axes, rows: pd.DataFrame, name: str, look: tuple[str, str], *, alone: bool) -> None:
    """One curve with its band; its pointwise intervals too if no other line would cross them."""
    rows = rows.sort_values("dose")
    colour, marker = look
    if rows["value"].notna().sum() == 0:
        return
    axes.fill_between(rows["dose"], rows["band_low"], rows["band_high"], color=colour, alpha=0.16, linewidth=0)
    if alone:
        intervals(axes, rows, colour)
    axes.plot(rows["dose"], rows["value"], color=colour, marker=marker, markersize=4.2, linewidth=1.6, label=name)


def _chance(axes: Axes, chance: float | None) -> None:
    if chance is not None:
        axes.axhline(chance, color=QUIET, linewidth=0.9, linestyle=(0, (1, 2)), zorder=1)
        axes.annotate("chance", (1, chance), (0, 3), textcoords="offset points", color=QUIET, ha="right", fontsize=7.5)


def _caption(points: pd.DataFrame, chance: Mapping[str, float] | None) -> str:
    level = percent(points)
    alone = len(set(points["line"])) == 1
    drawn = f"thin vertical lines, the pointwise {level} interval; " if alone else ""
    sentences = [f"Points and lines: the share of traces; {drawn}shaded, the simultaneous {level} band for the whole curve."]
    for (name, task), rows in points.groupby(["line", "task"], sort=False):
        if rows["value"].notna().any():
            sentences.append(f"{name} on {task}: {sample(rows, 'traces')}.")
        sentences.append(gaps(rows, f"{name} on {task}"))
    sentences.append("With all of the reasoning given the answer is the same by definition.")
    if chance:
        sentences.append("Dotted: the value for random answers.")
    return " ".join(sentence for sentence in sentences if sentence)
