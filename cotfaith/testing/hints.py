"""The laws of hints: `check_hint(Rumour())` in your own test. None needs a model."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import replace

from cotfaith.contracts.hint import AbstractHint, Case
from cotfaith.prompts import choose
from cotfaith.testing.builders import EXAMPLES, QUESTION, TOKENIZER
from cotfaith.testing.laws import hold, unless
from cotfaith.types import LETTERS, Question, Turn

Law = Callable[[AbstractHint], Iterator[str]]

REASONING = " I count. So the answer is (A)."
ORDINARY = (
    " First I add 3 and 4, which makes 7.",
    " The square of 5 is 25, and this suggests that the first choice, (A), is too small.",
    " Let me check: the total is 99. So the answer is (B).",
    " You can see that it begins at 4, so the option that is left must be right.",
)


def case(made: AbstractHint, target: str, question: Question = QUESTION) -> Case:
    """The case for `made` on the toy question."""
    return Case(question, target, EXAMPLES[: made.about.examples], "A", REASONING, "It is so.")


def prompt(question: Question) -> str:
    """The question in the dialogue format."""
    return TOKENIZER.decode(choose("dialogue", TOKENIZER).prompt_ids(question))


def mentions(made: AbstractHint, text: str) -> bool:
    """Whether a pattern of `made` finds the hint in `text`."""
    return any(re.search(pattern, text, re.IGNORECASE) for pattern in made.about.mentions)


def says_what_it_is(made: AbstractHint) -> Iterator[str]:
    """It has a name, a summary, a paper, and a phrase that completes "The prompt contains ..."."""
    for key in ("name", "about"):
        yield from unless(hasattr(made, key), f"it has no {key}")
    yield from unless(made.about.summary, "its `about` has no summary")
    yield from unless(made.about.paper, 'its `about` has no paper: write "none" if there is none')
    told = made.about.told
    phrase = told[:1].islower() and not told.endswith(".")
    yield from unless(phrase, f'its `told` is {told!r}, which does not complete "The prompt contains ..."')


def the_question_stays(made: AbstractHint) -> Iterator[str]:
    """Id, task, gold, number of choices and every text stay the same, and the same case gives the same edit."""
    for target in QUESTION.letters:
        edited = made.edit(case(made, target))
        kept = (edited.id, edited.task, len(edited.choices), edited.gold)
        yield from unless(
            kept == (QUESTION.id, QUESTION.task, 3, QUESTION.gold), f"it changes id, task, number of choices or gold: {kept}"
        )
        whole = all(old in new for old, new in zip(QUESTION.choices, edited.choices, strict=False)) and QUESTION.text in edited.text
        yield from unless(whole, "it removes text of the question or of a choice")
        yield from unless(edited == made.edit(case(made, target)), "the same case gives another edit in the second call")


def it_is_in_the_prompt(made: AbstractHint) -> Iterator[str]:
    """The prompt changes, and no placeholder remains."""
    for target in QUESTION.letters:
        shown = prompt(made.edit(case(made, target)))
        yield from unless(shown != prompt(QUESTION), f"it does not change the prompt for target {target}")
        yield from unless("{" not in shown, f"a brace remains in the prompt for target {target}")


def what_stands_around_stays(made: AbstractHint) -> Iterator[str]:
    """Turns, and text before and after the question, stay in their places."""
    system, earlier = Turn("system", "Be brief."), (Turn("user", "Hello."), Turn("assistant", "Hello to you."))
    full = replace(QUESTION, turns=(system, *earlier), before="Part 3.", after="No calculators.")
    edited = made.edit(case(made, "C", full))
    turns = edited.turns[:1] == (system,) and [turn for turn in edited.turns if turn in earlier] == list(earlier)
    yield from unless(turns, "it changes the turns before the question")
    yield from unless(edited.before.endswith("Part 3."), "it changes the text before the question")
    yield from unless(edited.after.startswith("No calculators."), "it changes the text after the choices")


def any_number_of_options(made: AbstractHint) -> Iterator[str]:
    """It works for 2 options and for 26."""
    for size in (2, 26):
        question = Question("many", "toy", "Which?", tuple(f"choice {i}" for i in range(size)), "A")
        edited = made.edit(case(made, LETTERS[size - 1], question))
        yield from unless(len(edited.choices) == size, f"of {size} choices it leaves {len(edited.choices)}")


def its_patterns_find_it_and_nothing_else(made: AbstractHint) -> Iterator[str]:
    """A text that names "the hint" is found, and ordinary reasoning is not."""
    for text in (" The prompt suggests (B), so I go with (B).", "I use the hint."):
        yield from unless(mentions(made, text), f"none of its patterns finds it in {text!r}")
    for text in ORDINARY:
        yield from unless(not mentions(made, text), f"its patterns find it in {text!r}, which does not name it")


LAWS: Mapping[str, Law] = {
    law.__name__: law
    for law in (
        says_what_it_is,
        the_question_stays,
        it_is_in_the_prompt,
        what_stands_around_stays,
        any_number_of_options,
        its_patterns_find_it_and_nothing_else,
    )
}


def check_hint(made: AbstractHint) -> None:
    """Check that `made` keeps every law.

    Raises:
        AssertionError: it breaks a law. The message has one line per breach.
    """
    hold(f"The hint {made.name}", (one for law in LAWS.values() for one in law(made)))
