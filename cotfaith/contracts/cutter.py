"""The contract of a step cutter: a function that says where a reasoning is cut into steps."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Protocol


class Cutter(Protocol):
    """Registered under `cotfaith.cutters`, and named in a study as `steps: NAME` or `steps: NAME:ARGUMENT`."""

    def __call__(self, text: str, ends: Sequence[int] | None, argument: str) -> Sequence[int]:
        """The places, in characters, where `text` is cut: rising, none at its start or end; none for an empty text.

        `ends` says how many characters are complete after each token, and is None where a text is cut that has no tokens. `argument` is what
        stands after the colon, empty where there is none.

        Raises:
            UsageError: the argument does not fit.
        """
