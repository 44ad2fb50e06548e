"""How fast a machine multiplies matrices, and what share of that a way of scoring reaches."""

from __future__ import annotations

from typing import Any

import torch

from benchmarks.throughput.clock import clocked
from benchmarks.throughput.operations import Sizes

SIDES = (1024, 2048)  # of square matrices; larger ones are no faster on the processors tried
REPETITIONS = 5
ROWS = 64


def attention(model: Any, sizes: Sizes, columns: int, *, rows: int = ROWS, repetitions: int = REPETITIONS) -> float:
    """The operations per second of the attention kernel alone, without a mask: `rows` rows of all heads over `columns` columns.

    Query heads that share a key head are stacked as rows. A mask makes the kernel slower, so this is the most that attention can reach.
    """
    weight = model.get_input_embeddings().weight
    stacked = rows * sizes.heads // sizes.key_heads
    query, key, value = (
        torch.ones(1, sizes.key_heads, size, sizes.head, dtype=weight.dtype, device=weight.device)
        for size in (stacked, columns, columns)
    )

    def attend() -> None:
        torch.nn.functional.scaled_dot_product_attention(query, key, value)
        if query.device.type == "cuda":
            torch.cuda.synchronize()

    attend()
    fastest = min(clocked(attend)[1] for _ in range(repetitions))
    return 4 * rows * columns * sizes.heads * sizes.head / fastest


def peak(model: Any, *, sides: tuple[int, ...] = SIDES, repetitions: int = REPETITIONS) -> float:
    """The operations per second of the fastest square product in the number type and on the device of `model`."""
    weight = model.get_input_embeddings().weight
    best = 0.0
    for side in sides:
        one, other, out = (torch.ones(side, side, dtype=weight.dtype, device=weight.device) for _ in range(3))

        def product(one: torch.Tensor = one, other: torch.Tensor = other, out: torch.Tensor = out) -> None:
            torch.mm(one, other, out=out)
            if out.device.type == "cuda":
                torch.cuda.synchronize()

        product()  # threads and libraries start once
        best = max(best, *(2 * side**3 / clocked(product)[1] for _ in range(repetitions)))
    return best
