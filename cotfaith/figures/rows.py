"""Figures of rows: a row for each quantity, in it a point with its interval for each series. Forests, dumbbells and profiles are drawn by it."""

from __future__ import annotations

import textwrap
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import numpy as np
from matplotlib.transforms import offset_copy

from cotfaith.figures.drawing import INK, NARROW, QUIET, SIDE, colours, grid, key, label, letter, wrapped

Place = tuple[str, str]  # group and row

if TYPE_CHECKING:
    import pandas as pd
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

APART, SPREAD = 0.28, 0.7  # in rows: between two points of a row, and between its first and its last at most
ROOM, POINT, FRAME = 0.3, 0.11, 0.8  # inches: of a row, of a point in it, and of a panel besides
HEADING = 0.75  # in rows: what a heading takes
BESIDE = 0.36  # of the width of a figure: what the names of rows may take
CLEAR = 2.6  # points: what keeps a triangle clear of the mark of its point
SAME = 0.01  # of an axis from 0 to 1: further values that differ by less have one mark
WIDE, SHORT = (26, 16)  # letters of a row's name on a line, at most and at least
FACES = ("rejected", "kept", "untested")
SAYS = "Filled: the test survives adjustment for the tests of the run; hollow: it does not; grey: it is not tested."


@dataclass(frozen=True, slots=True)
class Rows:
    """What a figure of rows shows.

    Args:
        x: the name of the axis.
        series: the name of each series in the key, in the order in which a row has them from top to bottom.
        hollow: series whose points are hollow.
        unit: whether the axis is from 0 to 1; else it is as wide as the intervals are.
        zero: the value of a vertical line; None for no line.
        joined: whether a line joins the first point of a row with its last.
        columns: the columns of the points that hold value and interval.
        marks: columns of further values of a point, each with its marker and its name in the key; none is drawn without a value.
    """

    x: str
    series: Mapping[str, str]
    hollow: frozenset[str] = frozenset()
    unit: bool = True
    zero: float | None = None
    joined: bool = False
    columns: tuple[str, str, str] = ("value", "low", "high")
    marks: Mapping[str, tuple[str, str]] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, eq=False)
class Drawn:
    """A figure of rows: its panels by name, and the height of each row (with its group)."""

    figure: Figure
    panels: Mapping[str, Axes]
    heights: Mapping[Place, float]


def draw(points: pd.DataFrame, how: Rows, width: float, ax: Axes | None = None) -> Drawn:
    """The figure of `points`, in the style that is set.

    The points have the columns `panel`, `row` and `series`, value and interval, and as they like `group` (the heading above a row) and `face`
    (one of `FACES`). Rows and headings are in the order of the points. A point without a value takes no room, unless others of its row have one.
    """
    known = points[points[how.columns[0]].notna()]
    places = _places(known)
    panels = list(dict.fromkeys(known["panel"]))
    names = {row: _name(str(row[1]), width) for row in places}
    beside = letter() * max(len(line) for name in names.values() for line in name.splitlines())
    figure, axes = grid(panels, width, _height(names, places, how), ax=ax, side=SIDE / 2 + beside / (1 if width < NARROW else 2))
    for panel, one in zip(panels, axes, strict=True):
        here = known[known["panel"] == panel]
        for i, series in enumerate(how.series):
            _points(one, here[here["series"] == series], how, (i, places))
        _marks(one, here, how, places)
        if how.joined:
            _join(one, here, how, places)
        if how.zero is not None:
            one.axvline(how.zero, color=QUIET, linewidth=0.9, linestyle=(0, (1, 2)), zorder=1)
        _ticks(one, names, places)
    _limits(axes, known, how)
    label(figure, axes, textwrap.fill(how.x, WIDE + 4) if width < NARROW else how.x, "")
    if any(one.get_legend_handles_labels()[1] for one in axes):
        key(figure, axes, ax)
    return Drawn(figure, dict(zip(panels, axes, strict=True)), places)


def _places(points: pd.DataFrame) -> dict[Place, float]:
    """The height of each row, the first on top; a heading takes a row of its own."""
    groups = points["group"] if "group" in points else points["row"].map(lambda _: "")
    places: dict[Place, float] = {}
    top = 0.0
    for group in dict.fromkeys(groups):
        top += HEADING if group else 0.0
        for row in dict.fromkeys(points.loc[groups == group, "row"]):
            places[group, row] = top
            top += 1
    return places


def _name(name: str, width: float) -> str:
    room = int(BESIDE * width / letter())
    return wrapped(name, min(WIDE, max(SHORT, room)))


def _height(names: Mapping[Place, str], places: Mapping[Place, float], how: Rows) -> float:
    """Inches of a panel with its axis."""
    each = max(ROOM, 0.1 + POINT * len(how.series))
    lines = sum(max(2, name.count("\n") + 1) for name in names.values()) / 2
    headings = len({group for group, _ in places if group})
    return each * (lines + HEADING * headings) + FRAME


