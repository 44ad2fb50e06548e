"""Checks of every question from a file: it has a text, and distinct choices."""

from collections.abc import Sequence
from math import isfinite

from cotfaith.errors import DataError
from cotfaith.types import LETTERS


def text(where: str, value: object, part: str = "question") -> str:
    """The text of a part of a question, without white space around it.

    Raises:
        DataError: it is not a text, or it is empty.
    """
    if not isinstance(value, str) or not value.strip():
        raise DataError(f"{where}: the {part} is {'empty' if isinstance(value, str) else repr(value)}: write its text.")
    try:
        value.encode()
    except UnicodeEncodeError as error:
        raise DataError(
            f"{where}: the text {value[:40]!r} has half of a character (at place {error.start + 1}): save the file again from its source."
        ) from error
    return value.strip()


def choices(where: str, values: Sequence[object]) -> tuple[str, ...]:
    """The texts of 2 to 26 choices without white space around them. Numbers become their text.

    Raises:
        DataError: there are fewer or more of them, or one has no text.
    """
    if not 2 <= len(values) <= len(LETTERS):
        raise DataError(
            f"{where}: there are {len(values)} choices: give 2 to {len(LETTERS)}{'' if values else ', or null for a free answer'}."
        )
    written = [scalar(value) for value in values]
    for letter, value, given in zip(LETTERS, written, values, strict=False):
        if value is None:
            raise DataError(f"{where}: choice {letter} is {given!r}: give every choice a text.")
    return tuple(filter(None, written))


def scalar(value: object) -> str | None:
    """A text or a finite number as text without white space around it; None when it is neither, or empty, or has half of a character."""
    if isinstance(value, bool) or not isinstance(value, str | int | float) or (isinstance(value, float) and not isfinite(value)):
        return None
    text = str(value).strip()
    return text if text and text == text.encode(errors="replace").decode() else None


def repeated(values: Sequence[str]) -> tuple[str, str] | None:
    """The letters of the first two choices with the same text, if there are such."""
    for second, value in enumerate(values):
        first = values.index(value)
        if first != second:
            return LETTERS[first], LETTERS[second]
    return None
