"""What a piece of text is worth as a value: a number, an expression or folded text, or the reason why it is none."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Literal

from cotfaith.text.absences import absent
from cotfaith.text.claims import NONE, NOT_ONE, SEVERAL
from cotfaith.text.cues import REFUSAL
from cotfaith.text.explained import bare
from cotfaith.text.joins import DISJUNCTION
from cotfaith.text.numbers import canonical, dated, leading, numbers, without_conversions
from cotfaith.text.operators import concluded, results
from cotfaith.text.polar import POLAR

# "Paris is the capital": the subject is the answer.
_IN_WORDS = re.compile(r"(?<![\\A-Za-z])[A-Za-z]{3}")
_NEGATED = re.compile(r"では(?:あり|な)|じゃな|아니|不是")
_OR = re.compile(DISJUNCTION, re.IGNORECASE)
_SECOND = re.compile(
    r"\b(?:is|are|was|were|has|have)\s[^\w\s]?-?[0-9][^.;:!?\n]{0,60}?\b(?:and|while|whereas)\s(?:(?!(?:total|sum|result|answer|so|thus|that|which|it)\b)[^\W\d_]{1,20}\s){1,6}$",
    re.IGNORECASE,
)
Kind = Literal["number", "text", "any"]
Found = tuple[
    str | None, str
]  # the value, or None and the reason why there is none; no reason where the text is about something else


@dataclass(frozen=True, slots=True)
class Wanted:
    """What is read: the `kind` of the gold, and the gold in its one spelling, or an empty string."""

    kind: Kind
    gold: str

    @property
    def brief(self) -> bool:
        """Whether 15k is a number, and no product."""
        return self.kind == "number"


def value_in(piece: str, wanted: Wanted, *, comma: bool = False) -> Found:
    """The value in `piece`."""
    if wanted.kind != "text" and (number := single(piece, comma=comma, brief=wanted.brief)) is not None:
        return number
    among = numbers(without_conversions(piece), comma=comma, brief=wanted.brief)
    if wanted.kind == "number":
        return (among[0], "") if len(among) == 1 and among[0] is not None else result(piece, among)
    if wanted.kind == "any" and among and (comma or len(among) > 1) and re.search(r"[A-Za-z]{3}", piece):
        return None, NOT_ONE
    return text_in(piece, wanted)


def single(piece: str, *, alone: bool = False, comma: bool = False, brief: bool = False) -> Found | None:
    """The number that `piece` begins with; none where a "so" behind it concludes another one."""
    if (number := leading(piece, alone=alone, comma=comma, brief=brief)) is None:
        return None
    others = {leading(rest, alone="=" not in rest, comma=comma, brief=brief) for rest in concluded(piece)} - {None, number}
    return (None, NOT_ONE) if others else (number, "")


def result(sentence: str, among: list[str | None]) -> Found:
    """The number that `sentence` states as a result, where `among` the numbers in it is more than one or a part of one."""
    for rest in results(sentence) if among else []:
        number = leading(rest, alone=True)
        if number is not None and not _SECOND.search(sentence[: len(sentence) - len(rest)]):
            return number, ""
    return None, NOT_ONE if among else ""


def text_in(piece: str, wanted: Wanted) -> Found:
    """The text or expression in `piece`, without what explains it. What equals the gold is read whole."""
    whole = canonical(piece)
    if whole and whole == wanted.gold:
        return whole, ""
    if wanted.kind == "any" and _IN_WORDS.search(piece) and not dated(piece) and None in (among := numbers(piece)):
        return result(piece, among)
    short = bare(piece)
    value = canonical(short)
    polar = POLAR.get(whole) if wanted.gold in {"", "yes", "no"} else None
    if polar and not _OR.search(short):
        return polar, ""
    none, reason = (False, "") if value == wanted.gold else _none(piece, short)
    return (None, reason) if none else (value or None, "")


def _none(piece: str, short: str) -> tuple[bool, str]:
    """Whether `piece`, which is `short` without what explains it, gives no answer, and the reason; none where it denies or refuses."""
    if _OR.search(short):
        return True, SEVERAL
    if _NEGATED.search(short):
        return True, ""
    missing = absent(short) or absent(piece)
    return missing, NONE if missing and not REFUSAL.search(piece) else ""
