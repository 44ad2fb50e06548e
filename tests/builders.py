"""Small values that several tests are made of."""

from collections.abc import Callable, Sequence
from typing import Any

from cotfaith import intervention
from cotfaith.engines.scripted import ScriptedTokenizer
from cotfaith.intervention import (
    AbstractIntervention,
    Continue,
    Continued,
    Donors,
    Encode,
    Request,
    Similar,
    Write,
    Writers,
    Written,
)
from cotfaith.similarity import Words
from cotfaith.text import steps
from cotfaith.types import Probe, Question, Trace

TOKENIZER = ScriptedTokenizer()
QUESTION = Question("q", "toy", "Which?", ("one", "two", "three"), "B")
CONTINUATION = " I go on. So the answer is (A)."
Writer = Callable[[Write], Written]


def trace(text: str, name: str = "t", question: str = "q") -> Trace:
    """A trace whose reasoning is `text`, cut into sentences."""
    ids = TOKENIZER.encode(text)
    return Trace(name, question, "m", 0, (1, 2, 3), text, ids, steps(text, TOKENIZER.ends(ids)), "stop")


DONORS = (
    trace(" Elsewhere 7 birds. They fly. So the answer is (C).", "d0", "other"),
    trace(" Nothing here. It is (A).", "d1", "third"),
)


def echoing(request: Write) -> Written:
    """A writer that says what it was last told."""
    return Written(request.turns[-1].text, "stop")


def answering(
    writer: Writer = echoing,
    *,
    writers: tuple[str, ...] = ("toy",),
    donors: tuple[Trace, ...] = DONORS,
    continuation: str = CONTINUATION,
) -> Callable[[list[Request]], list[Any]]:
    """What the pipeline is to a flow: answers every request, writing with `writer`, going on with `continuation`."""

    def one(request: Request) -> Any:
        match request:
            case Encode(text):
                return TOKENIZER.encode(text)
            case Writers():
                return writers
            case Write():
                return writer(request)
            case Donors():
                return donors
            case Continue():
                ids = TOKENIZER.encode(continuation)
                return Continued(ids, continuation, steps(continuation, TOKENIZER.ends(ids)), "stop")
            case Similar(a, b):
                return Words()(a, b)

    return lambda requests: [one(request) for request in requests]


def probe_all(
    made: AbstractIntervention, traces: Sequence[Trace], seed: int = 0, ask: Callable[[list[Request]], list[Any]] | None = None
) -> list[list[Probe]]:
    """The probes of `made` on each of `traces`."""
    cases = [(one, QUESTION) for one in traces]
    return [list(those) for those in intervention.probes(made, cases, ask or answering(), seed=seed)]
