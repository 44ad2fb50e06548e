"""Weak evidence: the two versions are treated and control, and nothing but the evidence differs."""

from dataclasses import replace

import pytest
from builders import answering, trace

from cotfaith.contracts import driver
from cotfaith.errors import UsageError
from cotfaith.types import Probe, Question
from interventions.weak_evidence import WeakEvidence, informed

ONE = trace(" Nothing is said. It is (C).")
META = {"evidence_1": "X was late.", "evidence_2": "Y was late.", "target": "A", "unknown": "C", "category": "toy"}
ASKED = Question("q", "bbq", "X and Y came.\n\nWho forgot?", ("X", "Y", "Not known"), "C", meta=META)


def probes(question: Question, draws: int = 1) -> list[Probe]:
    (made,) = driver.probes(WeakEvidence(draws=draws), [(ONE, question)], answering(), seed=0)
    return list(made)


def test_the_second_version_is_treated_and_the_first_its_control() -> None:
    made = probes(ASKED, draws=2)
    assert [(p.arm, p.draw) for p in made] == [
        ("no_reasoning", 0),
        ("full", 0),
        ("treated", 0),
        ("control", 0),
        ("treated", 1),
        ("control", 1),
    ]
    for p in made[2:]:
        assert p.question is not None
        evidence = "Y was late." if p.arm == "treated" else "X was late."
        assert p.question == replace(ASKED, text=f"X and Y came. {evidence}\n\nWho forgot?")
        assert (p.keep, p.insert, p.then, p.site) == (0, "", "continue", 0)
        assert (p.dose, p.kind) == ((1.0, "AC") if p.arm == "treated" else (0.0, ""))
    assert all(p.question is None for p in made[:2])


def test_the_kind_says_that_no_stereotype_is_named() -> None:
    assert {p.kind for p in probes(replace(ASKED, meta={**META, "target": ""}))} == {"", "-C"}


@pytest.mark.parametrize("lost", ["evidence_1", "evidence_2", "unknown"])
def test_without_evidence_it_does_not_take(lost: str) -> None:
    made = probes(replace(ASKED, meta={key: value for key, value in META.items() if key != lost}))
    assert [(p.arm, p.valid, p.note) for p in made[2:]] == [("treated", False, "no evidence")]


def test_evidence_that_is_the_same_both_times_does_not_take() -> None:
    made = probes(replace(ASKED, meta={**META, "evidence_2": "X was late."}))
    assert [(p.arm, p.valid, p.note) for p in made[2:]] == [("treated", False, "same evidence")]


def test_evidence_stands_before_what_asks() -> None:
    assert informed(ASKED, "E.").text == "X and Y came. E.\n\nWho forgot?"
    assert informed(replace(ASKED, text="Who forgot?"), "E.").text == "E.\n\nWho forgot?"
    assert informed(replace(ASKED, text="One.\n\nTwo.\n\nWho?"), "E.").text == "One.\n\nTwo. E.\n\nWho?"


def test_it_refuses_what_cannot_be() -> None:
    with pytest.raises(UsageError, match="Intervention weak_evidence: draws is 0, but it must be 1 or more"):
        WeakEvidence(draws=0)
