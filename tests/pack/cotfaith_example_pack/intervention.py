"""An intervention: it removes the last steps of the reasoning."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import ClassVar

import numpy as np

from cotfaith.contracts import AbstractEdit, InterventionInfo
from cotfaith.types import Probe, Question, Trace


@dataclass(frozen=True)
class DropLast(AbstractEdit):
    """Removes the last `steps` steps; the control has the whole reasoning."""

    name: ClassVar[str] = "drop_last"
    about: ClassVar[InterventionInfo] = InterventionInfo("the last steps left out", "none", "edit, answer")

    steps: int = 1

    def edit(self, trace: Trace, question: Question, *, rng: np.random.Generator) -> Sequence[Probe]:
        """One treated probe with its control, and the two ends: the whole reasoning, and none."""
        kept = trace.steps[: max(0, len(trace.steps) - self.steps)]
        keep, tail = (kept[-1].tokens, kept[-1].tail) if kept else (0, "")
        return [
            self.probe(trace, "treated", keep=keep, insert=tail, dose=1.0),
            self.probe(trace, "control", keep=len(trace.reasoning_ids)),
            self.full(trace),
            self.no_reasoning(trace, dose=float(len(trace.steps))),
        ]
