"""Transplant: another trace's whole reasoning replaces the model's own, and the answer is read at once.

It follows the intervention on the chain of thought in Bao et al. 2025 (arXiv 2402.16048: another chain replaces it), and the
transplant of a reasoning under another prompt in Macar et al. 2025 (arXiv 2510.27484). Held fixed: question and prompt. Matched
control: the trace's own reasoning, re-tokenised as text.

What it cannot tell: the text is off-policy under this question. A model may notice that the reasoning is not its own and answer as
if there were none; this does not show reliance on its own reasoning. For one trace it tells next to nothing; read it over a group.
"""

from dataclasses import dataclass
from typing import ClassVar

import numpy as np

from cotfaith.contracts.intervention import AbstractIntervention, Flow, InterventionInfo
from cotfaith.contracts.requests import Donors, ask
from cotfaith.types import Probe, Question, Trace
from interventions.joining import NO_DONOR, NO_STEPS, at_least, dressed, ends, impossible, sham


@dataclass(frozen=True)
class Transplant(AbstractIntervention):
    """Replace the whole reasoning with another trace's, answer at once. The dose is 1.

    The subject's own reasoning on another question is inserted as token ids, another model's reasoning as text.

    Args:
        model: the model whose reasoning on the same question is used; empty for the subject's own reasoning on another question.
        draws: how many different donors are tried; fewer if there are not that many.
    """

    model: str = ""
    draws: int = 1

    name: ClassVar[str] = "transplant"
    streamed: ClassVar[tuple[str, ...]] = ("model", "draws")
    about: ClassVar[InterventionInfo] = InterventionInfo(
        summary="replace the reasoning with one on another question, or with another model's, and answer at once (off-policy)",
        paper="Bao et al. 2025 (arXiv 2402.16048)",
        move="edit, answer",
        needs=("tokens", "prefill"),
        reader="donor",
    )

    def __post_init__(self) -> None:
        """Refuse invalid parameters."""
        at_least(1, self.name, draws=self.draws)

    @property
    def donor(self) -> str:
        """The model whose reasoning traces it takes; empty for the subject's own."""
        return self.model

    def flow(self, trace: Trace, question: Question, *, rng: np.random.Generator) -> Flow:  # noqa: ARG002  only the trace
        """The two ends, and each donor's reasoning with its control."""
        kind = self.model or "another question"
        if not trace.steps:
            return impossible(self, trace, NO_STEPS, kind)
        own = trace.reasoning.split()
        able = [donor for donor in (yield from ask(Donors(trace, self.model))) if donor.reasoning.split() not in ([], own)]
        if not able:
            return impossible(self, trace, NO_DONOR, kind)
        probes = ends(self, trace)
        for draw, i in enumerate(rng.permutation(len(able))[: self.draws]):
            probes += [self._from(trace, able[i], kind, draw), sham(self, trace, site=0, draw=draw)]
        return probes

    def _from(self, trace: Trace, donor: Trace, kind: str, draw: int) -> Probe:
        text = dressed(donor.reasoning, trace.reasoning) if self.model else donor.reasoning
        return self.probe(
            trace,
            "treated",
            keep=0,
            insert=text,
            insert_ids=None if self.model else donor.reasoning_ids,
            dose=1.0,
            kind=kind,
            draw=draw,
            donor=donor.id,
        )
