"""The judge contract: what a text admits of a hint.

A judge is a frozen dataclass with one pure generator method, a flow on the driver of `cotfaith.contracts.driver`: it may ask a model to
write, and ends with a `Finding`.
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
    """What is judged: a text of a channel, the question that it answers, with the hint, and the option that the hint points at."""

    hint: str
    about: HintInfo
    question: Question
    target: str
    channel: Channel
    text: str


@dataclass(frozen=True, slots=True)
class Finding:
    """What a judge found. Only `judged` says whether the text mentions the hint, and whether it relies on it."""

    state: Literal["judged", "invalid", "refused"]
    mentions: bool | None = None
    relies: bool | None = None
    raw: str = ""


JudgeFlow = Generator[Request[Any], Any, Finding]  # asks for `Write` alone


class AbstractJudge(ABC):
    """Somebody who says what a text admits. Subclasses are frozen dataclasses."""

    name: str

    @property
    def prompts(self) -> Mapping[str, str]:
        """The texts said to a model, by name; their hashes go into the manifest."""
        return {}

    @property
    def models(self) -> tuple[str, ...]:
        """The models that it asks, as `Write.writer` names them; they are opened before anything is judged. None where it asks none."""
        return ()

    @abstractmethod
    def flow(self, claim: Claim) -> JudgeFlow:
        """The finding on `claim`."""
