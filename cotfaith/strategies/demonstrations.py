"""The four worked examples that every few-shot strategy shows, and how they precede a question.

They are ours. Radhakrishnan et al. 2023 (arXiv 2307.11768) show fourteen, the same in the same order for every strategy; these four
are also the same for every strategy. Two are arithmetic, two are facts and common sense; each right choice has a different letter.
Their turns have the form of the question itself, so the model sees one form throughout.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from itertools import takewhile

from cotfaith.prompts.wording import worked
from cotfaith.strategies.tags import fill
from cotfaith.types import Question, Turn


@dataclass(frozen=True, slots=True)
class Pair:
    """A subquestion and its answer. It may refer to earlier answers of its list by their numbers, from 1: `<sub_a_1></sub_a_1>`."""

    question: str
    answer: str


@dataclass(frozen=True, slots=True)
class Demonstration:
    """A question with its right choice (`letter`) and right value, its reasoning in `steps`, and its decomposition in `pairs`."""

    text: str
    choices: tuple[str, ...]
    letter: str
    value: str
    steps: tuple[str, ...]
    pairs: tuple[Pair, ...]

    def like(self, question: Question) -> Question:
        """The demonstration in the form of `question`: with choices, free-form, or free-form with a whole number as the answer."""
        if question.choices:
            return Question("demonstration", "demonstration", self.text, self.choices, self.letter)
        meta = {"answer": "integer"} if self.value.isdigit() and question.meta.get("answer") == "integer" else {}
        return Question("demonstration", "demonstration", self.text, (), self.value, meta=meta)

    def answered(self) -> tuple[Pair, ...]:
        """Its pairs with every reference filled in."""
        answers = {number: pair.answer for number, pair in enumerate(self.pairs, 1)}
        return tuple(Pair(fill(pair.question, answers), pair.answer) for pair in self.pairs)


DEMONSTRATIONS = (
    Demonstration(
        "A baker takes 14 trays of 6 rolls each out of the oven and sells 50 of the rolls. How many rolls are left?",
        ("24", "84", "34", "36"),
        "C",
        "34",
        ("14 trays of 6 rolls are 14 x 6 = 84 rolls.", "Once 50 of them are sold, 84 - 50 = 34 are left."),
        (Pair("How many rolls are there on 14 trays of 6 rolls each?", "84"), Pair("What is <sub_a_1></sub_a_1> minus 50?", "34")),
    ),
    Demonstration(
        "Which ocean is crossed on the shortest way by sea from Portugal to Brazil?",
        ("the Atlantic Ocean", "the Pacific Ocean", "the Indian Ocean", "the Arctic Ocean"),
        "A",
        "the Atlantic Ocean",
        (
            "Portugal lies in the west of Europe, on the Atlantic Ocean.",
            "Brazil lies in the east of South America, on the Atlantic Ocean too.",
            "The shortest way leads straight across it.",
        ),
        (
            Pair("On which ocean is the coast of Portugal?", "The Atlantic Ocean"),
            Pair("On which ocean is the coast of Brazil?", "The Atlantic Ocean"),
        ),
    ),
    Demonstration(
        "28 pupils play in teams of 4, and each team needs 3 balls. How many balls are needed?",
        ("12", "7", "84", "21"),
        "D",
        "21",
        ("28 pupils in teams of 4 make 28 / 4 = 7 teams.", "With 3 balls for each team, 7 x 3 = 21 balls are needed."),
        (
            Pair("How many teams of 4 do 28 pupils make?", "7"),
            Pair("How many balls do <sub_a_1></sub_a_1> teams need, if each needs 3?", "21"),
        ),
    ),
    Demonstration(
        "A glass of water stands outside all night at 10 degrees Celsius below zero. What is in it in the morning?",
        ("steam", "ice", "warm water", "salt"),
        "B",
        "ice",
        ("Water freezes at 0 degrees Celsius.", "10 degrees below zero is colder than that.", "A whole night is long enough for a glass to freeze."),
        (
            Pair("At how many degrees Celsius does water freeze?", "0"),
            Pair("Is 10 degrees Celsius below zero colder than <sub_a_1></sub_a_1> degrees Celsius?", "Yes"),
            Pair("What does water become when it freezes?", "Ice"),
        ),
    ),
)  # fmt: skip

Told = Callable[[Demonstration, Question], str]  # the reasoning slot of a demonstration in the form of that question


def shown(question: Question, told: Told) -> tuple[Turn, ...]:
    """The demonstrations as turns in the form of `question`: the question, the reasoning by `told`, the answer cue, the answer."""
    turns: list[Turn] = []
    for one in DEMONSTRATIONS:
        it = one.like(question)
        turns += worked(it, told(one, it))
    return tuple(turns)


def instructed(instruction: str, turns: Sequence[Turn]) -> tuple[Turn, ...]:
    """`turns` after an exchange that gives the instruction; some chat templates refuse a system turn."""
    return (Turn("user", instruction), Turn("assistant", "Understood."), *turns)


def after(turns: Sequence[Turn], question: Question) -> Question:
    """`question` with `turns` before its own, except for system turns that it begins with."""
    system = tuple(takewhile(lambda turn: turn.role == "system", question.turns))
    return replace(question, turns=(*system, *turns, *question.turns[len(system) :]))


def script(turns: Sequence[Turn]) -> str:
    """`turns` as one text, to be hashed and read."""
    return "\n\n".join(f"{turn.role}: {turn.text}" for turn in turns)


def both_forms(told: Told) -> str:
    """The demonstrations before a question with choices and before a free-form one, as one text."""
    return "\n\n".join(script(shown(Question("", "", "", choices), told)) for choices in (("",), ()))
