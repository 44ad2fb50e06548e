"""A quantity over model size, with all of its readings: the models on the left, the slope of each reading on the right.

Below stands what each reading holds fixed. Values, intervals, lines and sentences come from the tables of a comparison.
"""

from __future__ import annotations

import textwrap
from collections.abc import Iterator, Mapping, Sequence
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd
from matplotlib.figure import Figure

from cotfaith.contracts.figure import Drawing
from cotfaith.errors import UsageError
from cotfaith.figures.drawing import COLOURS, INK, NARROW, QUIET, style
from cotfaith.figures.over_size import by_size
from cotfaith.figures.sentences import percent
from cotfaith.stats.keys import FIELDS as KEYS

if TYPE_CHECKING:
    from matplotlib.axes import Axes

LINE = ["about", "measure", *KEYS]  # what names a quantity
COLUMNS = [
    *LINE,
    "reading",
    "held_fixed",
    "covariate",
    "value",
    "low",
    "high",
    "level",
    "p",
    "p_adj",
    "models",
    "questions",
    "note",
]
ROOM, HEAD, TEXT = 0.25, 1.15, 0.17  # inches: of a reading, of a quantity besides, and of a line of the text below
MODELS = 2.0  # inches: of a quantity's models where its readings are below them
BESIDE = 8.0  # inches; a narrower figure has them below
LETTERS = 14.5  # letters per inch of the text below
FACES = ("solid", (0, (5, 2)))  # of the unweighted line, and of the weighted one


def scale_readings(trends: pd.DataFrame, extremes: pd.DataFrame, *, width: float = 10.0, ax: Axes | None = None) -> Drawing | None:
    """Every quantity over model size: the models with their lines, and all readings; side by side, or one above the other in the widths of a paper.

    Args:
        trends: the readings of a comparison (`Comparison.trends`).
        extremes: its models (`Comparison.extremes`).
        width: of the figure, in inches. A narrower figure than 8 leaves to its caption what each reading holds fixed.
        ax: refused, since each quantity has two panels.

    Returns:
        The drawing, whose points are the readings. None if no model has a value.

    Raises:
        UsageError: `ax` is given.
    """
    if ax is not None:
        raise UsageError("This figure has two panels for each quantity, and ax holds one: leave ax out, or draw over_size into it.")
    if trends.empty or extremes["value"].isna().all():
        return None
    quantities = list(_quantities(trends))
    beside = width >= BESIDE
    said = _sentences(trends, width) if beside else []
    with style(width):
        figure, places = _frame([len(rows) for _, rows in quantities], len(said), width)
        for (name, rows), (left, right) in zip(quantities, places, strict=True):
            _models(left, rows, _same(extremes, rows), textwrap.fill(name, 58 if beside else int(width * 8)))
            _slopes(right, rows, width)
        if said:
            figure.axes[-1].text(0, 1, "\n".join(said), va="top", fontsize=8, color=INK, transform=figure.axes[-1].transAxes)
    return Drawing(figure, trends[COLUMNS].reset_index(drop=True), _caption(trends))


def _frame(readings: Sequence[int], lines: int, width: float) -> tuple[Figure, list[tuple[Axes, Axes]]]:
    """A figure with two panels for each quantity, which has so many `readings`, and below them an empty panel for `lines` of text, if there are any."""
    if width >= BESIDE:
        heights, columns = [HEAD + ROOM * count for count in readings] + [TEXT * (lines + 1)], 2
    else:
        heights, columns = (
            [height for count in readings for height in (MODELS, 0.6 + ROOM * count * (1 if width >= NARROW else 1.3))],
            1,
        )
    figure = Figure(figsize=(width, sum(heights)), layout="constrained")
    grid = figure.add_gridspec(len(heights), columns, height_ratios=heights)
    where = [((i, 0), (i, 1)) if columns == 2 else ((2 * i, 0), (2 * i + 1, 0)) for i in range(len(readings))]
    places = [(figure.add_subplot(grid[left]), figure.add_subplot(grid[right])) for left, right in where]
    if columns == 2:
        figure.add_subplot(grid[-1, :]).axis("off")
    return figure, places


def _quantities(trends: pd.DataFrame) -> Iterator[tuple[str, pd.DataFrame]]:
    """Each quantity with its name and its readings."""
    for _, rows in trends.groupby(LINE, sort=False, dropna=False):
        first = rows.iloc[0]
        others = [str(first[field]) for field in KEYS if field not in {"metric", "dose"} and first[field]]
        dose = [] if pd.isna(first["dose"]) else [f"{first['dose']:g}"]
        yield " ".join([f"{first['metric']} ({first['measure']})", *others, *dose, first["about"]]), rows


