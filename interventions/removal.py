"""Step removal: one step is left out and the answer is read at once (Basu and Chakraborty 2026, arXiv 2603.22816, who call it SLRC).

Held fixed: question, prompt, and every other step as it was. Matched control: the same tokens before the step, and the original
text from there on, tokenised afresh like the shortened one.

What it cannot tell: the edit is off-policy (the model would not have written the text without the step), and a step whose content
stands elsewhere too can be removed without effect, although the model relies on it. An audit of FaithCoT-Bench found the score of
step removal negatively related to human labels (arXiv 2607.23458, abstract): read it as a curve over the steps, not as a score.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import ClassVar

import numpy as np

from cotfaith.contracts.intervention import AbstractEdit, InterventionInfo
from cotfaith.types import Probe, Question, Trace
from interventions.joining import BLANK, NO_STEPS, at_least, ends, impossible, replaced, sham, sites


@dataclass(frozen=True)
class Removal(AbstractEdit):
    """Leave one step out, answer at once. The dose is the share of the steps that was left out.

    Args:
        sites: how many steps are tried, evenly spaced; None for every step.
    """

    sites: int | None = None

    name: ClassVar[str] = "removal"
    about: ClassVar[InterventionInfo] = InterventionInfo(
        summary="remove one step and answer at once (off-policy)",
        paper="Basu and Chakraborty 2026 (arXiv 2603.22816)",
        move="edit, answer",
        needs=("tokens", "prefill"),
    )

    def __post_init__(self) -> None:
        """Refuse invalid parameters."""
        at_least(1, self.name, sites=self.sites)

    def edit(self, trace: Trace, question: Question, *, rng: np.random.Generator) -> Sequence[Probe]:  # noqa: ARG002  nothing random
        """The two ends, and each step left out with its control."""
        if not trace.steps:
            return impossible(self, trace, NO_STEPS)
        probes = ends(self, trace)
        for site in sites(trace, self.sites):
            probes += self._without(trace, site)
        return probes

    def _without(self, trace: Trace, site: int) -> list[Probe]:
        keep, rest = replaced(trace, site, "")
        dose = 1 / len(trace.steps)
        if not trace.step_text(site - 1).strip():
            return [self.probe(trace, "treated", keep=keep, insert=rest, dose=dose, site=site, note=BLANK, valid=False)]
        treated = self.probe(trace, "treated", keep=keep, insert=rest, dose=dose, site=site)
        return [treated, sham(self, trace, site=site, begin=site)]
