"""What the tests share in which the model thinks on after an edit: arms by kind, curves over the place of the edit, and the rest.

A treated reading is compared with the trace's own answer (that of its `full` reading), and so is its matched control, which thinks on
from the same part of the reasoning unchanged. What the control loses is due to thinking on again; the difference is due to the edit.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np
import pandas as pd

from cotfaith.contracts.measure import Weight
from cotfaith.errors import DataError
from cotfaith.measures.parts import edit_validity, strata, treated_control
from cotfaith.measures.parts.answer_arrays import Flags, Places, Readings
from cotfaith.measures.parts.quantity import (
    UNANSWERED,
    Quantity,
    add_up,
    banded,
    joined,
    mean,
    unanswered,
    unanswered_by_arm,
    unanswered_shares,
)
from cotfaith.stats import ClusterSums, Estimate, Label

BINS = (0.1, 0.3, 0.5, 0.7, 0.9)  # the middles of five equal parts of the reasoning
NOTHING = "no edit of this kind took"


@dataclass(frozen=True, slots=True, eq=False)
class Arms:
    """Which readings are treated with one kind of edit, and which are the matched controls of these."""

    treated: Flags
    control: Flags

    def inside(self, among: Flags) -> Arms:
        """Those of the two that are in `among`."""
        return Arms(self.treated & among, self.control & among)


@dataclass(frozen=True, slots=True)
class Setting:
    """How the estimates of a measure are made."""

    measure: str
    weight: Weight
    level: float
    seed: int


@dataclass(frozen=True, slots=True)
class Metric:
    """A mean over traces. `signed`: it lies between -1 and 1; `net`: against its control, so that 0 is no effect."""

    name: str
    direction: str
    signed: bool = False
    net: bool = False
    rule: str = ""
    lacking: str = ""  # what is said where no trace has it

    def mean(self, table: ClusterSums, setting: Setting, kind: str) -> Estimate:
        """Its estimate for the edits of one `kind`."""
        label = Label(setting.measure, self.name, self.direction, group=kind, rule=self.rule)
        made = mean(
            table,
            f"{self.name}@{kind}",
            label,
            weight=setting.weight,
            level=setting.level,
            kind="smooth",
            support=(-1.0 if self.signed else 0.0, 1.0),
            null=0.0 if self.net else None,
        )
        why = self.lacking if made.missing else NOTHING
        return replace(made, note=f"{made.note}; {why}") if not made.n and why else made


def by_kind(rows: pd.DataFrame, readings: Readings, measure: str, *, first: int) -> dict[str, Arms]:
    """The arms of each kind in `rows`, empty where nothing of it took; without any kind those of one kind, "".

    Args:
        rows: what the readings were made from, with what did not take.
        readings: what took.
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
    """By trace: the mean over the treated readings, that over their controls, and the first minus the second (-1 to 1)."""
    treated, control = (treated_control.of_traces(readings, quantity, among) for among in (arms.treated, arms.control))
    net = treated - control
    return treated, control, Quantity(net.value, np.maximum(net.low, -1.0), np.minimum(net.high, 1.0), treated.among)


def by_place(readings: Readings, among: Flags, part: Places, quantity: Quantity) -> dict[float, Quantity]:
    """By trace: the mean over the readings in `among` of which `part` is j, for each of the five parts, by its middle."""
    return {x: treated_control.of_traces(readings, quantity, among & (part == j)) for j, x in enumerate(BINS)}


def add(rows: pd.DataFrame, readings: Readings, kinds: Mapping[str, Arms], wanted: Mapping[str, Quantity]) -> ClusterSums:
    """The sums of `wanted`, with those of what every such measure counts: eligible traces, what took, and what gave no answer."""
    lost = {f"lost@{kind}": unanswered(readings).only(arms.treated) for kind, arms in kinds.items()}
    traces = edit_validity.traces(readings, {kind: arms.treated for kind, arms in kinds.items()})
    sums = add_up(readings.question, {**wanted, **traces, **lost, **unanswered_by_arm(readings)})
    return joined(sums, edit_validity.columns(rows))


def curve(table: ClusterSums, setting: Setting, metric: str, direction: str, kind: str, *, band: bool = False) -> list[Estimate]:
    """The points of the curve `metric` for one `kind`; with `band` again, with the simultaneous band for an interval."""
    labels = {f"{metric}@{x:g}@{kind}": Label(setting.measure, metric, direction, x=x, group=kind) for x in BINS}
    points = {name: mean(table, name, label, weight=setting.weight, level=setting.level) for name, label in labels.items()}
    if not band:
        return list(points.values())
    around = banded(
        table, points, weight=setting.weight, level=setting.level, seed=setting.seed, kind="proportion", support=(0.0, 1.0)
    )
    return [*points.values(), *around]


def rest(table: ClusterSums, setting: Setting, headline: Metric, kinds: Sequence[str]) -> list[Estimate]:
    """The headline by stratum, then who is eligible, what took, and what gave no answer. Kinds are never pooled."""
    several = len(kinds) > 1
    weight, level = setting.weight, setting.level
    found: list[Estimate] = []
    for kind in kinds:
        label = Label(setting.measure, headline.name, headline.direction, group=kind if several else "", rule=headline.rule)
        found += strata.estimates(
            table, f"{headline.name}@{kind}", label, weight=weight, level=level, support=(-1.0, 1.0), null=0.0
        )
    found += edit_validity.eligible(table, setting.measure, kinds, weight=weight, level=level)
    found += edit_validity.estimates(table, setting.measure, weight=weight, level=level)
    shares = unanswered_shares(table, setting.measure, weight=weight, level=level)
    if several:
        shares = [share for share in shares if share.group != "treated"]
        labels = {f"lost@{kind}": Label(setting.measure, "unanswered", UNANSWERED, group=f"treated: {kind}") for kind in kinds}
        shares += [mean(table, name, label, weight=weight, level=level) for name, label in labels.items()]
    return [*found, *shares]
