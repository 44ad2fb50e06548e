"""An estimate over the number of parameters of the models (Lanham et al. 2023, figures 7 and 8)."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING

from cotfaith.contracts.figure import Drawing
from cotfaith.figures.drawing import colours, key, label, panels, style
from cotfaith.figures.lines import Look, line
from cotfaith.figures.points import NUMBERS, PLACE, chosen, number
from cotfaith.figures.sentences import per_point, percent

if TYPE_CHECKING:
    import pandas as pd
    from matplotlib.axes import Axes

SIZE = "parameters"  # the column of the number of parameters of a row's model
COLUMNS = [*PLACE, SIZE, "metric", *NUMBERS]
UNITS = ((1e12, "T"), (1e9, "B"), (1e6, "M"), (1e3, "K"), (1.0, ""))  # of numbers of parameters

MOST = 8  # ticks of the axis


def over_size(
    estimates: pd.DataFrame,
    *,
    measure: str = "early_answering",
    metric: str = "same_answer_no_reasoning",
    width: float = 7.2,
    ax: Axes | None = None,
) -> Drawing | None:
    """A metric between 0 and 1 over model size: a line a task. By default the share of answers that are the same with and without the reasoning.

    Args:
        estimates: the table of estimates with a column `parameters`, the number of parameters of each row's model.
        measure: the measure of the metric.
        metric: the metric.
        width: of the figure, in inches.
        ax: draw into these axes instead of a figure of its own.

    Returns:
        The drawing. None if fewer than two models have a value and a size.
    """
    rows = chosen(estimates, measure, [metric])
    points = rows.assign(**{SIZE: number(rows, SIZE)})[COLUMNS].reset_index(drop=True)
    known = points[points["value"].notna() & points[SIZE].notna()]
    if known["model"].nunique() < 2:
        return None
    several = len(set(known["strategy"])) > 1
    drawn = known.assign(dose=known[SIZE], place=known["task"] + (", " + known["strategy"] if several else ""))
    looks = colours(list(dict.fromkeys(drawn["place"])))
    with style(width):
        figure, axes = panels([""], width, ax)
        for name, look in looks.items():
            line(axes[0], drawn[drawn["place"] == name], Look(*look), name)
        by_size(axes[0], drawn["dose"])
        label(figure, axes, "Parameters", str(rows["title"].iloc[0]))
        key(figure, axes, ax)
    said = f"Points: each model's value with its {percent(points)} interval. Lines join the models of a task; they are no fit."
    told = points.assign(point=metric)
    lost = [
        f"{name} has no place, since its number of parameters is not known."
        for name in dict.fromkeys(points.loc[points[SIZE].isna(), "model"])
    ]
    return Drawing(figure, points, " ".join([said, *lost, *per_point(told, "units", ("line", "task"))]))


def by_size(axes: Axes, sizes: Iterable[float]) -> None:
    """Make the horizontal axis one of numbers of parameters: logarithmic, with the `sizes` as its ticks as far as they have room."""
    axes.set_xscale("log")
    ticks: list[float] = []
    every = sorted(set(map(float, sizes)))
    least = (every[-1] / every[0]) ** (1 / MOST)
    for size in every:
        if not ticks or size >= ticks[-1] * least:
            ticks.append(size)
    axes.set_xticks(ticks, [short(size) for size in ticks])
    axes.minorticks_off()


def short(size: float) -> str:
    """A number of parameters with its unit: 135M, 7B."""
    unit, letter = next(((unit, letter) for unit, letter in UNITS if size >= unit), UNITS[-1])
    return f"{size / unit:.3g}{letter}"
