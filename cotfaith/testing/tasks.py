"""The laws of tasks: `check_task(Largest(seed=3))` in your own test."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable, Iterator, Mapping
from itertools import islice

from cotfaith.contracts.task import AbstractTask
from cotfaith.testing.laws import hold, unless
from cotfaith.types import Question

Law = Callable[[AbstractTask], Iterator[str]]

COUNT = 400  # questions that the laws check


def ask(made: AbstractTask, count: int = COUNT) -> list[Question]:
    """The first `count` questions."""
    return list(islice(made.questions(), count))


def says_what_it_is(made: AbstractTask) -> Iterator[str]:
    """It is a frozen dataclass with a one-line summary, and as many questions as `endless` says."""
    frozen = dataclasses.is_dataclass(made) and getattr(type(made), "__dataclass_params__").frozen  # noqa: B009  not in its type
    yield from unless(frozen, "it is not a frozen dataclass")
    yield from unless(
        "\n" not in made.summary and made.summary.endswith("."), "its summary is not one line that ends with a full stop"
    )
    found = len(ask(made))
    yield from unless(found == COUNT if made.endless else found, f"it has {found} questions and endless is {made.endless}")


def ids_are_unique(made: AbstractTask) -> Iterator[str]:
    """Every id is unique."""
    questions = ask(made)
    yield from unless(len({one.id for one in questions}) == len(questions), "an id comes twice")


def question_i_is_the_same(made: AbstractTask) -> Iterator[str]:
    """Question i does not depend on the call or on how many questions are taken."""
    yield from unless(ask(made, 7) == ask(made)[:7] == ask(made)[:7], "question i depends on how many are taken, or on the call")


def gold_is_a_letter(made: AbstractTask) -> Iterator[str]:
    """The choices, if any, differ, and the gold is one of their letters."""
    for one in ask(made):
        yield from unless(one.text.strip() == one.text != "", f"the text of {one.id} is empty, or begins or ends with white space")
        if one.choices:
            yield from unless(
                one.gold is None or one.gold in one.letters,
                f"the gold of {one.id} is {one.gold!r}, which is not a letter of its choices",
            )
            different = len(set(one.choices)) == len(one.choices) and all(choice.strip() for choice in one.choices)
            yield from unless(different, f"choices of {one.id} are empty or equal")


LAWS: Mapping[str, Law] = {law.__name__: law for law in (says_what_it_is, ids_are_unique, question_i_is_the_same, gold_is_a_letter)}


def check_task(made: AbstractTask) -> None:
    """Check that `made` keeps every law.

    Raises:
        AssertionError: it breaks a law. The message has one line per breach.
    """
    hold(f"The task {made.name}", (one for law in LAWS.values() for one in law(made)))