def _same(extremes: pd.DataFrame, rows: pd.DataFrame) -> pd.DataFrame:
    """The models of the quantity of `rows`."""
    own = rows.iloc[0]
    inside = [(extremes[name] == own[name]) | (extremes[name].isna() & pd.isna(own[name])) for name in LINE]
    same: pd.DataFrame = extremes[np.logical_and.reduce(inside)]
    return same


def _models(axes: Axes, rows: pd.DataFrame, models: pd.DataFrame, name: str) -> None:
    """The models with their intervals, and the lines of the readings that have one for models as the sample."""
    axes.set_title(name)
    axes.vlines(models["parameters"], models["low"], models["high"], colors=INK, linewidth=1.1, alpha=0.75)
    axes.plot(models["parameters"], models["value"], "o", color=INK, markersize=4.5)
    ends = np.array([models["parameters"].min(), models["parameters"].max()])
    with_line = rows[rows["intercept"].notna()].drop_duplicates(["intercept", "value"])
    for (_, row), face, colour in zip(with_line.iterrows(), FACES, COLOURS, strict=False):
        axes.plot(
            ends,
            row["intercept"] + row["value"] * np.log10(ends),
            color=colour,
            linestyle=face,
            linewidth=1.4,
            label=row["reading"],
        )
    if len(with_line):
        axes.legend(loc="best", fontsize="small")
    by_size(axes, models["parameters"])
    axes.set_xlabel("Parameters")
    axes.set_ylabel("Value")


def _slopes(axes: Axes, rows: pd.DataFrame, width: float) -> None:
    """The slope of each reading with its interval; a reading whose value is no slope, or undefined, has its numbers only."""
    places = np.arange(len(rows))[::-1]
    for place, row in zip(places, rows.to_dict("records"), strict=True):
        own = bool(row["is_slope"])
        if own and not np.isnan(row["value"]):
            axes.plot(row["value"], place, "o", color=COLOURS[0], markersize=5)
            axes.hlines(place, row["low"], row["high"], colors=COLOURS[0], linewidth=1.3)
        if width >= NARROW:
            axes.text(1.02, place, _numbers(row), va="center", fontsize=8, transform=axes.get_yaxis_transform())
    axes.axvline(0, color=QUIET, linewidth=0.9, linestyle=(0, (1, 2)), zorder=1)
    axes.set_yticks(places, [textwrap.fill(one, 60 if width >= NARROW else 22) for one in rows["reading"]])
    axes.set_ylim(-0.6, len(rows) - 0.4)
    axes.set_xlabel(textwrap.fill("Slope per tenfold increase in parameters", 60 if width >= NARROW else 26))
    axes.grid(visible=False)


def _numbers(row: Mapping[Any, Any]) -> str:
    """The value with its interval and its p-value, as far as they are defined."""
    if np.isnan(row["value"]) and np.isnan(row["p"]):
        return "undefined"
    ends = "" if np.isnan(row["low"]) else f" [{row['low']:.3f}, {row['high']:.3f}]"
    value = "" if np.isnan(row["value"]) else f"{row['value']:.3f}{ends}"
    small = "p < 0.001" if row["p"] < 0.001 else f"p = {row['p']:.3f}"
    return ", ".join(part for part in (value, "" if np.isnan(row["p"]) else small) if part)


def _sentences(trends: pd.DataFrame, width: float) -> list[str]:
    """What each reading holds fixed, in lines that fit."""
    every = trends[["reading", "held_fixed"]].drop_duplicates().itertuples(index=False)
    lines = [textwrap.wrap(f"{name}: {held}", int(width * LETTERS), subsequent_indent="    ") for name, held in every]
    return ["What each reading holds fixed:", *(line for wrapped in lines for line in wrapped)]


def _caption(trends: pd.DataFrame) -> str:
    lost = trends[trends["value"].isna() & trends["p"].isna()]
    undefined = [f"{row.metric}, {row.reading}: undefined ({row.note})." for row in lost.itertuples(index=False)]
    drawn = (
        f"First each model's value with its {percent(trends)} interval over questions, and the lines of the readings with models as the "
        "sample; then the slope of each reading with its interval and its p-value, which is not adjusted for other tests."
    )
    held = [
        f"{row.reading} holds fixed: {row.held_fixed}" for row in trends[["reading", "held_fixed"]].drop_duplicates().itertuples()
    ]
    return " ".join([drawn, *held, *dict.fromkeys(undefined)])
