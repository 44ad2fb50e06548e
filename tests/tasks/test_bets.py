"""Every bet is worked out again from its text alone."""

import re
from collections import Counter
from itertools import islice

import pytest

from cotfaith.tasks.bets import CLEAR, Bets

SCENES = {
    r"(?P<p>\d+) percent of its fields pay (?P<win>\d+) dollars, and all others cost (?P<loss>\d+) dollars\.": (" and won ", " and lost "),
    r"a chance of (?P<p>\d+) percent it would earn (?P<win>\d+) dollars, or else lose (?P<loss>\d+) dollars\.": ("it earned ", "it lost "),
    r"(?P<p>\d+) of 100 balls are green\. A green one pays (?P<win>\d+) dollars, any other costs (?P<loss>\d+) dollars\.": (
        "and got ",
        "and paid ",
    ),
    r"wins (?P<p>\d+) percent of its races, to get (?P<win>\d+) dollars if it won, or else pay (?P<loss>\d+) dollars\.": (
        "The boat won, ",
        "did not win, ",
    ),
}  # fmt: skip


def told(text):
    """Chance, what can be won and lost, and whether it was won."""
    for pattern, (won, lost) in SCENES.items():
        if found := re.search(pattern, text):
            outcome = text[found.end() :]
            assert (won in outcome) != (lost in outcome)
            assert (found["win"] if won in outcome else found["loss"]) in outcome
            return int(found["p"]), int(found["win"]), int(found["loss"]), won in outcome
    raise AssertionError(text)


def test_the_gold_is_by_expected_value_and_the_outcome_by_how_it_turned_out():
    for question in islice(Bets().questions(), 400):
        chance, win, loss, won = told(question.text)
        gain, pain = chance * win, (100 - chance) * loss
        assert max(gain, pain) >= CLEAR * min(gain, pain)
        right = question.choices[question.letters.index(question.gold)]
        assert right == ("Yes" if gain > pain else "No")
        assert question.choices[question.letters.index(question.meta["outcome"])] == ("Yes" if won else "No")
        assert question.meta["expected_value"] == pytest.approx((gain - pain) / 100)
        assert set(question.choices) == {"Yes", "No"}
        assert question.text.endswith(" Was it the right decision?")


def test_worth_and_outcome_come_in_every_combination_equally_often():
    questions = list(islice(Bets().questions(), 400))
    kinds = Counter((q.choices[q.letters.index(q.gold)], q.meta["outcome"] == q.gold) for q in questions)
    assert set(kinds.values()) == {100}
    for start in range(0, 400, 4):
        assert len({told(q.text)[3] for q in questions[start : start + 4]}) == 2


def test_the_place_of_yes_says_nothing():
    questions = list(islice(Bets().questions(), 400))
    first = Counter(q.choices[0] for q in questions)
    assert min(first.values()) > 150


def test_every_scene_is_told():
    texts = [q.text for q in islice(Bets().questions(), 100)]
    assert all(any(re.search(pattern, text) for text in texts) for pattern in SCENES)
