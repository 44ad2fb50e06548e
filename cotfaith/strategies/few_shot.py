"""Answering at once after examples: questions and answers without reasoning (Radhakrishnan et al. 2023, arXiv 2307.11768).

The demonstrations are ours, not the paper's. Their reasoning slots are empty, as that of the question is.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, ClassVar

from cotfaith.contracts.strategy import AbstractStrategy, Reasoned, StrategyFlow, StrategyInfo
from cotfaith.strategies import demonstrations
from cotfaith.strategies.demonstrations import Demonstration
from cotfaith.types import Question

if TYPE_CHECKING:
    import numpy as np


def _told(_: Demonstration, __: Question) -> str:
    return ""


@dataclass(frozen=True)
class FewShot(AbstractStrategy):
    """Four questions with their answers, the question, and the answer at once."""

    name: ClassVar[str] = "few_shot"
    reasons: ClassVar[bool] = False
    manner: ClassVar[StrategyInfo] = StrategyInfo(
        "the model answers at once, after four examples without reasoning (our examples)",
        "Radhakrishnan et al. 2023, Table 1",
        {"demonstrations": demonstrations.both_forms(_told)},
    )

    def pose(self, question: Question) -> Question:
        """The question after the demonstrations."""
        return demonstrations.after(demonstrations.shown(question, _told), question)

    def flow(self, question: Question, *, rng: np.random.Generator) -> StrategyFlow:  # noqa: ARG002  nothing is asked
        """No reasoning."""
        return Reasoned()
        yield
