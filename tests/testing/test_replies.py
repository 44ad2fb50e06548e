"""Replies for flows outside a run: every request has one, of the type that it names."""

import pytest

from cotfaith.contracts import driver, requests
from cotfaith.contracts.strategy import Reason, Reasoned
from cotfaith.errors import UsageError
from cotfaith.testing import CONTINUATION, DONORS, EXAMPLES, QUESTION, TOKENIZER, Replies, trace
from cotfaith.types import Turn

ONE = trace(" One. Two.")
CASES = [
    (requests.Encode("a b"), TOKENIZER.encode("a b")),
    (requests.Writers(), ("toy",)),
    (requests.Write((Turn("user", "Say it."),)), requests.Written("Say it.", "stop")),
    (requests.Donors(ONE), DONORS),
    (requests.Similar("a b", "a b"), 1.0),
    (requests.Hints(()), ()),
    (requests.Examples(QUESTION), EXAMPLES),
    (requests.Examples(EXAMPLES[0]), EXAMPLES[1:]),
    (requests.Answer(ONE), "A"),
    (Reason(QUESTION, begun=" So"), Reasoned(f" So{CONTINUATION}", TOKENIZER.encode(f" So{CONTINUATION}"))),
]


@pytest.mark.parametrize(("request_", "reply"), CASES)
def test_each_request_has_its_reply(request_: requests.Request[object], reply: object) -> None:
    assert Replies().reply(request_) == pytest.approx(reply) if isinstance(reply, float) else Replies().reply(request_) == reply


def test_a_continuation_has_steps() -> None:
    found = Replies().reply(requests.Continue(ONE, 0))
    assert found.text == CONTINUATION
    assert [found.text[step.start : step.stop] for step in found.steps] == [" I go on.", " So the answer is (A)."]


def test_every_request_there_is_has_a_reply() -> None:
    there = {cls.__name__ for cls in requests.Request.__subclasses__() if cls.__module__.startswith("cotfaith.contracts.")}
    assert there == {type(one).__name__ for one, _ in CASES} | {"Continue"}


def test_what_is_no_request_is_refused() -> None:
    def flow():
        yield "text"

    with pytest.raises(UsageError, match="A flow yielded 'text', which is not a request"):
        driver.drive([flow()], Replies())


def test_fields_change_what_is_said() -> None:
    made = Replies(answer="C", writers=("rules",), write=lambda one: requests.Written(one.begun, "length"))
    assert made([requests.Answer(ONE), requests.Writers(), requests.Write((), "So")]) == [
        "C",
        ("rules",),
        requests.Written("So", "length"),
    ]
