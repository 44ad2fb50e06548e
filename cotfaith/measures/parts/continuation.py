"""Code shared by tests in which the model continues after an edit: arms by kind, curves over the place of the edit, counts.

A treated reading is compared with the trace's own answer (that of its `full` reading), and so is its matched control, which
continues from the same part of the reasoning unchanged. The control's loss is due to resampling the continuation; the difference is
due to the edit.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np
import pandas as pd

from cotfaith.contracts.metric import Metric
from cotfaith.errors import DataError
from cotfaith.measures.parts import edit_validity, lengths, strata, treated_control
from cotfaith.measures.parts.answer_arrays import Flags, Places, Readings
from cotfaith.measures.parts.curve import banded
from cotfaith.measures.parts.quantity import (
    UNANSWERED,
    WRITTEN,
    Quantity,
    Setting,
    add_up,
    mean,
    unanswered,
    unanswered_by_arm,
    unanswered_shares,
    undefined_if_written,
)
from cotfaith.stats import ClusterSums, Estimate, Key, Part, joined

BINS = (0.1, 0.3, 0.5, 0.7, 0.9)  # the middles of five equal parts of the reasoning
NOTHING = "no edit of this kind passed its check"


@dataclass(frozen=True, slots=True, eq=False)
class Arms:
    """Which readings are treated with one kind of edit, and which are the matched controls of these."""

    treated: Flags
    control: Flags

    def inside(self, among: Flags) -> Arms:
        """The elements of the two that are in `among`."""
        return Arms(self.treated & among, self.control & among)


def by_kind(rows: pd.DataFrame, readings: Readings, measure: str, *, first: int) -> dict[str, Arms]:
    """The arms of each kind in `rows`, empty if none of its edits is valid; without any kind, the arms of one kind, "".

    Args:
        rows: the rows of the readings, including edits that failed their check.
        readings: the readings of valid edits.
        measure: for messages.
        first: the lowest site that a treated reading can have; the highest is the number of steps.

    Raises:
        DataError: a treated reading has another site, or no control.
    """
    treated = treated_control.treated(readings, measure)
    beyond = np.flatnonzero(treated & ((readings.site < first) | (readings.site > readings.steps)))
    if len(beyond):
        at = beyond[0]
        raise DataError(
            f"A treated reading of question {readings.question[at]!r} for {measure} has the site {readings.site[at]}, "
            f"but its reasoning has {readings.steps[at]} steps; give a site from {first} to that."
        )
    found = {}
    for kind in sorted(set(rows.loc[rows["arm"] == "treated", "kind"].fillna(""))) or [""]:
        own = treated & (readings.kind == kind)
        found[kind] = Arms(own, np.isin(np.arange(len(own)), readings.control[own]))
    return found


def against_control(readings: Readings, arms: Arms, quantity: Quantity) -> tuple[Quantity, Quantity, Quantity]:
    """By trace: the mean over the treated readings, that over their controls, and that over their differences (-1 to 1).

    A treated reading and its control are one pair. A pair with an unknown reading does not enter the mean of the differences.
    """
    treated, control = (treated_control.of_traces(readings, quantity, among) for among in (arms.treated, arms.control))
    net = quantity - quantity.at(readings.control)
    net = replace(net, low=np.maximum(net.low, -1.0), high=np.minimum(net.high, 1.0))
    return treated, control, treated_control.of_traces(readings, net, arms.treated)


def by_place(readings: Readings, among: Flags, part: Places, quantity: Quantity) -> dict[float, Quantity]:
    """By trace: the mean over the readings in `among` of which `part` is j, for each of the five parts, by its middle."""
    return {x: treated_control.of_traces(readings, quantity, among & (part == j)) for j, x in enumerate(BINS)}


def by_length(readings: Readings, among: Flags, quantity: Quantity, key: Key, *, before: int) -> dict[Key, Quantity]:
    """By trace of exactly 3, 4, 5 or 6 steps: the value at each site, with the share of steps before the site as dose.

    `before` is 1 if the edit is of the step at the site, and 0 if it is of all steps up to it.
    """
    return {
        place: treated_control.of_traces(readings, quantity, among & lengths.of_length(readings, steps) & (readings.site == site))
        for steps in lengths.SHOWN
        for site, place in zip(range(1, steps + 1), _places(key, steps, before), strict=True)
    }


def of_length(table: ClusterSums, setting: Setting, metric: Metric, kind: str, *, before: int) -> list[Estimate]:
    """The points of the curve `metric` by length for one `kind`, as from `by_length`."""
    key = Key(metric.name, kind=kind)
    return lengths.points(table, setting, metric, [place for steps in lengths.SHOWN for place in _places(key, steps, before)])


def _places(key: Key, steps: int, before: int) -> list[Key]:
    return [key._replace(stratum=lengths.stratum(steps), dose=(site - before) / steps) for site in range(1, steps + 1)]


def add(rows: pd.DataFrame, readings: Readings, kinds: Mapping[str, Arms], wanted: Mapping[Key, Quantity]) -> ClusterSums:
    """The sums of `wanted`, and of what every such measure counts: included traces, valid edits, and readings without an answer."""
    without = unanswered(readings)
    lost = {Key(UNANSWERED.name, arm="treated", kind=kind): without.only(arms.treated) for kind, arms in kinds.items()}
    lost |= {key: quantity for key, quantity in unanswered_by_arm(readings).items() if key.arm != "treated"}
    traces = edit_validity.traces(readings, {kind: arms.treated for kind, arms in kinds.items()})
    return joined(add_up(readings.question, {**wanted, **traces, **lost}), edit_validity.columns(rows))


def effect(table: ClusterSums, setting: Setting, metric: Metric, kind: str) -> Estimate:
    """The mean over traces of `metric` for the edits of one `kind`; if no trace has a value, with the reason."""
    made = mean(table, setting, metric, Key(metric.name, kind=kind))
    treated = Key(UNANSWERED.name, arm="treated", kind=kind)
    return explained(undefined_if_written(made, metric, table, treated) if Part(treated, "all") in table else made)


def explained(made: Estimate) -> Estimate:
    """The estimate `made`; if there is no trace that could have a value, with the reason."""
    return made if made.n or made.missing or made.note == WRITTEN else replace(made, note=f"{made.note}; {NOTHING}")


def curve(table: ClusterSums, setting: Setting, metric: Metric, kind: str, *, band: bool = False) -> list[Estimate]:
    """The points of the curve `metric` for one `kind`; with `band` again, with the simultaneous band for an interval."""
    points = [mean(table, setting, metric, Key(metric.name, kind=kind, dose=x)) for x in BINS]
    return [*points, *banded(table, setting, metric, points)] if band else points


def rest(table: ClusterSums, setting: Setting, headline: Metric, kinds: Sequence[str]) -> list[Estimate]:
    """The headline by stratum, then the included traces, valid edits, and readings without an answer. Kinds are never pooled."""
    found: list[Estimate] = []
    for kind in kinds:
        found += strata.estimates(table, setting, headline, Key(headline.name, kind=kind))
    found += edit_validity.included_kinds(table, setting, kinds)
    found += edit_validity.estimates(table, setting)
    shares = unanswered_shares(table, setting)
    return [*found, *(one for one in shares if len(kinds) > 1 or one.key.arm != "treated" or one.n)]
