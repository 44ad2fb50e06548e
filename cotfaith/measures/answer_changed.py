"""Answers changed: any intervention against its matched control. Your own intervention therefore needs no measure of its own.

Each treated reading is compared with the control of its trace at the same site and draw. Both go through the same procedure
(continuing the reasoning, re-tokenising it), so a difference is due to the intervention. If the model continues, two samples also
differ by chance, which this measure cannot separate. An intervention without controls (truncation, filler) is compared with the full
reasoning of its trace, which is read at once as well.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import ClassVar

import numpy as np
import pandas as pd

from cotfaith.contracts.measure import AbstractMeasure, Weight
from cotfaith.contracts.metric import Metric
from cotfaith.measures.parts import answer_arrays, edit_validity, quantity, treated_control
from cotfaith.measures.parts.quantity import UNANSWERED, Quantity, Setting, mean
from cotfaith.stats import ClusterSums, Estimate, Key, joined

CHANGED = Metric(
    "answer_changed",
    "Answers that the intervention changes",
    "Larger: more answers differ between the intervention and its matched control.",
    role="headline",
    reference=True,
    sentence="The intervention changes {share} of the answers.",
)
ACCURACY = Metric(
    "accuracy_change",
    "Accuracy under the intervention, minus that of its control",
    "Larger: the intervention makes more answers right that are wrong under its control.",
    "mean",
    (-1.0, 1.0),
    null=0.0,
    lacking=quantity.NO_GOLD,
)
_METRICS = (CHANGED, ACCURACY)


@dataclass(frozen=True)
class AnswerChanged(AbstractMeasure):
    """Treated probes against their matched controls, for each intervention and kind by itself.

    Estimates by intervention and kind: `answer_changed` (the share of pairs whose two answers differ), `accuracy_change` (treated
    less control, paired); `edit_valid`, `edit_invalid`; and `unanswered` by arm. A pair one of whose answers is missing is missing.

    Args:
        weight: "trace": all treated readings count once; "question": all questions do.
    """

    weight: Weight = "trace"

    name: ClassVar[str] = "answer_changed"
    title: ClassVar[str] = "Answers changed by an intervention"
    summary: ClassVar[str] = (
        "how many answers differ between an intervention and its matched control, for any intervention that a study names"
    )
    paper: ClassVar[str] = "none: the comparison with the matched control that every intervention brings"
    construct: ClassVar[str] = "dependence"
    metrics: ClassVar[tuple[Metric, ...]] = (*_METRICS, edit_validity.VALID, edit_validity.INVALID, UNANSWERED)
    requires: ClassVar[Mapping[str, Mapping[str, object]]] = {}
    uses: ClassVar[tuple[str, ...]] = ("*",)
    needs: ClassVar[frozenset[str]] = frozenset()
    kinds: ClassVar[str] = "kind"

    def columns(self, rows: pd.DataFrame) -> ClusterSums:
        """The sums by question of one shard of readings of any interventions.

        Raises:
            DataError: a row is not a valid reading, or a treated reading has no control.
        """
        parts = []
        for intervention, own in rows.groupby("intervention"):
            matched = bool((own["arm"] == "control").any() or not (own["arm"] == "full").any())
            found = answer_arrays.read(own, self.name, str(intervention), ends=not matched)
            treated = treated_control.treated(found, self.name) if matched else found.arm == "treated"
            here, other = np.arange(len(found.trace)), found.control if matched else found.full
            changed = quantity.same(found, here, other).complement()
            accuracy = quantity.correct(found, here) - quantity.correct(found, other)
            wanted: dict[Key, Quantity] = {}
            for kind in sorted(set(own.loc[own["arm"] == "treated", "kind"].fillna(""))) or [""]:
                among = treated & (found.kind == kind)
                wanted |= {Key(CHANGED.name, kind=kind): changed.only(among), Key(ACCURACY.name, kind=kind): accuracy.only(among)}
            wanted |= quantity.unanswered_by_arm(found)
            sums = joined(quantity.add_up(found.question, wanted), edit_validity.columns(own))
            parts.append(sums.rekeyed(intervention=str(intervention)))
        return joined(*parts)

    def estimates(self, table: ClusterSums, *, level: float, seed: int) -> list[Estimate]:
        """The estimates from the sums of all shards, without randomness."""
        setting = Setting(self.name, self.weight, level, seed)
        found: list[Estimate] = []
        for intervention in sorted({key.intervention for key in table.quantities(CHANGED.name)}):
            own = table.select(intervention=intervention)
            kinds = [key.kind for key in own.quantities(CHANGED.name)]
            keys = [
                (metric, Key(metric.name, kind=kind, intervention=intervention)) for kind in sorted(kinds) for metric in _METRICS
            ]
            found += [mean(own, setting, metric, key) for metric, key in keys]
            found += [*edit_validity.estimates(own, setting), *quantity.unanswered_shares(own, setting)]
        return found
