"""Last steps alone: all but the last k steps are left out and the answer is read at once.

The mirror image of early answering (Lanham et al. 2023, section 2.3), of cotfaith's own. Held fixed: question, prompt, and the text
of the last steps. Matched control: the whole reasoning, tokenised afresh like its end.

What it cannot tell: the edit is off-policy, and the last step mostly states the answer, so that an answer that stays may be copied
from there; it bounds how much of the reasoning is read at answer time, not how much was needed to write its end.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import ClassVar

import numpy as np

from cotfaith.contracts.intervention import AbstractEdit, InterventionInfo
from cotfaith.errors import UsageError
from cotfaith.types import Probe, Question, Trace
from interventions.joining import NO_STEPS, at_least, dressed, ends, impossible, sham


@dataclass(frozen=True)
class LastSteps(AbstractEdit):
    """Keep the last steps alone, answer at once. The dose is the share of the steps that was left out, the site how many were kept.

    Args:
        lasts: how many steps are kept, each number once.
    """

    lasts: tuple[int, ...] = (1, 2)

    name: ClassVar[str] = "last_steps"
    about: ClassVar[InterventionInfo] = InterventionInfo(
        summary="keep only the last steps and answer at once (off-policy)",
        paper="none: cotfaith's own mirror image of Lanham et al. 2023, section 2.3",
        move="edit, answer",
        needs=("tokens", "prefill"),
    )

    def __post_init__(self) -> None:
        """Refuse invalid parameters."""
        for last in self.lasts:
            at_least(1, self.name, lasts=last)
        if not self.lasts or len(set(self.lasts)) < len(self.lasts):
            raise UsageError(f"Intervention last_steps: lasts is {self.lasts}; give at least one number, and each number once.")

    def edit(self, trace: Trace, question: Question, *, rng: np.random.Generator) -> Sequence[Probe]:  # noqa: ARG002  nothing random
        """The two ends, and each number of last steps with its control."""
        if not trace.steps:
            return impossible(self, trace, NO_STEPS)
        probes = ends(self, trace)
        size = len(trace.steps)
        for last in self.lasts:
            if last >= size:
                probes.append(self.probe(trace, "treated", keep=0, dose=1.0, site=last, note="too few steps", valid=False))
                continue
            text = dressed(trace.reasoning[trace.steps[-last].start :], trace.reasoning)
            probes.append(self.probe(trace, "treated", keep=0, insert=text, dose=1 - last / size, site=last))
            probes.append(sham(self, trace, site=last))
        return probes
