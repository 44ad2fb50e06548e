"""A figure: the share of same answers as bars, one for each share of the reasoning."""

import pandas as pd
from matplotlib.figure import Figure as Canvas

from cotfaith.contracts import Drawing, figure


@figure("early_answering", "aoc", "Area over the curve", "A longer bar means that more answers wait for the reasoning.")
def aoc_bars(estimates: pd.DataFrame, *, width: float) -> Drawing | None:
    """One bar a model and task, with its interval from the table."""
    points = estimates[(estimates["metric"] == "aoc") & estimates["value"].notna()]
    if points.empty:
        return None
    points = points.drop_duplicates(["model", "task"])
    canvas = Canvas(figsize=(width, 1 + 0.4 * len(points)))
    spread = [points["value"] - points["low"], points["high"] - points["value"]]
    canvas.subplots().barh(points["model"] + " on " + points["task"], points["value"], xerr=spread)
    return Drawing(canvas, points[["model", "task", "value", "low", "high"]], f"{len(points)} models and tasks.")
