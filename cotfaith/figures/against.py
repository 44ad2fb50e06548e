"""One estimate against another: normalised unfaithfulness and strategies against accuracy, and what was measured against what was planted."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

from cotfaith.contracts.figure import Drawing
from cotfaith.figures import scatter
from cotfaith.figures.drawing import style
from cotfaith.figures.points import NUMBERS, PLACE, beside, chosen, labelled, number, text
from cotfaith.figures.sentences import per_point, percent

if TYPE_CHECKING:
    import pandas as pd
    from matplotlib.axes import Axes

AGAINST = [*PLACE, "x", "x_low", "x_high", *NUMBERS]
CROSSES = "Marks: both estimates, with lines for their {} intervals."
PLANTED = "planted"  # the column of planted values


def normalised_accuracy(estimates: pd.DataFrame, *, width: float = 7.2, ax: Axes | None = None) -> Drawing | None:
    """Normalised unfaithfulness against accuracy (Bentham et al. 2024): a mark a model (and strategy), a panel a task.

    Args:
        estimates: the table of estimates; rows of `normalised` and `accuracy_full` of `normalised_unfaithfulness` are used.
        width: of the figure, in inches.
        ax: draw into these axes instead of a figure of its own.

    Returns:
        The drawing. None if no model has both values.
    """
    rows = chosen(estimates, "normalised_unfaithfulness", ["normalised", "accuracy_full"])
    points = beside(rows, {"accuracy_full": "normalised"}, ["model", "strategy", "task"])[AGAINST]
    how = scatter.Scatter("Accuracy with the full reasoning", "Normalised unfaithfulness", unit=(True, False))
    return _drawing(points, points.assign(panel=points["task"], series=points["line"]), how, width, ax)


def strategies(estimates: pd.DataFrame, *, width: float = 7.2, ax: Axes | None = None) -> Drawing | None:
    """Sensitivity to truncation against accuracy (Radhakrishnan et al. 2023): a mark a strategy, a panel a model and task.

    Args:
        estimates: the table of estimates; rows of `truncation_sensitivity` and `accuracy` of `strategy_effect` are used.
        width: of the figure, in inches.
        ax: draw into these axes instead of a figure of its own.

    Returns:
        The drawing. None if no strategy has both values; one without reasoning has no sensitivity.
    """
    rows = chosen(estimates, "strategy_effect", ["truncation_sensitivity", "accuracy"])
    points = beside(rows, {"accuracy": "truncation_sensitivity"}, ["model", "strategy", "task"])[AGAINST]
    drawn = points.assign(panel=points["model"] + ", " + points["task"], series=points["strategy"])
    how = scatter.Scatter("Accuracy", "Sensitivity to truncation")
    return _drawing(points, drawn, how, width, ax)


def planted(
    estimates: pd.DataFrame,
    *,
    planted: Mapping[str, float] | None = None,
    metric: str = "answers_changed",
    width: float = 7.2,
    ax: Axes | None = None,
) -> Drawing | None:
    """What was measured against what was planted: a mark a model, a colour a metric and task, with the line of equal values.

    Args:
        estimates: the table of estimates. A column `planted` holds the planted value of each row that has one.
        planted: the planted value of `metric` for each model, in place of the column.
        metric: the metric that `planted` is of.
        width: of the figure, in inches.
        ax: draw into these axes instead of a figure of its own.

    Returns:
        The drawing. None if no row has both values.
    """
    rows = estimates[text(estimates, "stratum") == ""]
    if planted is not None:
        rows = rows[rows["metric"] == metric]
        rows = rows.assign(**{PLANTED: rows["model"].map(dict(planted))})
    rows = labelled(rows[number(rows, PLANTED).notna()])
    points = rows.assign(x=number(rows, PLANTED), x_low=float("nan"), x_high=float("nan"))[
        [*AGAINST[:4], "measure", "metric", "title", *AGAINST[4:]]
    ]
    several = len(set(points["task"])) > 1
    drawn = points.assign(panel="", series=points["title"] + (", " + points["task"] if several else ""))
    seen = points[["x", "value", "low", "high"]]
    unit = bool((seen.min() >= 0).all() and (seen.max() <= 1).all())
    how = scatter.Scatter("Planted value", "Estimate", unit=(unit, unit), equal=True, direct=False)
    return _drawing(points.reset_index(drop=True), drawn, how, width, ax)


def _drawing(points: pd.DataFrame, drawn: pd.DataFrame, how: scatter.Scatter, width: float, ax: Axes | None) -> Drawing | None:
    if not (points["value"].notna() & points["x"].notna()).any():
        return None
    with style(width):
        figure = scatter.draw(drawn, how, width, ax)
    sentences = [CROSSES.format(percent(points)), "Dotted: equal values." if how.equal else ""]
    told = points.assign(point=how.y.lower())
    sentences += per_point(told, "units", ("line", "task"))
    sentences += [
        f"{row['line']} on {row['task']} is not drawn, since it has no {how.x.lower()}."
        for row in points[points["value"].notna() & points["x"].isna()].to_dict("records")
    ]
    return Drawing(figure, points, " ".join(sentence for sentence in sentences if sentence))
