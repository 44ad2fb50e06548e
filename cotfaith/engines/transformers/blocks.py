"""Attention of a masked pass in blocks: a few rows at a time, over the columns that they see and no others.

Rows of a tree see their own path, which is a small part of all columns. A kernel that is given the whole mask computes all of it.
Here consecutive rows of one subtree form a block. Query heads that share a key head are stacked as further rows, so that keys and
values are not repeated. The result is the same as that of the whole mask, up to rounding.

Used on a CPU with sdpa. A GPU is faster with one large kernel than with many small ones.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

import torch
from transformers.modeling_utils import ALL_ATTENTION_FUNCTIONS

from cotfaith.engines.shared.prefix_tree import Forest

KERNEL = "sdpa"
MOST, FEW = 64, 32  # rows: a longer path is cut into blocks, and smaller subtrees share one


@dataclass(frozen=True, slots=True)
class Block:
    """The rows from `first` to before `stop`.

    Attributes:
        first: the first row.
        stop: one past the last row.
        columns: the columns that a row sees, as a slice from 0 or as indices.
        bias: what is added to the scores: 0 or minus infinity, (1, 1, stacked rows, columns).
    """

    first: int
    stop: int
    columns: slice | torch.Tensor
    bias: torch.Tensor

    def of(self, states: torch.Tensor) -> torch.Tensor:
        """The columns of `states` (1, heads, columns, size)."""
        return states[:, :, self.columns] if isinstance(self.columns, slice) else states.index_select(2, self.columns)


class TreeMask(torch.Tensor):
    """A mask (1, 1, rows, columns) that knows its blocks. A tensor that is computed from it knows none."""

    blocks: tuple[Block, ...] = ()


def applies(model: Any) -> bool:
    """Whether passes of `model` are computed in blocks."""
    text = model.config.get_text_config()
    return bool(model.device.type == "cpu" and text._attn_implementation == KERNEL)  # noqa: SLF001  transformers has no public name for it


def stacked(model: Any) -> int:
    """How many query heads of `model` share a key head."""
    text = model.config.get_text_config()
    heads: int = text.num_attention_heads
    return heads // (getattr(text, "num_key_value_heads", None) or heads)


def stops(forest: Forest, cells: Sequence[int]) -> list[int]:
    """One past the last row of each block of a pass over `cells`, which are whole subtrees in preorder, or a path."""
    found: list[int] = []
    first = root = 0
    for row, cell in enumerate(cells):
        if begins := row == 0 or cell >= forest.stops[cells[root]]:
            root = row
        if row - first >= (FEW if begins else MOST):
            found.append(row)
            first = row
    return [*found, len(cells)]


def blocked(mask: torch.Tensor, ends: Sequence[int], copies: int, dtype: torch.dtype) -> torch.Tensor:
    """`mask` (1, 1, rows, columns; True where a row sees a column) with the blocks that end at the rows `ends`."""
    whole: TreeMask = mask.as_subclass(TreeMask)
    whole.blocks = tuple(block_of(mask[0, 0], first, stop, copies, dtype) for first, stop in zip([0, *ends], ends, strict=False))
    return whole


def block_of(mask: torch.Tensor, first: int, stop: int, copies: int, dtype: torch.dtype) -> Block:
    """The block of some rows of `mask` (rows, columns)."""
    rows = mask[first:stop]
    seen = rows.any(dim=0).nonzero().flatten()
    size = len(seen)
    columns = slice(size) if int(seen[-1]) == size - 1 else seen
    bias = torch.zeros(stop - first, size, dtype=dtype).masked_fill_(~rows[:, columns], float("-inf"))
    return Block(first, stop, columns, bias.repeat(copies, 1)[None, None])


@contextmanager
def in_blocks() -> Iterator[None]:
    """While this lasts, sdpa attention under a mask that knows its blocks is computed block by block."""
    before = ALL_ATTENTION_FUNCTIONS[KERNEL]
    ALL_ATTENTION_FUNCTIONS[KERNEL] = _Attention(before)
    try:
        yield
    finally:
        ALL_ATTENTION_FUNCTIONS[KERNEL] = before


@dataclass(frozen=True, slots=True)
class _Attention:
    """Attention of one layer in blocks, and by the kernel `whole` where that is not possible."""

    whole: Callable[..., tuple[torch.Tensor, None]]

    def __call__(
        self,
        module: torch.nn.Module,
        query: torch.Tensor,
        key: torch.Tensor,
        value: torch.Tensor,
        attention_mask: torch.Tensor | None,
        **more: Any,
    ) -> tuple[torch.Tensor, None]:
        """The output (1, rows, heads, size)."""
        blocks = attention_mask.blocks if isinstance(attention_mask, TreeMask) else ()
        heads, shared = query.shape[1], key.shape[1]
        copies = heads // shared
        if not blocks or more.get("position_bias") is not None or blocks[0].bias.shape[2] != copies * blocks[0].stop:
            return self.whole(module, query, key, value, attention_mask, **more)
        output = query.new_empty(1, query.shape[2], heads, value.shape[3])
        for block in blocks:
            rows = query[:, :, block.first : block.stop].reshape(1, shared, -1, query.shape[3])
            made = torch.nn.functional.scaled_dot_product_attention(
                rows, block.of(key), block.of(value), attn_mask=block.bias, scale=more.get("scaling")
            )
            output[:, block.first : block.stop] = made.reshape(1, heads, -1, value.shape[3]).transpose(1, 2)
        return output, None
