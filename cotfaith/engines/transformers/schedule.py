"""The passes in which a forest is computed: each cell once, with a cache that grows and is cut back only at its end.

The deepest path is computed first, causally, and stays in the cache. Small subtrees that branch off from it are computed together
in a masked pass after that cache. Larger subtrees are treated like the path itself, the lowest first, after the cache is cut back
to the point where they branch off. So a question's samples share their prompt, a task's questions their examples, and a trace's
cuts its reasoning, across all requests; and no pass exceeds its budget, even for a long trace.
"""

from __future__ import annotations

import sys
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from cotfaith.engines.shared.prefix_tree import Forest


@dataclass(frozen=True, slots=True)
class Budget:
    """The largest number of tokens in one pass.

    Attributes:
        prefill: tokens of a path, each of which attends to all before it.
        score: tokens of a masked pass.
        pack: tokens of a subtree that may share a masked pass with others, at most `score`; a larger one is computed by itself. A
            large pass uses a device fully, but its mask grows with the square of its size.
    """

    prefill: int
    score: int
    pack: int = sys.maxsize

    def half(self) -> Budget:
        """Half of each, at least one token."""
        return Budget(max(1, self.prefill // 2), max(1, self.score // 2), max(1, self.pack // 2))


@dataclass(frozen=True, slots=True)
class Step:
    """One pass: `cells` after the first `kept` cells of the cache. A chain, in which each cell follows the last, needs no mask."""

    kept: int
    cells: Sequence[int]
    chain: bool


def steps(forest: Forest, budget: Budget) -> Iterator[Step]:
    """The passes that compute each cell of `forest` once, after its ancestors."""
    pack = min(budget.pack, budget.score)
    total = len(forest.tokens)
    if 0 < total <= pack:
        yield Step(0, range(total), chain=False)
        return
    waiting = [-1]
    while waiting:
        root = waiting.pop()
        path, small, large = _descend(forest, root, pack)
        kept = forest.positions[root] if root >= 0 else 0
        for start in range(0, len(path), budget.prefill):
            yield Step(kept + start, path[start : start + budget.prefill], chain=True)
        for cells in _packs(forest, small, budget.score):
            yield Step(kept + len(path), cells, chain=False)
        waiting += large  # from the top down, so that the lowest is next and the path to it is still in the cache


def _descend(forest: Forest, root: int, most: int) -> tuple[list[int], list[int], list[int]]:
    """The deepest path from `root`, and the roots of the subtrees beside it: those of at most `most` cells, and larger ones."""
    path = [root] if root >= 0 else []
    small: list[int] = []
    large: list[int] = []
    children = forest.children(root)
    while children:
        *beside, deepest = children
        for child in beside:
            (small if forest.stops[child] - child <= most else large).append(child)
        path.append(deepest)
        children = forest.children(deepest)
    return path, small, large


def _packs(forest: Forest, roots: Sequence[int], budget: int) -> Iterator[list[int]]:
    """The cells of the subtrees of `roots`, whole subtrees at a time, up to `budget` cells together."""
    cells: list[int] = []
    for root in roots:
        below = range(root, forest.stops[root])
        if cells and len(cells) + len(below) > budget:
            yield cells
            cells = []
        cells += below
    if cells:
        yield cells
