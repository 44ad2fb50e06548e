"""Which cells a packed node may attend to, layer by layer, in the form that a model's attention takes.

A 4D mask reaches the attention layers as it is (transformers 5, `masking_utils._preprocess_mask_arguments`), so the windows of
sliding and chunked layers must be in it. Models with layers of several kinds take a dictionary of masks, by kind.
"""

from __future__ import annotations

from typing import Any

import torch

from cotfaith.engines.plan import Pass, Plan

FULL, SLIDING, CHUNKED = "full_attention", "sliding_attention", "chunked_attention"
FORMS = ("sdpa", "eager")  # attention kernels that take a 4D mask


def kinds(config: Any) -> dict[str, int]:
    """The kinds of attention layer of `config` with the tokens that each reaches (0: all); empty if a layer is of another kind."""
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


def tree_mask(plan: Plan, part: Pass, device: torch.device) -> torch.Tensor:
    """Which cells the nodes of `part` see: (nodes of part, trunk + nodes from base), boolean."""
    rows = torch.arange(part.start, part.stop, device=device)[:, None]
    columns = torch.arange(part.base, part.stop, device=device)[None, :]
    stops = torch.tensor(plan.stops[part.base : part.stop], device=device)[None, :]
    anchors = torch.tensor(plan.anchors[part.start : part.stop], device=device)[:, None]
    trunk = torch.arange(len(plan.trunk), device=device)[None, :] < anchors
    return torch.cat([trunk, (columns <= rows) & (rows < stops)], dim=1)


def attention_masks(plan: Plan, part: Pass, model: Any) -> torch.Tensor | dict[str, torch.Tensor]:
    """The mask of `part` for `model`: (1, 1, nodes, cells), one for each kind of layer if there are several."""
    device = model.get_input_embeddings().weight.device
    seen = tree_mask(plan, part, device)
    own = torch.tensor(plan.positions[part.base : part.stop], device=device)
    places = torch.cat([torch.arange(len(plan.trunk), device=device), own])[None, :]
    here = own[part.start - part.base :][:, None]
    masks = {}
    for kind, size in kinds(model.config).items():
        mask = seen
        if size and kind == SLIDING:
            mask = seen & (here - places < size)
        elif size and kind == CHUNKED:
            mask = seen & (here // size == places // size)
        masks[kind] = _shaped(mask, model)
    return masks if len(masks) > 1 else next(iter(masks.values()))


def _shaped(mask: torch.Tensor, model: Any) -> torch.Tensor:
    """`mask` as four dimensions, boolean for sdpa, added to the scores for eager attention."""
    mask = mask[None, None]
    if model.config.get_text_config()._attn_implementation == "sdpa":  # noqa: SLF001  transformers has no public name for it
        return mask
    zero = torch.zeros((), dtype=model.dtype, device=mask.device)
    return torch.where(mask, zero, torch.finfo(model.dtype).min)
