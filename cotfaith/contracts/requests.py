"""The requests of a flow. Each request is a value whose type determines its reply. A flow writes `reply = yield from ask(request)`."""

from __future__ import annotations

from collections.abc import Generator
from dataclasses import dataclass, field
from typing import Any, Generic, TypeVar

from cotfaith.contracts.hint import AbstractHint
from cotfaith.types import Finish, Question, Sampling, Step, Trace, Turn

Reply = TypeVar("Reply")


class Request(Generic[Reply]):
    """A request of a flow. Subclasses are frozen dataclasses and name the type of the reply."""

    __slots__ = ()


def ask(request: Request[Reply]) -> Generator[Request[Any], Any, Reply]:
    """The reply to `request`, of the type that `request` names."""
    reply: Reply = yield request
    return reply


@dataclass(frozen=True, slots=True)
class Encode(Request[tuple[int, ...]]):
    """Requests the token ids of `text` in the model's tokenizer. The reply is a tuple of ids."""

    text: str


@dataclass(frozen=True, slots=True)
class Writers(Request[tuple[str, ...]]):
    """Requests the names of the study's writers. The reply is a tuple of names; if the study names none, the model's own name."""


@dataclass(frozen=True, slots=True)
class Write(Request["Written"]):
    """Requests text from a model in a separate conversation. The reply is a `Written`.

    `begun` is the beginning of its turn, and not part of the reply. `writer` is a name from `Writers`; if empty, the model itself
    writes.
    """

    turns: tuple[Turn, ...]
    begun: str = ""
    sampling: Sampling = field(default_factory=Sampling)
    seed: int = 0
    writer: str = ""


@dataclass(frozen=True, slots=True)
class Written:
    """What a model wrote after `begun` up to a stop, and why it ended."""

    text: str
    finish: Finish


@dataclass(frozen=True, slots=True)
class Donors(Request[tuple[Trace, ...]]):
    """Requests other traces of the same task and strategy. The reply is a tuple of traces, ordered by id.

    Without `model`, they are the same model's traces on questions other than that of `trace`. With `model`, they are that model's
    traces on the same question.
    """

    trace: Trace
    model: str = ""


@dataclass(frozen=True, slots=True)
class Continue(Request["Continued"]):
    """Requests a continuation after the first `keep` tokens of the trace's reasoning and `insert_ids`. The reply is a `Continued`.

    `draw` numbers independent draws. The same context and draw give the same continuation. `question` is None for the trace's own
    question.
    """

    trace: Trace
    keep: int
    insert_ids: tuple[int, ...] = ()
    draw: int = 0
    question: Question | None = None


@dataclass(frozen=True, slots=True)
class Continued:
    """What the model added to its reasoning. `steps` are spans of `text` and `ids`."""

    ids: tuple[int, ...]
    text: str
    steps: tuple[Step, ...]
    finish: Finish


@dataclass(frozen=True, slots=True)
class Similar(Request[float]):
    """Requests the similarity of two texts, by the study's similarity. The reply is a number, 1 for equal texts."""

    a: str
    b: str


@dataclass(frozen=True, slots=True)
class Hints(Request[tuple[AbstractHint, ...]]):
    """Requests hints by name (registered, or YAML files). The reply is a tuple of `cotfaith.contracts.hint.AbstractHint`."""

    names: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Examples(Request[tuple[Question, ...]]):
    """Requests other questions of the task with known gold, none of them in the study. The reply is a tuple, always the same."""

    question: Question


@dataclass(frozen=True, slots=True)
class Answer(Request[str]):
    """Requests the model's answer after the trace's whole reasoning. The reply is the letter or value, or "" if there is none."""

    trace: Trace
