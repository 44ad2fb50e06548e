"""Shuffled steps: the same steps in another order, and the answer is read at once.

An edit of cotfaith's own, for which no paper is followed. Held fixed: question, prompt, and the steps themselves. Matched control:
the whole reasoning in its own order, tokenised afresh like the shuffled one.

What it cannot tell: the edit is off-policy, and an answer that stays may come from one step that states it, wherever that step
stands; so it says whether the order carries something, not whether the steps do.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import ClassVar

import numpy as np

from cotfaith.contracts.intervention import AbstractEdit, InterventionInfo
from cotfaith.types import Probe, Question, Trace
from interventions.joining import NO_STEPS, at_least, dressed, ends, impossible, joined, orders, sham


@dataclass(frozen=True)
class Shuffle(AbstractEdit):
    """Put the steps in another order, answer at once. The dose is 1.

    Args:
        draws: how many different orders are tried; fewer if there are not that many.
    """

    draws: int = 3

    name: ClassVar[str] = "shuffle"
    streamed: ClassVar[tuple[str, ...]] = ("draws",)
    about: ClassVar[InterventionInfo] = InterventionInfo(
        summary="shuffle the steps and answer at once (off-policy)",
        paper="none: an edit of cotfaith's own",
        move="edit, answer",
        needs=("tokens", "prefill"),
    )

    def __post_init__(self) -> None:
        """Refuse invalid parameters."""
        at_least(1, self.name, draws=self.draws)

    def edit(self, trace: Trace, question: Question, *, rng: np.random.Generator) -> Sequence[Probe]:  # noqa: ARG002  only the trace
        """The two ends, and each order with its control."""
        if not trace.steps:
            return impossible(self, trace, NO_STEPS)
        size = len(trace.steps)
        texts = [trace.step_text(i) for i in range(size)]

        def said(order: Sequence[int]) -> tuple[str, ...]:
            """The words in this order: orders that differ in white space alone say the same."""
            return tuple(joined(*(texts[i] for i in order)).split())

        found = orders(size, self.draws, said, known=tuple(trace.reasoning.split()), rng=rng)
        if not found:
            return impossible(self, trace, "nothing to shuffle")
        probes = ends(self, trace)
        for draw, order in enumerate(found):
            text = dressed(joined(*(texts[i] for i in order)), trace.reasoning)
            probes.append(self.probe(trace, "treated", keep=0, insert=text, dose=1.0, draw=draw))
            probes.append(sham(self, trace, site=0, draw=draw))
        return probes
