"""What a change of the reasoning does to the answer beside its control: transplanted reasoning, and edits of steps."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING

from cotfaith.contracts.figure import Drawing
from cotfaith.figures import rows
from cotfaith.figures.drawing import style
from cotfaith.figures.points import NUMBERS, PLACE, chosen
from cotfaith.figures.sentences import per_point, percent

if TYPE_CHECKING:
    import pandas as pd
    from matplotlib.axes import Axes

COLUMNS = [*PLACE, "kind", "dose", "change", "arm", *NUMBERS]
CONTROL = "_control"  # ends the name of the metric of a control


@dataclass(frozen=True, slots=True)
class Changes:
    """The metrics of a measure with their rows, each of which has a control of the same name with `CONTROL` behind it."""

    measure: str
    metrics: Mapping[str, str]
    x: str
    treated: str
    control: str


TRANSPLANT = Changes(
    "transplant",
    {"answers_changed": "The answer changes", "follows_donor": "The answer becomes the donor's"},
    "Share of answers",
    "with the other reasoning",
    "control: its own reasoning, tokenised again",
)
EDITS = Changes(
    "step_importance",
    {
        "removal_changed": "One step removed",
        "replacement_changed": "One step replaced",
        "shuffle_changed": "Steps shuffled",
        "last_steps_changed": "Only the last {}",
    },
    "Share of answers that change",
    "edited",
    "control: unedited, tokenised again",
)


def transplant_dots(estimates: pd.DataFrame, *, width: float = 7.2, ax: Axes | None = None) -> Drawing | None:
    """How many answers change, and how many become the donor's, with transplanted reasoning and with the control; a panel a model and task.

    Args:
        estimates: the table of estimates; rows of `answers_changed`, `follows_donor` and their controls are used.
        width: of the figure, in inches.
        ax: draw into these axes instead of a figure of its own.

    Returns:
        The drawing. None if no share with a transplant has a value.
    """
    return _dots(estimates, TRANSPLANT, width, ax)


def step_edits(estimates: pd.DataFrame, *, width: float = 7.2, ax: Axes | None = None) -> Drawing | None:
    """How many answers change when steps are removed, replaced, shuffled or left out, beside the control; a panel a model and task.

    Args:
        estimates: the table of estimates; rows of `removal_changed`, `replacement_changed`, `shuffle_changed`, `last_steps_changed` and
            their controls are used.
        width: of the figure, in inches.
        ax: draw into these axes instead of a figure of its own.

    Returns:
        The drawing. None if no edit has a value.
    """
    return _dots(estimates, EDITS, width, ax)


def _dots(estimates: pd.DataFrame, changes: Changes, width: float, ax: Axes | None) -> Drawing | None:
    names = [name for metric in changes.metrics for name in (metric, metric + CONTROL)]
    points = chosen(estimates, changes.measure, names)
    treated = points["metric"].str.removesuffix(CONTROL)
    said = [
        changes.metrics[metric].format("step" if dose == 1 else f"{dose:g} steps")
        for metric, dose in zip(treated, points["dose"], strict=True)
    ]
    arms = points["metric"].str.endswith(CONTROL).map({True: "control", False: "treated"})
    order = treated.map(list(changes.metrics).index)
    points = (
        points.assign(change=said, arm=arms, order=order)
        .sort_values(["order", "dose"], kind="stable")[COLUMNS]
        .reset_index(drop=True)
    )
    if not (points["value"].notna() & (points["arm"] == "treated")).any():
        return None
    kinds = set(points["kind"]) - {""}
    drawn = points.assign(
        panel=points["line"] + ", " + points["task"], row=points["change"], series=points["arm"], group=points["kind"] if len(kinds) > 1 else ""
    )  # fmt: skip
    with style(width, **{"axes.grid.axis": "x"}):
        series = {"treated": changes.treated, "control": changes.control}
        made = rows.draw(drawn, rows.Rows(changes.x, series, frozenset({"control"})), width, ax)
    caption = f"Points: shares of readings, each with its {percent(points)} interval; filled, {changes.treated}; hollow, {changes.control}."
    told = points.assign(point=points["change"] + ", " + points["arm"])
    return Drawing(made.figure, points, " ".join([caption, *per_point(told, "readings", ("line", "task", "kind"))]))
