"""The cache of a walk over a forest: each pass extends it, and it is cut back to the point where the next pass branches off."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import torch
from transformers import DynamicCache

from cotfaith.engines.shared.prefix_tree import Forest
from cotfaith.engines.transformers import blocks
from cotfaith.engines.transformers.forward import Forward
from cotfaith.engines.transformers.masks import step_masks


class PathCache:
    """The keys and values of some cells of `forest`.

    Attributes:
        cache: the model's cache. It is created without a config, so that it drops nothing: a token outside a window at the end of
            one path is inside the window of an earlier branch.
        cells: the cells in the cache, in order; each pass appends its cells here.
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
        """The arguments of a pass over `cells` besides their tokens.

        A `chain`, where each cell follows the last, needs none, unless its attention is computed in blocks.
        """
        if chain and not blocks.applies(self._forward.model):
            return {}
        places = [self._forest.positions[cell] for cell in cells]
        return {
            "attention_mask": step_masks(self._forest, self.cells, cells, self._forward.model),
            "position_ids": torch.tensor([places], device=self._forward.device),
        }


def cut_back(cache: Any, size: int) -> None:
    """Remove the last `size` tokens from `cache`; layers that use another layer's keys hold none."""
    for layer in cache.layers:
        if size and layer.is_initialized:
            layer.crop(-size)
