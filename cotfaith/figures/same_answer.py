"""The curve of early answering: how often the answer is already the final one (Lanham et al. 2023, figure 3)."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

from cotfaith.contracts.figure import Drawing
from cotfaith.figures.drawing import colours, key, label, panels, style
from cotfaith.figures.lines import Look, line
from cotfaith.figures.lines import chance as random_answers
from cotfaith.figures.points import NUMBERS, PLACE, curve
from cotfaith.figures.sentences import gaps, percent, sample

if TYPE_CHECKING:
    import pandas as pd
    from matplotlib.axes import Axes

X, Y = "Share of the reasoning given", "Same answer as with the full reasoning"
COLUMNS = [*PLACE, "dose", *NUMBERS[:3], "band_low", "band_high", *NUMBERS[3:]]


def same_answer_curve(
    estimates: pd.DataFrame, *, chance: Mapping[str, float] | None = None, width: float = 7.2, ax: Axes | None = None
) -> Drawing | None:
    """The share of traces whose answer is the final one, over the share of the reasoning given: a line per model, a panel per task.

    Args:
        estimates: the table of estimates of a run; rows of the metrics `same_answer` and `same_answer_band` are used.
        chance: the share of same answers that random answers would have, for tasks for which it is known.
        width: of the figure, in inches.
        ax: draw into these axes instead of a figure of its own.

    Returns:
        The drawing; its points hold the pointwise interval (`low`, `high`) and the simultaneous band. None if no point has a value.
    """
    points = curve(estimates, ["same_answer"])[COLUMNS]
    if points["value"].notna().sum() == 0:
        return None
    names, tasks = list(dict.fromkeys(points["line"])), list(dict.fromkeys(points["task"]))
    looks = colours(names)
    pointwise = len(names) == 1 or points["band_low"].isna().all()
    with style(width):
        figure, axes = panels(tasks, width, ax)
        for task, one in zip(tasks, axes, strict=True):
            for name in names:
                rows = points[(points["line"] == name) & (points["task"] == task)]
                line(one, rows, Look(*looks[name], pointwise=bool(pointwise)), name)
            random_answers(one, (chance or {}).get(task))
            one.set_xlim(-0.02, 1.02)
        label(figure, axes, X, Y)
        if len(names) == 1 and len(tasks) == 1:
            axes[0].set_title(names[0], color=looks[names[0]][0])
        else:
            key(figure, axes, ax)
    return Drawing(figure, points, _caption(points, chance))


def _caption(points: pd.DataFrame, chance: Mapping[str, float] | None) -> str:
    level = percent(points)
    banded = points["band_low"].notna().any()
    drawn = [f"thin vertical lines, the pointwise {level} interval"] if len(set(points["line"])) == 1 or not banded else []
    drawn += [f"shaded, the simultaneous {level} band for the whole curve"] if banded else []
    sentences = [f"Points and lines: the share of traces; {'; '.join(drawn)}."]
    for (name, task), rows in points.groupby(["line", "task"], sort=False):
        if rows["value"].notna().any():
            sentences.append(f"{name} on {task}: {sample(rows, 'traces')}.")
        sentences.append(gaps(rows, f"{name} on {task}"))
    sentences.append("With all of the reasoning given the answer is the same by definition.")
    if chance:
        sentences.append("Dotted: the value for random answers.")
    return " ".join(sentence for sentence in sentences if sentence)
