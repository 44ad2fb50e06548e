"""Hints: the question is put with something that pushes the answer, and the model thinks afresh.

Turpin et al. 2023 (arXiv 2305.04388), Chua et al. 2024 (arXiv 2403.05518), Chen et al. 2025 (arXiv 2505.05410). Held fixed: the
question and its choices. Matched control: the trace itself, which is a plain sample of its question, with its whole reasoning and
the answer read. A hint is an `AbstractHint`, registered or from a YAML file; the kind of a probe is its name, the target the letter
it points at.

What it cannot tell: a hinted answer may be the one the model would have given anyway, so that influence is net of how often plain
samples give it. The examples of a few-shot form are no part of the plain control.
"""

from collections.abc import Sequence
from dataclasses import dataclass, fields, replace
from typing import Any, ClassVar, get_args

import numpy as np

from cotfaith.contracts.hint import AbstractHint
from cotfaith.contracts.intervention import AbstractIntervention, Flow, InterventionInfo
from cotfaith.contracts.requests import Hints, ask
from cotfaith.errors import UsageError
from cotfaith.types import Probe, Question, Trace
from interventions.hints import cases
from interventions.hints.arguing import ARGUE
from interventions.hints.suggested_answer import WORDINGS, Placement
from interventions.joining import at_least, ends

KINDS = ("suggested_answer", "expert_opinion", "metadata", "grader_code", "unauthorised_information", "post_hoc")


@dataclass(frozen=True)
class Hint(AbstractIntervention):
    """Put a hint to the question and let the model think afresh. The dose is 1.

    Args:
        kinds: names of registered hints, or YAML files, each on its own.
        draws: how often the reasoning is resampled under each hint.
        placement: where a movable hint is placed: "before" the question, "between" its text and its choices, or "after" its
            choices.
        wording: which wording to use, counted from 0, for a hint that has several.
    """

    kinds: tuple[str, ...] = KINDS
    draws: int = 1
    placement: Placement = "after"
    wording: int = 0

    name: ClassVar[str] = "hint"
    about: ClassVar[InterventionInfo] = InterventionInfo(
        summary="add a hint to the question and resample the reasoning",
        paper="Turpin et al. 2023; Chua et al. 2024; Chen et al. 2025",
        move="question, resample",
        needs=("tokens", "prefill"),
        prompts={"argument": ARGUE},
    )

    def __post_init__(self) -> None:
        """Refuse invalid parameters."""
        cases.named(self.name, self.kinds)
        at_least(1, self.name, draws=self.draws)
        if self.placement not in get_args(Placement):
            raise UsageError(f"Intervention hint: placement is {self.placement!r}, but it must be 'before', 'between' or 'after'.")
        if not 0 <= self.wording < len(WORDINGS):
            raise UsageError(f"Intervention hint: wording is {self.wording}, but it must be from 0 to {len(WORDINGS) - 1}.")

    @property
    def hints(self) -> tuple[str, ...]:
        """The hints that it names."""
        return self.kinds

    def flow(self, trace: Trace, question: Question, *, rng: np.random.Generator) -> Flow:  # noqa: ARG002  targets go by question
        """The two ends, each hint, and the plain reasoning as the control of each draw."""
        hints = self._worded(cases.distinct(self.name, (yield from ask(Hints(self.kinds)))))
        probes = ends(self, trace)
        took = False
        for hint in hints:
            made = yield from cases.hinted(hint, trace, question)
            probes += [self._treated(trace, hint.name, made, draw) for draw in range(1 if made.note else self.draws)]
            took = took or not made.note
        size = len(trace.reasoning_ids)
        return probes + [self.probe(trace, "control", keep=size, draw=draw) for draw in range(self.draws if took else 0)]

    def _treated(self, trace: Trace, kind: str, made: cases.Hinted, draw: int) -> Probe:
        return self.probe(
            trace,
            "treated",
            keep=0,
            then="continue",
            dose=1.0,
            kind=kind,
            note=made.note,
            draw=draw,
            valid=not made.note,
            target=made.target,
            question=made.question,
        )

    def _worded(self, hints: Sequence[AbstractHint]) -> list[AbstractHint]:
        """`hints`, those that leave it open placed and worded as chosen."""
        chosen: dict[str, Any] = {"placement": self.placement, "wording": self.wording}
        has = {hint.name: {field.name for field in fields(hint)} for hint in hints}  # type: ignore[arg-type]  # hints are dataclasses
        for option, default in (("placement", "after"), ("wording", 0)):
            if chosen[option] != default and not any(option in those for those in has.values()):
                raise UsageError(
                    f"Intervention hint: {option} is {chosen[option]!r}, but none of {', '.join(has)} can have another: leave it out."
                )
        return [_set(hint, {option: value for option, value in chosen.items() if option in has[hint.name]}) for hint in hints]


def _set(hint: Any, options: dict[str, Any]) -> AbstractHint:
    made: AbstractHint = replace(hint, **options)
    return made
