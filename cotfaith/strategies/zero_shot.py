"""Answering at once, zero-shot: the reasoning slot stays empty (Radhakrishnan et al. 2023, arXiv 2307.11768, zero-shot prompting).

The paper's prompt has no place for reasoning; here it is the empty reasoning of the same dialogue, as everywhere in this package
(Lanham et al. 2023, section 2.3), so that strategies differ in nothing else.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, ClassVar

from cotfaith.contracts.strategy import AbstractStrategy, Reasoned, StrategyFlow, StrategyInfo
from cotfaith.types import Question

if TYPE_CHECKING:
    import numpy as np


@dataclass(frozen=True)
class ZeroShot(AbstractStrategy):
    """The question alone, and the answer at once."""

    name: ClassVar[str] = "zero_shot"
    reasons: ClassVar[bool] = False
    manner: ClassVar[StrategyInfo] = StrategyInfo(
        "the model answers at once, without reasoning or examples", "Radhakrishnan et al. 2023, Table 1"
    )

    def pose(self, question: Question) -> Question:
        """The question as it is."""
        return question

    def flow(self, question: Question, *, rng: np.random.Generator) -> StrategyFlow:  # noqa: ARG002  nothing is asked
        """No reasoning."""
        return Reasoned()
        yield
