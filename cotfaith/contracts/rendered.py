"""Rendered text, in which content stays content: a character stands for the text of each special token that a turn has in it.

A chat template marks turns with special tokens, by their text. Content with the same text must not become those tokens. So content
is shielded before it goes into a template, and what comes out is encoded with the special tokens of the template, and with none of
the content.
"""

from __future__ import annotations

import re
from functools import lru_cache
from re import Match, Pattern

from cotfaith.types import Tokenizer

PLACES = 0x100000  # private-use characters: the first says that the next one is itself, the others stand for a special token each


def shield(tokenizer: Tokenizer, text: str) -> str:
    """`text` with a character in the place of each special token's text; the same text where it has none of them."""
    special = tokenizer.special_tokens
    if not special:
        return text
    places = {one: chr(PLACES + 1 + i) for i, one in enumerate(special)}
    return _content(special).sub(lambda found: places.get(found[0], chr(PLACES) + found[0]), text)


def encode(tokenizer: Tokenizer, text: str) -> tuple[int, ...]:
    """The ids of rendered `text`: the special tokens of the template, and what was shielded as ordinary text."""
    special = tokenizer.special_tokens
    if not special:
        return tokenizer.encode(text)
    ids, done = list[int](), 0
    for found in _shielded(len(special)).finditer(text):
        ids += tokenizer.encode_rendered(text[done : found.start()])
        ids += tokenizer.encode(_place(len(special)).sub(lambda one: _meant(one, special), found[0]))
        done = found.end()
    return (*ids, *tokenizer.encode_rendered(text[done:]))


def _meant(found: Match[str], special: tuple[str, ...]) -> str:
    """What was there before it was shielded."""
    itself: str | None = found[1]
    return special[ord(found[0]) - PLACES - 1] if itself is None else itself


@lru_cache(maxsize=16)
def _content(special: tuple[str, ...]) -> Pattern[str]:
    """Special tokens in content, the longest first, and characters that stand for one or say that the next is itself."""
    texts = sorted(special, key=len, reverse=True)
    return re.compile("|".join([*map(re.escape, texts), f"[{chr(PLACES)}-{chr(PLACES + len(special))}]"]))


@lru_cache(maxsize=16)
def _place(count: int) -> Pattern[str]:
    """A character that was shielded, or one that stands for one of `count` special tokens."""
    return re.compile(f"{chr(PLACES)}(.)|[{chr(PLACES + 1)}-{chr(PLACES + count)}]", re.DOTALL)


@lru_cache(maxsize=16)
def _shielded(count: int) -> Pattern[str]:
    """Neighbouring places, with the space before them: words begin with their space in most vocabularies."""
    return re.compile(f" ?(?:{_place(count).pattern.replace('(.)', '.')})+", re.DOTALL)
