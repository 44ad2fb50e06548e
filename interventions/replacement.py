"""Step replacement: a step of another question's reasoning stands in the place of one step, and the answer is read at once.

An edit of cotfaith's own: the transplant of Bao et al. 2025 (arXiv 2402.16048), one step at a time. Held fixed: question, prompt,
and every other step. Matched control: the same tokens before the step, and the original text from there on, tokenised afresh.

What it cannot tell: the edit is off-policy; it takes content away and adds strange content at once, so compare it with step
removal, which only takes away; and a donor's step may state an answer of its own, which the model may then follow.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import ClassVar

import numpy as np

from cotfaith.contracts.intervention import AbstractIntervention, Flow, InterventionInfo
from cotfaith.contracts.requests import Donors, ask
from cotfaith.types import Probe, Question, Trace
from interventions.joining import BLANK, NO_DONOR, NO_STEPS, at_least, dressed, ends, impossible, replaced, sham, sites


@dataclass(frozen=True)
class Replacement(AbstractIntervention):
    """Put a step of another question's reasoning in the place of one step, answer at once. The dose is the share of the steps replaced.

    Args:
        sites: how many steps are tried, evenly spaced; None for every step.
    """

    sites: int | None = None

    name: ClassVar[str] = "replacement"
    streamed: ClassVar[tuple[str, ...]] = ("sites",)
    about: ClassVar[InterventionInfo] = InterventionInfo(
        summary="replace one step with a step from another question's reasoning and answer at once (off-policy)",
        paper="none: cotfaith's own, one step of the transplant of Bao et al. 2025 (arXiv 2402.16048)",
        move="edit, answer",
        needs=("tokens", "prefill"),
    )

    def __post_init__(self) -> None:
        """Refuse invalid parameters."""
        at_least(1, self.name, sites=self.sites)

    def flow(self, trace: Trace, question: Question, *, rng: np.random.Generator) -> Flow:  # noqa: ARG002  only the trace
        """The two ends, and each replaced step with its control."""
        if not trace.steps:
            return impossible(self, trace, NO_STEPS)
        donors: Sequence[Trace] = [donor for donor in (yield from ask(Donors(trace))) if donor.reasoning.strip()]
        if not donors:
            return impossible(self, trace, NO_DONOR)
        probes = ends(self, trace)
        for site in sites(trace, self.sites):
            probes += self._replace(trace, site, donors, rng)
        return probes

    def _replace(self, trace: Trace, site: int, donors: Sequence[Trace], rng: np.random.Generator) -> list[Probe]:
        own = trace.step_text(site - 1)
        drawn = _draw(own, donors, rng)
        dose = 1 / len(trace.steps)
        if drawn is None or not own.strip():
            reason = NO_DONOR if own.strip() else BLANK
            return [self.probe(trace, "treated", keep=0, dose=dose, site=site, note=reason, valid=False)]
        donor, strange = drawn
        keep, insert = replaced(trace, site, dressed(strange, own))
        treated = self.probe(trace, "treated", keep=keep, insert=insert, dose=dose, site=site, donor=donor.id)
        return [treated, sham(self, trace, site=site, begin=site)]


def _draw(own: str, donors: Sequence[Trace], rng: np.random.Generator) -> tuple[Trace, str] | None:
    """A donor and the text of one of its steps that says something else than `own`; None where there is none."""
    for i in rng.permutation(len(donors)):
        donor = donors[i]
        texts = [donor.step_text(j) for j in range(len(donor.steps))]
        usable = [text for text in texts if text.strip() and text.split() != own.split()]
        if usable:
            return donor, usable[int(rng.integers(len(usable)))]
    return None
