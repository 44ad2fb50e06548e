"""A metric beside its measure: what it is called, what a larger value means, and how it is estimated and shown. All of it is said once, here."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Literal

Role = Literal["headline", "component", "curve", "count"]
Estimand = Literal["share", "mean", "ratio", "agreement", "correlation", "difference"]

BAND = "_band"  # ends the name of a curve whose interval is the simultaneous band


@dataclass(frozen=True, slots=True)
class Metric:
    """One number that a measure reports.

    Args:
        name: its name in the table of estimates; a measure has each name once.
        title: what it is called in tables and figures.
        larger: what a larger value means, one sentence that begins with "Larger:".
        estimand: "share" of units (0 or 1 each), "mean" of values, "ratio" of two means, "agreement" beyond chance, "correlation", or
            "difference" of two other metrics.
        support: the values that a unit can take; None where no bound holds for every unit.
        null: the value that no effect has, where the metric is tested.
        role: "headline" (the one number that the measure is about), "component", "curve" (points over a dose, for a figure), or "count" (of
            what entered and what did not).
        dose: how its dose reads, with {:g} in the place of the number, such as "k = {:g}"; empty where it has none.
        rule: how units become one value, for the column `method`.
        lacking: what is noted where no unit has a value.
        section: the heading under which it stands on the page; empty for none.
        folded: whether the page folds that section away.
    """

    name: str
    title: str
    larger: str
    estimand: Estimand = "share"
    support: tuple[float, float] | None = (0.0, 1.0)
    null: float | None = None
    role: Role = "component"
    dose: str = ""
    rule: str = ""
    lacking: str = ""
    section: str = ""
    folded: bool = False

    def banded(self) -> Metric:
        """The same curve with the simultaneous band for its interval."""
        return replace(self, name=f"{self.name}{BAND}", title=f"{self.title}, with the band of the whole curve")
