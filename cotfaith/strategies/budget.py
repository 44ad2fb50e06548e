"""Chain of thought within a budget of tokens, after which the answer is read.

Ours, not from a paper on faithfulness: a reasoning model's channel is closed when its budget is used, which is the half of budget forcing
(Muennighoff et al. 2025, arXiv 2501.19393) that shortens; nothing is lengthened. The model is not told its budget.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, ClassVar

from cotfaith.contracts.requests import ask
from cotfaith.contracts.strategy import AbstractStrategy, Reason, StrategyFlow, StrategyInfo
from cotfaith.errors import UsageError
from cotfaith.types import Question

if TYPE_CHECKING:
    import numpy as np


@dataclass(frozen=True)
class Budget(AbstractStrategy):
    """The question alone, with at most `tokens` tokens of reasoning (from 1; the study's own limit still applies).

    Raises:
        UsageError: `tokens` is less than 1.
    """

    tokens: int = 512
    name: ClassVar[str] = "budget"
    streamed: ClassVar[tuple[str, ...]] = ("tokens",)
    manner: ClassVar[StrategyInfo] = StrategyInfo(
        "the model reasons within a token budget, and its reasoning is closed when the budget is used up",
        "ours; closing as in Muennighoff et al. 2025 (arXiv 2501.19393)",
    )

    def __post_init__(self) -> None:
        if self.tokens < 1:
            raise UsageError(f"Option 'tokens' of budget must be 1 or more, not {self.tokens}: to answer at once use zero_shot.")

    def pose(self, question: Question) -> Question:
        """The question as it is."""
        return question

    def flow(self, question: Question, *, rng: np.random.Generator) -> StrategyFlow:  # noqa: ARG002  the study draws
        """One reasoning within the budget."""
        reasoned = yield from ask(Reason(question, max_tokens=self.tokens))
        return reasoned
