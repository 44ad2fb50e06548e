"""Transplant: another trace's whole reasoning is put in the model's mouth and the answer is read at once.

After the intervention on the chain of thought in Bao et al. 2025 (arXiv 2402.16048: another chain in its place), and the transplant
of a reasoning under another prompt in Macar et al. 2025 (arXiv 2510.27484). Held fixed: question and prompt. Matched control: the
trace's own reasoning, tokenised afresh as text.

What it cannot tell: the text is off-policy under this question, and a model may answer as if there were no reasoning because it
noticed that it was another's; that is no reliance on a reasoning of its own. For one trace it tells next to nothing; read it over a
group.
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
    """Put another trace's whole reasoning in the place of this one's, answer at once. The dose is 1.

    A reasoning of the subject's own, on another question, is put in token by token; that of another model, as text.

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
    )

    def __post_init__(self) -> None:
        """Refuse invalid parameters."""
        at_least(1, self.name, draws=self.draws)

    @property
    def donor(self) -> str:
        """The model whose reasonings it takes; empty for the subject's own."""
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