def _points(axes: Axes, rows: pd.DataFrame, how: Rows, at: tuple[int, Mapping[Place, float]]) -> None:
    """The points of one series."""
    i, places = at
    names = list(how.series)
    colour, marker = colours(names)[names[i]]
    value, low, high = how.columns
    heights = _heights(rows, i, how, places)
    ends = rows[low].notna() & rows[high].notna()
    axes.hlines(heights[ends.to_numpy()], rows[low][ends], rows[high][ends], colors=colour, linewidth=1.1, alpha=0.75)
    faces = rows["face"] if "face" in rows else rows["row"].map(lambda _: "kept" if names[i] in how.hollow else "rejected")
    there = [face for face in FACES if (faces == face).any()]
    look: dict[str, Any] = {"color": colour, "marker": marker, "markersize": 4.8, "linestyle": "none"}
    for face in there:
        inside = (faces == face).to_numpy()
        shown: dict[str, Any] = {"label": how.series[names[i]]} if len(there) == 1 and face != "untested" and len(names) > 1 else {}
        axes.plot(rows[value][inside], heights[inside], markerfacecolor=_FILLED.get(face, colour), **look, **shown)
    if len(names) > 1 and (len(there) > 1 or there == ["untested"]):
        axes.plot([], [], label=how.series[names[i]], **look)


_FILLED = {"kept": "white", "untested": "#c9c9cd"}


_TIPS: Mapping[str, Any] = {"v": 7, "^": 6}  # the same triangles, with the tip at the value


def _marks(axes: Axes, rows: pd.DataFrame, how: Rows, places: Mapping[Place, float]) -> None:
    """Further values of the points. A triangle stands beside its row with its tip on it, so that it hides no point: "v" above, "^" below.

    If all points of a row have the same further value, it is marked once.
    """
    for column, (marker, name) in how.marks.items():
        own = rows[rows[column].notna()] if column in rows else rows.iloc[:0]
        look: dict[str, Any] = {
            "color": INK,
            "marker": _TIPS.get(marker, marker),
            "markersize": 4.2,
            "markeredgewidth": 0.0 if marker in _TIPS else 1.1,
            "linestyle": "none",
        }
        at: list[tuple[float, float]] = []
        for _, row in own.groupby([name for name in ("group", "row") if name in own], sort=False):
            at += _mark(row, column, how, places, below=marker == "^")
        if at:
            away = {"v": CLEAR, "^": -CLEAR}.get(marker, 0.0)
            place = offset_copy(axes.transData, axes.get_figure(root=True), y=away, units="points")
            axes.plot(*zip(*at, strict=True), label=name, transform=place, **look)


def _mark(row: pd.DataFrame, column: str, how: Rows, places: Mapping[Place, float], *, below: bool) -> list[tuple[float, float]]:
    """Where the further values of one row are marked: each at its point; one mark at the end of the row if all are the same."""
    order = list(how.series)
    values, places_of = row[column].astype("float64").to_list(), [order.index(one) for one in row["series"]]
    marks = list(zip(values, places_of, strict=True))
    if max(values) - min(values) < SAME:
        marks = [(values[0], max(places_of) if below else min(places_of))]
    return [(value, float(_heights(row.iloc[:1], i, how, places)[0])) for value, i in marks]


def _heights(rows: pd.DataFrame, i: int, how: Rows, places: Mapping[Place, float]) -> np.ndarray[Any, np.dtype[np.float64]]:
    count = len(how.series)
    step = 0.0 if count == 1 else min(APART, SPREAD / (count - 1))
    groups = rows["group"] if "group" in rows else [""] * len(rows)
    return np.array([places[place] + (i - (count - 1) / 2) * step for place in zip(groups, rows["row"], strict=True)])


def _join(axes: Axes, rows: pd.DataFrame, how: Rows, places: Mapping[Place, float]) -> None:
    """A thin line from the first series of each row to its last."""
    first, last = (rows[rows["series"] == one] for one in (next(iter(how.series)), list(how.series)[-1]))
    on = [name for name in ("group", "row") if name in rows]
    both = first.merge(last, on=on, suffixes=("", "_last"))
    heights = zip(_heights(both, 0, how, places), _heights(both, len(how.series) - 1, how, places), strict=True)
    for pair, start, end in zip(heights, both["value"], both["value_last"], strict=True):
        axes.plot([start, end], pair, color=INK, linewidth=0.9, alpha=0.55, zorder=1)


def _ticks(axes: Axes, names: Mapping[Place, str], places: Mapping[Place, float]) -> None:
    """The names of the rows, and above the first row of each group its heading in bold."""
    for group in dict.fromkeys(group for group, _ in places if group):
        top = min(height for place, height in places.items() if place[0] == group)
        axes.text(0, top - HEADING + 0.1, group, transform=axes.get_yaxis_transform(), fontweight="bold", va="center")
    axes.set_yticks([*places.values()], [*names.values()])
    axes.set_ylim(max(places.values()) + 0.5, -0.5)


def _limits(axes: Sequence[Axes], points: pd.DataFrame, how: Rows) -> None:
    if how.unit:
        for one in axes:
            one.set_xlim(-0.03, 1.03)
            one.set_xticks(np.linspace(0, 1, 5))
        return
    seen = points[list(how.columns)].to_numpy(dtype=np.float64)
    ends = [float(np.nanmin(seen)), float(np.nanmax(seen)), *([] if how.zero is None else [how.zero])]
    room = 0.05 * (max(ends) - min(ends) or 1.0)
    for one in axes:
        one.set_xlim(min(ends) - room, max(ends) + room)
