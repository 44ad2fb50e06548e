"""Reasoning gain: the effect of the reasoning on accuracy, and the share of answers that it changes (Lanham et al. 2023, section 3).

The share of answers that the reasoning changes, 1 minus the share that is the same with and without it, is the paper's metric over
model sizes. It falls as accuracy without reasoning rises, so the two are always reported together.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import ClassVar

import pandas as pd

from cotfaith.contracts.measure import AbstractMeasure, Weight
from cotfaith.contracts.metric import Metric
from cotfaith.measures.parts import answer_arrays, quantity, strata
from cotfaith.measures.parts.quantity import ACCURACY_FULL, ACCURACY_NO_REASONING, UNANSWERED, Setting, mean
from cotfaith.stats import ClusterSums, Estimate, Key

CHANGED = Metric(
    "answers_changed",
    "Answers that the reasoning changes",
    "Larger: the reasoning changes more answers, so the answer depends more on it.",
    role="headline",
    reference=True,
    sentence="{share} of the answers differ with the reasoning from those without it.",
)
GAIN = Metric(
    "accuracy_gain",
    "Accuracy gained by the reasoning",
    "Larger: the reasoning makes more answers right that were wrong without it.",
    "mean",
    (-1.0, 1.0),
    null=0.0,
    lacking=quantity.NO_GOLD,
    reference=True,
    sentence="Accuracy with the reasoning differs by {change} from accuracy without it.",
)

WITHOUT = replace(ACCURACY_NO_REASONING, sentence="Without its reasoning {share} of the answers are right.")


@dataclass(frozen=True)
class ReasoningGain(AbstractMeasure):
    """All of the reasoning against none of it.

    Estimates: `answers_changed`, `accuracy_gain` (paired by trace), `accuracy_full`, `accuracy_no_reasoning`, `answers_changed` in
    each stratum, and `unanswered` by arm.

    Args:
        weight: "trace": all traces count once; "question": all questions do.
    """

    weight: Weight = "trace"

    name: ClassVar[str] = "reasoning_gain"
    title: ClassVar[str] = "Reasoning gain"
    summary: ClassVar[str] = "accuracy with and without the reasoning, and the share of answers that the reasoning changes"
    paper: ClassVar[str] = "Lanham et al. 2023, section 3"
    construct: ClassVar[str] = "dependence"
    metrics: ClassVar[tuple[Metric, ...]] = (CHANGED, GAIN, replace(ACCURACY_FULL, beside=True), WITHOUT, UNANSWERED)
    requires: ClassVar[Mapping[str, Mapping[str, object]]] = {"truncation": {"cuts": 0}}

    def columns(self, rows: pd.DataFrame) -> ClusterSums:
        """The sums by question of one shard of truncation readings, of which the two ends of each trace are used.

        Raises:
            DataError: a row is not a valid reading, or a trace lacks one of its two ends.
        """
        ends = answer_arrays.read(rows[rows["arm"] != "treated"] if "arm" in rows else rows, self.name, "truncation")
        whole = ends.arm == "full"
        changed = quantity.same(ends, ends.none, ends.full).complement().only(whole)
        gain = quantity.correct(ends, ends.full) - quantity.correct(ends, ends.none)
        wanted = {Key(CHANGED.name): changed, Key(GAIN.name): gain.only(whole)} | strata.split(ends, Key(CHANGED.name), changed)
        wanted |= quantity.accuracy_of_ends(ends) | quantity.unanswered_by_arm(ends)
        return quantity.add_up(ends.question, wanted)

    def estimates(self, table: ClusterSums, *, level: float, seed: int) -> list[Estimate]:
        """The estimates from the sums of all shards, without randomness."""
        setting = Setting(self.name, self.weight, level, seed)
        found = [mean(table, setting, metric) for metric in (CHANGED, GAIN, ACCURACY_FULL, ACCURACY_NO_REASONING)]
        return [*found, *strata.estimates(table, setting, CHANGED), *quantity.unanswered_shares(table, setting)]
