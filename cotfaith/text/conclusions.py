"""Numbers that no cue announces: which of them the last sentence of a text concludes, and which are no result."""

from __future__ import annotations

import re
from collections.abc import Iterator

from cotfaith.text.asides import lesser
from cotfaith.text.claims import backwards
from cotfaith.text.nouns import ABROAD, NOUN
from cotfaith.text.numbers import leading, numbers
from cotfaith.text.reports import supposed

# "2x = 36" and "x + 3 = 36" are equations yet to be solved, "x = 5 or x = -5" has two solutions.
_UNSOLVED = re.compile(
    r"(?:[0-9)] ?[*\u00b7]? ?(?<![A-Za-z])[a-z](?:\^[0-9])?|(?<![A-Za-z])[a-z](?:\^[0-9])? ?[-+*/] ?[0-9a-z(][0-9a-z()]{0,10}|"
    r"(?<![A-Za-z])[a-z]\^[0-9]|[0-9)] ?[-+*/] ?[a-z]) ?$"
)
_GIVEN = re.compile(r"\b(?:let|given|suppose|assume|set|where|when|if)\s(?:that\s)?[a-z]\s?$", re.IGNORECASE)  # "Let x = 5"
_BOTH = re.compile(
    r"(?<!\w)[a-z](?:_?[0-9])?\s?=\s?-?[0-9][0-9./]{0,20}\s?(?:,|,?\s?(?:or|and))\s[a-z](?:_?[0-9])?\s?$", re.IGNORECASE
)
# "With 4 it's 8 days, with 2 it's 16 days": a number for each case.
_CASES = re.compile(
    r"\b(?:with|for|if|at|by|when)\s[^,.;!?\n]{1,40}\s(?:it|that|this)(?:['\u2019]s|\s(?:is|takes|costs))\s[^\w\s]?[0-9][^.;!?\n]{0,60}$",
    re.IGNORECASE,
)
# The last sentence of a text, up to its number.
_LAST = re.compile(
    r"(?:^|(?<=[.!?\n])\s{0,3})(?P<so>(?:so|thus|hence|therefore|consequently|finally|in total|overall),?\s)?"
    r"(?P<subject>(?:the|his|her|its|their|our|your)\s[^\d.;:!?\n=,]{1,80}?)\s(?:is|was|are|equals|will be|comes to)\s"
    r"(?=[^\w\s]{0,2}[0-9](?:[^.!?\n]|\.(?=[0-9])){0,60}[.!]?\s{0,3}$(?!\n))",
    re.IGNORECASE,
)
# "Therefore, each of the 4 friends gets 8 cookies."
_LAST_SHARE = re.compile(
    r"(?:^|(?<=[.!?\n])\s{0,3})(?P<so>(?:so|thus|hence|therefore|consequently|finally|in total|overall),?\s)(?P<subject>[^.;:!?\n=,]{1,80}?)\s(?:will\s)?"
    r"(?:gets?|receives?|pays?|earns?|spends?|saves?|needs?|costs?|takes?)\s(?=[^\w\s]{0,2}[0-9](?:[^.!?\n]|\.(?=[0-9])){0,60}[.!]?\s{0,3}$(?!\n))",
    re.IGNORECASE,
)
_OTHER = re.compile(r"\b(?:other|previous|first|next|initial|original|old|wrong)\b", re.IGNORECASE)
_TOTAL = re.compile(r"\b(?:total|final|overall|entire|combined|probability|average)\b", re.IGNORECASE)
_LABEL = re.compile(rf"{NOUN}|{ABROAD}", re.IGNORECASE)


def unsolved(before: str) -> bool:
    """Whether the text `before` an equals sign is a side that is yet to be solved, or is given."""
    return bool(_UNSOLVED.search(before) or _GIVEN.search(before))


def beside(before: str, *, equation: bool) -> bool:
    """Whether the statement behind the text `before` stands beside another one. `equation`: it is an equation."""
    return bool((equation and _BOTH.search(before)) or _CASES.search(before))


def concluding(body: str) -> Iterator[tuple[str, int]]:
    """The number in the last sentence of `body` and its place: "So the cost is $18." It must conclude, name a total, or have the only number."""
    for found in (one for pattern in (_LAST, _LAST_SHARE) for one in backwards(pattern, body, 1)):
        subject = found["subject"]
        concludes = found["so"] or _TOTAL.search(subject) or len(numbers(body)) == 1
        named = _LABEL.search(subject) or _OTHER.search(subject) or lesser(subject) or supposed(body, found.end())
        if concludes and not named and (number := leading(body[found.end() :], alone=True)) is not None:
            yield number, found.end()
