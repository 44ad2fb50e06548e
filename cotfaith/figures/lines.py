"""The parts of figures with lines: a curve with its intervals and its band, level lines, and names beside the ends of lines."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from cotfaith.figures.drawing import INK, QUIET, key, letter

if TYPE_CHECKING:
    import pandas as pd
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

DASHES = (0, (4, 2))
FEW = 4  # lines that are named beside their ends
SHARE = 0.3  # of the width of a figure that such names may take
APART = 0.075  # of the height of a panel: between two of these names, at least


@dataclass(frozen=True, slots=True)
class Look:
    """How a curve is drawn: colour and marker, moved by `shift`; a control is dashed and its marks are hollow.

    `pointwise` says whether the interval of each point is drawn. The band always is, if the rows have one.
    """

    colour: str
    marker: str
    shift: float = 0.0
    control: bool = False
    pointwise: bool = True


def line(axes: Axes, rows: pd.DataFrame, look: Look, name: str = "") -> None:
    """One curve over `dose`. Without a `name` it is left out of the key. Nothing is drawn if no point has a value."""
    rows = rows.sort_values("dose")
    if rows["value"].notna().sum() == 0:
        return
    x = rows["dose"] + look.shift
    if "band_low" in rows:
        axes.fill_between(x, rows["band_low"], rows["band_high"], color=look.colour, alpha=0.15, linewidth=0)
    if look.pointwise:
        known = rows.dropna(subset=["low", "high"])
        known = known[known["high"] > known["low"]]
        axes.vlines(known["dose"] + look.shift, known["low"], known["high"], colors=look.colour, linewidth=1.1, alpha=0.75)
    shown: dict[str, Any] = {"label": name} if name else {}
    shown |= {"markerfacecolor": "none", "linestyle": DASHES} if look.control else {}
    axes.plot(x, rows["value"], color=look.colour, marker=look.marker, markersize=4.2, linewidth=1.6, **shown)


def shifts(count: int, most: float, each: float = 0.012) -> list[float]:
    """How far each of `count` curves is moved so that their intervals are visible: `each`, and `most` altogether at most."""
    step = min(each, most / count)
    return [(i - (count - 1) / 2) * step for i in range(count)]


def chance(axes: Axes, height: float | None) -> None:
    """A dotted line at the value that random answers would have; nothing if it is not known."""
    if height is not None:
        axes.axhline(height, color=QUIET, linewidth=0.9, linestyle=(0, (1, 2)), zorder=1)
        axes.annotate("chance", (1, height), (0, 3), textcoords="offset points", color=QUIET, ha="right", fontsize="small")


def named(figure: Figure, axes: Sequence[Axes], ends: Mapping[str, tuple[float, str]], ax: Axes | None = None) -> None:
    """Name lines beside their right ends, where `ends` has the height and the colour of each; with a key if they are many, long or in several panels."""
    longest = max(map(len, ends)) * letter()
    if len(axes) > 1 or len(ends) > FEW or longest > SHARE * figure.get_figwidth() or ax is not None:
        key(figure, axes, ax)
        return
    low, high = axes[0].get_ylim()
    heights = spread([(height - low) / (high - low) for height, _ in ends.values()], APART)
    for (name, (_, colour)), height in zip(ends.items(), heights, strict=True):
        axes[0].annotate(
            name, (1, height), (6, 0), xycoords="axes fraction", textcoords="offset points", color=INK if colour == INK else colour, va="center"
        )  # fmt: skip


def spread(heights: Sequence[float], least: float) -> list[float]:
    """The heights moved so that two of them are at least `least` apart, in their order, and inside 0 to 1 if they have room there."""
    order = np.argsort(heights, kind="stable")
    found = np.array(heights, dtype=float)[order]
    for i in range(1, len(found)):
        found[i] = max(found[i], found[i - 1] + least)
    found -= max(0.0, found[-1] - 1.0)
    for i in range(len(found) - 2, -1, -1):
        found[i] = min(found[i], found[i + 1] - least)
    placed = np.empty_like(found)
    placed[order] = found
    return [float(one) for one in placed]
