"""The loop that a good engineer writes: one cache for the trace, cut back to each cut, and only the cue computed there.

Values are read at the last position. `batched` computes the cues of all cuts in one batch instead, on copies of the cache that hide
what follows the cut: on a GPU that is faster.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

import torch
from transformers import DynamicCache

from benchmarks.throughput.clock import Took, clocked
from benchmarks.throughput.operations import smart
from cotfaith.types import PrefixTree

Values = dict[tuple[int, int], list[float]]


@dataclass(frozen=True, slots=True)
class SmartLoop:
    """The smart loop over the traces of a question; `found` keeps the log-probabilities of the options, by trace and cut."""

    model: Any
    batched: bool = False
    found: Values = field(default_factory=dict)

    def __call__(self, trees: Sequence[PrefixTree]) -> Took:
        """The seconds that all cuts of `trees` take, and the tokens computed."""
        read = together if self.batched else one_by_one
        seconds = 0.0
        self.found.clear()
        for number, tree in enumerate(trees):
            values, took = clocked(lambda tree=tree: read(self.model, tree))
            seconds += took
            self.found.update({(number, place): value for place, value in values.items()})
        return Took(seconds, smart(trees).tokens)


@torch.inference_mode()
def one_by_one(model: Any, tree: PrefixTree) -> dict[int, list[float]]:
    """The values of each branch, the last cut first, so that the cache only becomes shorter."""
    cache = _trunk(model, tree)
    found = {}
    for place, branch in sorted(enumerate(tree.branches), key=lambda one: -one[1].offset):
        if after := cache.get_seq_length() - branch.offset:
            cache.crop(-after)
        logits = model(input_ids=_ids(model, [branch.suffix]), past_key_values=cache, logits_to_keep=1).logits
        found[place] = _options(logits[:, -1], tree)[0]
    return found


@torch.inference_mode()
def together(model: Any, tree: PrefixTree) -> dict[int, list[float]]:
    """The values of all branches, whose cues have equally many tokens, as one batch."""
    cache = _trunk(model, tree)
    offsets = _ids(model, [[branch.offset] for branch in tree.branches])
    suffixes = _ids(model, [branch.suffix for branch in tree.branches])
    cache.batch_repeat_interleave(len(offsets))
    seen = torch.arange(cache.get_seq_length(), device=offsets.device) < offsets
    mask = torch.cat([seen, torch.ones_like(suffixes, dtype=torch.bool)], dim=1).long()
    positions = offsets + torch.arange(suffixes.shape[1], device=offsets.device)
    logits = model(input_ids=suffixes, past_key_values=cache, attention_mask=mask, position_ids=positions, logits_to_keep=1).logits
    return dict(enumerate(_options(logits[:, -1], tree)))


def _trunk(model: Any, tree: PrefixTree) -> DynamicCache:
    """The cache of the trace up to its last cut."""
    cache = DynamicCache()
    model(input_ids=_ids(model, [tree.trunk[: max(one.offset for one in tree.branches)]]), past_key_values=cache, logits_to_keep=1)
    return cache


def _ids(model: Any, rows: Sequence[Sequence[int]]) -> torch.Tensor:
    return torch.tensor([list(row) for row in rows], device=model.get_input_embeddings().weight.device)


def _options(logits: torch.Tensor, tree: PrefixTree) -> list[list[float]]:
    """The log-probabilities of the first token of each option, row by row."""
    options = [candidate[0] for candidate in tree.branches[0].candidates]
    values: list[list[float]] = logits.float().log_softmax(-1)[:, options].tolist()
    return values
