"""The strategy contract: how a reasoning is elicited.

A strategy is a frozen dataclass of parameters with one pure generator method, a flow on the driver of `cotfaith.contracts.driver`. It ends
with a reasoning that stands in the reasoning slot of the question as `pose` has it, so that every intervention edits every strategy's
reasoning in the same way.
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
    """Asks the subject to reason in the slot of `question`; the reply is a `Reasoned`.

    `begun` is text that the reasoning begins with. `max_tokens` is a budget below the study's own; None leaves that.
    """

    question: Question
    begun: str = ""
    max_tokens: int | None = None


@dataclass(frozen=True, slots=True)
class Reasoned:
    """A reasoning: the ids that the subject produced, or text where it was put together (`ids` None), and how it ended.

    `prompt_ids` end where the reasoning begins, and are None where that is the prompt of `pose`; `response` is what followed a closed
    reasoning channel.
    """

    text: str = ""
    ids: tuple[int, ...] | None = ()
    prompt_ids: tuple[int, ...] | None = None
    finish: Finish = "stop"
    response: str = ""


StrategyFlow = Generator[Request[Any], Any, Reasoned]  # asks for `Reason`, or for `Write` of the subject


@dataclass(frozen=True, slots=True)
class StrategyInfo:
    """What a strategy is, for lists and documents. `prompts` are its texts, by name; their hashes go into the manifest."""

    summary: str
    paper: str
    prompts: Mapping[str, str] = field(default_factory=dict, hash=False)


class AbstractStrategy(ABC):
    """A way of eliciting a reasoning. Subclasses are frozen dataclasses of parameters.

    `steps` is the cutter of its reasonings where they have steps of their own, and empty where the study's cutter is right. `stop`
    ends them, besides the format's own ends, also when the model thinks on. One that does not `reasons` has the model answer at once,
    whatever a probe would have it do. `version` and `streamed` are as those of `AbstractIntervention`.
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
        """The question with the turns before it that it has when the answer is read; id, choices and gold stay."""

    @abstractmethod
    def flow(self, question: Question, *, rng: np.random.Generator) -> StrategyFlow:
        """The reasoning on `question` (as the task has it)."""


def describe(strategy: AbstractStrategy) -> str:
    """The strategy as one line that says everything: `budget(tokens=100)`."""
    return shown(strategy)
