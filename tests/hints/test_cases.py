"""What hints are made from: targets, examples, the subject's own answer, an argument; and why there is none."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import cache
from typing import Any

import pytest
from builders import EXAMPLES, QUESTION, trace

from cotfaith.contracts.driver import drive
from cotfaith.contracts.hint import AbstractHint, Case, HintInfo
from cotfaith.contracts.requests import Answer, Examples, Request, Write, Written
from cotfaith.errors import UsageError
from cotfaith.plugins import registry
from cotfaith.types import Question
from interventions.hints import cases
from interventions.hints.cases import Hinted

TRACE = trace(" I count. So the answer is (A).")
TOLD = replace(QUESTION, meta={"outcome": "C"})


@cache
def hint(name: str) -> AbstractHint:
    made: AbstractHint = registry.build(registry.load("cotfaith.hints", name), {})
    return made


def made(
    one: AbstractHint,
    question: Question = QUESTION,
    *,
    answer: str = "A",
    examples: Sequence[Question] = EXAMPLES,
    written: Written | None = None,
    asked: list[Request[Any]] | None = None,
) -> Hinted:
    replies: dict[type, Any] = {Answer: answer, Examples: tuple(examples), Write: written or Written("It is so.", "stop")}

    def ask(requests: list[Request[Any]]) -> list[Any]:
        if asked is not None:
            asked.extend(requests)
        return [replies[type(request)] for request in requests]

    (done,) = drive([cases.hinted(one, TRACE, question)], ask)
    return done


def targets(name: str, gold: str | None = "B", answer: str = "A", size: int = 4, count: int = 200) -> Counter[str]:
    options = tuple("wxyz"[:size])
    questions = [Question(f"q{i}", "toy", "Which?", options, gold) for i in range(count)]
    return Counter(made(hint(name), question, answer=answer).target for question in questions)


def test_targets_are_drawn_as_the_hint_says() -> None:
    assert set(targets("suggested_answer")) == set("ABCD")
    assert set(targets("black_squares")) == set("ACD")
    assert set(targets("black_squares", gold=None)) == set("ABCD")
    assert set(targets("always_a")) == {"A"}
    assert set(targets("are_you_sure", answer="C")) == set("ABD")
    assert set(targets("black_squares", size=2)) == {"A"}


def test_targets_are_balanced() -> None:
    """Of 400 draws among 4 each letter has 100 on average, with a standard deviation below 9."""
    assert all(60 < count < 140 for count in targets("metadata", count=400).values())


def test_the_target_goes_by_question_and_hint_alone() -> None:
    other = replace(trace(" Something else.", "t2"), sample=7)
    (again,) = drive([cases.hinted(hint("metadata"), other, QUESTION)], lambda _: [])
    assert again == made(hint("metadata"))
    assert targets("metadata") != targets("expert_opinion")


@pytest.mark.parametrize(
    ("name", "question", "options", "note"),
    [
        ("metadata", replace(QUESTION, choices=(), gold="7"), {}, "no options"),
        ("metadata", replace(QUESTION, choices=("one",), gold="A"), {}, "no options"),
        ("are_you_sure", QUESTION, {"answer": ""}, "no answer to question"),
        ("are_you_sure", QUESTION, {"answer": "D"}, "no answer to question"),
        ("always_a", QUESTION, {"examples": EXAMPLES[:6]}, "too few examples"),
        ("always_a", QUESTION, {"examples": [replace(one, gold=None) for one in EXAMPLES]}, "too few examples"),
        ("always_a", QUESTION, {"examples": [replace(one, choices=(), gold="A") for one in EXAMPLES]}, "too few examples"),
        ("spurious_hindsight", QUESTION, {}, "no outcome"),
        ("spurious_hindsight", replace(QUESTION, meta={"outcome": "Z"}), {}, "no outcome"),
        ("spurious_hindsight", replace(QUESTION, meta={"outcome": "B"}), {}, "outcome is right"),
        ("spurious_hindsight", TOLD, {"examples": [replace(one, meta={}) for one in EXAMPLES]}, "too few examples"),
        ("distractor_argument", QUESTION, {"written": Written(" \n", "stop")}, "nothing written"),
        ("distractor_argument", QUESTION, {"written": Written("I'm sorry, but I cannot help with that.", "stop")}, "refused"),
        ("distractor_argument", QUESTION, {"written": Written("It is so, and", "length")}, "overran"),
    ],
)
def test_why_there_is_no_hint(name: str, question: Question, options: dict[str, Any], note: str) -> None:
    done = made(hint(name), question, **options)
    assert (done.question, done.note) == (None, note)
    assert note in cases.REASONS


def test_what_is_asked_for_is_what_the_hint_needs() -> None:
    wanted = {
        "metadata": [],
        "always_a": [Examples],
        "are_you_sure": [Answer],
        "distractor_argument": [Write],
        "spurious_hindsight": [Examples],
    }
    for name, kinds in wanted.items():
        asked: list[Request[Any]] = []
        assert not made(hint(name), TOLD, asked=asked).note
        assert [type(request) for request in asked] == kinds


def test_the_subject_is_asked_for_an_argument_for_the_target() -> None:
    asked: list[Request[Any]] = []
    done = made(hint("distractor_argument"), asked=asked, written=Written(" Three it is.\n", "stop"))
    (request,) = asked
    assert isinstance(request, Write)
    assert request.writer == ""
    (turn,) = request.turns
    assert turn.text.startswith("Question: Which?\n\nChoices:\n(A): one")
    assert f"the right answer to this question is ({done.target})" in turn.text
    assert done.question is not None
    assert "\n\nThree it is.\n\n" in done.question.after


def test_examples_are_the_first_that_fit() -> None:
    fit = [replace(one, meta={"outcome": "A"}) for one in EXAMPLES]
    done = made(hint("spurious_hindsight"), TOLD, examples=[*EXAMPLES[:2], *fit, *EXAMPLES[2:]])
    assert done.target == "C"
    assert done.question is not None
    expected = [*EXAMPLES[:2], *[one for one in fit if one.gold == "A"]][:10]
    assert [turn.text.partition("\n")[0] for turn in done.question.turns[::4]] == [f"Question: {one.text}" for one in expected]


@dataclass(frozen=True)
class Meddling(AbstractHint):
    """A hint that changes what must stay."""

    name = "meddling"
    about = HintInfo("changes the gold", "none", "nothing", ("x",))

    def edit(self, case: Case) -> Question:
        return replace(case.question, gold=case.target)


def test_a_hint_that_changes_what_must_stay_is_refused() -> None:
    message = "Hint meddling changed the id, the gold or the number of choices of question 'q', which must stay: correct its edit."
    with pytest.raises(UsageError, match=message):
        made(Meddling())


def test_two_hints_of_one_name_are_refused() -> None:
    with pytest.raises(UsageError, match="Intervention hint names 2 hints called 'metadata': give each a name of its own."):
        cases.distinct("hint", [hint("metadata"), hint("metadata")])
    assert cases.distinct("hint", [hint("metadata"), hint("always_a")]) == (hint("metadata"), hint("always_a"))
