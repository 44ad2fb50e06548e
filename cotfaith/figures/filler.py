"""The curve of filler tokens: accuracy by length of the filler, with no and full reasoning (Lanham et al. 2023, figure 5)."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pandas as pd

from cotfaith.contracts.figure import Drawing
from cotfaith.figures.drawing import INK, colours, label, panels, style
from cotfaith.figures.lines import Look, line, named, shifts
from cotfaith.figures.points import NUMBERS, PLACE, labelled
from cotfaith.figures.sentences import gaps, percent, sample

if TYPE_CHECKING:
    from matplotlib.axes import Axes

X, Y = "Filler tokens as a multiple of the reasoning's tokens", "Accuracy"
COLUMNS = [*PLACE, "kind", "dose", *NUMBERS]
ENDS = {"accuracy_no_reasoning": "no reasoning", "accuracy_full": "full reasoning"}


def filler_curve(estimates: pd.DataFrame, *, width: float = 7.2, ax: Axes | None = None) -> Drawing | None:
    """Accuracy over the length of the filler: one line per kind of filler, one panel per model (and strategy) and task.

    Args:
        estimates: the table of estimates of a run; rows of the measure `filler_tokens` are used.
        width: of the figure, in inches.
        ax: draw into these axes instead of a figure of its own.

    Returns:
        The drawing; among its points, those of kind "no reasoning" and "full reasoning" have no x; they are horizontal lines. None
        if no filler has a value.
    """
    points = _points(estimates)
    fillers = points[points["dose"].notna()]
    if fillers["value"].notna().sum() == 0:
        return None
    kinds = list(dict.fromkeys(fillers["kind"]))
    looks = colours(kinds)
    known = fillers[fillers["value"].notna()]
    cells = list(dict.fromkeys(zip(known["line"], known["task"], strict=True)))
    with style(width):
        figure, axes = panels([f"{name}, {task}" for name, task in cells], width, ax)
        longest = float(fillers["dose"].max())
        for (name, task), one in zip(cells, axes, strict=True):
            here = points[(points["line"] == name) & (points["task"] == task)]
            for kind, shift in zip(kinds, shifts(len(kinds), longest, 0.012 * longest), strict=True):
                line(one, here[(here["kind"] == kind) & here["dose"].notna()], Look(*looks[kind], shift), kind)
            _ends(one, here)
            one.set_xlim(0, longest * 1.05)
        label(figure, axes, X, Y)
        last = points[points["value"].notna()].sort_values("dose").drop_duplicates("kind", keep="last")
        heights = dict(zip(last["kind"], last["value"], strict=True))
        named(figure, axes, {kind: (float(height), looks.get(kind, (INK, ""))[0]) for kind, height in heights.items()}, ax)
    return Drawing(figure, points, _caption(points))


def _points(estimates: pd.DataFrame) -> pd.DataFrame:
    ours = labelled(estimates[estimates["measure"] == "filler_tokens"])
    fillers = ours[(ours["metric"] == "accuracy_filler") & ours["dose"].notna()]
    ends = ours[ours["metric"].isin(list(ENDS))]
    ends = ends.assign(kind=ends["metric"].map(ENDS))
    return pd.concat([ends[COLUMNS], fillers[COLUMNS]], ignore_index=True)


def _ends(axes: Axes, rows: pd.DataFrame) -> None:
    """Horizontal lines at the accuracy with no reasoning (dotted) and with all of it (dashed)."""
    for kind, dashes in (("no reasoning", (1, 1.6)), ("full reasoning", (6, 2))):
        for value in rows.loc[rows["kind"] == kind, "value"].dropna():
            axes.axhline(value, color=INK, linewidth=1.1, linestyle=(0, dashes), zorder=1.5, label=kind)


def _caption(points: pd.DataFrame) -> str:
    fillers = points[points["dose"].notna()]
    drawn = (
        f"Points: the share of right answers with filler instead of the reasoning, with its {percent(fillers)} interval; "
        "at 1 the filler has as many tokens as the reasoning. Kinds are slightly shifted so that their intervals are visible. "
        "Horizontal lines: accuracy with no reasoning (dotted) and with all of it (dashed)."
    )
    sentences = [drawn]
    for (name, task), rows in points.groupby(["line", "task"], sort=False):
        where, fillers = f"{name} on {task}", rows[rows["dose"].notna()]
        if fillers["value"].isna().all():
            sentences.append(gaps(fillers, where))
            continue
        sentences.append(f"{where}: {sample(rows, 'traces')} per point.")
        sentences += [gaps(those, f"{where}, {kind}") for kind, those in fillers.groupby("kind", sort=False)]
        lost = rows[rows["dose"].isna() & rows["value"].isna()]
        sentences += [f"{where}: the accuracy with {kind} is undefined." for kind in lost["kind"]]
    return " ".join(sentence for sentence in sentences if sentence)
