"""Replies for flows outside a run: what the pipeline answers, from plain values and without a model.

`Replies()` answers every request of a flow. A test passes it to `cotfaith.contracts.driver`. Its fields change the replies.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, TypeVar, cast

from cotfaith.contracts.requests import (
    Answer,
    Continue,
    Continued,
    Donors,
    Encode,
    Examples,
    Hints,
    Request,
    Similar,
    Write,
    Writers,
    Written,
)
from cotfaith.contracts.strategy import Reason, Reasoned
from cotfaith.errors import UsageError
from cotfaith.plugins import registry
from cotfaith.testing.builders import CONTINUATION, DONORS, EXAMPLES, TOKENIZER, cut
from cotfaith.text.similarity import Similarity, Words
from cotfaith.types import Question, Tokenizer, Trace

Reply = TypeVar("Reply")


def echo(request: Write) -> Written:
    """A writer that repeats its last input."""
    return Written(request.turns[-1].text, "stop")


def go_on(request: Continue) -> Continued:  # noqa: ARG001  as every way to continue
    """A model that always adds the same two sentences."""
    ids = TOKENIZER.encode(CONTINUATION)
    return Continued(ids, CONTINUATION, cut(CONTINUATION), "stop")


def reason(request: Reason) -> Reasoned:
    """A model that always reasons in the same two sentences."""
    text = request.begun + CONTINUATION
    return Reasoned(text, TOKENIZER.encode(text))


@dataclass(frozen=True)
class Replies:
    """One reply per request. Call it with the requests of a round.

    Args:
        write: what a writer writes.
        continued: what the model adds to its reasoning.
        reasoned: the model's reasoning in the slot of a strategy.
        writers: the names of the study's writers.
        donors: the donor traces.
        examples: the other questions of the task.
        answer: the model's answer after the whole reasoning.
        similar: the similarity of two texts.
        tokenizer: the model's tokenizer.
    """

    write: Callable[[Write], Written] = echo
    continued: Callable[[Continue], Continued] = go_on
    reasoned: Callable[[Reason], Reasoned] = reason
    writers: tuple[str, ...] = ("toy",)
    donors: tuple[Trace, ...] = DONORS
    examples: tuple[Question, ...] = EXAMPLES
    answer: str = "A"
    similar: Similarity = field(default_factory=Words)
    tokenizer: Tokenizer = TOKENIZER

    def __call__(self, requests: Sequence[Request[Any]]) -> list[Any]:
        """One reply for each of `requests`."""
        return [self.reply(one) for one in requests]

    def reply(self, request: Request[Reply]) -> Reply:
        """The reply to `request`.

        Raises:
            UsageError: it is not a known request.
        """
        table: Mapping[type, Callable[[Any], Any]] = {
            Encode: self._encode,
            Writers: lambda _: self.writers,
            Write: self.write,
            Donors: lambda _: self.donors,
            Continue: self.continued,
            Reason: self.reasoned,
            Similar: lambda one: self.similar(one.a, one.b),
            Hints: lambda one: tuple(registry.make("cotfaith.hints", name) for name in one.names),
            Examples: self._others,
            Answer: lambda _: self.answer,
        }
        if type(request) not in table:
            raise UsageError(f"A flow yielded {request!r}, which is not a request: yield one of cotfaith.contracts.requests.")
        return cast("Reply", table[type(request)](request))

    def _encode(self, request: Encode) -> tuple[int, ...]:
        return self.tokenizer.encode(request.text)

    def _others(self, request: Examples) -> tuple[Question, ...]:
        return tuple(other for other in self.examples if other.text != request.question.text)
