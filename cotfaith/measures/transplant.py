"""Transplant: whether the answer follows the reasoning where that is another's (Bao et al. 2402.16048; Thought Branches, Macar et al. 2510.27484).

The whole reasoning is another question's of the same model, or another model's on the same question; the kind says which. This is the change of
the chain of thought in Bao et al.'s structural causal models, whose types speak of groups and not of single answers: answers that change
with the chain are one half of their "causal chain". The text is off-policy: the model would not have written it here.

An answer that is the donor's may be so by chance, and letters are unlike often: the control, the trace's own reasoning tokenised again,
says how often.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, ClassVar

from cotfaith.contracts.measure import Weight, check_weight

if TYPE_CHECKING:
    import pandas as pd

    from cotfaith.measures.parts.answer_arrays import Flags, Readings
    from cotfaith.measures.parts.quantity import Quantity
    from cotfaith.stats import ClusterSums, Estimate

_NET = "Larger: another reasoning changes more answers than the own one merely tokenised again, so the answer depends more on the reasoning."
_CHANGED = "Larger: more answers are not those of the full reasoning, to be read beside the control."
_FOLLOWS = "Larger: more answers are the donor's, to be read beside the control."
_CHANCE = "Larger: more answers are the donor's without its reasoning, by chance; it says nothing of faithfulness."
_FOLLOWS_NET = "Larger: more answers become the donor's with its reasoning, so the answer follows the reasoning more."
_DIFFERS = (
    "Larger: more donors' answers can be told from the own one, so that following can be seen; it says nothing of faithfulness."
)
_DIRECTIONS = {
    "answers_changed_net": _NET,
    "answers_changed": _CHANGED,
    "answers_changed_control": _CHANGED,
    "follows_donor_net": _FOLLOWS_NET,
    "follows_donor": _FOLLOWS,
    "follows_donor_control": _CHANCE,
    "donor_differs": _DIFFERS,
}  # in the order in which they are reported


@dataclass(frozen=True)
class Transplant:
    """Another's reasoning in the place of the own one, by whose it is (group: "another question", or a model's name).

    Estimates: `answers_changed_net` (paired with the control), `answers_changed`, `answers_changed_control`; among readings whose donor's answer
    is known, is not the trace's own and is one of its question's options, `follows_donor_net`, `follows_donor` and `follows_donor_control`, and the
    share of readings where that is so, `donor_differs`; `answers_changed_net` by stratum (group: "STRATUM", or "KIND: STRATUM" where there
    are several kinds); `eligible`, `took`, `not_taken`, and `unanswered` by arm.

    Args:
        weight: "trace": all readings count once; "question": all questions do.
    """

    weight: Weight = "trace"

    name: ClassVar[str] = "transplant"
    summary: ClassVar[str] = "whether the answer follows a reasoning that is another's"
    paper: ClassVar[str] = "Bao et al. 2025 (2402.16048); Macar et al. 2025 (2510.27484)"
    direction: ClassVar[str] = _NET
    construct: ClassVar[str] = "dependence"
    requires: ClassVar[Mapping[str, Mapping[str, object]]] = {"transplant": {}}
    needs: ClassVar[frozenset[str]] = frozenset({"tokens", "prefill"})

    def __post_init__(self) -> None:
        """Refuse what cannot be."""
        check_weight(self.weight)

    def columns(self, rows: pd.DataFrame) -> ClusterSums:
        """The sums by question of one shard of transplant readings.

        Raises:
            DataError: a row is not what a reading can be, or a trace lacks an end or a control.
        """
        from cotfaith.measures.parts import answer_arrays, edit_validity, quantity, strata, treated_control  # noqa: PLC0415  pandas only when used

        found = answer_arrays.read(rows, self.name, "transplant", extra=("donor_answer", "n_options"))
        treated = treated_control.treated(found, self.name)
        named = sorted(set(rows.loc[rows["arm"] == "treated", "kind"].fillna(""))) or [""]
        kinds: dict[str, Flags] = {str(kind): treated & (found.kind == kind) for kind in named}
        everything = treated_control.changed(found, "answers_changed") | _following(found)
        wanted: dict[str, Quantity] = {}
        for kind, among in kinds.items():
            for name, one in everything.items():
                inside = among if one.among is None else among & one.among
                wanted[f"{name}@{kind}"] = one.only(inside)
            wanted |= strata.split(found, f"answers_changed_net@{kind}", wanted[f"answers_changed_net@{kind}"])
        wanted |= edit_validity.traces(found, kinds) | quantity.unanswered_by_arm(found)
        return quantity.joined(quantity.add_up(found.question, wanted), edit_validity.columns(rows))

    def estimates(self, table: ClusterSums, *, level: float, seed: int) -> list[Estimate]:  # noqa: ARG002  nothing random
        """The estimates from the sums of all shards."""
        from cotfaith.measures.parts import edit_validity, strata  # noqa: PLC0415  pandas only when used
        from cotfaith.measures.parts.quantity import mean, unanswered_shares  # noqa: PLC0415  pandas only when used
        from cotfaith.stats import Label  # noqa: PLC0415  pandas only when used

        kinds, weight = edit_validity.kinds(table), self.weight
        found: list[Estimate] = []
        for kind in kinds:
            for metric, direction in _DIRECTIONS.items():
                name, label = f"{metric}@{kind}", Label(self.name, metric, direction, group=kind)
                if metric.endswith("_net"):
                    paired = mean(table, name, label, weight=weight, level=level, kind="smooth", support=(-1.0, 1.0), null=0.0)
                    found.append(paired)
                else:
                    found.append(mean(table, name, label, weight=weight, level=level))
            net = Label(self.name, "answers_changed_net", _NET, group=kind if len(kinds) > 1 else "")
            found += strata.estimates(table, f"{net.metric}@{kind}", net, weight=weight, level=level, support=(-1.0, 1.0), null=0.0)
        found += edit_validity.eligible(table, self.name, kinds, weight=weight, level=level)
        found += edit_validity.estimates(table, self.name, weight=weight, level=level)
        return [*found, *unanswered_shares(table, self.name, weight=weight, level=level)]


def _following(found: Readings) -> dict[str, Quantity]:
    """Whether the answer, and that of the control, is the donor's, among those where that says something; and whether it does."""
    import numpy as np  # noqa: PLC0415  only when used
    import pandas as pd  # noqa: PLC0415  only when used

    from cotfaith.measures.parts.quantity import indicator  # noqa: PLC0415  pandas only when used
    from cotfaith.types import LETTERS  # noqa: PLC0415  beside its use

    donor = np.array(["" if pd.isna(one) else str(one) for one in found.extra["donor_answer"]], dtype=object)
    options = found.extra["n_options"].astype(np.int64)
    possible = np.array([not n or one in LETTERS[:n] for one, n in zip(donor, options, strict=True)], dtype=np.bool_)
    known = (donor != "") & found.answered[found.full]
    differs = known & possible & (donor != found.answer[found.full])
    at_control = found.control
    follows = indicator(found.answered, found.answer == donor)
    control = indicator(found.answered[at_control], found.answer[at_control] == donor)
    wanted = {"follows_donor": follows, "follows_donor_control": control, "follows_donor_net": follows - control}
    return {"donor_differs": indicator(known, differs)} | {name: quantity.only(differs) for name, quantity in wanted.items()}
