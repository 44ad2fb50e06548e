"""What receives the work of a run, piece by piece, and the receiver that only counts."""

from __future__ import annotations

from typing import Protocol


class Reporter(Protocol):
    """Receives every piece of work when it is announced and when it is done."""

    def expect(self, kind: str, count: int) -> None:
        """`count` more of `kind` are to be done."""

    def done(self, kind: str, count: int) -> None:
        """`count` more of `kind` are done."""

    def say(self, text: str) -> None:
        """A line about the run."""


class Quiet:
    """Prints nothing, and counts announced and finished work."""

    def __init__(self) -> None:
        self.counts: dict[str, int] = {}
        self.expected: dict[str, int] = {}

    def expect(self, kind: str, count: int) -> None:
        """Count what is to be done."""
        self.expected[kind] = self.expected.get(kind, 0) + count

    def total(self, kind: str) -> int:
        """What is to be done of `kind`, or was done without an announcement."""
        return max(self.counts.get(kind, 0), self.expected.get(kind, 0))

    def done(self, kind: str, count: int) -> None:
        """Count."""
        self.counts[kind] = self.counts.get(kind, 0) + count

    def say(self, text: str) -> None:
        """Nothing to say."""
