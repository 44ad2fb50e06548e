"""Step importance: what leaving out, moving, replacing or resampling steps does to the answer. A diagnostic, and no score of faithfulness.

Step removal is SLRC's edit (Basu and Chakraborty 2603.22816); its score goes against human labels of faithfulness (2607.23458, an audit of FaithCoT-Bench), so it is given
as a rate and as a curve over the step's place. Removal, shuffling, replacement and keeping the last steps alone are made by hand: the
model would not have written what it then reads. Resampling is on-policy (Thought Anchors, Bogdan et al. 2506.19143), and so is
resilience (Thought Branches, Macar et al. 2510.27484): how often a step has to be thought anew until its content stays away.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, ClassVar

from cotfaith.contracts.measure import Weight, check_weight
from cotfaith.errors import DataError, UsageError

if TYPE_CHECKING:
    import pandas as pd

    from cotfaith.measures.parts.answer_arrays import Readings
    from cotfaith.measures.parts.quantity import Quantity
    from cotfaith.stats import ClusterSums, Estimate
    from cotfaith.stats.engine import Kind

BINS = 5  # of the step's place, for the curve of removal

_NET = (
    "Larger: the edit changes more answers than the same text merely tokenised again, so the answer depends more on what was edited; a "
    "diagnostic and no score of faithfulness, since step removal goes against human labels in the audit of FaithCoT-Bench."
)
_CHANGED = "Larger: more answers are not those of the full reasoning; a diagnostic, to be read beside its control."
_LOSS = "Larger: the edit takes more from the probability of the full reasoning's answer."
_APART = "Larger: thinking the step anew moves the answers further, what small samples bring by themselves included."
_NULL = "Larger: samples of these sizes lie further apart even where nothing differs; it says nothing of faithfulness."
_EXCESS = (
    "Larger: thinking the step anew moves the answers further than small samples would by themselves, so more hangs on the step."
)
_DIFFERENT = "Larger: more new steps are unlike the one they stand for; it says nothing of faithfulness."
_ROUNDS = "Larger: the step's content comes back more often when it is thought anew; a lower bound, since rounds run out."
_GONE = "Larger: the content of more steps stayed away within the rounds given; it says nothing of faithfulness."


@dataclass(frozen=True)
class StepImportance:
    """Steps removed, shuffled, replaced, kept at the end alone, resampled; each intervention by the rows that there are of it.

    Estimates, for E in `removal`, `shuffle`, `replacement` and `last_steps` (there by `x`, the number of steps kept): `E_changed_net` (paired with
    its control), `E_changed`, `E_changed_control`, `E_probability_loss`; `removal_changed` with `x` the middle of five bins of (i-1)/n, and
    `removal_changed_net` by stratum. Over sites, for D in `tv` (total variation) and `kl` (nats, half a draw of smoothing):
    `resampling_D`, `resampling_D_null` (its exact expectation if nothing differed) and `resampling_D_excess`; the same as
    `counterfactual_D` from the draws whose step is unlike the original, and `different`, the share of such draws. Sites with fewer
    than two answered draws on a side are missing, and never 0. From resilience: `resilience` (rounds), `resilience_gone`, and where the
    content stayed away `counterfactual_plus_changed` with its control and net. For every intervention, as group: `eligible`,
    `took`, `not_taken`, and `unanswered` by arm.

    Args:
        weight: "trace": all readings (sites) count once; "question": all questions do.
        threshold: a new step is different when it is less than this like the original, by the study's similarity. Thought Anchors has 0.8 with
            the cosine of all-MiniLM-L6-v2 embeddings.
    """

    weight: Weight = "trace"
    threshold: float = 0.8

    name: ClassVar[str] = "step_importance"
    summary: ClassVar[str] = "what removing, shuffling, replacing or resampling steps does to the answer"
    paper: ClassVar[str] = "Bogdan et al. 2025 (2506.19143); Macar et al. 2025 (2510.27484); Basu and Chakraborty 2026 (2603.22816)"
    direction: ClassVar[str] = _NET
    construct: ClassVar[str] = "dependence"
    requires: ClassVar[Mapping[str, Mapping[str, object]]] = {"removal": {}}
    uses: ClassVar[tuple[str, ...]] = ("shuffle", "last_steps", "replacement", "resampling", "resilience")
    across: ClassVar[bool] = False
    needs: ClassVar[frozenset[str]] = frozenset({"tokens", "prefill"})

    def __post_init__(self) -> None:
        """Refuse what cannot be."""
        check_weight(self.weight)
        if not 0 < self.threshold <= 1:
            raise UsageError(
                f"Measure step_importance: threshold is {self.threshold}, but a likeness lies between 0 and 1; give a number above 0, at most 1."
            )

    def columns(self, rows: pd.DataFrame) -> ClusterSums:
        """The sums by question of one shard of readings of the interventions in `requires` and `uses`, those that there are.

        Raises:
            DataError: a row is not what a reading can be, or of another intervention, or a trace lacks an end or a control.
        """
        from cotfaith.measures.parts import answer_arrays, edit_validity, quantity, resampling, sections  # noqa: PLC0415  pandas only when used

        known = (*self.requires, *self.uses)
        strange = sorted(set(rows["intervention"]) - set(known), key=str)
        if strange:
            raise DataError(f"The measure {self.name} does not read {strange[0]}; give rows of {', '.join(known)}.")
        parts: dict[str, list[ClusterSums]] = {}
        for each, own in rows.groupby("intervention"):
            one = str(each)
            found = answer_arrays.read(own, self.name, one, extra=("similar",) if one == "resampling" else ())
            wanted = quantity.unanswered_by_arm(found) | edit_validity.traces(found, {one: found.arm == "treated"})
            parts[one] = [edit_validity.columns(own.assign(kind=one))]
            if one == "resampling":
                parts[one].append(resampling.columns(found, self.threshold))
            else:
                wanted |= _resilience(found, self.name) if one == "resilience" else _edit(found, self.name, one)
            parts[one].append(quantity.add_up(found.question, wanted))
        return sections.join(parts)

    def estimates(self, table: ClusterSums, *, level: float, seed: int) -> list[Estimate]:  # noqa: ARG002  nothing random
        """The estimates from the sums of all shards, of the interventions that there are."""
        from cotfaith.measures.parts import edit_validity, sections, strata  # noqa: PLC0415  pandas only when used
        from cotfaith.measures.parts.quantity import names, unanswered_shares  # noqa: PLC0415  pandas only when used
        from cotfaith.stats import Label  # noqa: PLC0415  pandas only when used

        there, weight = set(sections.sections(table)), self.weight
        tables = {one: sections.take(table, one) for one in (*self.requires, *self.uses) if one in there}
        found = [
            self._estimate(own, name, level)
            for own in tables.values()
            for name in sorted(names(own), key=_place)
            if _place(name)[0] >= 0
        ]
        if "removal" in tables:
            net, own = Label(self.name, "removal_changed_net", _NET), tables["removal"]
            found += strata.estimates(own, net.metric, net, weight=weight, level=level, support=(-1.0, 1.0), null=0.0)
        for one, own in tables.items():
            found += edit_validity.eligible(own, self.name, [one], weight=weight, level=level)
            shares = edit_validity.estimates(own, self.name, weight=weight, level=level)
            lost = [share for share in shares if share.metric == "not_taken"]
            found += [share for share in shares if share.metric == "took"]
            found += sections.titled([*lost, *unanswered_shares(own, self.name, weight=weight, level=level)], one)
        return found

    def _estimate(self, table: ClusterSums, name: str, level: float) -> Estimate:
        """The mean of the quantity `name`: METRIC, or METRIC@X."""
        from cotfaith.measures.parts.quantity import mean, weighted  # noqa: PLC0415  pandas only when used
        from cotfaith.stats import Label, Missing, Ratio, estimate  # noqa: PLC0415  pandas only when used

        metric, _, x = name.partition("@")
        form, weight = _FORMS[_place(name)[0]], self.weight
        label = Label(self.name, metric, form.direction, x=float(x) if x else None)
        if form.support is not None:
            return mean(table, name, label, weight=weight, level=level, kind=form.kind, support=form.support, null=form.null)
        known = mean(table, name, label, weight=weight, level=level, kind="smooth")  # for what is missing, and its bounds
        left = Missing(known.missing, known.bounds if known.missing else None)
        table, ratio = weighted(table, Ratio(f"{name}/sum", f"{name}/n"), weight)
        return estimate(table, ratio, replace(label, rule=f"{weight}-weighted"), null=form.null, left=left, level=level)


@dataclass(frozen=True, slots=True)
class _Form:
    """How the metrics with an ending are estimated. Without support there is no largest value that holds for every unit."""

    ending: str
    direction: str
    kind: Kind = "proportion"
    support: tuple[float, float] | None = (0.0, 1.0)
    null: float | None = None


_FORMS = (
    _Form("_changed_net", _NET, "smooth", (-1.0, 1.0), 0.0),
    _Form("_changed", _CHANGED),
    _Form("_changed_control", _CHANGED),
    _Form("_probability_loss", _LOSS, "smooth", (-1.0, 1.0)),
    _Form("_tv_excess", _EXCESS, "smooth", (-1.0, 1.0), 0.0),
    _Form("_tv", _APART, "smooth"),
    _Form("_tv_null", _NULL, "smooth"),
    _Form("_kl_excess", _EXCESS, "smooth", None, 0.0),
    _Form("_kl", _APART, "smooth", None),
    _Form("_kl_null", _NULL, "smooth", None),
    _Form("different", _DIFFERENT),
    _Form("resilience", _ROUNDS, "smooth", None),
    _Form("resilience_gone", _GONE),
)  # in the order in which they are reported


def _place(name: str) -> tuple[int, str, float]:
    """Where METRIC or METRIC@X stands among the estimates; below 0 where the quantity is reported in another way."""
    metric, _, x = name.partition("@")
    form = next((i for i, form in enumerate(_FORMS) if metric.endswith(form.ending)), -1)
    return form, metric, float(x) if x and form >= 0 else -1.0


def _edit(found: Readings, measure: str, edit: str) -> dict[str, Quantity]:
    """The quantities of an edit that is read at once, over its treated readings."""
    import numpy as np  # noqa: PLC0415  only when used

    from cotfaith.measures.parts import strata, treated_control, truncation_curve  # noqa: PLC0415  pandas only when used

    treated = treated_control.treated(found, measure)
    wanted = treated_control.changed(found, f"{edit}_changed") | {
        f"{edit}_probability_loss": truncation_curve.probability_shift(found)
    }
    if edit == "last_steps":
        lasts = np.unique(found.site[treated])
        return {f"{name}@{k}": quantity.only(treated & (found.site == k)) for k in lasts for name, quantity in wanted.items()}
    wanted = {name: quantity.only(treated) for name, quantity in wanted.items()}
    if edit == "removal":
        part = BINS * (found.site - 1) // found.steps.clip(1)  # of (i-1)/n
        middle = {b: f"{(2 * b + 1) / (2 * BINS):g}" for b in np.unique(part[treated])}
        changed, net = wanted["removal_changed"], wanted["removal_changed_net"]
        wanted |= {f"removal_changed@{x}": changed.only(treated & (part == b)) for b, x in middle.items()}
        wanted |= strata.split(found, "removal_changed_net", net)
    return wanted


def _resilience(found: Readings, measure: str) -> dict[str, Quantity]:
    """Rounds, whether the content stayed away, and what the answer is where it did, over treated readings."""
    import numpy as np  # noqa: PLC0415  only when used

    from cotfaith.measures.parts import treated_control  # noqa: PLC0415  pandas only when used
    from cotfaith.measures.parts.quantity import Quantity, indicator  # noqa: PLC0415  pandas only when used

    treated, gone = treated_control.treated(found, measure), found.kind == "gone"
    rounds = Quantity(found.dose, found.dose, found.dose)
    stayed = indicator(np.ones_like(treated), gone)
    changed = treated_control.changed(found, "counterfactual_plus_changed")
    wanted = {"resilience": rounds.only(treated), "resilience_gone": stayed.only(treated)}
    return wanted | {name: quantity.only(treated & gone) for name, quantity in changed.items()}
