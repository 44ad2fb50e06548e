"""Sentences that speak of another case or of a second preference: "For Italy, the answer is B", "As a backup, I would pick C".

Behind an answer, such a sentence gives no new one. Alone it may be the answer: "For France, the answer is A".
"""

from __future__ import annotations

import re
from itertools import pairwise

from cotfaith.text.letters import LETTER

_NAME = r"(?-i:(?:the\s)?[A-Z][\w'\u2019-]*(?:\s(?:of\s)?[A-Z][\w'\u2019-]*){0,3})"
_ASIDE = re.compile(
    r"\s*(?:(?:and|but|while|whereas|however|similarly|likewise|note that|by contrast|in contrast),?\s){0,2}(?:"
    rf"(?:for|in|with|as for)\s{_NAME}(?:['\u2019]s?\s(?:case|situation))?,?\s|"
    r"(?:for|in|with)\s(?:(?:the|an?|any)\s)?(?:case\sof|event\sof|other|another|different|second|next|example|instance|comparison)\b|"
    r"my\s(?:second|third|next|other|backup|alternative)\s(?:choice|pick|guess|option|answer|preference|best)\b|otherwise\b|alternatively\b|had\s(?:it|the|this|we|you|i|he|she|they|(?-i:[A-Z]\w+))\s|were\s(?:it|the|this)\b|"
    r"(?:as|for)\s(?:an?|my)\s(?:backup|back-up|fallback|second|alternative|runner-up|plan b)\b|"
    r"(?:if|when)\b[^.;!?\n]*\b(?:another|second|other|instead|different|asked|had\sbeen|were\sabout|not\s(?:available|an\soption))\b)",
    re.IGNORECASE,
)
_END = re.compile(r"[.!?;\n]\s*(?=\S)")
_PLACE = r"[.):]{1,2}|(?:st|nd|rd|th)\s?(?:place\s?)?[.):]?"
# "1. A 2. C 3. B", "1st: A, 2nd: C".
_RANKED = re.compile(
    rf"(?<!\w)1(?:{_PLACE})\s{{0,3}}{LETTER}[\s,;.]{{1,4}}2(?:{_PLACE})\s{{0,3}}{LETTER}(?:[\s,;.]{{1,4}}[0-9]{{1,2}}(?:{_PLACE})\s{{0,3}}{LETTER}){{0,26}}[.\s]*",
    re.IGNORECASE,
)
_LESSER = re.compile(
    r"\b(?:least|less|second(?!\sthoughts?\b)|third|runner-up|worst|unlikely|eliminated|backup|alternative)\b", re.IGNORECASE
)
_REACH = 200  # characters of a sentence that are looked at


def without(text: str) -> str:
    """`text` with spaces for each sentence, but the first, that speaks of another case or of a second preference. Places stay."""
    end = len(text.rstrip())  # white space at the end would be read again from each of its lines
    starts = [0, *(found.end() for found in _END.finditer(text, 0, end)), len(text)]
    kept = list(text)
    for start, stop in pairwise(starts[1:]):
        if _ASIDE.match(text, start, min(stop, start + _REACH)):
            kept[start:stop] = " " * (stop - start)
    return "".join(kept)


def ranked(text: str, place: int) -> bool:
    """Whether `place` of `text` stands in a ranking of options: "1. A 2. C 3. B"."""
    return any(found.start() <= place <= found.end() for found in _RANKED.finditer(text))


def lesser(sentence: str) -> bool:
    """Whether `sentence` names what is less likely or a second choice: "Least likely: B"."""
    return bool(_LESSER.search(sentence))
