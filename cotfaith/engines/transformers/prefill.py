"""The prompts of a batch are computed as one tree, so that tokens of a common prefix are computed once.

The keys and values along each prompt are then gathered into the cache that `generate` would fill itself, padded on the left, and
decoding continues from there. In the order of `arrange` no prompt shares more with an earlier one than with the one directly before
it, so only the path of a batch's last prompt is kept for the next batch.
"""

from __future__ import annotations

from collections.abc import Container, Iterator, Sequence
from dataclasses import dataclass
from itertools import groupby, pairwise
from typing import Any

import torch
from transformers import DynamicCache

from cotfaith.engines.shared.prefix_tree import Forest, forest
from cotfaith.engines.transformers.forward import Forward
from cotfaith.engines.transformers.path_cache import PathCache
from cotfaith.engines.transformers.schedule import Budget, steps
from cotfaith.types import Branch, PrefixTree

Ids = tuple[int, ...]
States = dict[int, tuple[torch.Tensor, torch.Tensor]]  # by layer: keys and values (rows, heads, tokens, size)


@dataclass(frozen=True, slots=True)
class Path:
    """Tokens from the start of a sequence, and their keys and values: one row."""

    ids: Ids
    states: States


@dataclass(frozen=True, slots=True)
class Prefilled:
    """The state from which decoding continues.

    Attributes:
        cache: the state of all prompts without their last tokens, padded on the left to the width of the longest.
        computed: the number of tokens that each prompt was the first to need.
        last: the path of the last prompt.
    """

    cache: DynamicCache
    computed: tuple[int, ...]
    last: Path


START = Path((), {})


def shared(one: Sequence[int], other: Sequence[int]) -> int:
    """The length of their common prefix."""
    return next((i for i, (a, b) in enumerate(zip(one, other, strict=False)) if a != b), min(len(one), len(other)))


def arrange(prompts: Sequence[Ids]) -> list[Ids]:
    """The distinct `prompts`, ordered so that common prefixes are adjacent, with the longest continuation of a prefix first."""
    found: list[Ids] = []
    waiting = [sorted(set(prompts))]
    while waiting:
        group = waiting.pop()
        if len(group) <= 1:
            found += group
            continue
        depth = shared(group[0], group[-1])  # they are sorted, so the others are between
        parts = [list(part) for _, part in groupby(group, key=lambda ids: ids[depth : depth + 1])]
        waiting += sorted(parts, key=lambda part: max(len(ids) for ids in part))
    return found


def saving(prompts: Sequence[Ids]) -> float:
    """The share of the work on arranged `prompts` that computing each distinct token once saves, without their last tokens."""
    heads = [prompt[:-1] for prompt in prompts]
    total = sum(len(head) for head in heads)
    return sum(shared(one, other) for one, other in pairwise(heads)) / total if total else 0.0


def prefill(forward: Forward, prompts: Sequence[Ids], budget: Budget, before: Path = START) -> Prefilled:
    """Compute all but the last token of each of `prompts`; the prefix that the first shares with `before` is not computed again.

    Args:
        forward: the model; masked passes must be correct for it.
        prompts: as arranged, one per row; equal ones are computed once.
        budget: tokens of one pass.
        before: the last prompt before these.
    """
    heads = [prompt[:-1] for prompt in prompts]
    # The last token only marks the read after the others: it is looked up in the tree, not computed.
    work = forest([PrefixTree((), tuple(Branch(0, prompt[:-1], (prompt[-1:],)) for prompt in prompts))])
    ends = [read.cell for read in work.reads]
    known = work.path(ends[0])[: shared(before.ids, heads[0])]
    width = max(len(head) for head in heads)
    held = PathCache(forward, work)
    gathered: States = {}
    for new in _compute(forward, work, budget, held, before=before, known=set(known)):
        rows = [row for row, end in enumerate(ends) if end in new]
        if rows:
            _gather(held.cache, _columns(work, [ends[row] for row in rows], held.cells, width), rows, len(prompts), gathered)
    del held
    pad = width - len(heads[-1])
    kept = {layer: (keys[-1:, :, pad:].clone(), values[-1:, :, pad:].clone()) for layer, (keys, values) in gathered.items()}
    cache = DynamicCache(config=forward.model.config.get_text_config(decoder=True))
    while gathered:  # layer by layer, so that almost nothing is in memory twice
        layer = min(gathered)
        cache.update(*gathered.pop(layer), layer)
    return Prefilled(cache, (work.added[0] - len(known), *work.added[1:]), Path(heads[-1], kept))


def _compute(
    forward: Forward, work: Forest, budget: Budget, held: PathCache, *, before: Path, known: Container[int]
) -> Iterator[Container[int]]:
    """Compute the cells of `work` into `held`; the cells of `known`, a path from the start, are copied from `before`.

    Yields the new cells after each pass.
    """
    for step in steps(work, budget):
        held.keep(step.kept)
        copied = [cell for cell in step.cells if cell in known]
        cells = [cell for cell in step.cells if cell not in known]
        if copied:
            _copy(before, [work.positions[cell] for cell in copied], held.cache)
            held.cells += copied
        if cells:
            forward([work.tokens[cell] for cell in cells], (), held.cache, **held.inputs(cells, chain=step.chain))
            held.cells += cells
        yield set(step.cells)


def _copy(path: Path, places: Sequence[int], cache: Any) -> None:
    """Append the states of `path` at `places` to `cache`."""
    for layer, (keys, values) in path.states.items():
        index = torch.tensor(places, device=keys.device)
        cache.update(keys.index_select(2, index), values.index_select(2, index.to(values.device)), layer)


def _columns(work: Forest, ends: Sequence[int], held: Sequence[int], width: int) -> torch.Tensor:
    """The positions of the path to each of `ends` in a cache of the cells `held`: (ends, width), padded on the left arbitrarily."""
    places = {cell: i for i, cell in enumerate(held)}
    paths = {end: [places[cell] for cell in work.path(end)] for end in set(ends)}
    return torch.tensor([[0] * (width - len(paths[end])) + paths[end] for end in ends])


def _gather(tree: Any, columns: torch.Tensor, rows: Sequence[int], size: int, found: States) -> None:
    """Put the states at `columns` of `tree` (rows, width) into `rows` of `found`, whose tensors have `size` rows."""
    for number, layer in enumerate(tree.layers):
        if not layer.is_initialized:  # a layer that uses the keys and values of another one
            continue
        states = (layer.keys, layer.values)
        if number not in found:
            keys, values = (held.new_zeros(size, held.shape[1], columns.shape[1], held.shape[3]) for held in states)
            found[number] = (keys, values)
        for held, target in zip(states, found[number], strict=True):
            picked = held[0].index_select(1, columns.flatten().to(held.device))
            target[list(rows)] = picked.unflatten(1, columns.shape).transpose(0, 1)
