"""A step cutter: a step ends behind each mark, a full stop if none is named."""

from collections.abc import Sequence


def mark(text: str, ends: Sequence[int] | None, argument: str) -> list[int]:
    """The places behind each `argument`, but for the end of the text."""
    sign = argument or "."
    return [i + 1 for i, character in enumerate(text[:-1]) if character == sign[0]]
