"""The contract of a step cutter: a function that cuts reasoning into steps."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Protocol


class Cutter(Protocol):
    """A step cutter. It is registered under `cotfaith.cutters`, and a study names it as `steps: NAME` or `steps: NAME:ARGUMENT`."""

    def __call__(self, text: str, ends: Sequence[int] | None, argument: str) -> Sequence[int]:
        """The character offsets where `text` is cut, in rising order, without its start and end. An empty text has none.

        `ends` says how many characters are complete after each token; it is None for text without tokens. `argument` is the text
        after the colon, or empty.

        Raises:
            UsageError: the argument is not valid.
        """
