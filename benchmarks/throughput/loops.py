"""The loops that tools for this commonly run, on a model of transformers: every cut a whole sequence, padded, in batches."""

from __future__ import annotations

import os
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

import torch

from benchmarks.throughput.clock import LeftOut, Took, clocked
from benchmarks.throughput.shapes import Ids, every_kth, sequences
from cotfaith.types import PrefixTree

BATCH = 8
FLOAT = 4  # bytes


@dataclass(frozen=True, slots=True)
class Loop:
    """A padded batch of `batch` cuts of one trace at a time; `last` computes the logits of the last position only.

    At most `budget` tokens are timed: if all the traces have more, every k-th batch of the first one, and the time of all follows by tokens.
    `found` keeps the log-probabilities of what was computed last, by trace and cut.
    """

    model: Any
    batch: int = BATCH
    last: bool = False
    budget: float = float("inf")
    found: dict[tuple[int, int], list[float]] = field(default_factory=dict)

    def __call__(self, trees: Sequence[PrefixTree]) -> Took | LeftOut:
        """The seconds that the cuts of all `trees` take, and the tokens, padding included."""
        every = [batch for number, tree in enumerate(trees) for batch in _batches(number, tree, self.batch)]
        sizes = [len(batch) * max(len(ids) for _, ids in batch) for batch in every]
        within = len(every) if sum(sizes) <= self.budget else len(every) // len(trees)
        places = every_kth(sizes[:within], self.budget)
        if not self.last and (needed := max(sizes[i] for i in places) * self._vocabulary * FLOAT) > free_bytes(self.model) / 2:
            return LeftOut(f"the logits of one batch would take {needed / 2**30:.1f} GiB")
        self.found.clear()
        options = [candidate[0] for candidate in trees[0].branches[0].candidates]
        seconds = 0.0
        for i in places:
            values, took = clocked(lambda batch=every[i]: self._run([ids for _, ids in batch], options))
            seconds += took
            self.found.update({key: value for (key, _), value in zip(every[i], values, strict=True)})
        return Took(seconds * sum(sizes) / sum(sizes[i] for i in places), sum(sizes), len(places), len(every))

    @property
    def _vocabulary(self) -> int:
        size: int = self.model.get_input_embeddings().weight.shape[0]
        return size

    def _run(self, batch: Sequence[Ids], options: Sequence[int]) -> list[list[float]]:
        device = self.model.get_input_embeddings().weight.device
        width = max(map(len, batch))
        ids = torch.tensor([(0,) * (width - len(one)) + one for one in batch], device=device)
        mask = torch.tensor([[0] * (width - len(one)) + [1] * len(one) for one in batch], device=device)
        positions = (mask.cumsum(1) - 1).clamp(min=0)
        keep = {"logits_to_keep": 1} if self.last else {}
        with torch.inference_mode():
            logits = self.model(input_ids=ids, attention_mask=mask, position_ids=positions, use_cache=False, **keep).logits
        values: list[list[float]] = logits[:, -1].float().log_softmax(-1)[:, list(options)].tolist()
        return values


def _batches(number: int, tree: PrefixTree, size: int) -> list[list[tuple[tuple[int, int], Ids]]]:
    """The sequences of trace `number` with their places, in batches of neighbours."""
    wholes = [((number, i), ids) for i, ids in enumerate(sequences(tree))]
    return [wholes[start : start + size] for start in range(0, len(wholes), size)]


def free_bytes(model: Any) -> int:
    """The memory that is free where `model` lives."""
    device = model.get_input_embeddings().weight.device
    if device.type == "cuda":
        free: int = torch.cuda.mem_get_info(device)[0]
        return free
    return os.sysconf("SC_AVPHYS_PAGES") * os.sysconf("SC_PAGE_SIZE")
