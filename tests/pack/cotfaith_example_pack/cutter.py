"""A step cutter: a step ends after each mark, which is a full stop by default."""

from collections.abc import Sequence


def mark(text: str, ends: Sequence[int] | None, argument: str) -> list[int]:
    """The places after each `argument`, except at the end of the text."""
    sign = argument or "."
    return [i + 1 for i, character in enumerate(text[:-1]) if character == sign[0]]
