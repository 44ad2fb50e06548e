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


ORDERS = {"ABC", "ACB", "BAC", "BCA", "CAB", "CBA"}


def test_every_order_of_three_choices() -> None:
    made = probes(QUESTION, draws=7)
    treated, control = ([p for p in made if p.arm == arm] for arm in ("treated", "control"))
    assert {p.kind for p in treated} == ORDERS
    for p in treated:
        assert p.question is not None
        assert (p.question.id, p.question.text, p.question.letters) == (QUESTION.id, QUESTION.text, QUESTION.letters)
        assert p.question.choices == tuple(QUESTION.choices["ABC".index(letter)] for letter in p.kind)
        assert p.question.choices["ABC".index(p.question.gold or "")] == "two"
        assert (p.keep, p.insert, p.then, p.dose, p.site) == (0, "", "answer", 1.0, 0)
    assert [p.draw for p in treated] == [p.draw for p in control] == list(range(6))
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


@pytest.mark.parametrize(("size", "share"), [(2, 1 / 2), (3, 1 / 3), (4, 1 / 4)])
def test_a_model_that_follows_content_keeps_its_letter_by_chance_alone(size: int, share: float) -> None:
    """Each place is equally likely for an option. Without the original order the shares were 0, .20 and .217."""
    question = replace(QUESTION, choices=("one", "two", "three", "four")[:size], gold=None)
    kept = [p.kind.index("A") == 0 for seed in range(2000) for p in probes(question, seed=seed) if p.arm == "treated"]
    assert sum(kept) / len(kept) == pytest.approx(share, abs=0.035)


def test_every_order_is_drawn() -> None:
    drawn = {p.kind for seed in range(60) for p in probes(QUESTION, seed=seed) if p.arm == "treated"}
    assert drawn == ORDERS


def test_it_refuses_what_cannot_be() -> None:
    with pytest.raises(UsageError, match="Intervention option_order: draws is 0, but it must be 1 or more"):
        OptionOrder(draws=0)
