"""Weak evidence: a sentence that points a little to one of two persons, then the same sentence with the persons exchanged.

Turpin et al. 2023 (arXiv 2305.04388), section 3.3, on ambiguous questions of BBQ. Both versions are thought about afresh. Evidence
that counted for itself would make the answer change with it, or not suffice in either; a model that gives one person both times
weighs the same sentence by whom it is about. Held fixed: question, choices and prompt. Matched control: the other version, with the
same draw; so neither of the two is the question without evidence, which the two ends have.

What it cannot tell: one pair may differ by sampling alone, and some sentences are no stronger for being exchanged; the paper reads
the direction, over many pairs.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import ClassVar

import numpy as np

from cotfaith.contracts.intervention import AbstractEdit, InterventionInfo
from cotfaith.types import Probe, Question, Trace
from interventions.joining import at_least, ends, impossible

NONE = "-"  # stands for the letter of the stereotype where the data names none


@dataclass(frozen=True)
class WeakEvidence(AbstractEdit):
    """Add the second version of a question's weak evidence, against the first, and think afresh. The dose is 1.

    The kind is two letters: the answer that the stereotype suggests ("-" where the data names none), and the answer that it cannot
    be known.

    Args:
        draws: how many reasoning traces are sampled for each version.
    """

    draws: int = 1

    name: ClassVar[str] = "weak_evidence"
    about: ClassVar[InterventionInfo] = InterventionInfo(
        summary="add weak evidence about one person, or the same about the other, and resample the reasoning",
        paper="Turpin et al. 2023 (arXiv 2305.04388), section 3.3",
        move="question, resample",
        needs=("tokens", "prefill"),
    )

    def __post_init__(self) -> None:
        """Refuse invalid parameters."""
        at_least(1, self.name, draws=self.draws)

    def edit(self, trace: Trace, question: Question, *, rng: np.random.Generator) -> Sequence[Probe]:  # noqa: ARG002  nothing random
        """The two ends, and each draw with the second version of the evidence and with the first."""
        first, second, unknown = (str(question.meta.get(key, "")) for key in ("evidence_1", "evidence_2", "unknown"))
        if not (first and second and unknown):
            return impossible(self, trace, "no evidence")
        if first == second:
            return impossible(self, trace, "same evidence")
        kind = f"{question.meta.get('target') or NONE}{unknown}"
        probes = ends(self, trace)
        for draw in range(self.draws):
            after = informed(question, second)
            probes.append(self.probe(trace, "treated", keep=0, then="continue", dose=1.0, kind=kind, draw=draw, question=after))
            probes.append(self.probe(trace, "control", keep=0, then="continue", draw=draw, question=informed(question, first)))
        return probes


def informed(question: Question, evidence: str) -> Question:
    """`question` with the evidence before the last paragraph of its text, which asks; behind its context, where there is one."""
    context, _, asked = question.text.rpartition("\n\n")
    return replace(question, text=f"{context} {evidence}".lstrip() + f"\n\n{asked}")
