"""The identity of a loaded model: all its weights, its settings and its tokenizer."""

from __future__ import annotations

import itertools
from typing import Any

import torch

from cotfaith import seeds

CHUNK = 1 << 24  # numbers summed at a time
BITS = {1: torch.uint8, 2: torch.int16, 4: torch.int32, 8: torch.int64}


def fingerprint(model: Any, tokenizer: Any) -> str:
    """A content key of a loaded model: two sums over the bits of each weight, exact in any order, which detect one changed number.

    A quantised or offloaded weight is summed as stored in memory.
    """
    weights = itertools.chain(model.named_parameters(), model.named_buffers())
    sums = [[name, list(tensor.shape), str(tensor.dtype), *_sums(tensor)] for name, tensor in weights]
    settings = model.config.to_diff_dict()
    for volatile in ("transformers_version", "_name_or_path"):
        settings.pop(volatile, None)
    generation = getattr(model, "generation_config", None)
    backend = getattr(tokenizer, "backend_tokenizer", None)
    words = backend.to_str() if backend is not None else sorted(tokenizer.get_vocab().items())
    return seeds.key("loaded model", sums, repr(settings), repr(generation and generation.to_diff_dict()), words)


def _sums(tensor: torch.Tensor) -> list[int]:
    """The sum of the bits of `tensor` as integers, and their sum weighted by position; both modulo 2**64."""
    if tensor.is_meta:
        return []
    bits = tensor.detach().contiguous().flatten().view(BITS[tensor.element_size()])
    plain = weighted = 0
    for start in range(0, len(bits), CHUNK):
        chunk = bits[start : start + CHUNK].to(torch.int64)
        plain += int(chunk.sum())
        weighted += int((chunk * torch.arange(start + 1, start + 1 + len(chunk), device=chunk.device)).sum())
    return [plain % 2**63, weighted % 2**63]
