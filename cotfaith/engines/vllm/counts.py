"""Counting what vLLM computed and what came from its cache, by what it says about each request."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Counts:
    """Tokens of prompts, since the engine was made.

    Attributes:
        prompt: tokens of all prompts, one prompt for each sample.
        cached: of those, how many came from the cache, as vLLM tells.
        shareable: tokens in whole blocks that an earlier prompt of the same call had at the same place.
        shared: of those, how many came from the cache.
        drawn: tokens that were written, end tokens included.
    """

    prompt: int = 0
    cached: int = 0
    shareable: int = 0
    shared: int = 0
    drawn: int = 0

    @property
    def computed(self) -> int:
        """Tokens of prompts that were computed."""
        return self.prompt - self.cached

    def __add__(self, other: Counts) -> Counts:
        return Counts(
            self.prompt + other.prompt,
            self.cached + other.cached,
            self.shareable + other.shareable,
            self.shared + other.shared,
            self.drawn + other.drawn,
        )


class Blocks:
    """The whole blocks of the prompts of one call, in order. A block is known by all that stands up to its end.

    Args:
        size: tokens of a block; the cache shares nothing smaller.
    """

    def __init__(self, size: int) -> None:
        self._size = size
        self._seen: set[int] = set()

    def whole(self, ids: Sequence[int]) -> int:
        """The tokens of `ids` that a cache can give: whole blocks, and not the last token, which is computed to be read."""
        return (len(ids) - 1) // self._size * self._size

    def shareable(self, ids: Sequence[int]) -> int:
        """How many first tokens of `ids` lie in whole blocks that were there before; from now on all of its blocks are."""
        known, chain, new = 0, 0, False
        for start in range(0, len(ids) - self._size + 1, self._size):
            chain = hash((chain, *ids[start : start + self._size]))
            new = new or chain not in self._seen
            known += 0 if new else self._size
            self._seen.add(chain)
        return min(known, self.whole(ids))


def count(shareable: int, cached: int, prompt: int, drawn: int) -> Counts:
    """The counts of one prompt."""
    return Counts(prompt, cached, shareable, min(shareable, cached), drawn)
