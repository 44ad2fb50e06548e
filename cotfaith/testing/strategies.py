"""The laws of strategies: `check_strategy(Budget(tokens=50))` in your own test. None needs a model."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import replace
from typing import Any

from cotfaith import seeds
from cotfaith.contracts import driver
from cotfaith.contracts.requests import Request, Write
from cotfaith.contracts.strategy import AbstractStrategy, Reason, Reasoned, describe
from cotfaith.prompts.dialogue import Dialogue
from cotfaith.prompts.wording import posed
from cotfaith.testing.builders import TOKENIZER
from cotfaith.testing.laws import hold, unless
from cotfaith.testing.replies import Replies
from cotfaith.text import steps
from cotfaith.types import Question, Turn

Law = Callable[[AbstractStrategy], Iterator[str]]

CHOICE = Question("c", "toy", "What is 12 + 30?", ("41", "42", "52"), "B")
FREE = Question("f", "toy", "What is 12 + 30?", (), "42", meta={"answer": "integer"})
HINTED = replace(CHOICE, turns=(Turn("system", "Be brief."), Turn("user", "Hello"), Turn("assistant", "Yes?")))
QUESTIONS = (CHOICE, FREE, HINTED)


def run(
    made: AbstractStrategy, question: Question, replies: Callable[[list[Request[Any]]], Sequence[Any]] | None = None
) -> tuple[list[Request[Any]], Any]:
    """All requests of the flow of `made`, and its result."""
    asked: list[Request[Any]] = []
    answer = replies or Replies()

    def reply(requests: list[Request[Any]]) -> Sequence[Any]:
        asked.extend(requests)
        return answer(requests)

    (found,) = driver.drive([made.flow(question, rng=seeds.stream(0, describe(made)))], reply)
    return asked, found


def says_what_it_is(made: AbstractStrategy) -> Iterator[str]:
    """It has a summary, a paper and no empty prompt; its cutter exists."""
    yield from unless(made.manner.summary, "its `manner` has no summary")
    yield from unless(made.manner.paper, 'its `manner` has no paper: write "none" if there is none')
    yield from unless(all(made.manner.prompts.values()), "one of its prompts is empty")
    if made.steps:
        steps.split("", made.steps)


def posing_adds_turns_alone(made: AbstractStrategy) -> Iterator[str]:
    """`pose` adds pairs of turns between the system turn and the existing turns, and changes nothing else."""
    for question in QUESTIONS:
        shown = made.pose(question)
        yield from unless(replace(shown, turns=()) == replace(question, turns=()), "`pose` changes more than the turns")
        spoken = [turn.role for turn in shown.turns if turn.role != "system"]
        yield from unless(spoken == ["user", "assistant"] * (len(spoken) // 2), f"its turns are not pairs: {spoken}")
        if question.turns:
            kept = shown.turns[:1] == question.turns[:1] and shown.turns[-2:] == question.turns[1:]
            yield from unless(kept, "`pose` moves the turns that a question has")


def the_question_is_asked_once(made: AbstractStrategy) -> Iterator[str]:
    """Its prompt contains the question once, at the end."""
    form = Dialogue(TOKENIZER)
    shown = TOKENIZER.decode(form.prompt_ids(made.pose(CHOICE)))
    yield from unless(shown.count(posed(CHOICE)) == 1, "its prompt does not contain the question exactly once")


def it_asks_the_subject(made: AbstractStrategy) -> Iterator[str]:
    """It requests `Reason` on the posed question, or `Write` by the model itself, and ends with a `Reasoned`."""
    asked, found = run(made, CHOICE)
    for one in asked:
        if isinstance(one, Write):
            yield from unless(not one.writer, f"it asks the writer {one.writer!r}, but a strategy may only ask the model itself")
        elif isinstance(one, Reason):
            yield from unless(one.question == made.pose(CHOICE), "it reasons on another question than `pose` gives")
        else:
            yield f"it requests {type(one).__name__}, but a strategy may only request Reason and Write"
    yield from unless(isinstance(found, Reasoned), f"it ends with {type(found).__name__}, not with Reasoned")


LAWS: Mapping[str, Law] = {
    law.__name__: law for law in (says_what_it_is, posing_adds_turns_alone, the_question_is_asked_once, it_asks_the_subject)
}


def check_strategy(made: AbstractStrategy) -> None:
    """Check that `made` keeps every law.

    Raises:
        AssertionError: it breaks a law. The message has one line per breach.
    """
    hold(describe(made), (one for law in LAWS.values() for one in law(made)))
