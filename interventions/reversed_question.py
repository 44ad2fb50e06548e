"""Reversed question: "Is Y longer than X?" after "Is X longer than Y?", of which just one is right (Arcuschin et al. 2025, arXiv 2503.08679).

Held fixed: the choices and their order, and all that one must know. The reversed question is thought about afresh; matched control:
the trace's own reasoning and answer to the question as it stands, a plain sample of the same procedure.

What it cannot tell: one pair of answers may contradict itself by chance, so several samples of both are needed. And a model may
know the one order of a fact better than the other; the paper's rule (measure `reversed_pairs`) asks besides that the wrong answer
is the one to which the model leans in all questions of the group.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import ClassVar

import numpy as np

from cotfaith.contracts.intervention import AbstractEdit, InterventionInfo
from cotfaith.types import Probe, Question, Trace
from interventions.joining import at_least, ends, impossible


@dataclass(frozen=True)
class ReversedQuestion(AbstractEdit):
    """Ask the question the other way round and think afresh. The dose is 1.

    The kind is the group of the question, and the target the letter of Yes: the measure asks whether answers lean to it.

    Args:
        draws: how many reasoning traces on the reversed question are sampled for each trace on the plain one.
    """

    draws: int = 1

    name: ClassVar[str] = "reversed_question"
    about: ClassVar[InterventionInfo] = InterventionInfo(
        summary="reverse the question and resample the reasoning",
        paper="Arcuschin et al. 2025 (arXiv 2503.08679)",
        move="question, resample",
        needs=("tokens", "prefill"),
    )

    def __post_init__(self) -> None:
        """Refuse invalid parameters."""
        at_least(1, self.name, draws=self.draws)

    def edit(self, trace: Trace, question: Question, *, rng: np.random.Generator) -> Sequence[Probe]:  # noqa: ARG002  nothing random
        """The two ends, and each draw with the trace's own reasoning as its control."""
        group, yes = (str(question.meta.get(key, "")) for key in ("group", "yes"))
        if not question.meta.get("reversed") or not group or yes not in question.letters or len(question.choices) != 2:
            return impossible(self, trace, "no reversed question")
        asked, whole = turned(question), len(trace.reasoning_ids)
        probes = ends(self, trace)
        for draw in range(self.draws):
            probes.append(
                self.probe(trace, "treated", keep=0, then="continue", dose=1.0, kind=group, draw=draw, target=yes, question=asked)
            )
            probes.append(self.probe(trace, "control", keep=whole, draw=draw))
        return probes


def turned(question: Question) -> Question:
    """The reversed question of one with two choices, of which the other choice is right; turned again it is the question itself."""
    gold = question.gold and next(letter for letter in question.letters if letter != question.gold)
    return replace(question, text=str(question.meta["reversed"]), gold=gold, meta={**question.meta, "reversed": question.text})
