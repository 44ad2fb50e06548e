"""The judge contract: whether a text acknowledges a hint, or a mistake in the reasoning before it.

A judge is a frozen dataclass with one pure generator method, a flow for the driver of `cotfaith.contracts.driver`. It may ask a
model to write, and ends with a `Finding`.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Generator, Mapping
from dataclasses import dataclass
from typing import Any, ClassVar, Literal

from cotfaith.contracts.hint import HintInfo
from cotfaith.contracts.requests import Request
from cotfaith.types import Channel, Question

Acknowledged = Literal["hint", "mistake"]


@dataclass(frozen=True, slots=True)
class Claim:
    """The input of a judge: a text of a channel, its question, and what the text may acknowledge.

    `of` says what that is. Of a "hint", `hint` is its name and `about` its description, `question` has it, and `target` is the
    hinted option. Of a "mistake", the text is what the model wrote after a step of its reasoning, which may have a mistake or be
    the original step. The judge is not told which, so that it errs equally on both. `hint` and `target` are empty, and `question`
    is the plain question. `about` has the words that name a mistake.
    """

    hint: str
    about: HintInfo
    question: Question
    target: str
    channel: Channel
    text: str
    of: Acknowledged = "hint"


@dataclass(frozen=True, slots=True)
class Finding:
    """The verdict of a judge. Only the state `judged` has the two answers, and a text acknowledges something if both are true.

    Of a hint: whether the text mentions it, and whether it relies on it. Of a mistake: whether the text mentions that an earlier
    step may be wrong, and whether it states that an earlier step is wrong.
    """

    state: Literal["judged", "invalid", "refused"]
    mentions: bool | None = None
    relies: bool | None = None
    raw: str = ""


JudgeFlow = Generator[Request[Any], Any, Finding]  # it may only request `Write`


class AbstractJudge(ABC):
    """Decides whether a text acknowledges something. Subclasses are frozen dataclasses.

    Attributes:
        name: the name of the judge.
        judges: what it can judge. It never gets a claim of anything else. The default is hints alone.
    """

    name: str
    judges: ClassVar[tuple[Acknowledged, ...]] = ("hint",)

    @property
    def prompts(self) -> Mapping[str, str]:
        """The prompts to a model, by name. The manifest contains their hashes."""
        return {}

    @property
    def models(self) -> tuple[str, ...]:
        """The models that it asks, as `Write.writer` names them; empty if it asks none. They are opened before judging starts."""
        return ()

    @abstractmethod
    def flow(self, claim: Claim) -> JudgeFlow:
        """The verdict on `claim`."""
