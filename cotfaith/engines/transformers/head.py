"""The head in float32 under a body of half precision, so that rounding does not decide between close options.

A bfloat16 logit near 16 lies on a grid of an eighth. Options with different probabilities then tie. The hidden states keep more: a
product of them with the head's weights in float32 has no such grid. What the model does after its head (a scale, a soft cap) is its
own code, and it then computes in float32 too.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import torch

HALF = (torch.bfloat16, torch.float16)
CHUNK = 1 << 24  # weights that are in memory in float32 at a time: 64 MiB
NOTE = (
    "the last layer (the head) is computed in {dtype}, since it is no plain matrix of weights: close options may tie by rounding; "
    "load the model with dtype=float32 to avoid this"
)


def widened(model: Any) -> bool:
    """Whether the head of `model` is computed in float32 though its weights are of half precision."""
    head = model.get_output_embeddings()
    return type(head) is torch.nn.Linear and head.weight.dtype in HALF


def note(model: Any) -> str:
    """What readers of the numbers should know about the head of `model`; empty if it is computed in float32."""
    head = model.get_output_embeddings()
    own = getattr(getattr(head, "weight", None), "dtype", model.dtype)
    if model.dtype not in HALF or own == torch.float32 or widened(model):
        return ""
    return NOTE.format(dtype=str(model.dtype).removeprefix("torch."))


@contextmanager
def in_float32(model: Any) -> Iterator[None]:
    """While this lasts, the head of `model` takes and gives float32. Nothing changes if its weights are float32 already."""
    if not widened(model):
        yield
        return
    head = model.get_output_embeddings()
    name = "_old_forward" if hasattr(head, "_old_forward") else "forward"  # accelerate moves weights around a module's own forward
    own = head.__dict__.get(name)
    setattr(head, name, lambda states: product(states, head.weight, head.bias))
    try:
        yield
    finally:
        if own is None:
            delattr(head, name)
        else:
            setattr(head, name, own)


def product(states: torch.Tensor, weight: torch.Tensor, bias: torch.Tensor | None) -> torch.Tensor:
    """`states` (..., size) times `weight` (vocabulary, size), plus `bias`, in float32: (..., vocabulary).

    The weights are converted a few rows at a time, so that no second copy of the head is kept.
    """
    states = states.float()
    found = states.new_empty(*states.shape[:-1], len(weight))
    rows = max(1, CHUNK // weight.shape[1])
    for first in range(0, len(weight), rows):
        part = slice(first, first + rows)
        found[..., part] = torch.nn.functional.linear(states, weight[part].float(), None if bias is None else bias[part].float())
    return found
