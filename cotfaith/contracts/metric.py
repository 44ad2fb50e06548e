"""A metric of a measure: its name, the meaning of a larger value, and how it is estimated and shown."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Literal

Role = Literal["headline", "component", "curve", "count"]
Estimand = Literal["share", "mean", "ratio", "agreement", "correlation", "difference"]

BAND = "_band"  # suffix of the name of a curve whose interval is the simultaneous band


@dataclass(frozen=True, slots=True)
class Metric:
    """One number that a measure reports.

    Args:
        name: its name in the table of estimates, unique within the measure.
        title: its title in tables and figures.
        larger: what a larger value means, in one sentence that begins with "Larger:".
        estimand: "share" of units (0 or 1 each), "mean" of values, "ratio" of two means, "agreement" beyond chance, "correlation",
            or "difference" of two other metrics.
        support: the range of values of a unit; None if values are unbounded.
        null: the value under no effect, if the metric is tested.
        role: "headline" (the main number of the measure), "component", "curve" (points over a dose, for a figure), or "count" (of
            included and excluded units).
        dose: the text of its dose, with {:g} in place of the number, such as "k = {:g}"; empty if it has none.
        rule: how units are combined into one value, for the column `method`.
        lacking: the note if no unit has a value.
        section: its heading on the page; empty for none.
        folded: whether the page folds that section.
        probability: whether it is of probabilities of the options, and so not defined for answers that are written.
        beside: whether the table that a run prints shows it beside the headline.
        reference: whether it is a mean over units of what single answers show (equal to another answer, or right), so that reference
            values exist (`cotfaith.analysis.references`).
        sentence: its value in a plain sentence, for the head of a report; empty for none. In place of the value stands {share} (as a
            percentage), {points} (in percentage points), {change} (in percentage points, with its sign) or {value} (as a number).
        spoken: the dose of the row that the sentence is about; None for the row without a dose.
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
    probability: bool = False
    beside: bool = False
    reference: bool = False
    sentence: str = ""
    spoken: float | None = None

    def banded(self) -> Metric:
        """The same curve with the simultaneous band as its interval."""
        return replace(
            self, name=f"{self.name}{BAND}", reference=False, sentence="", title=f"{self.title}, with the band of the whole curve"
        )
