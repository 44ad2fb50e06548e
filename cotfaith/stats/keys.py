"""What a number is of, as named fields. Sums and estimates are told apart by these fields alone, and no text is ever parsed."""

from __future__ import annotations

from collections.abc import Hashable
from typing import NamedTuple

Column = Hashable  # of a table of sums: a `Part`, or any name


class Key(NamedTuple):
    """What an estimate is of, besides its measure.

    Attributes:
        metric: the name of the metric.
        kind: the variant: a writer, a hint, a kind of filler, whose reasoning it is, or a group of questions.
        stratum: the traces that it is over, by whether the answer is right or by the number of steps; empty for all.
        arm: the arm of the readings.
        judge: who judged.
        channel: the text that was judged.
        reason: why edits failed their check.
        dose: how much of what the metric is drawn over.
        strategy: how the reasoning was elicited, where a measure compares strategies.
        intervention: which one, where a measure reads several.
        versus: what it is compared with: a second judge, or the strategy that is subtracted.
    """

    metric: str
    kind: str = ""
    stratum: str = ""
    arm: str = ""
    judge: str = ""
    channel: str = ""
    reason: str = ""
    dose: float | None = None
    strategy: str = ""
    intervention: str = ""
    versus: str = ""


class Part(NamedTuple):
    """One column of the sums of a quantity.

    `part` is "sum" (of the values), "n" (how many units have one), "low" and "high" (the least and the most that the values could add up to),
    "all" (how many units there are) or "squares" (of the values).
    """

    key: Key
    part: str


class ByQuestion(NamedTuple):
    """A column in which each question counts once: its mean, or whether it has any unit."""

    column: Column


FIELDS = Key._fields
