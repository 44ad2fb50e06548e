"""The demonstrations: right, spread, and the same for every strategy."""

import re

import pytest

from cotfaith.strategies.budget import Budget
from cotfaith.strategies.cot_decomposition import ChainOfThoughtDecomposition
from cotfaith.strategies.cot_few_shot import FewShotChainOfThought
from cotfaith.strategies.demonstrations import DEMONSTRATIONS, Demonstration
from cotfaith.strategies.factored_decomposition import FactoredDecomposition
from cotfaith.strategies.few_shot import FewShot
from cotfaith.text.steps import split
from cotfaith.types import Question, Turn

CHOICE = Question("c", "toy", "Which?", ("one", "two"), "B")
FREE = Question("f", "toy", "Which?", (), "two")
SHOWING = (FewShot(), FewShotChainOfThought(), ChainOfThoughtDecomposition(), FactoredDecomposition())


@pytest.mark.parametrize("one", DEMONSTRATIONS)
def test_letter_and_value_are_one_answer(one: Demonstration) -> None:
    asked = one.like(CHOICE)
    assert asked.choices[asked.letters.index(one.letter)] == one.value
    assert len(set(one.choices)) == 4
    assert (one.like(FREE).choices, one.like(FREE).gold) == ((), one.value)


@pytest.mark.parametrize("one", DEMONSTRATIONS)
def test_its_sums_are_right(one: Demonstration) -> None:
    said = " ".join(one.steps)
    sums = re.findall(r"(\d+) ([-x/]) (\d+) = (\d+)", said)
    ways = {"-": lambda a, b: a - b, "x": lambda a, b: a * b, "/": lambda a, b: a / b}
    assert all(ways[sign](int(a), int(b)) == int(c) for a, sign, b, c in sums)
    assert not one.value.isdigit() or sums[-1][-1] == one.value


def test_gold_letters_are_spread_and_arithmetic_is_half() -> None:
    assert sorted(one.letter for one in DEMONSTRATIONS) == ["A", "B", "C", "D"]
    assert sum(one.value.isdigit() for one in DEMONSTRATIONS) == 2


def test_references_are_filled_with_earlier_answers() -> None:
    for one in DEMONSTRATIONS:
        for i, pair in enumerate(one.pairs, 1):
            assert all(int(number) < i for number in re.findall(r"<sub_a_(\d)></sub_a_\1>", pair.question))
        assert not any("<" in pair.question for pair in one.answered())
    assert DEMONSTRATIONS[0].answered()[1].question == "What is 84 minus 50?"


@pytest.mark.parametrize("question", [CHOICE, FREE])
def test_every_strategy_shows_the_same_questions_and_answers_in_the_same_order(question: Question) -> None:
    def shown(turns: tuple[Turn, ...]) -> list[str]:
        return [turn.text for turn in turns if "Question: " in turn.text or turn.text.startswith(("The single", "<answer>"))]

    first, *others = (shown(strategy.pose(question).turns) for strategy in SHOWING)
    assert len(first) == 8
    assert all(other == first for other in others)
    assert Budget().pose(question) is question


def test_the_answer_turn_is_the_cue_and_the_answer() -> None:
    assert FewShot().pose(CHOICE).turns[1:4] == (
        Turn("assistant", "Let's think step by step:"),
        Turn("user", "Given all of the above, what's the single, most likely answer?"),
        Turn("assistant", "The single, most likely answer is (C)"),
    )
    assert FewShot().pose(FREE).turns[7] == Turn("assistant", "<answer>the Atlantic Ocean</answer>")


def test_reasoned_demonstrations_state_their_answer_last() -> None:
    for question, stated in ((CHOICE, "(C)"), (FREE, "34")):
        reasoning = FewShotChainOfThought().pose(question).turns[1].text
        assert split(reasoning)[-1] == f"So the answer is {stated}."
        assert reasoning.startswith("Let's think step by step: 14 trays")
