"""Code shared by all figures: their style, their panels, and their text.

Figures are made by matplotlib's objects, never through pyplot, so drawing one does not affect another. Colours are those of Okabe
and Ito (2008), which people with any common colour blindness can distinguish; markers differ as well.
"""

from __future__ import annotations

import re
import textwrap
from collections.abc import Mapping, Sequence
from contextlib import AbstractContextManager
from types import MappingProxyType
from typing import TYPE_CHECKING, Any

import matplotlib as mpl
import numpy as np
import seaborn as sns
from matplotlib.figure import Figure

from cotfaith.errors import UsageError

if TYPE_CHECKING:
    from matplotlib.axes import Axes

COLOURS = ("#0072b2", "#d55e00", "#009e73", "#cc79a7", "#e69f00", "#56b4e9")
MARKERS = ("o", "s", "^", "D", "v", "P")
INK, QUIET, GRID = "#1b1b1f", "#5f6368", "#dcdcdf"
HANDLE, LETTER, LINE = 0.5, 0.075, 0.19  # inches: the size of a key besides its words, per letter, and per line of them
SIDE, BOLD = 0.75, 0.088  # inches: the size of an axis besides its panel, and of a letter of a panel's title
COLUMN, PAGE = 3.3, 6.8  # inches: one column of a paper with two, and both
LOW = 1.6  # inches; a lower figure has no room for a key above its panel
NARROW = 5.0  # inches; a narrower figure has its panels one above the other
SMALL = 3.6  # inches; a narrower figure has smaller text
FULL = 8.5  # points: the text for which LETTER and LINE are measured

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
SMALLER: Mapping[str, Any] = MappingProxyType(
    {"axes.labelsize": 7.5, "axes.titlesize": 7.5, "font.size": 7.25, "legend.fontsize": 7.25}
)


def style(width: float = 7.2, /, **settings: Any) -> AbstractContextManager[None]:
    """Seaborn's plain style with `STYLE` and `settings` on top, while the block runs; smaller text in a figure of one column.

    Only seaborn's style is used: its own error bars resample rows, and ours are clustered by question.
    """
    every: Any = {**sns.axes_style("ticks"), **STYLE, **(SMALLER if width < SMALL else {}), **settings}
    return mpl.rc_context(every)


def letter() -> float:
    """The width of a letter of the text in inches, in the style that is set."""
    return LETTER * float(mpl.rcParams["font.size"]) / FULL


def panels(titles: Sequence[str], width: float, ax: Axes | None = None) -> tuple[Figure, list[Axes]]:
    """A figure with an empty panel from 0 to 1 for each title; see `grid`."""
    columns = _columns(titles, width)
    height = 0.62 * width / columns if width < NARROW or columns > 1 else 0.46 * width
    figure, axes = grid(titles, width, height + 0.35, ax=ax, side=SIDE)
    for one in axes:
        one.set_ylim(-0.03, 1.04)
        one.set_yticks(np.linspace(0, 1, 5))
    return figure, axes


