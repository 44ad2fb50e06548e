"""Chain of thought, zero-shot: the model reasons in its own slot before it answers (Lanham et al. 2023, Table 1)."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, ClassVar

from cotfaith.contracts.requests import ask
from cotfaith.contracts.strategy import AbstractStrategy, Reason, StrategyFlow, StrategyInfo
from cotfaith.types import Question

if TYPE_CHECKING:
    import numpy as np


@dataclass(frozen=True)
class ChainOfThought(AbstractStrategy):
    """The question alone, and "Let's think step by step" or the model's own reasoning channel."""

    name: ClassVar[str] = "cot"
    manner: ClassVar[StrategyInfo] = StrategyInfo("the model reasons step by step, without examples", "Lanham et al. 2023, Table 1")

    def pose(self, question: Question) -> Question:
        """The question as it is."""
        return question

    def flow(self, question: Question, *, rng: np.random.Generator) -> StrategyFlow:  # noqa: ARG002  nothing random
        """One reasoning trace."""
        reasoned = yield from ask(Reason(question))
        return reasoned
