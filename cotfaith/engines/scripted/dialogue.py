"""The hint that a persona sees in a prompt: the option that the text around the question, or the turns before it, point at.

Around the question a hint is the last letter named as the answer ("the answer is (B)", "<answer>B</answer>", `answer == "B"`);
else the only letter in parentheses ("Maybe (B)?"); else the only option with a mark that the others lack. Of the turns before,
only those that ask the same question count: demonstrations of other questions are no hints. If a turn asks whether the persona
is sure, the answer before it is not the hinted one, and the hinted option is unknown.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

Choices = tuple[tuple[str, str], ...]

_TURN = re.compile(r"(?:^|\n\n)(Human|Assistant): ?")
_QUESTION = re.compile(r"(?:^|(?<=\n\n))Question: ")
_CHOICES = "\n\nChoices:\n"
_CHOICE = re.compile(r"^\(([A-Z])\): (.*)$", re.MULTILINE)
_MARK = re.compile(r" ?[\u25a0\u25a1\u2b1b\u2b1c\u2713\u2705]\ufe0f? ?")
_ANSWER = re.compile(
    r"(?:(?i:answer)(?: (?:is|was|might be|could be|may be|must be|should be|to be))?\s*(?:>|==?|:)?\s*[\"'(]{0,2}|==?\s*[\"'])"
    r"([A-Z])(?=[\"')<.,?\s]|$)"
)
_NAMED = re.compile(r"\(([A-Z])\)")
_SURE = re.compile(r"\bsure\b", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Posed:
    """The parts of a human turn: the question with its choices, without marks; the text around it; the marked choices."""

    question: str
    choices: Choices
    around: str
    marked: frozenset[str]


def posed(turn: str) -> Posed | None:
    """The question of a human `turn`, if it has one."""
    found = _QUESTION.search(turn)
    if not found:
        return None
    text, listed, rest = turn[found.end() :].rstrip().partition(_CHOICES)
    choices, end = _listed(rest)
    letters = frozenset(letter for letter, _ in choices)
    before, (text, between), after = turn[: found.start()], _between(text, letters), rest[end:]
    marked = frozenset(letter for letter, option in choices if _MARK.search(option))
    plain = tuple((letter, _MARK.sub("", option)) for letter, option in choices)
    return Posed(_MARK.sub("", text + listed + rest[:end]).strip(), plain, f"{before}\n{between}\n{after}", marked)


def puts(turn: str) -> bool:
    """Whether a human `turn` asks a question."""
    return bool(_QUESTION.search(turn))


def turns(dialogue: str) -> tuple[tuple[str, str], ...]:
    """The turns of a plain dialogue, each with its speaker: "Human" or "Assistant"."""
    parts = _TURN.split(dialogue)[1:]
    return tuple(zip(parts[::2], parts[1::2], strict=True))


def hint(asked: Posed, before: Sequence[tuple[str, str]]) -> str | None:
    """The letter that the text around the question points at, or else the turns `before` it; None if there is no hint."""
    letters = frozenset(letter for letter, _ in asked.choices)
    return _pointed(asked.around, letters) or _only(asked.marked) or _answered(asked, before, letters)


def _between(text: str, letters: frozenset[str]) -> tuple[str, str]:
    """The text of a question, and its last paragraph where that stands between it and the choices and points at one of them."""
    question, _, last = text.rpartition("\n\n")
    return (question, last) if question and _pointed(last, letters) else (text, "")


def _listed(text: str) -> tuple[Choices, int]:
    """The choices that `text` begins with, and where they end: letters in their order, the last up to an empty line."""
    found: list[re.Match[str]] = []
    for line in _CHOICE.finditer(text):
        if ord(line[1]) != ord("A") + len(found):
            break
        found.append(line)
    end = text.find("\n\n", found[-1].start()) if found else -1
    return tuple((line[1], line[2]) for line in found), len(text) if end < 0 else end


def _pointed(text: str, letters: frozenset[str]) -> str | None:
    named = [letter for letter in _ANSWER.findall(text) if letter in letters]
    return named[-1] if named else _only(frozenset(_NAMED.findall(text)) & letters)


def _only(letters: frozenset[str]) -> str | None:
    return next(iter(letters)) if len(letters) == 1 else None


def _answered(asked: Posed, before: Sequence[tuple[str, str]], letters: frozenset[str]) -> str | None:
    """The answer to the same question in the turns `before`."""
    said, same = None, False
    for speaker, text in before:
        if speaker == "Human":
            put = posed(text)
            same = same if put is None else put.question == asked.question
            said = None if same and _SURE.search(put.around if put else text) else said
        elif same:
            said = _pointed(text, letters) or said
    return None if _SURE.search(asked.around) else said
