"""Small values that several tests are made of, by the names that these tests use."""

from collections.abc import Callable
from typing import Any

from cotfaith.contracts.requests import Continue, Continued, Request, Write, Written
from cotfaith.testing import CONTINUATION, DONORS, EXAMPLES, QUESTION, TOKENIZER, Replies, cut, echo, probe_all, trace
from cotfaith.types import Trace

__all__ = ["CONTINUATION", "DONORS", "EXAMPLES", "QUESTION", "TOKENIZER", "answering", "probe_all", "trace"]

Writer = Callable[[Write], Written]


def answering(
    writer: Writer = echo,
    *,
    writers: tuple[str, ...] = ("toy",),
    donors: tuple[Trace, ...] = DONORS,
    continuation: str = CONTINUATION,
) -> Callable[[list[Request[Any]]], list[Any]]:
    """What the pipeline is to a flow: answers every request, writing with `writer`, going on with `continuation`."""

    def on(request: Continue) -> Continued:
        return Continued(TOKENIZER.encode(continuation), continuation, cut(continuation), "stop")

    return Replies(write=writer, writers=writers, donors=donors, continued=on)
