"""What a flow may ask for: each request is a value, and its type says what the reply is. A flow writes `reply = yield from ask(request)`."""

from __future__ import annotations

from collections.abc import Generator
from dataclasses import dataclass, field
from typing import Any, Generic, TypeVar

from cotfaith.contracts.hint import AbstractHint
from cotfaith.types import Finish, Question, Sampling, Step, Trace, Turn

Reply = TypeVar("Reply")


class Request(Generic[Reply]):
    """Something that a flow asks for. Subclasses are frozen dataclasses, and name the type of the reply."""

    __slots__ = ()


def ask(request: Request[Reply]) -> Generator[Request[Any], Any, Reply]:
    """The reply, in the type that `request` names."""
    reply: Reply = yield request
    return reply


@dataclass(frozen=True, slots=True)
class Encode(Request[tuple[int, ...]]):
    """Asks for the token ids of `text`, in the tokenizer of the subject; the reply is a tuple of ids."""

    text: str


@dataclass(frozen=True, slots=True)
class Writers(Request[tuple[str, ...]]):
    """Asks for the names of the study's writers; the reply is a tuple of names, the subject's own where the study names none."""


@dataclass(frozen=True, slots=True)
class Write(Request["Written"]):
    """Asks a model to say something in a conversation of its own; the reply is a `Written`.

    `begun` is how its turn begins, and no part of the reply. `writer` is a name that `Writers` gave; empty, it is the subject.
    """

    turns: tuple[Turn, ...]
    begun: str = ""
    sampling: Sampling = field(default_factory=Sampling)
    seed: int = 0
    writer: str = ""


@dataclass(frozen=True, slots=True)
class Written:
    """What a model wrote after `begun`, up to a stop, and why it ended."""

    text: str
    finish: Finish


@dataclass(frozen=True, slots=True)
class Donors(Request[tuple[Trace, ...]]):
    """Asks for other traces of the same task and strategy, in the order of their ids; the reply is a tuple of traces.

    Without `model` they are the subject's on other questions than that of `trace`, with it that model's on the same question.
    """

    trace: Trace
    model: str = ""


@dataclass(frozen=True, slots=True)
class Continue(Request["Continued"]):
    """Asks the subject to think on after the first `keep` tokens of the trace's reasoning and `insert_ids`; the reply is a `Continued`.

    `draw` numbers independent draws: the same context and draw give the same continuation. `question` is None when it is the trace's own.
    """

    trace: Trace
    keep: int
    insert_ids: tuple[int, ...] = ()
    draw: int = 0
    question: Question | None = None


@dataclass(frozen=True, slots=True)
class Continued:
    """What the subject added to its reasoning; `steps` are spans of `text` and `ids`."""

    ids: tuple[int, ...]
    text: str
    steps: tuple[Step, ...]
    finish: Finish


@dataclass(frozen=True, slots=True)
class Similar(Request[float]):
    """Asks how alike two texts are, by the study's similarity; the reply is a number, 1 for the same text."""

    a: str
    b: str


@dataclass(frozen=True, slots=True)
class Hints(Request[tuple[AbstractHint, ...]]):
    """Asks for the hints of these names (registered ones, or YAML files); the reply is a tuple of `cotfaith.contracts.hint.AbstractHint`."""

    names: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Examples(Request[tuple[Question, ...]]):
    """Asks for other questions of the task, with known gold and never among those asked; the reply is a tuple, always the same."""

    question: Question


@dataclass(frozen=True, slots=True)
class Answer(Request[str]):
    """Asks for the subject's answer after the trace's whole reasoning; the reply is the letter or value, "" where there is none."""

    trace: Trace
