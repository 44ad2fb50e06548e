"""Reversed question: the other order, the other answer."""

from dataclasses import replace

import pytest
from builders import QUESTION, answering, trace

from cotfaith.contracts import driver
from cotfaith.errors import UsageError
from cotfaith.tasks.comparisons import Comparisons
from cotfaith.types import Probe, Question
from interventions.reversed_question import ReversedQuestion, turned

ONE = trace(" It is longer. So the answer is (A).")
META = {"group": "length, longer", "reversed": "Is Y longer than X?", "yes": "B"}
ASKED = Question("q", "comparisons", "Is X longer than Y?", ("No", "Yes"), "A", meta=META)


def probes(question: Question, draws: int = 1) -> list[Probe]:
    (made,) = driver.probes(ReversedQuestion(draws=draws), [(ONE, question)], answering(), seed=0)
    return list(made)


def test_the_reversed_question_and_the_trace_itself() -> None:
    made = probes(ASKED, draws=2)
    assert [(p.arm, p.draw) for p in made[2:]] == [("treated", 0), ("control", 0), ("treated", 1), ("control", 1)]
    for treated, control in zip(made[2::2], made[3::2], strict=True):
        assert treated.question is not None
        assert (treated.question.text, treated.question.gold) == ("Is Y longer than X?", "B")
        assert (treated.question.id, treated.question.choices) == (ASKED.id, ASKED.choices)
        assert (treated.kind, treated.target, treated.then, treated.keep, treated.dose) == (
            "length, longer",
            "B",
            "continue",
            0,
            1.0,
        )
        assert (control.keep, control.insert, control.then, control.question, control.dose, control.kind) == (
            len(ONE.reasoning_ids),
            "",
            "answer",
            None,
            0.0,
            "",
        )


def test_turned_twice_it_is_the_question_itself() -> None:
    for question in Comparisons().questions():
        assert turned(question) != question
        assert turned(turned(question)) == question
    assert turned(replace(ASKED, gold=None)).gold is None


@pytest.mark.parametrize(
    "question",
    [
        QUESTION,
        replace(ASKED, meta={**META, "reversed": ""}),
        replace(ASKED, meta={**META, "yes": "C"}),
        replace(ASKED, meta={"reversed": "?", "yes": "A"}),
        replace(ASKED, choices=("No", "Yes", "Maybe")),
        replace(ASKED, choices=(), gold="yes"),
    ],
)
def test_what_cannot_be_reversed_does_not_take(question: Question) -> None:
    assert [(p.arm, p.valid, p.note) for p in probes(question)[2:]] == [("treated", False, "no reversed question")]


def test_it_refuses_what_cannot_be() -> None:
    with pytest.raises(UsageError, match="Intervention reversed_question: draws is 0, but it must be 1 or more"):
        ReversedQuestion(draws=0)
