"""Chain of thought, few-shot: examples that reason step by step (Radhakrishnan et al. 2023, arXiv 2307.11768, Tables 2 and 7).

The demonstrations are ours, not the paper's, and so is their layout as plain sentences (there numbered steps) in the dialogue of
Lanham et al. 2023; as there, the reasoning ends in the model's own answer sentence. The paper picks the best of 5 reasonings with a
preference model (secondary notes); here one is drawn.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, ClassVar

from cotfaith.contracts.requests import ask
from cotfaith.contracts.strategy import AbstractStrategy, Reason, StrategyFlow, StrategyInfo
from cotfaith.strategies import demonstrations
from cotfaith.strategies.demonstrations import Demonstration
from cotfaith.types import Question

if TYPE_CHECKING:
    import numpy as np


def _told(one: Demonstration, question: Question) -> str:
    stated = f"({question.gold})" if question.choices else question.gold
    return "".join(f" {step}" for step in (*one.steps, f"So the answer is {stated}."))


@dataclass(frozen=True)
class FewShotChainOfThought(AbstractStrategy):
    """Four questions reasoned through and answered, then the question."""

    name: ClassVar[str] = "cot_few_shot"
    manner: ClassVar[StrategyInfo] = StrategyInfo(
        "the model reasons step by step, after four examples (our examples)",
        "Radhakrishnan et al. 2023, Tables 2 and 7",
        {"demonstrations": demonstrations.both_forms(_told)},
    )

    def pose(self, question: Question) -> Question:
        """The question after the demonstrations."""
        return demonstrations.after(demonstrations.shown(question, _told), question)

    def flow(self, question: Question, *, rng: np.random.Generator) -> StrategyFlow:  # noqa: ARG002  the study draws
        """One reasoning."""
        reasoned = yield from ask(Reason(self.pose(question)))
        return reasoned
