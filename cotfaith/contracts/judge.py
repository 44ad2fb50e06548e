"""The judge contract: whether a text acknowledges the hint.

A judge is a frozen dataclass with one pure generator method, a flow for the driver of `cotfaith.contracts.driver`. It may ask a
model to write, and ends with a `Finding`.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Generator, Mapping
from dataclasses import dataclass
from typing import Any, Literal

from cotfaith.contracts.hint import HintInfo
from cotfaith.contracts.requests import Request
from cotfaith.types import Channel, Question


@dataclass(frozen=True, slots=True)
class Claim:
    """The input of a judge: a text of a channel, its question with the hint, and the hinted option."""

    hint: str
    about: HintInfo
    question: Question
    target: str
    channel: Channel
    text: str


@dataclass(frozen=True, slots=True)
class Finding:
    """The verdict of a judge. Only the state `judged` says whether the text mentions the hint and whether it relies on it."""

    state: Literal["judged", "invalid", "refused"]
    mentions: bool | None = None
    relies: bool | None = None
    raw: str = ""


JudgeFlow = Generator[Request[Any], Any, Finding]  # it may only request `Write`


class AbstractJudge(ABC):
    """Decides whether a text acknowledges the hint. Subclasses are frozen dataclasses."""

    name: str

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
