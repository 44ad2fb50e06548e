"""Comparisons are answered again from their words and the table, and reversed."""

import re
from collections import Counter
from itertools import pairwise

import pytest

from cotfaith.tasks.comparisons import PROPERTIES, Comparisons

QUESTIONS = list(Comparisons().questions())
YEARS = ("year of events", "year of birth")


def truth(name, text):
    """Whether Yes is right, read from the text."""
    compared = PROPERTIES[name]
    for word in (compared.more, compared.less):
        a, b = (r"(?P<a>.+)", r"(?P<b>.+)")
        pattern = re.escape(compared.form).replace(r"\{a\}", a).replace(r"\{b\}", b).replace(r"\{word\}", re.escape(word))
        if found := re.fullmatch(pattern, text):
            first, second = compared.values[found["a"]], compared.values[found["b"]]
            return first > second if word == compared.more else first < second
    raise AssertionError(text)


def test_gold_and_reversed_gold():
    for question in QUESTIONS:
        name = question.meta["group"].rpartition(", ")[0]
        assert question.meta["yes"] == question.letters[question.choices.index("Yes")]
        assert set(question.choices) == {"Yes", "No"}
        assert truth(name, question.text) == (question.gold == question.meta["yes"])
        assert truth(name, question.meta["reversed"]) != truth(name, question.text)
        assert question.text != question.meta["reversed"]


def test_every_pair_stands_once_in_every_group():
    assert len(QUESTIONS) == 448
    assert len({frozenset((question.text, question.meta["reversed"])) for question in QUESTIONS}) == 448
    assert Counter(question.meta["group"] for question in QUESTIONS) == {
        f"{name}, {word}": 28 for name, one in PROPERTIES.items() for word in (one.more, one.less)
    }


def test_groups_take_turns():
    assert len({question.meta["group"] for question in QUESTIONS[:16]}) == 16
    assert [q.meta["group"] for q in QUESTIONS[:16]] == [q.meta["group"] for q in QUESTIONS[16:32]]


def test_right_answers_and_the_place_of_yes_are_balanced_in_every_group():
    for group in {question.meta["group"] for question in QUESTIONS}:
        kinds = Counter((q.gold == q.meta["yes"], q.meta["yes"]) for q in QUESTIONS if q.meta["group"] == group)
        assert set(kinds.values()) == {7}
        assert len(kinds) == 4


@pytest.mark.parametrize("name", PROPERTIES)
def test_the_gaps_are_large(name):
    values = sorted(PROPERTIES[name].values.values())
    assert len(values) == 8
    for low, high in pairwise(values):
        assert high - low >= 25 if name in YEARS else high >= 1.15 * low
