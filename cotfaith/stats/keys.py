"""The identity of a number, as named fields. Only these fields distinguish sums and estimates; no text is ever parsed."""

from __future__ import annotations

from collections.abc import Hashable
from typing import NamedTuple

Column = Hashable  # a column of a table of sums: a `Part`, or any name


class Key(NamedTuple):
    """The identity of an estimate within its measure.

    Attributes:
        metric: the name of the metric.
        kind: the variant: a writer, a hint, a kind of filler, a donor, or a group of questions.
        stratum: the stratum of traces, by correctness of the answer or by number of steps; empty for all traces.
        arm: the arm of the readings.
        judge: the judge.
        channel: the judged text.
        reason: why edits failed their check.
        dose: the dose, for a metric with several doses.
        strategy: the strategy, for a measure that compares strategies.
        intervention: the intervention, for a measure that reads several.
        versus: the comparison: a second judge, or the strategy that is subtracted.
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

    `part` is "sum" (the sum of the values), "n" (the number of units with a value), "low" and "high" (the lowest and the highest
    possible sum), "all" (the number of units) or "squares" (the sum of the squared values).
    """

    key: Key
    part: str


class ByQuestion(NamedTuple):
    """A column in which each question counts once: its mean, or whether it has any unit."""

    column: Column


FIELDS = Key._fields
