"""A commitment to an answer, and the reasons why a text has none."""

from __future__ import annotations

import re
from collections import deque
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

NONE = "no answer found"
SEVERAL = "names several options"
OUTSIDE = "letter outside the options"
NOT_ONE = "no single number"
OTHER_UNIT = "another unit than the gold's"
CUT = "cut at the token budget"
REFUSED = "refuses to answer"
RETRACTED = "takes its answer back"
LOOKS = 200  # announcements of one kind that are looked at, from the end of the text


@dataclass(frozen=True, slots=True)
class Claim:
    """A commitment at `place`, with its answer or the reason why it has none. A weak one counts only without a strong one."""

    place: int
    answer: str | None
    reason: str = ""
    strong: bool = True


def backwards(pattern: re.Pattern[str], text: str, looks: int = LOOKS) -> Iterator[re.Match[str]]:
    """The last matches of `pattern` in `text`, last first, and at most `looks` of them."""
    return reversed(deque(pattern.finditer(text), maxlen=looks))


def last(found: Iterable[Iterator[Claim]]) -> Iterator[Claim]:
    """The claims of the first of `found` that has any: what came before the last commitment does not count."""
    for some in found:
        if claims := list(some):
            yield from claims
            return


def standing(claims: list[Claim], retractions: Iterable[int]) -> list[Claim]:
    """The `claims` that no later one of `retractions`, which are places, takes back; one without an answer where none stands."""
    for place in sorted(retractions, reverse=True):
        if any(claim.place < place for claim in claims):
            return [claim for claim in claims if claim.place >= place] or [Claim(place, None, RETRACTED)]
    return claims
