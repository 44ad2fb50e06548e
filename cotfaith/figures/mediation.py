"""The curve of hint mediation: the hinted option's probability by share of the hinted reasoning (Macar et al. 2025)."""

from __future__ import annotations

from typing import TYPE_CHECKING

from cotfaith.contracts.figure import Drawing
from cotfaith.figures.drawing import colours, label, panels, style
from cotfaith.figures.lines import Look, line, named
from cotfaith.figures.points import NUMBERS, PLACE, curve
from cotfaith.figures.sentences import gaps, percent, sample

if TYPE_CHECKING:
    import pandas as pd
    from matplotlib.axes import Axes

X, Y = "Share of the hinted reasoning given", "Probability of the hinted option"
COLUMNS = [*PLACE, "hint", "dose", *NUMBERS[:3], "band_low", "band_high", *NUMBERS[3:]]


def mediation_curve(estimates: pd.DataFrame, *, width: float = 7.2, ax: Axes | None = None) -> Drawing | None:
    """The probability of the hinted option under the plain question, over the share of the hinted reasoning that it is given.

    One line per hint, one panel per model (and strategy) and task.

    Args:
        estimates: the table of estimates of a run; rows of `hinted_option` and `hinted_option_band` are used.
        width: of the figure, in inches.
        ax: draw into these axes instead of a figure of its own.

    Returns:
        The drawing; its points hold the pointwise interval (`low`, `high`) and the simultaneous band. None if no point has a value.
    """
    points = curve(estimates, ["hinted_option"]).rename(columns={"kind": "hint"})[COLUMNS]
    known = points[points["value"].notna()]
    if known.empty:
        return None
    looks = colours(list(dict.fromkeys(known["hint"])))
    cells = list(dict.fromkeys(zip(known["line"], known["task"], strict=True)))
    with style(width):
        figure, axes = panels([f"{name}, {task}" for name, task in cells], width, ax)
        for (name, task), one in zip(cells, axes, strict=True):
            here = points[(points["line"] == name) & (points["task"] == task)]
            for hint, look in looks.items():
                line(one, here[here["hint"] == hint], Look(*look, pointwise=len(looks) == 1), hint)
            one.set_xlim(-0.02, 1.02)
        label(figure, axes, X, Y)
        last = known.sort_values("dose").drop_duplicates("hint", keep="last").set_index("hint")["value"]
        named(figure, axes, {hint: (float(last[hint]), look[0]) for hint, look in looks.items()}, ax)
    return Drawing(figure, points, _caption(points))


def _caption(points: pd.DataFrame) -> str:
    level = percent(points)
    alone = len(set(points.loc[points["value"].notna(), "hint"])) == 1
    drawn = f"thin vertical lines, the pointwise {level} interval; " if alone else ""
    shown = (
        f"Points and lines: the mean over traces; {drawn}shaded, the simultaneous {level} band for the whole curve. At 0 the question has "
        "no reasoning, at 1 all of the hinted one; the points between are at the midpoints of fifths of it, for the traces that have a cut there."
    )
    sentences = [shown]
    for (name, task, hint), rows in points.groupby(["line", "task", "hint"], sort=False):
        where = f"{name} on {task}, {hint}"
        if rows["value"].notna().any():
            sentences.append(f"{where}: {sample(rows, 'traces')} per point.")
        sentences.append(gaps(rows, where))
    return " ".join(sentence for sentence in sentences if sentence)
