"""Counts of the tokens that vLLM computed and that came from its cache, from its report on each request."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Counts:
    """Token counts since the engine was created.

    Attributes:
        prompt: tokens of all prompts, one prompt per sample.
        cached: prompt tokens that came from the cache, according to vLLM.
        shareable: tokens in whole blocks that an earlier prompt of the same call has at the same position.
        shared: shareable tokens that came from the cache.
        drawn: generated tokens, including end tokens.
    """

    prompt: int = 0
    cached: int = 0
    shareable: int = 0
    shared: int = 0
    drawn: int = 0

    @property
    def computed(self) -> int:
        """The number of computed prompt tokens."""
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
    """The whole blocks of the prompts of one call, in order. A block is identified by all tokens up to its end.

    Args:
        size: tokens per block, the smallest unit that the cache shares.
    """

    def __init__(self, size: int) -> None:
        self._size = size
        self._seen: set[int] = set()

    def whole(self, ids: Sequence[int]) -> int:
        """The number of tokens of `ids` that a cache can provide: whole blocks, without the last token, whose logits are read."""
        return (len(ids) - 1) // self._size * self._size

    def shareable(self, ids: Sequence[int]) -> int:
        """The number of first tokens of `ids` in whole blocks of earlier prompts; adds the blocks of `ids`."""
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
