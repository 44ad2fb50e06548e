"""Code shared by all figures: their style, their panels, and their text.

Figures are made by matplotlib's objects, never through pyplot, so drawing one does not affect another. Colours are those of Okabe
and Ito (2008), which people with any common colour blindness can distinguish; markers differ as well.
"""

from __future__ import annotations

import textwrap
from collections.abc import Mapping, Sequence
from contextlib import AbstractContextManager
from io import StringIO
from pathlib import Path
from types import MappingProxyType
from typing import TYPE_CHECKING, Any

import matplotlib as mpl
import numpy as np
import seaborn as sns
from matplotlib.figure import Figure

from cotfaith.errors import UsageError

if TYPE_CHECKING:
    import pandas as pd
    from matplotlib.axes import Axes

COLOURS = ("#0072b2", "#d55e00", "#009e73", "#cc79a7", "#e69f00", "#56b4e9")
MARKERS = ("o", "s", "^", "D", "v", "P")
INK, QUIET, GRID = "#1b1b1f", "#5f6368", "#dcdcdf"
HANDLE, LETTER, LINE = 0.5, 0.075, 0.19  # inches: the size of a key besides its words, per letter, and per line of them
SIDE, BOLD = 0.75, 0.088  # inches: the size of an axis besides its panel, and of a letter of a panel's title
NARROW = 5.0  # inches; a narrower figure has its panels one above the other

STYLE: Mapping[str, Any] = MappingProxyType(
    {
        "axes.axisbelow": True,
        "axes.edgecolor": QUIET,
        "axes.grid": True,
        "axes.grid.axis": "y",
        "axes.labelcolor": INK,
        "axes.labelsize": 9.0,
        "axes.linewidth": 0.7,
        "axes.spines.right": False,
        "axes.spines.top": False,
        "axes.titlelocation": "left",
        "axes.titlesize": 9.0,
        "axes.titleweight": "bold",
        "figure.facecolor": "none",
        "axes.facecolor": "none",
        "font.family": "DejaVu Sans",
        "font.size": 8.5,
        "grid.color": GRID,
        "grid.linewidth": 0.6,
        "legend.fontsize": 8.5,
        "legend.frameon": False,
        "savefig.facecolor": "none",
        "svg.fonttype": "none",
        "text.color": INK,
        "text.parse_math": False,
        "xtick.color": QUIET,
        "xtick.labelcolor": INK,
        "ytick.color": QUIET,
        "ytick.labelcolor": INK,
    }
)


def svg(figure: Figure, salt: str, *, ground: str = "none") -> str:
    """`figure` as SVG text with its words as text, the same for the same figure.

    `salt` keeps its ids distinct from another figure's on a page; `ground` is the background, transparent by default.
    """
    out = StringIO()
    nothing = dict.fromkeys(("Creator", "Date", "Format", "Type"))
    with style(**{"svg.hashsalt": salt}):
        figure.savefig(out, format="svg", metadata=nothing, facecolor=ground)
    return out.getvalue()


def save(figure: Figure, path: Path, salt: str) -> Path:
    """Write `figure` to `path`, as SVG on a white ground; the path.

    Raises:
        UsageError: the name does not end in .svg, or the file cannot be written.
    """
    if path.suffix != ".svg":
        raise UsageError(f"The figure {str(path)!r} must be an SVG file: give a name that ends in .svg.")
    text = svg(figure, salt, ground="white")
    try:
        path.write_text(text, encoding="utf-8")
    except OSError as error:
        raise UsageError(
            f"The figure cannot be written to {str(path)!r}: {error.strerror}: name a file in an existing folder."
        ) from error
    return path


def style(**settings: Any) -> AbstractContextManager[None]:
    """Seaborn's plain style with `STYLE` and `settings` on top, while the block runs.

    Only seaborn's style is used: its own error bars resample rows, and ours are clustered by question.
    """
    every: Any = {**sns.axes_style("ticks"), **STYLE, **settings}
    return mpl.rc_context(every)


