"""Word lists as parts of regular expressions."""

from __future__ import annotations

import re


def either(*lists: str) -> str:
    """A pattern for any word of `lists`, in which spaces part the words. Longer words are tried first."""
    words = {word for one in lists for word in one.split()}
    return "|".join(_literal(word) for word in sorted(words, key=lambda word: (-len(word), word)))


def phrases(*lists: str) -> str:
    """A pattern for any phrase of `lists`, in which `|` parts the phrases. Longer phrases are tried first; a space is any white space."""
    found = {one.strip() for text in lists for one in text.split("|") if one.strip()}
    return "|".join(r"\s".join(map(_literal, one.split())) for one in sorted(found, key=lambda one: (-len(one), one)))


def _literal(word: str) -> str:
    """A pattern for `word`, with a straight or a curly apostrophe."""
    return re.escape(word).replace("'", "['\\u2019]")
