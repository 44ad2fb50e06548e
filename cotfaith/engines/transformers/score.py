"""Ways to compute a forest on a model: packed (masked passes), copied (the state is copied at forks), plain (no state), separate.

All return the log-probability of every read of the forest. Packed and copied compute each distinct token once. Plain computes each
branch from its start. Separate ends a pass at every read, so that nothing later can enter it, and is the reference for the others.
"""

from __future__ import annotations

import copy
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

from cotfaith.engines.shared.prefix_tree import Forest
from cotfaith.engines.transformers.forward import Forward, log_probabilities
from cotfaith.engines.transformers.path_cache import PathCache
from cotfaith.engines.transformers.schedule import Budget, steps

__all__ = ["Budget", "Scored", "Scorer", "copied", "packed", "plain", "separate"]


@dataclass(frozen=True, slots=True)
class Scored:
    """The log-probability of each read of a forest, and the tokens that each branch cost."""

    values: tuple[float, ...]
    computed: tuple[int, ...]


Scorer = Callable[[Forward, Forest, Budget], Scored]


class _Reader:
    """Computes cells of a forest on a model and keeps the log-probabilities that are read after them."""

    def __init__(self, forward: Forward, forest: Forest) -> None:
        self._forward = forward
        self._tokens = forest.tokens
        self._reads = forest.reads
        self._at = forest.reads_at()
        self._values: dict[int, float] = {}

    def run(self, cells: Sequence[int], state: Any = None, **extra: Any) -> Any:
        """Compute `cells` from `state`, and return the state after them."""
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


def packed(forward: Forward, forest: Forest, budget: Budget) -> Scored:
    """The scorer that keeps one path in a cache, and computes its side branches together in masked passes."""
    reader = _Reader(forward, forest)
    held = PathCache(forward, forest)
    for step in steps(forest, budget):
        held.keep(step.kept)
        reader.run(step.cells, held.cache, **held.inputs(step.cells, chain=step.chain))
        held.cells += step.cells
    return Scored(reader.values(), forest.added)


def copied(*, step: int | None) -> Scorer:
    """The scorer that walks the trie depth first and copies the model's state at every fork.

    Args:
        step: tokens of a pass that continues a state; None for as many as the budget allows. Some state-space models are only
            correct with one token at a time.
    """

    def score(forward: Forward, forest: Forest, budget: Budget) -> Scored:
        reader = _Reader(forward, forest)
        # A state that other children still need is copied before its use; the deepest child comes last and uses the original.
        waiting: list[tuple[int, Any, bool]] = [(root, None, False) for root in reversed(forest.children(-1))]
        while waiting:
            cell, state, shared = waiting.pop()
            chain = [cell]
            while len(children := forest.children(chain[-1])) == 1:
                chain += children
            size = step or budget.prefill
            if step is not None and state is None:
                size = len(chain)
            state = copy.deepcopy(state) if shared else state
            for start in range(0, len(chain), size):
                state = reader.run(chain[start : start + size], state)
            waiting += [(child, state, i > 0) for i, child in enumerate(reversed(children))]
        return Scored(reader.values(), forest.added)

    return score


def plain(forward: Forward, forest: Forest, budget: Budget) -> Scored:
    """The scorer that computes every sequence from its start, without any state; it does not use `budget`."""
    del budget
    reader = _Reader(forward, forest)
    owner = {read.cell: read.branch for read in reversed(forest.reads)}
    computed = [0 for _ in forest.added]
    for leaf in (cell for cell, stop in enumerate(forest.stops) if stop == cell + 1):
        path = forest.path(leaf)
        reader.run(path, use_cache=False)
        computed[owner[leaf]] += len(path)
    return Scored(reader.values(), tuple(computed))


def separate(forward: Forward, forest: Forest, budget: Budget) -> Scored:
    """The scorer that computes every read by a pass that ends there, without any state; it does not use `budget`."""
    del budget
    reader = _Reader(forward, forest)
    computed = [0 for _ in forest.added]
    at = forest.reads_at()
    # From the longest to the shortest: what a pass reads on its way is replaced by the pass that ends there.
    for cell in sorted(at, key=lambda cell: -forest.positions[cell]):
        path = forest.path(cell)
        reader.run(path, use_cache=False)
        computed[min(forest.reads[i].branch for i in at[cell])] += len(path)
    return Scored(reader.values(), tuple(computed))