def panels(titles: Sequence[str], width: float) -> tuple[Figure, list[Axes]]:
    """A figure with an empty panel for each title, side by side if there is room; a single panel has no title."""
    columns = 1 if width < NARROW else min(2, len(titles))
    rows = -(-len(titles) // columns)
    height = (0.62 * width / columns if width < NARROW or columns > 1 else 0.46 * width) + 0.35
    figure = Figure(figsize=(width, rows * height), layout="constrained")
    grid = figure.subplots(rows, columns, sharex=True, sharey=True, squeeze=False)
    axes: list[Axes] = list(grid.flat)
    for unused in axes[len(titles) :]:
        unused.remove()
    for one, title in zip(axes, titles, strict=False):
        if len(titles) > 1:
            head(one, title, width / columns - SIDE)
        one.set_ylim(-0.03, 1.04)
        one.set_yticks(np.linspace(0, 1, 5))
        one.tick_params(length=3, width=0.7, labelbottom=True)
    return figure, axes[: len(titles)]


def head(axes: Axes, title: str, room: float) -> None:
    """Put `title` above a panel that is `room` inches wide; long ones go on in a second line."""
    axes.set_title(textwrap.fill(title, max(8, int(room / BOLD))))


def label(figure: Figure, axes: Sequence[Axes], x: str, y: str) -> None:
    """Name the axes: on the panel itself if there is one, else once for all."""
    if figure.get_figwidth() < NARROW or len(axes) > 1:
        y = textwrap.fill(y, 24)
    if len(axes) == 1:
        axes[0].set_xlabel(x)
        axes[0].set_ylabel(y)
    else:
        figure.supxlabel(x, fontsize=9)
        figure.supylabel(y, fontsize=9)


def colours(names: Sequence[str]) -> dict[str, tuple[str, str]]:
    """A colour and a marker for each of `names`; the seventh name begins again with another marker."""
    size = len(COLOURS)
    return {name: (COLOURS[i % size], MARKERS[(i + i // size) % size]) for i, name in enumerate(names)}


def markers(names: Sequence[str]) -> dict[str, str]:
    """A marker for each of `names`; the seventh begins again."""
    return {name: MARKERS[i % len(MARKERS)] for i, name in enumerate(names)}


def key(figure: Figure, axes: Sequence[Axes]) -> None:
    """A legend of all lines in `axes`, above the panels, in as many columns as there is room for; long names go on in a second line."""
    handles = {name: handle for one in axes for handle, name in zip(*one.get_legend_handles_labels(), strict=True)}
    room = {columns: int((figure.get_figwidth() / columns - HANDLE) / LETTER) for columns in (3, 2, 1)}
    columns = next((one for one, most in room.items() if max(map(len, handles)) <= most), 1)
    names = [textwrap.fill(name, room[columns]) for name in handles]
    lines = -(-sum(name.count("\n") + 1 for name in names) // columns)
    figure.set_figheight(figure.get_figheight() + LINE * max(0, lines - 2))  # two have their room already
    figure.legend(list(handles.values()), names, loc="outside upper left", ncols=columns, handlelength=1.8)


def labelled(points: pd.DataFrame) -> pd.DataFrame:
    """The points with a column `line`, which names the model, and the strategy if there are several."""
    several = len(set(points["strategy"])) > 1
    return points.assign(line=points["model"] + ", " + points["strategy"] if several else points["model"])


def intervals(axes: Axes, rows: pd.DataFrame, colour: str, shift: float = 0.0) -> None:
    """The pointwise intervals, as thin vertical lines; none if undefined."""
    known = rows.dropna(subset=["low", "high"])
    known = known[known["high"] > known["low"]]
    axes.vlines(known["dose"] + shift, known["low"], known["high"], colors=colour, linewidth=1.1, alpha=0.75)


def sample(rows: pd.DataFrame, unit: str) -> str:
    """How much the points of `rows` come from: "38 to 40 traces of 20 questions"."""
    known = rows[rows["value"].notna()]
    return f"{_span(known['n'])} {unit} of {_span(known['clusters'])} questions"


def gaps(rows: pd.DataFrame, where: str) -> str:
    """A sentence that names the points without a value; empty when every point has one."""
    lost = rows[rows["value"].isna()]
    if lost.empty:
        return ""
    reasons = "; ".join(dict.fromkeys(str(reason) for reason in lost["note"] if reason)) or "no reason recorded"
    if len(lost) == len(rows):
        return f"{where} has no values ({reasons})."
    places = ", ".join(f"{x:g}" for x in sorted(set(lost["dose"])))
    return f"{where} has no value at x = {places} and a gap there ({reasons})."


def percent(rows: pd.DataFrame) -> str:
    """The level of the intervals in `rows`: "95 %"; "their own level" if they differ."""
    levels = sorted(set(rows["level"].dropna()))
    return f"{100 * levels[0]:g} %" if len(levels) == 1 else "their own level"


def _span(counts: pd.Series[Any]) -> str:
    low, high = int(counts.min()), int(counts.max())
    return f"{low}" if low == high else f"{low} to {high}"
