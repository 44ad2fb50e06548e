"""The power curve of a plan as a figure."""

from __future__ import annotations

from pathlib import Path

from cotfaith.figures import Drawing, save
from cotfaith.figures import drawing as house
from cotfaith.planning.numbers import curve
from cotfaith.planning.plan import Plan
from cotfaith.planning.text import head, lines, said

INCHES = 7.2


def drawing(plan: Plan) -> Drawing:
    """The power over the number of questions (or models), one line per effect, with the target power as a dotted line."""
    points = curve(plan)
    points["line"] = lines(plan, points)
    looks = house.colours(list(dict.fromkeys(points["line"])))
    with house.style():
        made, (axes,) = house.panels([""], INCHES)
        for one, rows in points.groupby("line", sort=False):
            axes.plot(rows[plan.unit], rows["power"], color=looks[str(one)][0], linewidth=1.6, label=str(one))
        axes.axhline(plan.power, color=house.QUIET, linewidth=0.9, linestyle=(0, (1, 2)), zorder=1)
        axes.set_xlim(left=0)
        house.label(made, [axes], plan.unit.capitalize(), "Power")
        house.key(made, [axes])
    return Drawing(made, points, " ".join([f"{head(plan)} (dotted).", *said(plan)]))


def figure(plan: Plan, path: Path) -> Path:
    """Write the curve to `path` (.pdf, .svg or .png), and its points as CSV beside it.

    Raises:
        UsageError: the name ends otherwise, or the file cannot be written.
    """
    return save(drawing(plan), path, "power")
