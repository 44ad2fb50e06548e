"""The cache of a walk over a forest: it grows by what a pass computes, and is cut back to where the next pass leaves it."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import torch
from transformers import DynamicCache

from cotfaith.engines.shared.prefix_tree import Forest
from cotfaith.engines.transformers.forward import Forward
from cotfaith.engines.transformers.masks import step_masks


class PathCache:
    """The keys and values of some cells of `forest`.

    Attributes:
        cache: as the model takes it. Made without a config, so that it drops nothing: what lies outside a window at the end of one path
            is inside it for an earlier branch.
        cells: which cells it holds, in order; who computes on adds them here.
    """

    def __init__(self, forward: Forward, forest: Forest) -> None:
        self._forward = forward
        self._forest = forest
        self.cache = DynamicCache()
        self.cells: list[int] = []

    def keep(self, size: int) -> None:
        """Cut the cache back to its first `size` cells."""
        cut_back(self.cache, len(self.cells) - size)
        del self.cells[size:]

    def inputs(self, cells: Sequence[int], *, chain: bool) -> dict[str, Any]:
        """What a pass over `cells` needs besides their tokens; nothing for a `chain`, in which each cell follows the one before."""
        if chain:
            return {}
        places = [self._forest.positions[cell] for cell in cells]
        return {
            "attention_mask": step_masks(self._forest, self.cells, cells, self._forward.model),
            "position_ids": torch.tensor([places], device=self._forward.device),
        }


def cut_back(cache: Any, size: int) -> None:
    """Take the last `size` tokens off `cache`; layers that use another layer's keys hold none."""
    for layer in cache.layers:
        if size and layer.is_initialized:
            layer.crop(-size)
