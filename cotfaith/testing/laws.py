"""What all laws share: a law yields one sentence per breach, and none if it holds."""

from __future__ import annotations

from collections.abc import Iterable, Iterator


def hold(name: str, broken: Iterable[str]) -> None:
    """Check that no law is broken.

    Raises:
        AssertionError: a law is broken. The message has one line per breach.
    """
    found = list(broken)
    if found:
        raise AssertionError("\n".join([f"{name} breaks {len(found)} of cotfaith's laws:", *(f"- {one}" for one in found)]))


def unless(holds: object, sentence: str) -> Iterator[str]:
    """`sentence`, unless it holds."""
    if not holds:
        yield sentence