def grid(
    titles: Sequence[str], width: float, height: float, *, ax: Axes | None = None, side: float = 0.0, columns: int = 2
) -> tuple[Figure, list[Axes]]:
    """A figure with an empty panel for each title, side by side if there is room; a single panel has no title.

    Args:
        titles: of the panels.
        width: of the figure, in inches.
        height: of a row of panels, in inches.
        ax: draw into these axes instead.
        side: inches beside each panel that its title cannot take.
        columns: panels side by side at most.

    Raises:
        UsageError: `ax` is given, and there are several panels.
    """
    if ax is not None:
        if len(titles) != 1:
            raise UsageError(
                f"This figure has {len(titles)} panels ({', '.join(titles)}), and ax holds one: give the estimates of one panel, or leave ax out."
            )
        return ax.figure.figure, [ax]
    columns = _columns(titles, width, columns)
    rows = -(-len(titles) // columns)
    figure = Figure(figsize=(width, rows * height), layout="constrained")
    axes: list[Axes] = list(figure.subplots(rows, columns, sharex=True, sharey=True, squeeze=False).flat)
    for unused in axes[len(titles) :]:
        unused.remove()
    for one, title in zip(axes, titles, strict=False):
        if len(titles) > 1:
            head(one, title, width / columns - side)
        one.tick_params(length=3, width=0.7, labelbottom=True)
    return figure, axes[: len(titles)]


def _columns(titles: Sequence[str], width: float, most: int = 2) -> int:
    return 1 if width < NARROW else min(most, len(titles))


def wrapped(text: str, room: int) -> str:
    """The text in lines of at most `room` letters. They end at spaces, and a longer word is broken after an underscore or a slash if it has one."""
    lines: list[str] = []
    for word in text.split(" "):
        if lines and len(lines[-1]) + 1 + len(word) <= room:
            lines[-1] += f" {word}"
            continue
        line = ""
        for part in re.split(r"(?<=[_/])", word):
            if line and len(line) + len(part) > room:
                lines.append(line)
                line = ""
            line += part
        lines += [line[i : i + room] for i in range(0, len(line), room)] or [""]
    return "\n".join(lines)


def head(axes: Axes, title: str, room: float) -> None:
    """Put `title` above a panel that is `room` inches wide; long ones go on in a second line."""
    bold = BOLD * float(mpl.rcParams["axes.titlesize"]) / 9
    axes.set_title(wrapped(title, max(8, int(room / bold))))


def label(figure: Figure, axes: Sequence[Axes], x: str, y: str) -> None:
    """Name the axes: on the panel itself if there is one, else once for all."""
    if figure.get_figwidth() < NARROW or len(axes) > 1:
        place = axes[0].get_subplotspec()
        low = len(axes) > 1 and place is not None and place.get_gridspec().nrows == 1
        y = textwrap.fill(y, 18 if low else 24)
    if len(axes) == 1:
        axes[0].set_xlabel(x)
        axes[0].set_ylabel(y)
    else:
        figure.supxlabel(x, fontsize=mpl.rcParams["axes.labelsize"])
        figure.supylabel(y, fontsize=mpl.rcParams["axes.labelsize"])


def colours(names: Sequence[str]) -> dict[str, tuple[str, str]]:
    """A colour and a marker for each of `names`; the seventh name begins again with another marker."""
    size = len(COLOURS)
    return {name: (COLOURS[i % size], MARKERS[(i + i // size) % size]) for i, name in enumerate(names)}


def markers(names: Sequence[str]) -> dict[str, str]:
    """A marker for each of `names`; the seventh begins again."""
    return {name: MARKERS[i % len(MARKERS)] for i, name in enumerate(names)}


def _columns_of(names: Sequence[str], columns: int) -> list[Sequence[str]]:
    """The names in the columns of a legend: down the first column, then down the next, the first ones longer."""
    return [list(part) for part in np.array_split(np.array(names, dtype=object), columns)]


def _abreast(names: Sequence[str], columns: int) -> float:
    """The width in inches of a legend of `names` in so many columns."""
    return sum(HANDLE + letter() * max(map(len, column)) for column in _columns_of(names, columns))


def key(figure: Figure, axes: Sequence[Axes], ax: Axes | None = None) -> None:
    """A legend of all lines in `axes`, above the panels, in as many columns as there is room for; long names go on in a second line.

    In axes of the caller (`ax`) it stands where matplotlib finds room.
    """
    handles = {name: handle for one in axes for handle, name in zip(*one.get_legend_handles_labels(), strict=True)}
    if ax is not None:
        ax.legend(list(handles.values()), list(handles), handlelength=1.8)
        return
    room = figure.get_figwidth()
    columns = next((one for one in (4, 3, 2) if one <= len(handles) and _abreast(list(handles), one) <= room), 1)
    names = list(handles) if columns > 1 else [wrapped(name, int((room - HANDLE) / letter())) for name in handles]
    lines = max(sum(name.count("\n") + 1 for name in column) for column in _columns_of(names, columns))
    spare = 2 if figure.get_figheight() > LOW else 0
    figure.set_figheight(figure.get_figheight() + LINE * max(0, lines - spare))
    figure.legend(list(handles.values()), names, loc="outside upper left", ncols=columns, handlelength=1.8)
