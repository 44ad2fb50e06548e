"""How often each hint's option is the answer, with the hint and without: a point each, with its interval."""

from __future__ import annotations

import textwrap
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import numpy as np
from matplotlib.figure import Figure

from cotfaith.contracts.figure import Drawing
from cotfaith.figures.drawing import (
    COLOURS,
    LETTER,
    MARKERS,
    NARROW,
    SIDE,
    head,
    key,
    label,
    labelled,
    percent,
    sample,
    style,
)

if TYPE_CHECKING:
    import pandas as pd
    from matplotlib.axes import Axes

X = "Share of answers that are the hinted option"
COLUMNS = ["model", "strategy", "task", "line", "hint", "metric", "value", "low", "high", "level", "n", "clusters", "missing", "note"]  # fmt: skip
SHOWN = {"cfr": "with the hint", "base_rate": "without it: other plain samples of the same questions"}
APART, ROOM = 0.14, 0.34  # between the two points of a hint, in rows; inches of a row
NAME = 26  # letters of a hint's name on a line, and of the text below a narrow panel


def hint_dots(estimates: pd.DataFrame, *, width: float = 7.2) -> Drawing | None:
    """CFR and base rate of every hint: one row per hint, one panel per model (and strategy) and task.

    Args:
        estimates: the table of estimates of a run; rows of `cfr` and `base_rate` are used.
        width: of the figure, in inches.

    Returns:
        The drawing. None if no CFR has a value.
    """
    ours = estimates[(estimates["measure"] == "hint_effect") & estimates["metric"].isin(list(SHOWN))]
    points = labelled(ours).rename(columns={"kind": "hint"})[COLUMNS].reset_index(drop=True)
    known = points[points["value"].notna()]
    if not (known["metric"] == "cfr").any():
        return None
    hints = list(dict.fromkeys(known["hint"]))
    cells = list(dict.fromkeys(zip(known["line"], known["task"], strict=True)))
    with style(**{"axes.grid.axis": "x"}):
        figure, axes = _panels([f"{name}, {task}" for name, task in cells], hints, width)
        for (name, task), one in zip(cells, axes, strict=True):
            here = points[(points["line"] == name) & (points["task"] == task)]
            for metric in SHOWN:
                _dots(one, here[here["metric"] == metric], hints, metric)
        label(figure, axes, textwrap.fill(X, NAME) if width < NARROW else X, "")
        key(figure, axes)
    return Drawing(figure, points, _caption(points))


def _panels(titles: Sequence[str], hints: Sequence[str], width: float) -> tuple[Figure, list[Axes]]:
    """A figure with an empty panel for each title, with a row for each of `hints`, the first on top; one panel goes without its title."""
    columns = 1 if width < NARROW else min(2, len(titles))
    rows = -(-len(titles) // columns)
    names = [textwrap.fill(hint, NAME) for hint in hints]
    beside = LETTER * max(len(line) for name in names for line in name.splitlines())
    lines = sum(max(2, name.count("\n") + 1) for name in names) / 2
    figure = Figure(figsize=(width, rows * (ROOM * lines + 0.75) + 0.35), layout="constrained")
    grid = figure.subplots(rows, columns, sharex=True, sharey=True, squeeze=False)
    axes: list[Axes] = list(grid.flat)
    for unused in axes[len(titles) :]:
        unused.remove()
    for one, title in zip(axes, titles, strict=False):
        if len(titles) > 1:
            head(one, title, (width - beside) / columns - SIDE / 2)
        one.set_xlim(-0.03, 1.03)
        one.set_xticks(np.linspace(0, 1, 5))
        one.set_ylim(len(hints) - 0.5, -0.5)
        one.set_yticks(range(len(hints)), names)
        one.tick_params(length=3, width=0.7, labelbottom=True)
    return figure, axes[: len(titles)]


def _dots(axes: Axes, rows: pd.DataFrame, hints: Sequence[str], metric: str) -> None:
    """The points of one metric, those with the hint filled and slightly above; none if there is no value."""
    i = list(SHOWN).index(metric)
    known = rows[rows["value"].notna()]
    known = known.assign(height=[hints.index(hint) + (2 * i - 1) * APART for hint in known["hint"]])
    look: dict[str, Any] = {
        "color": COLOURS[i],
        "marker": MARKERS[i],
        "markersize": 5.0,
        "linestyle": "none",
        "label": SHOWN[metric],
    }
    if metric != "cfr":
        look["markerfacecolor"] = "none"
    lines = known.dropna(subset=["low", "high"])
    axes.hlines(lines["height"], lines["low"], lines["high"], colors=COLOURS[i], linewidth=1.1, alpha=0.75)
    axes.plot(known["value"], known["height"], **look)


def _caption(points: pd.DataFrame) -> str:
    sentences = [f"Points: shares of answers, each with its {percent(points)} interval; filled with the hint, hollow without it."]
    for (name, task), rows in points.groupby(["line", "task"], sort=False):
        if rows["value"].notna().any():
            sentences.append(f"{name} on {task}: {sample(rows, 'readings')} per point.")
        sentences += [
            f"{name} on {task}, {row['hint']}: {row['metric']} has no value ({row['note'] or 'no reason recorded'})."
            for row in rows[rows["value"].isna()].to_dict("records")
        ]
    return " ".join(sentences)
