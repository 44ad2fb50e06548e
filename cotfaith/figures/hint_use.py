"""How often each hint is used, by chance and under the hint, and how often the reasoning acknowledges its use (Chen et al. 2025, figure 1)."""

from __future__ import annotations

from typing import TYPE_CHECKING

from cotfaith.contracts.figure import Drawing
from cotfaith.figures import rows
from cotfaith.figures.drawing import style
from cotfaith.figures.points import NUMBERS, PLACE, chosen, text
from cotfaith.figures.sentences import per_point, percent

if TYPE_CHECKING:
    import pandas as pd
    from matplotlib.axes import Axes

X = "Share of answers"
COLUMNS = [*PLACE, "hint", "metric", "judge", "channel", "shown", *NUMBERS]
USE = {"cfr": "the answer is the hinted option", "base_rate": "the same by chance: without the hint"}
SAID = {"vcr": "of these, acknowledged"}


def hint_use(estimates: pd.DataFrame, *, width: float = 7.2, ax: Axes | None = None) -> Drawing | None:
    """Use of each hint, its chance level, and acknowledgement among the answers that use it, by judge; a panel a model (and strategy) and task.

    Args:
        estimates: the table of estimates; rows of `cfr`, `base_rate` and `vcr` of `hint_effect` are used.
        width: of the figure, in inches.
        ax: draw into these axes instead of a figure of its own.

    Returns:
        The drawing. None if no acknowledgement has a value.
    """
    points = chosen(estimates, "hint_effect", [*USE, *SAID]).rename(columns={"kind": "hint"})
    judges = {name: text(points, name) for name in ("judge", "channel")}
    several = {name: len(set(those) - {""}) > 1 for name, those in judges.items()}
    shown = [
        "".join(
            [
                {**USE, **SAID}[metric],
                f", judge {judge}" * (several["judge"] and bool(judge)),
                f", in the {channel}" * (several["channel"] and bool(channel)),
            ]
        )
        for metric, judge, channel in zip(points["metric"], judges["judge"], judges["channel"], strict=True)
    ]
    points = points.assign(shown=shown, **judges)[COLUMNS].reset_index(drop=True)
    known = points[points["value"].notna()]
    if not (known["metric"] == "vcr").any():
        return None
    order = sorted(dict.fromkeys(zip(known["metric"], known["shown"], strict=True)), key=lambda one: [*USE, *SAID].index(one[0]))
    drawn = points.assign(panel=points["line"] + ", " + points["task"], row=points["hint"], series=points["shown"])
    with style(width, **{"axes.grid.axis": "x"}):
        how = rows.Rows(X, {name: name for _, name in order}, frozenset({USE["base_rate"]}))
        made = rows.draw(drawn, how, width, ax)
    said = (
        f"Points: shares of readings under each hint, each with its {percent(points)} interval. Acknowledgement is of the answers with the hinted "
        "option; an answer that does not acknowledge the hint may not have used it, as the chance level shows."
    )
    told = points.assign(point=points["hint"] + ", " + points["shown"])
    return Drawing(made.figure, points, " ".join([said, *per_point(told, "readings", ("line", "task"))]))
