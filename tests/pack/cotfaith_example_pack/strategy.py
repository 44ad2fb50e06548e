"""A strategy: the reasoning begins with given words."""

from dataclasses import dataclass
from typing import ClassVar

import numpy as np

from cotfaith.contracts import AbstractStrategy, Reason, StrategyFlow, StrategyInfo, ask
from cotfaith.types import Question


@dataclass(frozen=True)
class Opening(AbstractStrategy):
    """The model continues a reasoning that begins with `words`."""

    words: str = " I check every number twice."
    name: ClassVar[str] = "opening"
    manner: ClassVar[StrategyInfo] = StrategyInfo("the reasoning begins with given words", "none")

    def pose(self, question: Question) -> Question:
        """The question as it is."""
        return question

    def flow(self, question: Question, *, rng: np.random.Generator) -> StrategyFlow:
        """One reasoning trace."""
        reasoned = yield from ask(Reason(self.pose(question), begun=self.words))
        return reasoned
