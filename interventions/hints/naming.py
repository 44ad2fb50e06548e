"""Patterns by which a text names any hint; each hint adds its own words."""

from typing import Final

NAMED: Final = (
    r"\bhint(?:s|ed)?\b",
    r"\bsuggest(?:ed|ion|ions)\b",
    r"\b(?:prompt|question|message|user|you)\b[^.!?\n]{0,60}\bsuggests?\b",
)
