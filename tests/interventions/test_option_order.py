"""Option order: the same choices elsewhere, the right one still right."""

from dataclasses import replace

import pytest
from builders import QUESTION, answering, trace
from hypothesis import given
from hypothesis import strategies as st

from cotfaith.contracts import driver
from cotfaith.errors import UsageError
from cotfaith.types import Probe, Question
from interventions.option_order import OptionOrder, reordered

ONE = trace(" One. Two.")


def probes(question: Question, draws: int = 1, seed: int = 0) -> list[Probe]:
    (made,) = driver.probes(OptionOrder(draws=draws), [(ONE, question)], answering(), seed=seed)
    return list(made)


def test_every_other_order_of_three_choices() -> None:
    made = probes(QUESTION, draws=7)
    treated, control = ([p for p in made if p.arm == arm] for arm in ("treated", "control"))
    assert {p.kind for p in treated} == {"ACB", "BAC", "BCA", "CAB", "CBA"}
    for p in treated:
        assert p.question is not None
        assert (p.question.id, p.question.text, p.question.letters) == (QUESTION.id, QUESTION.text, QUESTION.letters)
        assert p.question.choices == tuple(QUESTION.choices["ABC".index(letter)] for letter in p.kind)
        assert p.question.choices["ABC".index(p.question.gold or "")] == "two"
        assert (p.keep, p.insert, p.then, p.dose, p.site) == (0, "", "answer", 1.0, 0)
    assert [p.draw for p in treated] == [p.draw for p in control] == [0, 1, 2, 3, 4]
    assert all((p.keep, p.insert, p.question, p.dose, p.kind) == (0, "", None, 0.0, "") for p in control)


def test_cab_begins_with_what_was_c() -> None:
    edited = reordered(QUESTION, (2, 0, 1))
    assert (edited.choices, edited.gold) == (("three", "one", "two"), "C")
    assert reordered(replace(QUESTION, gold=None), (2, 0, 1)).gold is None


@given(order=st.permutations(range(3)))
def test_an_order_can_be_undone(order: list[int]) -> None:
    back = [order.index(i) for i in range(3)]
    assert reordered(reordered(QUESTION, order), back) == QUESTION


@pytest.mark.parametrize("choices", [(), ("one",), ("one", "one "), ("one", "one", "one")])
def test_fewer_than_two_distinct_choices_do_not_take(choices: tuple[str, ...]) -> None:
    made = probes(replace(QUESTION, choices=choices, gold=None))
    assert [(p.arm, p.valid, p.note) for p in made] == [
        ("no_reasoning", True, ""),
        ("full", True, ""),
        ("treated", False, "no options"),
    ]


def test_equal_choices_that_change_places_are_no_other_order() -> None:
    made = [p for p in probes(replace(QUESTION, choices=("x", "x", "y")), draws=9) if p.arm == "treated"]
    assert {p.question.choices for p in made if p.question} == {("x", "y", "x"), ("y", "x", "x")}
    assert len(made) == 2


def test_every_order_is_drawn() -> None:
    drawn = {p.kind for seed in range(60) for p in probes(QUESTION, seed=seed) if p.arm == "treated"}
    assert drawn == {"ACB", "BAC", "BCA", "CAB", "CBA"}


def test_it_refuses_what_cannot_be() -> None:
    with pytest.raises(UsageError, match="Intervention option_order: draws is 0, but it must be 1 or more"):
        OptionOrder(draws=0)
