"""A quantity over model size, with all of its readings: the models on the left, the slope of each reading on the right.

Below stands what each reading holds fixed. Values, intervals, lines and sentences come from the tables of a comparison.
"""

from __future__ import annotations

import textwrap
from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd
from matplotlib.figure import Figure
from matplotlib.ticker import FuncFormatter, NullFormatter

from cotfaith.contracts.figure import Drawing
from cotfaith.figures.drawing import COLOURS, INK, QUIET, percent, style
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
LETTERS = 14.5  # letters per inch of the text below
UNITS = ((1e12, "T"), (1e9, "B"), (1e6, "M"), (1e3, "K"), (1.0, ""))  # of numbers of parameters
FACES = ("solid", (0, (5, 2)))  # of the unweighted line, and of the weighted one


def scale_readings(trends: pd.DataFrame, extremes: pd.DataFrame, *, width: float = 10.0) -> Drawing | None:
    """Every quantity over model size, a row each: the models with their lines, and all readings.

    Args:
        trends: the readings of a comparison (`Comparison.trends`).
        extremes: its models (`Comparison.extremes`).
        width: of the figure, in inches.

    Returns:
        The drawing, whose points are the readings. None if no model has a value.
    """
    if trends.empty or extremes["value"].isna().all():
        return None
    quantities = list(_quantities(trends))
    said = _sentences(trends, width)
    heights = [HEAD + ROOM * len(rows) for _, rows in quantities]
    with style():
        figure = Figure(figsize=(width, sum(heights) + TEXT * (len(said) + 1)), layout="constrained")
        grid = figure.add_gridspec(len(quantities) + 1, 2, height_ratios=[*heights, TEXT * (len(said) + 1)], width_ratios=(1, 1))
        for place, (name, rows) in enumerate(quantities):
            _models(figure.add_subplot(grid[place, 0]), rows, _same(extremes, rows), name)
            _slopes(figure.add_subplot(grid[place, 1]), rows)
        below = figure.add_subplot(grid[-1, :])
        below.axis("off")
        below.text(0, 1, "\n".join(said), va="top", fontsize=8, color=INK, transform=below.transAxes)
    return Drawing(figure, trends[COLUMNS].reset_index(drop=True), _caption(trends))


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
    axes.set_title(textwrap.fill(name, 58))
    axes.set_xscale("log")
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
        axes.legend(loc="best", fontsize=7.5)
    axes.xaxis.set_major_formatter(FuncFormatter(lambda size, _: _short(size)))
    axes.xaxis.set_minor_formatter(NullFormatter())
    axes.set_xlabel("Parameters")
    axes.set_ylabel("Value")


def _short(size: float) -> str:
    """A number of parameters with its unit: 135M, 7B."""
    unit, letter = next(((unit, letter) for unit, letter in UNITS if size >= unit), UNITS[-1])
    return f"{size / unit:g}{letter}"


def _slopes(axes: Axes, rows: pd.DataFrame) -> None:
    """The slope of each reading with its interval; a reading whose value is no slope, or undefined, has its numbers only."""
    places = np.arange(len(rows))[::-1]
    for place, row in zip(places, rows.to_dict("records"), strict=True):
        own = bool(row["is_slope"])
        if own and not np.isnan(row["value"]):
            axes.plot(row["value"], place, "o", color=COLOURS[0], markersize=5)
            axes.hlines(place, row["low"], row["high"], colors=COLOURS[0], linewidth=1.3)
        axes.text(1.02, place, _numbers(row), va="center", fontsize=8, transform=axes.get_yaxis_transform())
    axes.axvline(0, color=QUIET, linewidth=0.9, linestyle=(0, (1, 2)), zorder=1)
    axes.set_yticks(places, rows["reading"])
    axes.set_ylim(-0.6, len(rows) - 0.4)
    axes.set_xlabel("Slope per tenfold increase in parameters")
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
        f"Left: each model's value with its {percent(trends)} interval over questions, and the lines of the readings with models as the "
        "sample. Right: the slope of each reading with its interval and its p-value, which is not adjusted for other tests."
    )
    held = [
        f"{row.reading} holds fixed: {row.held_fixed}" for row in trends[["reading", "held_fixed"]].drop_duplicates().itertuples()
    ]
    return " ".join([drawn, *held, *dict.fromkeys(undefined)])
