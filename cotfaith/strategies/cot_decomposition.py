"""Chain-of-thought decomposition (CoTD): in one go the model asks itself subquestions and answers them.

Radhakrishnan et al. 2023 (arXiv 2307.11768), Table 8: pairs of `<sub_q>` and `<sub_a>`, ended by `<FIN></FIN>`, each subquestion
worded to be understood on its own. The instruction and the demonstrations are ours, and the pairs stand where every reasoning stands in
the dialogue of Lanham et al. 2023. `<FIN></FIN>` ends the reasoning and is no part of it, so that a whole reasoning and a cut one
end alike.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, ClassVar

from cotfaith.contracts.requests import ask
from cotfaith.contracts.strategy import AbstractStrategy, Reason, StrategyFlow, StrategyInfo
from cotfaith.strategies import demonstrations
from cotfaith.strategies.demonstrations import Demonstration
from cotfaith.strategies.tags import FIN
from cotfaith.types import Question

if TYPE_CHECKING:
    import numpy as np

INSTRUCTION = (
    "I will ask you questions. Take each one apart: write a small subquestion in <sub_q></sub_q> tags, worded so that it can be "
    "understood on its own, and answer it at once in <sub_a></sub_a> tags. Go on like this, and write <FIN></FIN> when the "
    "answers to your subquestions are enough to answer the question."
)


def _told(one: Demonstration, _: Question) -> str:
    pairs = "".join(f"\n<sub_q>{pair.question}</sub_q>\n<sub_a>{pair.answer}</sub_a>" for pair in one.answered())
    return f"{pairs}\n{FIN}</FIN>"


@dataclass(frozen=True)
class ChainOfThoughtDecomposition(AbstractStrategy):
    """An instruction, four questions taken apart and answered, then the question; a step is a subquestion with its answer."""

    name: ClassVar[str] = "cot_decomposition"
    manner: ClassVar[StrategyInfo] = StrategyInfo(
        "the model asks itself subquestions and answers them in one pass, after four examples (our wording)",
        "Radhakrishnan et al. 2023, Table 8",
        {"instruction": INSTRUCTION, "demonstrations": demonstrations.both_forms(_told)},
    )
    steps: ClassVar[str] = "before:<sub_q>"
    stop: ClassVar[tuple[str, ...]] = (FIN,)

    def pose(self, question: Question) -> Question:
        """The question after the instruction and the demonstrations."""
        return demonstrations.after(demonstrations.instructed(INSTRUCTION, demonstrations.shown(question, _told)), question)

    def flow(self, question: Question, *, rng: np.random.Generator) -> StrategyFlow:  # noqa: ARG002  the study draws
        """One reasoning."""
        reasoned = yield from ask(Reason(self.pose(question)))
        return reasoned
