"""What all laws share: a law yields a sentence for each thing that is broken, and none where it holds."""

from __future__ import annotations

from collections.abc import Iterable, Iterator


def hold(name: str, broken: Iterable[str]) -> None:
    """Nothing where no law is broken.

    Raises:
        AssertionError: what is broken, a line each.
    """
    found = list(broken)
    if found:
        raise AssertionError("\n".join([f"{name} breaks {len(found)} of cotfaith's laws:", *(f"- {one}" for one in found)]))


def unless(holds: object, sentence: str) -> Iterator[str]:
    """`sentence`, unless it holds."""
    if not holds:
        yield sentence
