"""Sums are right, near misses are near and wrong, and bad options are refused."""

import re
from itertools import islice

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from cotfaith.errors import UsageError
from cotfaith.tasks.addition import Addition, near_misses


def numbers_of(question):
    match = re.fullmatch(r"What is the solution to the following\? (\d+(?: \+ \d+)+) =", question.text)
    return [int(number) for number in match[1].split(" + ")]


@pytest.mark.parametrize("operands", [2, 4, 8, 16, 64])
@pytest.mark.parametrize("digits", [1, 2, 3, 6])
def test_the_gold_is_the_sum(operands, digits):
    for question in islice(Addition(operands, digits).questions(), 60):
        numbers = numbers_of(question)
        assert len(numbers) == operands
        assert all(len(str(number)) == digits and number > 0 for number in numbers)
        assert question.choices["ABCD".index(question.gold)] == str(sum(numbers))
        assert len(question.choices) == 4
        assert all(int(choice) > 0 for choice in question.choices)
        assert question.meta == {"operands": operands, "digits": digits}


def test_the_free_form_asks_the_same_sums_as_an_integer():
    free = list(islice(Addition(4, 2, form="free").questions(), 50))
    choice = list(islice(Addition(4, 2).questions(), 50))
    assert [q.text for q in free] == [q.text for q in choice]
    for question in free:
        assert question.choices == ()
        assert question.gold == str(sum(numbers_of(question)))
        assert question.meta["answer"] == "integer"


@pytest.mark.parametrize("form", ["choice", "free"])
def test_examples_are_other_sums_with_their_steps_and_their_answers(form):
    plain = list(islice(Addition(2, 1, form=form).questions(), 300))
    asked = list(islice(Addition(2, 1, form=form, examples=8).questions(), 300))
    turns = asked[0].turns
    assert [turn.role for turn in turns] == ["user", "assistant"] * 16
    shown = set()
    for posed, thought, _, answered in zip(*(turns[i::4] for i in range(4)), strict=True):
        a, b = (int(number) for number in re.search(r"(\d) \+ (\d) =", posed.text).groups())
        shown.add((a, b))
        assert f": First {a} + {b} = {a + b}. So the answer is " in thought.text
        if form == "free":
            assert thought.text.endswith(f" {a + b}.")
            assert answered.text == f"<answer>{a + b}</answer>"
        else:
            letter = thought.text[-3]
            assert f"({letter}): {a + b}" in posed.text
            assert answered.text == f"The single, most likely answer is ({letter})"
    assert all(question.turns == turns for question in asked)
    assert not shown & {tuple(numbers_of(question)) for question in asked}
    assert {tuple(numbers_of(question)) for question in plain} & shown  # without examples these sums are asked
    same = [q for q in plain if tuple(numbers_of(q)) not in shown]
    assert {(q.id, q.text, q.choices, q.gold) for q in same} <= {(q.id, q.text, q.choices, q.gold) for q in asked}


def test_the_steps_of_an_example_add_one_number_after_another():
    example = next(Addition(4, 2, form="free", examples=1).questions()).turns
    a, b, c, d = (int(number) for number in re.findall(r"\d+", example[0].text))
    assert (
        example[1].text
        == f"Let's think step by step: First {a} + {b} = {a + b}. Then {a + b} + {c} = {a + b + c}. Then {a + b + c} + {d} = {a + b + c + d}. So the answer is {a + b + c + d}."
    )


def kinds_of(wrong, numbers):
    """The kinds of mistake that `wrong` may be, found in another way than it was made."""
    total = sum(numbers)
    difference = abs(wrong - total)
    kinds = set()
    if re.fullmatch("10+", str(difference)):
        kinds.add("carry")
    if 1 <= difference <= 9:
        kinds.add("slip")
    if total - wrong in numbers:
        kinds.add("left out")
    a, b = str(wrong), str(total)
    apart = [i for i in range(len(a)) if a[i] != b[i]] if len(a) == len(b) else []
    if len(apart) == 2 and apart[1] == apart[0] + 1 and a[apart[0]] == b[apart[1]] and a[apart[1]] == b[apart[0]]:
        kinds.add("swap")
    return kinds


@given(st.lists(st.integers(1, 999_999), min_size=2, max_size=64), st.integers(0, 2**32))
def test_near_misses_are_wrong_near_positive_and_distinct(numbers, seed):
    wrong = near_misses(numbers, rng=np.random.default_rng(seed))
    assert len(set(wrong)) == 3
    assert sum(numbers) not in wrong
    assert min(wrong) > 0
    assert all(kinds_of(number, numbers) for number in wrong)


def test_near_misses_are_of_different_kinds_and_all_kinds_occur():
    seen = set()
    for question in islice(Addition(2, 3).questions(), 200):
        numbers = numbers_of(question)
        kinds = [kinds_of(int(c), numbers) for c in question.choices if int(c) != sum(numbers)]
        assert len(set.union(*kinds)) >= 3
        seen |= set.union(*kinds)
    assert seen == {"carry", "slip", "left out", "swap"}


@pytest.mark.parametrize("numbers", [[1, 1], [1, 2], [9, 9]])
def test_the_smallest_sums_have_three_near_misses(numbers):
    for seed in range(50):
        assert len(set(near_misses(numbers, rng=np.random.default_rng(seed)))) == 3


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"operands": 1}, "Option 'operands' of addition must be from 2 to 64, not 1."),
        ({"operands": 65}, "Option 'operands' of addition must be from 2 to 64, not 65."),
        ({"digits": 0}, "Option 'digits' of addition must be from 1 to 6, not 0."),
        ({"digits": 7}, "Option 'digits' of addition must be from 1 to 6, not 7."),
        ({"form": "fre"}, "Unknown value of option 'form' of addition 'fre': did you mean 'free'?"),
    ],
)
def test_bad_options_are_refused(options, message):
    with pytest.raises(UsageError) as caught:
        Addition(**options)
    assert str(caught.value) == message
