"""Step importance: how the answer changes if steps are removed, moved, replaced or resampled. A diagnostic, not a score.

Step removal is SLRC's edit (Basu and Chakraborty 2603.22816). Its score goes against human labels of faithfulness (2607.23458, an
audit of FaithCoT-Bench), so it is reported as a rate and as a curve over the step's place. Removal, shuffling, replacement and
keeping only the last steps are off-policy: the model would not have written what it then reads. Resampling is on-policy (Thought
Anchors, Bogdan et al. 2506.19143), and so is resilience (Thought Branches, Macar et al. 2510.27484): how often a step must be
resampled until its content no longer reappears.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import ClassVar

import numpy as np
import pandas as pd

from cotfaith.contracts.measure import AbstractMeasure, Weight
from cotfaith.contracts.metric import Metric, Role
from cotfaith.errors import DataError, UsageError
from cotfaith.measures.parts import answer_arrays, edit_validity, quantity, resampling, strata, treated_control, truncation_curve
from cotfaith.measures.parts.answer_arrays import Readings
from cotfaith.measures.parts.quantity import UNANSWERED, Quantity, Setting, mean, undefined_if_written
from cotfaith.stats import ClusterSums, Estimate, Key, joined

BINS = 5  # of the step's place, for the curve of removal

_NET = "Larger: the edit changes more answers than re-tokenising the same text does, so the answer depends more on what was edited; a diagnostic, not a score of faithfulness, because step removal goes against human labels in the audit of FaithCoT-Bench."
_CHANGED = "Larger: more answers differ from the answer of the full reasoning; a diagnostic; compare with its control."
_LOSS = "Larger: the edit lowers the probability of the full reasoning's answer more."
_APART = "Larger: resampling the step changes the distribution of answers more, including what small samples differ by chance."
_NULL = "Larger: two samples of these sizes differ more by chance alone; it says nothing about faithfulness."
_EXCESS = (
    "Larger: resampling the step changes the distribution of answers more than chance would, so the answer depends more on it."
)
_EDITS = {"removal": "Step removed", "shuffle": "Steps shuffled", "replacement": "Step replaced", "last_steps": "Last steps alone"}
_SETS = {"counterfactual": "Different steps only", "resampling": "Resampling"}
_DISTANCES = {"tv": "total variation", "kl": "Kullback-Leibler divergence (nats)"}

BY_PLACE = Metric(
    "removal_changed_by_place", "Step removed: answers changed", _CHANGED, role="curve", dose="at {:g}", reference=True
)
DIFFERENT = Metric(
    "different",
    "Draws whose resampled step differs from the original",
    "Larger: more resampled steps differ from the step that they replace; it says nothing about faithfulness.",
)
ROUNDS = Metric(
    "resilience",
    "Rounds until a step's content is gone",
    "Larger: the step's content reappears more often when it is resampled; a lower bound, since the rounds are limited.",
    "mean",
    None,
)
GONE = Metric(
    "resilience_gone",
    "Steps whose content is gone",
    "Larger: the content of more steps is gone within the given number of rounds; it says nothing about faithfulness.",
)


def _changes(name: str, title: str, control: str, dose: str = "", *, headline: bool = False) -> tuple[Metric, ...]:
    """Answers changed, net of the control, by themselves, and by the control."""
    role: Role = "headline" if headline else "component"
    said = "Without one of its steps, {share} of the answers change, beyond the control." if headline else ""
    return (
        Metric(
            f"{name}_net", f"{title}, net of control", _NET, "mean", (-1.0, 1.0), 0.0, role, dose, reference=True, sentence=said
        ),
        Metric(name, title, _CHANGED, dose=dose, reference=True),
        Metric(f"{name}_control", control, _CHANGED, dose=dose, reference=True),
    )


def _of_edit(edit: str) -> tuple[Metric, ...]:
    """The metrics of an edit that is read at once."""
    title, dose = _EDITS[edit], "last {:g} steps" if edit == "last_steps" else ""
    said = f"{title}: answers changed"
    net, changed, control = _changes(f"{edit}_changed", said, f"{said} by the control", dose, headline=edit == "removal")
    curve = (BY_PLACE,) if edit == "removal" else ()
    loss = Metric(
        f"{edit}_probability_loss", f"{title}: loss of probability", _LOSS, "mean", (-1.0, 1.0), dose=dose, probability=True
    )
    return net, changed, *curve, control, loss


def _of_distances() -> tuple[Metric, ...]:
    """The metrics of resampled steps."""
    found = []
    for short, distance in _DISTANCES.items():
        least = (-1.0, 1.0) if short == "tv" else None
        most = (0.0, 1.0) if short == "tv" else None
        for name, said in _SETS.items():
            found.append(
                Metric(f"{name}_{short}_excess", f"{said}: {distance}, minus its chance level", _EXCESS, "mean", least, 0.0)
            )
        for name, said in _SETS.items():
            found.append(Metric(f"{name}_{short}", f"{said}: {distance}", _APART, "mean", most))
        for name, said in _SETS.items():
            found.append(Metric(f"{name}_{short}_null", f"{said}: {distance} at chance level", _NULL, "mean", most))
    return (*found, DIFFERENT)


_PLUS = "counterfactual_plus_changed"
METRICS: Mapping[str, tuple[Metric, ...]] = {
    **{edit: _of_edit(edit) for edit in _EDITS},
    "resampling": _of_distances(),
    "resilience": (
        *_changes(_PLUS, "Answers changed once the step's content is gone", "Answers changed by the control of these steps"),
        ROUNDS,
        GONE,
    ),
}  # of each intervention, in the order in which they are reported


@dataclass(frozen=True)
class StepImportance(AbstractMeasure):
    """Steps removed, shuffled, replaced, resampled, or only the last ones kept; each intervention from its own rows.

    Estimates, for E in `removal`, `shuffle`, `replacement` and `last_steps` (there by dose, the number of steps kept):
    `E_changed_net` (paired with its control), `E_changed`, `E_changed_control`, `E_probability_loss`; `removal_changed_by_place`
    with the midpoint of five bins of (i-1)/n as dose, and `removal_changed_net` by stratum. Over sites, for D in `tv` (total
    variation) and `kl` (nats, half a draw of smoothing): `resampling_D`, `resampling_D_null` (its exact expectation if nothing
    differed) and `resampling_D_excess`; the same as `counterfactual_D` from the draws whose step differs from the original, and
    `different`, the share of such draws. Sites with fewer than two answered draws on a side are missing, and never 0. From
    resilience: `resilience` (rounds), `resilience_gone`, and for steps whose content is gone `counterfactual_plus_changed` with its
    control and net. By intervention `included`, `edit_valid`, `edit_invalid`, and `unanswered` by arm.

    Args:
        weight: "trace": all readings (sites) count once; "question": all questions do.
        threshold: a resampled step counts as different below this similarity to the original, by the study's similarity. Thought
            Anchors has 0.8 with the cosine of all-MiniLM-L6-v2 embeddings.
    """

    weight: Weight = "trace"
    threshold: float = 0.8

    name: ClassVar[str] = "step_importance"
    title: ClassVar[str] = "Importance of steps"
    summary: ClassVar[str] = "what removing, shuffling, replacing or resampling steps does to the answer"
    paper: ClassVar[str] = "Bogdan et al. 2025 (2506.19143); Macar et al. 2025 (2510.27484); Basu and Chakraborty 2026 (2603.22816)"
    construct: ClassVar[str] = "dependence"
    metrics: ClassVar[tuple[Metric, ...]] = (
        *(metric for those in METRICS.values() for metric in those),
        *edit_validity.METRICS,
        UNANSWERED,
    )
    requires: ClassVar[Mapping[str, Mapping[str, object]]] = {"removal": {}}
    uses: ClassVar[tuple[str, ...]] = ("shuffle", "last_steps", "replacement", "resampling", "resilience")
    reads: ClassVar[tuple[str, ...]] = ("similar",)

    def __post_init__(self) -> None:
        """Refuse invalid parameters."""
        super().__post_init__()
        if not 0 < self.threshold <= 1:
            raise UsageError(
                f"Measure step_importance: threshold is {self.threshold}, but a similarity lies between 0 and 1: give a number above 0 and at most 1."
            )

    def columns(self, rows: pd.DataFrame) -> ClusterSums:
        """The sums by question of one shard of readings of the interventions in `requires` and `uses`, as far as present.

        Raises:
            DataError: a row is not a valid reading, or of another intervention, or a trace lacks an end or a control.
        """
        known = (*self.requires, *self.uses)
        strange = sorted(set(rows["intervention"]) - set(known), key=str)
        if strange:
            raise DataError(f"The measure {self.name} does not read {strange[0]}; give rows of {', '.join(known)}.")
        parts: list[ClusterSums] = []
        for each, own in rows.groupby("intervention"):
            one = str(each)
            found = answer_arrays.read(own, self.name, one, extra=("similar",) if one == "resampling" else ())
            counted = quantity.unanswered_by_arm(found) | edit_validity.traces(found, {"": found.arm == "treated"})
            counts = joined(quantity.add_up(found.question, counted), edit_validity.columns(own, kind=""))
            parts += [counts.rekeyed(intervention=one), self._sums(found, one)]
        return joined(*parts)

    def _sums(self, found: Readings, intervention: str) -> ClusterSums:
        if intervention == "resampling":
            return resampling.columns(found, self.threshold)
        wanted = _resilience(found, self.name) if intervention == "resilience" else _edit(found, self.name, intervention)
        return quantity.add_up(found.question, wanted)

    def estimates(self, table: ClusterSums, *, level: float, seed: int) -> list[Estimate]:
        """The estimates from the sums of all shards, for the interventions present, without randomness."""
        setting = Setting(self.name, self.weight, level, seed)
        there = {key.intervention for key in table.quantities(edit_validity.INCLUDED.name)}
        interventions = [one for one in (*self.requires, *self.uses) if one in there]
        found = [
            undefined_if_written(mean(table, setting, metric, key), metric, table, _beside(key))
            for one in interventions
            for metric in METRICS[one]
            for key in sorted((key for key in table.quantities(metric.name) if not key.stratum), key=lambda key: key.dose or 0.0)
        ]
        if "removal" in interventions:
            found += strata.estimates(table, setting, METRICS["removal"][0])
        for one in interventions:
            found += edit_validity.included(table, setting, [Key(edit_validity.INCLUDED.name, intervention=one)])
            own = table.select(intervention=one)
            found += [*edit_validity.estimates(own, setting), *quantity.unanswered_shares(own, setting)]
        return found


def _beside(key: Key) -> Key:
    """The key of the answers changed by an edit beside that of its loss of probability; any other key as it is."""
    return key._replace(metric=key.metric.replace("_probability_loss", "_changed"))


def _edit(found: Readings, measure: str, edit: str) -> dict[Key, Quantity]:
    """The quantities of an edit that is read at once, over its treated readings."""
    treated = treated_control.treated(found, measure)
    wanted = treated_control.changed(found, f"{edit}_changed")
    wanted |= {Key(f"{edit}_probability_loss"): truncation_curve.probability_shift(found)}
    if edit == "last_steps":
        lasts = np.unique(found.site[treated])
        return {key._replace(dose=float(k)): one.only(treated & (found.site == k)) for k in lasts for key, one in wanted.items()}
    wanted = {key: one.only(treated) for key, one in wanted.items()}
    if edit == "removal":
        part = BINS * (found.site - 1) // found.steps.clip(1)  # of (i-1)/n
        middle = {int(b): (2 * int(b) + 1) / (2 * BINS) for b in np.unique(part[treated])}
        changed, net = wanted[Key("removal_changed")], wanted[Key("removal_changed_net")]
        wanted |= {Key(BY_PLACE.name, dose=x): changed.only(treated & (part == b)) for b, x in middle.items()}
        wanted |= strata.split(found, Key("removal_changed_net"), net)
    return wanted


def _resilience(found: Readings, measure: str) -> dict[Key, Quantity]:
    """Rounds, whether the content is gone, and the answer if it is, over treated readings."""
    treated, gone = treated_control.treated(found, measure), found.kind == "gone"
    rounds = Quantity(found.dose, found.dose, found.dose)
    stayed = quantity.indicator(np.ones_like(treated), gone)
    changed = treated_control.changed(found, _PLUS)
    wanted = {Key(ROUNDS.name): rounds.only(treated), Key(GONE.name): stayed.only(treated)}
    return wanted | {key: one.only(treated & gone) for key, one in changed.items()}
