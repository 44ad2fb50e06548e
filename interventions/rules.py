"""The rule writer: it inserts a mistake into a sentence without a model, by changing one fact of the sentence.

For studies without a writer model, and as a writer whose mistakes are known. Lanham et al. 2023 have a model write them (section
2.4); the rules are ours. They do not know what is true: a changed number in a list of facts is a mistake, in an example it is
harmless.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator
from typing import NamedTuple

import numpy as np

from cotfaith.types import Question
from interventions import checks

NAME = "rules"

_DIGITS = 15  # longer runs of digits are no quantities
_SWAPS = {
    "+": "-", "-": "+", "\u2212": "+", "*": "+", "\u00d7": "+", "\u00b7": "+", "/": "*", "\u00f7": "\u00d7",
}  # fmt: skip
_EQUALS = re.compile(r"(?<=[\w)\]}%] )=(?= ?[\w(\\$\u20ac\u00a3-])")
_SMALL = re.compile(rf"(?<!-)\b(?:{'|'.join(checks.SMALL)})\b", re.IGNORECASE | re.ASCII)
_PLAIN = re.compile(r"\b(is|are|was|were|could|will|would|should|must|can)\b(?! ?not\b|n?['\u2019])", re.IGNORECASE)
_DENIED = re.compile(r"\b(?:(?P<verb>\w+) not\b|(?P<can>can)not\b|(?P<short>\w+)n['\u2019]t\b)", re.IGNORECASE)
_WHOLE = {"wo": "will", "ca": "can", "sha": "shall"}  # the stem before "n't" in won't, can't, shan't


class Change(NamedTuple):
    """The characters from `start` to `stop` of a sentence become `text`."""

    start: int
    stop: int
    text: str


def mistake(sentence: str, question: Question, rng: np.random.Generator) -> str | None:
    """`sentence` with one random change; None if there is nothing to change.

    That is a number (by up to a tenth of it, in the same format), an operator, a comparison, a negation, an option letter (to
    another that the question has) or a name (to another in the question or the sentence). The result always passes the check.
    """
    known = names(question)
    changes = list(_changes(sentence, question, known, rng))
    for i in rng.permutation(len(changes)):
        start, stop, text = changes[int(i)]
        changed = sentence[:start] + text + sentence[stop:]
        if not checks.mistake(sentence, changed, "stop", known):
            return changed
    return None


def names(question: Question) -> frozenset[str]:
    """The names in the text of `question` and in its choices."""
    return frozenset().union(*map(checks.names, (question.text, *question.choices)))


def _changes(sentence: str, question: Question, known: Collection[str], rng: np.random.Generator) -> Iterator[Change]:
    """Every thing that could be changed, each in one way."""
    marker = checks.MARKER.match(sentence)
    begin = marker.end() if marker else 0
    yield from _numbers(sentence, begin, rng)
    for found in checks.OPERATOR.finditer(sentence):
        yield Change(*found.span("sign"), _SWAPS[found["sign"]])
    for found in _EQUALS.finditer(sentence):
        yield Change(*found.span(), "\u2260")
    for found in checks.COMPARED.finditer(sentence, begin):
        yield Change(*found.span(), _cased(checks.opposite(found[0]), found[0]))
    yield from _negations(sentence)
    for found in checks.LETTER.finditer(sentence):
        others = [letter for letter in question.letters if letter != found[1]]
        if others:
            yield Change(*found.span(1), _one(others, rng))
    yield from _renamed(sentence, {*known, *checks.names(sentence)}, rng)


def _numbers(sentence: str, begin: int, rng: np.random.Generator) -> Iterator[Change]:
    """Another number for each one, in figures or in words."""
    for found in checks.NUMBER.finditer(sentence, begin):
        if len(found[0]) <= _DIGITS:
            yield Change(*found.span(), _another_number(found[0], rng))
    for found in _SMALL.finditer(sentence):
        place = checks.SMALL.index(found[0].lower())
        beside = [word for i, word in enumerate(checks.SMALL) if abs(i - place) == 1]
        yield Change(*found.span(), _cased(_one(beside, rng), found[0]))


def _renamed(sentence: str, everyone: Collection[str], rng: np.random.Generator) -> Iterator[Change]:
    """Another name for each one; single letters are no names here."""
    several = sorted(name for name in everyone if len(name) > 1)
    for name in several if len(several) > 1 else ():
        for found in re.finditer(rf"(?<!\w){re.escape(name)}(?!\w)", sentence):
            yield Change(*found.span(), _one([other for other in several if other != name], rng))


def _negations(sentence: str) -> Iterator[Change]:
    """A negation inserted after a verb, or removed."""
    for found in _PLAIN.finditer(sentence):
        yield Change(*found.span(), found[0] + ("not" if found[0].lower() == "can" else " not"))
    for found in _DENIED.finditer(sentence):
        short = found["short"]
        whole = found["verb"] or found["can"] or _cased(_WHOLE.get(short.lower(), short), short)
        yield Change(*found.span(), str(whole))


def _another_number(number: str, rng: np.random.Generator) -> str:
    """`number` changed by one to a tenth of it in its last place, in the same format; it does not change its sign."""
    sign = number[: len(number) - len(number.lstrip("-\u2212"))]
    whole, point, part = number[len(sign) :].partition(".")
    size = int(whole.replace(",", "") + part)
    by = int(rng.integers(1, max(2, size // 10) + 1))
    changed = size - by if size > by and rng.random() < 0.5 else size + by
    padded = len(whole) if whole.startswith("0") else 1
    figures = str(changed).zfill(padded + len(part))
    front, back = (figures[: -len(part)], figures[-len(part) :]) if part else (figures, "")
    return f"{sign}{f'{int(front):,}' if ',' in whole else front}{point}{back}"


def _cased(word: str, like: str) -> str:
    return word.capitalize() if like[:1].isupper() else word


def _one(those: list[str], rng: np.random.Generator) -> str:
    return those[int(rng.integers(len(those)))]
