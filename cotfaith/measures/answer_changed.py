"""Answers changed: any intervention against its matched control, so that one of your own needs no measure of its own.

Each treated reading is compared with the answer after the full reasoning, and so is the control with its site and draw. What the control
changes is due to the procedure; the difference is due to the intervention.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import ClassVar

import pandas as pd

from cotfaith.contracts.measure import AbstractMeasure, Weight
from cotfaith.contracts.metric import Metric
from cotfaith.measures.parts import answer_arrays, edit_validity, quantity, strata, treated_control
from cotfaith.measures.parts.answer_arrays import Readings
from cotfaith.measures.parts.quantity import UNANSWERED, Quantity, Setting, mean
from cotfaith.stats import ClusterSums, Estimate, Key, joined

NET = Metric(
    "answer_changed_net",
    "Answers that the intervention changes, net of control",
    "Larger: the intervention changes more answers than its matched control does.",
    "mean",
    (-1.0, 1.0),
    null=0.0,
    role="headline",
)
CHANGED = Metric(
    "answer_changed",
    "Answers that the intervention changes",
    "Larger: more answers after the intervention are not that of the full reasoning, to be read beside the control.",
)
CONTROL = Metric(
    "answer_changed_control",
    "Answers that the control changes",
    "Larger: more answers of the matched control are not that of the full reasoning.",
)
_METRICS = (NET, CHANGED, CONTROL)


@dataclass(frozen=True)
class AnswerChanged(AbstractMeasure):
    """Treated probes against their matched controls, for each intervention and kind by itself.

    Estimates by intervention and kind: `answer_changed_net` (paired with the control of the same site and draw), `answer_changed`,
    `answer_changed_control`; `answer_changed_net` by stratum; `included`, `edit_valid`, `edit_invalid`; and `unanswered` by arm.

    Args:
        weight: "trace": all treated readings count once; "question": all questions do.
    """

    weight: Weight = "trace"

    name: ClassVar[str] = "answer_changed"
    title: ClassVar[str] = "Answers changed by an intervention"
    summary: ClassVar[str] = (
        "how many answers an intervention changes beyond its matched control; for any intervention that a study names"
    )
    paper: ClassVar[str] = "none: the comparison with a matched control that every intervention brings"
    construct: ClassVar[str] = "dependence"
    metrics: ClassVar[tuple[Metric, ...]] = (*_METRICS, *edit_validity.METRICS, UNANSWERED)
    requires: ClassVar[Mapping[str, Mapping[str, object]]] = {}
    uses: ClassVar[tuple[str, ...]] = ("*",)
    kinds: ClassVar[str] = "kind"

    def columns(self, rows: pd.DataFrame) -> ClusterSums:
        """The sums by question of one shard of readings of any interventions.

        Raises:
            DataError: a row is not what a reading can be, a trace lacks an end, or a treated reading its control.
        """
        parts = []
        for intervention, own in rows.groupby("intervention"):
            found = answer_arrays.read(own, self.name, str(intervention))
            sums = joined(quantity.add_up(found.question, self._quantities(own, found)), edit_validity.columns(own))
            parts.append(sums.rekeyed(intervention=str(intervention)))
        return joined(*parts)

    def _quantities(self, rows: pd.DataFrame, found: Readings) -> dict[Key, Quantity]:
        treated = treated_control.treated(found, self.name)
        named = sorted(set(rows.loc[rows["arm"] == "treated", "kind"].fillna(""))) or [""]
        kinds = {str(kind): treated & (found.kind == kind) for kind in named}
        changed = treated_control.changed(found, CHANGED.name)
        wanted = {key._replace(kind=kind): one.only(among) for kind, among in kinds.items() for key, one in changed.items()}
        for kind in kinds:
            net = Key(NET.name, kind=kind)
            wanted |= strata.split(found, net, wanted[net])
        return wanted | edit_validity.traces(found, kinds) | quantity.unanswered_by_arm(found)

    def estimates(self, table: ClusterSums, *, level: float, seed: int) -> list[Estimate]:
        """The estimates from the sums of all shards; nothing of them is random."""
        setting = Setting(self.name, self.weight, level, seed)
        found: list[Estimate] = []
        for intervention in sorted({key.intervention for key in table.quantities(edit_validity.TRACES.metric)}):
            own = table.select(intervention=intervention)
            for kind in edit_validity.kinds(own):
                found += [mean(own, setting, one, Key(one.name, kind=kind, intervention=intervention)) for one in _METRICS]
                found += strata.estimates(own, setting, NET, Key(NET.name, kind=kind, intervention=intervention))
            keys = [Key(edit_validity.INCLUDED.name, kind=kind, intervention=intervention) for kind in edit_validity.kinds(own)]
            found += [
                *edit_validity.included(own, setting, keys),
                *edit_validity.estimates(own, setting),
                *quantity.unanswered_shares(own, setting),
            ]
        return found
