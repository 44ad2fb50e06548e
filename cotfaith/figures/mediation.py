"""The curve of hint mediation: the hinted option's probability by share of the hinted reasoning (Macar et al. 2025)."""

from __future__ import annotations

from typing import TYPE_CHECKING

from cotfaith.contracts.figure import Drawing
from cotfaith.figures.drawing import colours, gaps, intervals, key, label, labelled, panels, percent, sample, style

if TYPE_CHECKING:
    import pandas as pd
    from matplotlib.axes import Axes

X, Y = "Share of the hinted reasoning given", "Probability of the hinted option"
COLUMNS = ["model", "strategy", "task", "line", "hint", "dose", "value", "low", "high", "band_low", "band_high", "level", "n", "clusters", "missing", "note"]  # fmt: skip
PLACE = ["model", "strategy", "task", "kind", "dose"]


def mediation_curve(estimates: pd.DataFrame, *, width: float = 7.2) -> Drawing | None:
    """The probability of the hinted option under the plain question, over the share of the hinted reasoning that it is given.

    One line per hint, one panel per model (and strategy) and task.

    Args:
        estimates: the table of estimates of a run; rows of `hinted_option` and `hinted_option_band` are used.
        width: of the figure, in inches.

    Returns:
        The drawing; its points hold the pointwise interval (`low`, `high`) and the simultaneous band. None if no point has a value.
    """
    points = _points(estimates)
    known = points[points["value"].notna()]
    if known.empty:
        return None
    looks = colours(list(dict.fromkeys(known["hint"])))
    cells = list(dict.fromkeys(zip(known["line"], known["task"], strict=True)))
    with style():
        figure, axes = panels([f"{name}, {task}" for name, task in cells], width)
        for (name, task), one in zip(cells, axes, strict=True):
            here = points[(points["line"] == name) & (points["task"] == task)]
            for hint, look in looks.items():
                _line(one, here[here["hint"] == hint], hint, look, alone=len(looks) == 1)
            one.set_xlim(-0.02, 1.02)
        label(figure, axes, X, Y)
        key(figure, axes)
    return Drawing(figure, points, _caption(points))


def _points(estimates: pd.DataFrame) -> pd.DataFrame:
    """The points of all curves, with both intervals."""
    curve = estimates[(estimates["metric"] == "hinted_option") & estimates["dose"].notna()]
    band = estimates[(estimates["metric"] == "hinted_option_band") & estimates["dose"].notna()]
    band = band[[*PLACE, "low", "high"]].rename(columns={"low": "band_low", "high": "band_high"})
    points = labelled(curve.merge(band, on=PLACE, how="left", validate="one_to_one"))
    return points.rename(columns={"kind": "hint"})[COLUMNS].reset_index(drop=True)


def _line(axes: Axes, rows: pd.DataFrame, hint: str, look: tuple[str, str], *, alone: bool) -> None:
    """One curve with its band; its pointwise intervals too if no other line would cross them."""
    rows = rows.sort_values("dose")
    if rows["value"].notna().sum() == 0:
        return
    colour, marker = look
    axes.fill_between(rows["dose"], rows["band_low"], rows["band_high"], color=colour, alpha=0.14, linewidth=0)
    if alone:
        intervals(axes, rows, colour)
    axes.plot(rows["dose"], rows["value"], color=colour, marker=marker, markersize=4.2, linewidth=1.6, label=hint)


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
