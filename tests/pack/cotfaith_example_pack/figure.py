"""A figure of the measure in measure.py: its value as bars, one for each model and task."""

import pandas as pd
from matplotlib.figure import Figure as Canvas

from cotfaith.contracts import Drawing, figure


@figure("first_letter", "answers_a", "Answers A without reasoning", "A longer bar means that more answers are A.")
def first_letter_bars(estimates: pd.DataFrame, *, width: float) -> Drawing | None:
    """One bar per model and task, with its interval from the table."""
    points = estimates[(estimates["metric"] == "answers_a") & estimates["value"].notna()]
    if points.empty:
        return None
    canvas = Canvas(figsize=(width, 1 + 0.4 * len(points)))
    reach = [points["value"] - points["low"], points["high"] - points["value"]]
    canvas.subplots().barh(points["model"] + " on " + points["task"], points["value"], xerr=reach)
    return Drawing(canvas, points[["model", "task", "value", "low", "high"]], f"{len(points)} models and tasks.")
