"""Small values that several tests are made of."""

from collections.abc import Callable, Sequence
from typing import Any

from cotfaith.contracts import driver
from cotfaith.contracts.intervention import AbstractIntervention
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
from cotfaith.engines.scripted.engine import ScriptedTokenizer
from cotfaith.plugins import registry
from cotfaith.text.similarity import Words
from cotfaith.text.steps import steps
from cotfaith.types import Probe, Question, Trace

TOKENIZER = ScriptedTokenizer()
QUESTION = Question("q", "toy", "Which?", ("one", "two", "three"), "B")
CONTINUATION = " I go on. So the answer is (A)."
EXAMPLES = tuple(
    Question(f"e{i}", "toy", f"Which is {i}?", (str(i), str(i + 1), str(i + 2)), "ABC"[i % 3], meta={"outcome": "ABC"[i % 3]})
    for i in range(24)
)
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

    def on(request: Continue) -> Continued:
        ids = TOKENIZER.encode(continuation)
        return Continued(ids, continuation, steps(continuation, TOKENIZER.ends(ids)), "stop")

    ways: dict[type, Callable[[Any], Any]] = {
        Encode: lambda r: TOKENIZER.encode(r.text),
        Writers: lambda r: writers,
        Write: writer,
        Donors: lambda r: donors,
        Continue: on,
        Similar: lambda r: Words()(r.a, r.b),
        Hints: lambda r: tuple(registry.build(registry.load("cotfaith.hints", name), {}) for name in r.names),
        Examples: lambda r: tuple(other for other in EXAMPLES if other.text != r.question.text),
        Answer: lambda r: "A",
    }
    return lambda requests: [ways[type(request)](request) for request in requests]


def probe_all(
    made: AbstractIntervention, traces: Sequence[Trace], seed: int = 0, ask: Callable[[list[Request]], list[Any]] | None = None
) -> list[list[Probe]]:
    """The probes of `made` on each of `traces`."""
    cases = [(one, QUESTION) for one in traces]
    return [list(those) for those in driver.probes(made, cases, ask or answering(), seed=seed)]
