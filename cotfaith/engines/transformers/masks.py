"""The cells that a packed cell may attend to, layer by layer, as masks for a model's attention.

A 4D mask reaches the attention layers unchanged (transformers 5, `masking_utils._preprocess_mask_arguments`), so it must include
the windows of sliding and chunked layers. Models with several kinds of layers need a dictionary of masks by kind.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import torch

from cotfaith.engines.shared.prefix_tree import Forest
from cotfaith.engines.transformers import blocks

FULL, SLIDING, CHUNKED = "full_attention", "sliding_attention", "chunked_attention"
FORMS = ("sdpa", "eager")  # attention kernels that accept a 4D mask


def kinds(config: Any) -> dict[str, int]:
    """The kinds of attention layers of `config` with their window in tokens (0: all); empty if a layer is of an unknown kind."""
    text = config.get_text_config()
    window = getattr(text, "sliding_window", None) or 0
    chunk = getattr(text, "attention_chunk_size", None) or 0
    sizes = {FULL: 0, SLIDING: window, CHUNKED: chunk}
    types = getattr(text, "layer_types", None)
    if types is None:
        uniform = SLIDING if window else CHUNKED if chunk else FULL
        return {uniform: sizes[uniform]}
    if not set(types) <= set(sizes):
        return {}
    return {kind: size for kind, size in sizes.items() if kind in types}


def step_masks(forest: Forest, held: Sequence[int], cells: Sequence[int], model: Any) -> torch.Tensor | dict[str, torch.Tensor]:
    """The mask for the new `cells` after a cache of the cells `held`: (1, 1, new, held + new), or one per kind of layer."""
    device = model.get_input_embeddings().weight.device
    columns = torch.tensor([*held, *cells], device=device)
    stops = torch.tensor([forest.stops[cell] for cell in (*held, *cells)], device=device)
    places = torch.tensor([forest.positions[cell] for cell in (*held, *cells)], device=device)
    rows = columns[len(held) :][:, None]
    masks = _by_kind((columns <= rows) & (rows < stops), places[len(held) :], places, model)
    shaped = {kind: _shaped(mask, model) for kind, mask in masks.items()}
    if blocks.applies(model):
        ends, copies = blocks.stops(forest, cells), blocks.stacked(model)
        shaped = {kind: blocks.blocked(mask, ends, copies, model.dtype) for kind, mask in shaped.items()}
    return shaped if len(shaped) > 1 else next(iter(shaped.values()))


def _by_kind(seen: torch.Tensor, here: torch.Tensor, places: torch.Tensor, model: Any) -> dict[str, torch.Tensor]:
    """`seen` (rows, columns) within the windows of each kind of layer, for rows at the positions `here` and columns at `places`."""
    masks = {}
    for kind, size in kinds(model.config).items():
        mask = seen
        if size and kind == SLIDING:
            mask = seen & (here[:, None] - places < size)
        elif size and kind == CHUNKED:
            mask = seen & (here[:, None] // size == places // size)
        masks[kind] = mask
    return masks


def _shaped(mask: torch.Tensor, model: Any) -> torch.Tensor:
    """`mask` with four dimensions: boolean for sdpa, additive for eager attention."""
    mask = mask[None, None]
    if model.config.get_text_config()._attn_implementation == "sdpa":  # noqa: SLF001  transformers has no public name for it
        return mask
    zero = torch.zeros((), dtype=model.dtype, device=mask.device)
    return torch.where(mask, zero, torch.finfo(model.dtype).min)
