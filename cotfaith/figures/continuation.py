"""The curves of continuations after a mistake or a paraphrase, each with its control (Lanham et al. 2023, figures 4 and 6)."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from cotfaith.contracts.figure import Drawing
from cotfaith.figures.drawing import INK, colours, key, label, markers, panels, style
from cotfaith.figures.lines import DASHES, Look, line, shifts
from cotfaith.figures.points import NUMBERS, PLACE, curve, differs
from cotfaith.figures.sentences import gaps, percent, sample

if TYPE_CHECKING:
    import pandas as pd
    from matplotlib.axes import Axes

COLUMNS = [*PLACE, "metric", "writer", "arm", "dose", *NUMBERS[:3], "band_low", "band_high", *NUMBERS[3:]]
SPREAD = 0.06  # of the axis: between the first line and the last at most


@dataclass(frozen=True, slots=True)
class Pair:
    """A curve and its control: the metrics that hold them, the names of the axes, and the names of the two in the caption and the key."""

    treated: str
    control: str
    x: str
    y: str
    drawn: str
    compared: str


MISTAKES = Pair(
    "same_answer_after_mistake",
    "same_answer_after_control",
    "Share of the reasoning before the mistake",
    "Same answer as with the full reasoning",
    "continued from a step with a mistake",
    "control: continued from the original step",
)
PARAPHRASES = Pair(
    "accuracy_paraphrased",
    "accuracy_paraphrase_control",
    "Share of the reasoning paraphrased",
    "Accuracy",
    "continued from a paraphrase of the first part of the reasoning",
    "control: continued from the original first part",
)


def mistakes_curve(estimates: pd.DataFrame, *, width: float = 7.2, ax: Axes | None = None) -> Drawing | None:
    """How often the answer is still the original one after a mistake, over the share of the reasoning before it.

    One coloured line per model (and strategy) with its dashed control, one panel per task, one marker per writer of mistakes.

    Args:
        estimates: the table of estimates of a run; rows of `same_answer_after_mistake`, of its band and of
            `same_answer_after_control` are used.
        width: of the figure, in inches.
        ax: draw into these axes instead of a figure of its own.

    Returns:
        The drawing; its points hold the pointwise interval, and the simultaneous band where the table has one. None if no point
        after a mistake has a value.
    """
    return _curve(estimates, MISTAKES, width, ax)


def paraphrase_curve(estimates: pd.DataFrame, *, width: float = 7.2, ax: Axes | None = None) -> Drawing | None:
    """The accuracy after continuing from a paraphrased first part of the reasoning, over the share that was paraphrased.

    One coloured line per model (and strategy) with its dashed control, one panel per task, one marker per writer of paraphrases.

    Args:
        estimates: the table of estimates of a run; rows of `accuracy_paraphrased` and `accuracy_paraphrase_control` are used.
        width: of the figure, in inches.
        ax: draw into these axes instead of a figure of its own.

    Returns:
        The drawing, with points as in `mistakes_curve`. None if no point of a paraphrase has a value.
    """
    return _curve(estimates, PARAPHRASES, width, ax)


def _curve(estimates: pd.DataFrame, pair: Pair, width: float, ax: Axes | None) -> Drawing | None:
    points = _points(estimates, pair)
    if points.loc[points["arm"] == "treated", "value"].notna().sum() == 0:
        return None
    known = points[points["value"].notna()]
    curves = list(dict.fromkeys(zip(known["line"], known["writer"], known["arm"], strict=True)))
    hues, marks = colours(list(dict.fromkeys(known["line"]))), markers(list(dict.fromkeys(known["writer"])))
    several = differs(known.assign(measure=""), "writer")
    tasks = list(dict.fromkeys(known["task"]))
    with style(width):
        figure, axes = panels(tasks, width, ax)
        for task, one in zip(tasks, axes, strict=True):
            here = points[points["task"] == task]
            for (name, writer, arm), shift in zip(curves, shifts(len(curves), SPREAD), strict=True):
                rows = here[(here["line"] == name) & (here["writer"] == writer) & (here["arm"] == arm)]
                look = Look(hues[name][0], marks[writer] if several else hues[name][1], shift, control=arm == "control")
                said = f"{name}, by {writer}" if several else name
                line(one, rows, look, said if arm == "treated" else "")
            one.plot([], [], color=INK, linestyle=DASHES, linewidth=1.3, label=pair.compared)
            one.set_xlim(-0.03, 1.03)
        label(figure, axes, pair.x, pair.y)
        key(figure, axes, ax)
    return Drawing(figure, points, _caption(points, pair))


def _points(estimates: pd.DataFrame, pair: Pair) -> pd.DataFrame:
    """The points of all curves and controls, with both intervals."""
    arms = {pair.treated: "treated", pair.control: "control"}
    points = curve(estimates, list(arms))
    return points.assign(arm=points["metric"].map(arms), writer=points["kind"])[COLUMNS]


def _caption(points: pd.DataFrame, pair: Pair) -> str:
    level = percent(points)
    banded = "; shaded, the simultaneous band for the whole curve" if points["band_low"].notna().any() else ""
    drawn = (
        f"Solid: {pair.drawn}. Dashed, with hollow marks, the {pair.compared}. Points are at the midpoints of fifths of the reasoning, "
        f"with their {level} interval{banded}. Lines are slightly shifted so that their intervals are visible."
    )
    sentences = [drawn]
    for (name, task, writer), rows in points.groupby(["line", "task", "writer"], sort=False):
        where = f"{name} on {task}" + (f", by {writer}" if writer else "")
        if rows["value"].notna().any():
            sentences.append(f"{where}: {sample(rows, 'readings')} per point.")
        for arm, those in rows.groupby("arm", sort=False):
            sentences.append(gaps(those, where if arm == "treated" else f"{where}, control,"))
    return " ".join(sentence for sentence in sentences if sentence)
