"""The strategy contract: how reasoning is elicited.

A strategy is a frozen dataclass of parameters with one pure generator method, a flow for the driver of `cotfaith.contracts.driver`.
It ends with reasoning in the reasoning slot of the question that `pose` returns. Every intervention can therefore edit the
reasoning of every strategy in the same way.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Generator, Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, ClassVar

from cotfaith.contracts.identity import shown
from cotfaith.contracts.requests import Request
from cotfaith.types import Finish, Question

if TYPE_CHECKING:
    import numpy as np


@dataclass(frozen=True, slots=True)
class Reason(Request["Reasoned"]):
    """Requests reasoning in the slot of `question`. The reply is a `Reasoned`.

    `begun` is the text with which the reasoning begins. `max_tokens` is a token limit below the study's; None keeps the study's.
    """

    question: Question
    begun: str = ""
    max_tokens: int | None = None


@dataclass(frozen=True, slots=True)
class Reasoned:
    """Reasoning: the ids that the model produced, or text that was assembled (`ids` is None), and how it ended.

    `prompt_ids` are the ids before the reasoning; None means the prompt of `pose`. `response` is the text after a closed reasoning
    channel.
    """

    text: str = ""
    ids: tuple[int, ...] | None = ()
    prompt_ids: tuple[int, ...] | None = None
    finish: Finish = "stop"
    response: str = ""


StrategyFlow = Generator[Request[Any], Any, Reasoned]  # it may request `Reason`, or `Write` by the model itself


@dataclass(frozen=True, slots=True)
class StrategyInfo:
    """The description of a strategy, for lists and documents. `prompts` are its prompts, by name; the manifest contains their hashes."""

    summary: str
    paper: str
    prompts: Mapping[str, str] = field(default_factory=dict, hash=False)


class AbstractStrategy(ABC):
    """A way of eliciting reasoning. Subclasses are frozen dataclasses of parameters.

    `steps` is the step cutter for its reasoning traces; if empty, the study's cutter applies. `stop` are strings that end the
    reasoning, in addition to the format's own stops, also in a continuation. If `reasons` is False, the model always answers at
    once, even where a probe would let it continue. `version` and `streamed` are as in `AbstractIntervention`.
    """

    name: ClassVar[str]
    manner: ClassVar[StrategyInfo]
    version: ClassVar[int] = 1
    streamed: ClassVar[tuple[str, ...]] = ()
    steps: ClassVar[str] = ""
    stop: ClassVar[tuple[str, ...]] = ()
    reasons: ClassVar[bool] = True

    @abstractmethod
    def pose(self, question: Question) -> Question:
        """The question with the turns that precede it when the answer is read. Its id, choices and gold stay the same."""

    @abstractmethod
    def flow(self, question: Question, *, rng: np.random.Generator) -> StrategyFlow:
        """The reasoning on `question`, which is as the task gives it."""


def describe(strategy: AbstractStrategy) -> str:
    """The strategy in one complete line: `budget(tokens=100)`."""
    return shown(strategy)
