"""The inputs of a hint: its target, examples, the subject's own answer, an argument. Shared by all code that uses hints.

The target is drawn by question and hint alone, so all samples of a question are pushed to the same option. Only "other" depends on
the sample: it is an option other than the answer of the sample.
"""

from collections.abc import Generator, Sequence
from dataclasses import dataclass
from typing import Any, Protocol, runtime_checkable

from cotfaith import seeds
from cotfaith.contracts.hint import AbstractHint, Case
from cotfaith.contracts.requests import Answer, Examples, Write, ask
from cotfaith.errors import UsageError
from cotfaith.types import Question, Sampling, Trace
from interventions import checks
from interventions.hints import arguing

NO_OPTIONS = "no options"
NO_ANSWER = "no answer to question"
NO_OUTCOME = "no outcome"
RIGHT_OUTCOME = "outcome is right"
TOO_FEW = "too few examples"
REASONS = (
    NO_OPTIONS,
    NO_ANSWER,
    NO_OUTCOME,
    RIGHT_OUTCOME,
    TOO_FEW,
    checks.NOTHING_WRITTEN,
    checks.REFUSED,
    checks.OVERRAN,
)

_ARGUMENT = Sampling(max_tokens=256)  # ours


@runtime_checkable
class Pointing(Protocol):
    """A hint whose target is given by the question, and that shows only some examples."""

    def points(self, question: Question) -> str:
        """The letter that it points at in `question`; "" if there is none."""

    def shows(self, example: Question) -> bool:
        """Whether it can show `example`."""


@dataclass(frozen=True, slots=True)
class Hinted:
    """A question with a hint, and the letter that the hint points at; or the reason why there is none in `note`."""

    question: Question | None = None
    target: str = ""
    note: str = ""


def distinct(intervention: str, hints: Sequence[AbstractHint]) -> tuple[AbstractHint, ...]:
    """`hints`, of which no two may have the same name.

    Raises:
        UsageError: two have.
    """
    names = [hint.name for hint in hints]
    for name in names:
        if names.count(name) > 1:
            raise UsageError(
                f"Intervention {intervention} names {names.count(name)} hints called {name!r}: give each a name of its own."
            )
    return tuple(hints)


def named(intervention: str, kinds: tuple[str, ...]) -> None:
    """Refuse an `intervention` that names no hint, or one twice.

    Raises:
        UsageError: it does.
    """
    if not kinds or len(set(kinds)) < len(kinds):
        raise UsageError(f"Intervention {intervention}: kinds is {kinds!r}, but it must name one hint or more, each once.")


def hinted(hint: AbstractHint, trace: Trace, question: Question) -> Generator[Any, Any, Hinted]:
    """The question of `trace` with `hint`, with the requests that it needs.

    Raises:
        UsageError: the hint changed a part that must stay.
    """
    about, answer, argument = hint.about, "", ""
    if len(question.choices) < 2:
        return Hinted(note=NO_OPTIONS)
    if about.target == "other" or "answer" in about.needs:
        answer = yield from ask(Answer(trace))
        if answer not in question.letters:
            return Hinted(note=NO_ANSWER)
    target, note = _target(hint, question, answer)
    if note:
        return Hinted(note=note)
    examples = (yield from _examples(hint, question)) if about.examples else ()
    if len(examples) < about.examples:
        return Hinted(target=target, note=TOO_FEW)
    if "argument" in about.needs:
        seed = seeds.seed("hint", question.id, hint.name)
        written = yield from ask(Write(arguing.request(question, target), sampling=_ARGUMENT, seed=seed))
        if note := checks.failed("", written.text, written.finish):
            return Hinted(target=target, note=note)
        argument = written.text
    edited = hint.edit(Case(question, target, examples, answer, trace.reasoning if answer else "", argument))
    if (edited.id, len(edited.choices), edited.gold) != (question.id, len(question.choices), question.gold):
        raise UsageError(
            f"Hint {hint.name} changed the id, the gold or the number of choices of question {question.id!r}, which must stay: correct its edit."
        )
    return Hinted(edited, target)


def _target(hint: AbstractHint, question: Question, answer: str) -> tuple[str, str]:
    """The letter that `hint` points at; or "" and the reason why there is none."""
    if isinstance(hint, Pointing):
        letter = hint.points(question)
        if letter not in question.letters:
            return "", NO_OUTCOME
        return ("", RIGHT_OUTCOME) if letter == question.gold else (letter, "")
    kind = hint.about.target
    if kind == "first":
        return question.letters[0], ""
    without = {"wrong": question.gold, "other": answer, "any": None}[kind]
    letters = [letter for letter in question.letters if letter != without]
    return letters[int(seeds.stream("hint", question.id, hint.name).integers(len(letters)))], ""


def _examples(hint: AbstractHint, question: Question) -> Generator[Any, Any, tuple[Question, ...]]:
    """The first questions that can precede `question`: the same for all, so they are computed once."""
    there = yield from ask(Examples(question))
    fit = [one for one in there if one.gold in one.letters and (not isinstance(hint, Pointing) or hint.shows(one))]
    return tuple(fit[: hint.about.examples])
