"""Insertion: one word more, at a place where one can stand, and nothing else."""

import re
from dataclasses import replace

import pytest
from builders import QUESTION, answering, trace
from hypothesis import given
from hypothesis import strategies as st

from cotfaith.contracts import driver
from cotfaith.errors import UsageError
from cotfaith.types import Probe, Question
from interventions.insertion import ADJECTIVES, ADVERBS, Insertion

ONE = trace(" One. Two.")
TEXT = "The cat is on a mat. Has an owl\nseen the A level of x?"
PIECES = ("the ", "The ", "an ", "a ", "is ", "cat ", "A ", "3 ", "owl, ", "e.g. a ", "it can ", "gentle ", "(a) ", "\n")


def probes(text: str, seed: int = 0, made: Insertion | None = None, question: Question = QUESTION) -> list[Probe]:
    asked = replace(question, text=text)
    (found,) = driver.probes(made or Insertion(), [(ONE, asked)], answering(), seed=seed)
    return list(found)


def treated(text: str, seed: int = 0, made: Insertion | None = None) -> list[Probe]:
    return [p for p in probes(text, seed, made) if p.arm == "treated" and p.valid]


def texts(those: list[Probe]) -> list[str]:
    return [p.question.text for p in those if p.question]


@given(text=st.lists(st.sampled_from(PIECES), max_size=8).map("".join), seed=st.integers(0, 5))
def test_one_word_more_and_nothing_else(text: str, seed: int) -> None:
    made = treated(text, seed)
    assert len({p.kind for p in made}) == len(made) <= 4
    for p in made:
        assert p.question is not None
        assert len(p.question.text.split()) == len(text.split()) + 1
        assert p.question.text.replace(f"{p.kind} ", "", 1) == text
        assert p.kind not in text.split()
        assert replace(p.question, text="") == replace(QUESTION, text="")


def test_adjectives_stand_behind_articles_and_adverbs_before_verbs() -> None:
    found = {one for seed in range(80) for one in texts(treated(TEXT, seed))}
    places = {one.replace(word, "*") for one in found for word in (*ADJECTIVES, *ADVERBS) if word in one.split()}
    assert places == {
        "The * cat is on a mat. Has an owl\nseen the A level of x?",
        "The cat * is on a mat. Has an owl\nseen the A level of x?",
        "The cat is on a * mat. Has an owl\nseen the A level of x?",
        "The cat is on a mat. Has an * owl\nseen the A level of x?",
        "The cat is on a mat. Has an owl\nseen the * A level of x?",
    }
    assert not [one for one in found if re.search(r"\ba [aeiou]|\ban [^aeiou]", one)]


def test_treated_and_control() -> None:
    made = probes(TEXT)
    assert [p.draw for p in made if p.arm == "treated"] == [p.draw for p in made if p.arm == "control"] == [0, 1, 2, 3]
    for p in made[2:]:
        plain = p.arm == "control"
        assert (p.keep, p.then, p.dose) == ((len(ONE.reasoning_ids), "answer", 0.0) if plain else (0, "continue", 1.0))
        assert (p.question is None) == plain
        assert (p.kind == "") == plain


def test_words_that_the_question_has_are_not_inserted() -> None:
    asked = replace(QUESTION, choices=("Dusty", "icy"), before="Gentle reader", after="a lavish meal")
    kinds = {p.kind for seed in range(60) for p in probes("the cat", seed, question=asked) if p.arm == "treated"}
    assert kinds == set(ADJECTIVES) - {"dusty", "icy", "gentle", "lavish"}


def test_own_words_go_behind_articles_and_run_out() -> None:
    made = treated("the cat is on a mat", made=Insertion(words=("odd", "quick")))
    assert {p.kind for p in made} == {"odd", "quick"}
    assert "on a odd" not in "".join(texts(made))
    assert not treated("a mat is here", made=Insertion(words=("odd",)))


@pytest.mark.parametrize("text", ["Which?", "", "Is 3 more than 2?", "3 + A B", "(a) x"])
def test_without_a_place_it_does_not_take(text: str) -> None:
    made = probes(text)
    assert [(p.arm, p.valid, p.note) for p in made] == [
        ("no_reasoning", True, ""),
        ("full", True, ""),
        ("treated", False, "no place"),
    ]


def test_it_refuses_what_cannot_be() -> None:
    with pytest.raises(UsageError, match="Intervention insertion: insertions is 0, but it must be 1 or more"):
        Insertion(insertions=0)
    with pytest.raises(
        UsageError, match=r"^Intervention insertion: words has 'very odd', but each must be one word; correct it, or"
    ):
        Insertion(words=("very odd",))
