"""Three ways to compute a plan on a model: packed (one masked pass), copied (the state is copied at forks), plain (no state).

All give the log-probability of every read of the plan. Packed and copied compute each distinct token once; plain does not, and is
what the other two are checked against.
"""

from __future__ import annotations

import copy
from collections import defaultdict
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import torch
from transformers import DynamicCache

from cotfaith.engines.plan import Plan, passes
from cotfaith.engines.transformers.forward import Forward, log_probabilities
from cotfaith.engines.transformers.masks import attention_masks


@dataclass(frozen=True, slots=True)
class Budget:
    """How many tokens one pass may hold: of the trunk, and of the branches."""

    prefill: int
    score: int

    def half(self) -> Budget:
        """Half of both, at least one token."""
        return Budget(max(1, self.prefill // 2), max(1, self.score // 2))


@dataclass(frozen=True, slots=True)
class Scored:
    """The log-probability of each read of a plan, and the tokens that each branch cost."""

    values: tuple[float, ...]
    computed: tuple[int, ...]


Scorer = Callable[[Forward, Plan, Budget], Scored]


class _Reader:
    """Computes cells of a plan on a model and keeps the log-probabilities that are read after them."""

    def __init__(self, forward: Forward, plan: Plan) -> None:
        self._forward = forward
        self._reads = plan.reads
        self._at = plan.reads_at()
        self._tokens = plan.trunk + plan.tokens
        self._values: dict[int, float] = {}

    def run(self, cells: Sequence[int], state: Any = None, **extra: Any) -> Any:
        """Compute `cells` on from `state`; gives the state after them."""
        places = [place for place, cell in enumerate(cells) if cell in self._at]
        logits, state = self._forward([self._tokens[cell] for cell in cells], places, state, **extra)
        groups = [self._at[cells[place]] for place in places]
        found = log_probabilities(logits, [[self._reads[i].token for i in group] for group in groups])
        for group, values in zip(groups, found, strict=True):
            self._values.update(zip(group, values, strict=True))
        return state

    def values(self) -> tuple[float, ...]:
        """The log-probability of each read."""
        return tuple(self._values[i] for i in range(len(self._reads)))


def packed(forward: Forward, plan: Plan, budget: Budget) -> Scored:
    """The scorer that computes all branches of a tree in one masked pass over the trunk's cache, or in a few if they are many."""
    reader = _Reader(forward, plan)
    # Without a config the cache drops nothing: what lies outside a window at the trunk's end is inside it for an early branch.
    cache = DynamicCache()
    length, held = len(plan.trunk), 0
    for start in range(0, length, budget.prefill):
        reader.run(range(start, min(start + budget.prefill, length)), cache)
    for part in passes(plan, budget.score):
        if part.start == part.base and held:
            cache.crop(-held)
        held = part.stop - part.base
        positions = torch.tensor([plan.positions[part.start : part.stop]], device=forward.device)
        cells = range(length + part.start, length + part.stop)
        reader.run(cells, cache, attention_mask=attention_masks(plan, part, forward.model), position_ids=positions)
    return Scored(reader.values(), plan.added)


def copied(*, step: int | None) -> Scorer:
    """The scorer that goes down the tree depth first and copies the model's state wherever it forks.

    Args:
        step: tokens of a pass that continues a state; None for as many as the budget allows. Some state-space models continue
            rightly by one token only.
    """

    def score(forward: Forward, plan: Plan, budget: Budget) -> Scored:
        reader = _Reader(forward, plan)
        children = _children(plan)
        # A state that others still need is copied before it is used; the last child, at the bottom of the stack, has it for itself.
        waiting: list[tuple[int, Any, bool]] = [(root, None, False) for root in children[-1]]
        while waiting:
            cell, state, shared = waiting.pop()
            chain = [cell]
            while len(children[chain[-1]]) == 1:
                chain += children[chain[-1]]
            size = step or budget.prefill
            if step is not None and state is None:
                size = len(chain)
            state = copy.deepcopy(state) if shared else state
            for start in range(0, len(chain), size):
                state = reader.run(chain[start : start + size], state)
            waiting += [(child, state, i > 0) for i, child in enumerate(reversed(children[chain[-1]]))]
        return Scored(reader.values(), plan.added)

    return score


def _children(plan: Plan) -> Mapping[int, list[int]]:
    """The cells that follow each cell, the trunk's own next one last; those without a parent under -1."""
    children: defaultdict[int, list[int]] = defaultdict(list)
    for node, parent in enumerate(plan.parents):
        children[parent].append(len(plan.trunk) + node)
    for cell in range(len(plan.trunk)):
        children[cell - 1].append(cell)
    return children


def plain(forward: Forward, plan: Plan, budget: Budget) -> Scored:
    """The scorer that runs every sequence from its beginning, without any state; only the masks and caches of others need `budget`."""
    del budget
    reader = _Reader(forward, plan)
    children = _children(plan)
    owner = {read.cell: read.branch for read in reversed(plan.reads)}
    computed = [0 for _ in plan.added]
    for leaf in (cell for cell in range(plan.cells) if not children[cell]):
        path = plan.path(leaf)
        reader.run(path, use_cache=False)
        computed[owner[leaf]] += len(path)
    return Scored(reader.values(), tuple(computed))
