"""The options of a question as a text may give them: by letter, by text and by value."""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import lru_cache

from cotfaith.text.letters import JOINED, JOINED_LETTER
from cotfaith.text.markup import plain
from cotfaith.text.numbers import canonical, is_number
from cotfaith.text.polar import POLAR
from cotfaith.types import LETTERS

# Between a letter and the text of its option, behind that text, and between a text and its letter.
_GLOSS = re.compile(r"\s?[)\].:,=]{0,2}\s?(?:[\u2013\u2014-]\s)?[(\[]?")
_GLOSSED = re.compile(
    r"['\"\u2019\u201d]?[)\]]?\s{0,3}(?:[.!\n<]|$|,\s(?:the|which|because|since|as|is|so)\b|,?\s(?:because|since)\b)|['\"\u2019\u201d]?[)\]]\s"
)
_SAME = re.compile(
    r"(?:\s?[:\u2013-]\s|,\s(?:(?:which|that)\sis\s)?(?:option|choice|letter|answer)\s|,?\s(?:which|that)\sis\s|,?\si\.e\.,?\s|\s)[(\[]?$",
    re.IGNORECASE,
)
_STATED = re.compile(r"(?:^|[.:\n]\s?|\b(?:is|be|choose|pick|select)\s)(?:the\s)?$")


@dataclass(frozen=True, slots=True)
class Table:
    """The options: letters by folded text and by value, without what two options share; the characters that one can take.

    `numeric`: all options are numbers. `valued`: some option is a number or an expression.
    """

    letters: dict[str, str]
    values: dict[str, str]
    reach: int
    numeric: bool
    valued: bool


@lru_cache(maxsize=256)
def options(choices: tuple[str, ...]) -> Table:
    """The table of `choices`."""
    texts = [flat(plain(choice)) for choice in choices]
    values = [canonical(plain(choice)) for choice in choices]
    pairs = zip(texts, values, LETTERS, strict=False)
    letters = {text: letter for text, value, letter in pairs if text and texts.count(text) == 1 and values.count(value) == 1}
    letters |= {word: letters[meant] for word, meant in POLAR.items() if meant in letters and word not in letters}
    known = {v: letter for v, letter in zip(values, LETTERS, strict=False) if v and values.count(v) == 1}
    reach = 60 + max(len(choice) for choice in choices)
    valued = any(value != text for value, text in zip(values, texts, strict=True)) or any(map(is_number, values))
    return Table(letters, known, reach, all(map(is_number, values)), valued)


def flat(text: str) -> str:
    """`text` without case, extra white space and punctuation at its ends."""
    return " ".join(text.casefold().split()).strip(" .,;:!?\"'*_`\u2018\u2019\u201c\u201d")


def starts(body: str, place: int, table: Table) -> tuple[str, int] | None:
    """The longest option text that stands at `place` of `body`, as letter and end, whole words only."""
    piece = body[place : place + table.reach]
    lead = len(piece) - len(piece.lstrip(" \"'\u2018\u201c(["))
    folded, best = piece[lead:].casefold(), None
    for text, letter in table.letters.items():
        stop = len(text)
        if folded.startswith(text) and not folded[stop : stop + 1].isalnum() and (best is None or stop > best[1]):
            best = (letter, stop)
    return None if best is None else (best[0], place + lead + best[1])


def joined(body: str, stop: int, table: Table) -> tuple[str, int] | None:
    """The option, as letter and end, that stands beside the one which ends at `stop` of `body`: "Paris or Rome", "A) Paris or C) Rome"."""
    between = JOINED.match(body, stop)
    if between is None:
        return None
    letter = JOINED_LETTER.match(body, between.end())
    return (letter[0].strip("()[] \n")[:1].upper(), letter.end()) if letter else starts(body, between.end(), table)


def beside(body: str, span: tuple[int, int], table: Table) -> set[str]:
    """The option whose text stands right beside the letter in `span` of `body` and says what it is: "A) Rome", "A (Rome)", "Rome (A)"."""
    found = set()
    if mark := _GLOSS.match(body, span[1]):
        at = starts(body, mark.end(), table)
        rest = body[mark.end() : mark.end() + table.reach].partition("\n")[0]
        if at and _GLOSSED.match(body, at[1]):
            found.add(at[0])
        elif not at and table.valued and (letter := table.values.get(canonical(rest.strip(" .)]<")))):
            found.add(letter)
    before = _SAME.sub("", body[max(0, span[0] - table.reach) : span[0]]).casefold()
    if len(before) < min(span[0], table.reach):
        found |= {
            letter
            for text, letter in table.letters.items()
            if before.endswith(text) and _STATED.search(before[: len(before) - len(text)])
        }
    return found
