"""The work of scoring prefix trees: each distinct token is computed once.

The branches of all trees become one trie. Its nodes are *cells*: a token after all tokens before it. All reads of a cell are known
before anything is computed, so the trees of one call share trunks, branches and candidates. This module does not depend on a model
or on the order in which cells are computed.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from cotfaith.types import Branch, PrefixTree


@dataclass(frozen=True, slots=True)
class Read:
    """The log-probability of `token` after `cell` counts towards candidate `candidate` of branch `branch`."""

    cell: int
    token: int
    branch: int
    candidate: int


@dataclass(frozen=True, slots=True)
class Forest:
    """The work of several trees. Branches are numbered across all trees.

    Cells are in preorder, with the deepest subtree of each cell last: cell j is an ancestor of cell i (or i itself) exactly when
    `j <= i < stops[j]`, and the last child of each cell leads along the longest sequence.

    Attributes:
        tokens: the token of each cell.
        parents: the cell before each cell; -1 at the very start.
        positions: the position of each cell in its own sequence.
        stops: one past the last cell of each cell's subtree.
        reads: what to read.
        added: how many cells each branch is the first to need.
    """

    tokens: tuple[int, ...]
    parents: tuple[int, ...]
    positions: tuple[int, ...]
    stops: tuple[int, ...]
    reads: tuple[Read, ...]
    added: tuple[int, ...]

    def children(self, cell: int) -> list[int]:
        """The cells that follow `cell`, the deepest subtree last; for -1, those at the very start."""
        found, child = [], cell + 1
        end = len(self.tokens) if cell < 0 else self.stops[cell]
        while child < end:
            found.append(child)
            child = self.stops[child]
        return found

    def path(self, cell: int) -> list[int]:
        """The cells from the very start to `cell`."""
        path = []
        while cell >= 0:
            path.append(cell)
            cell = self.parents[cell]
        return path[::-1]

    def reads_at(self) -> Mapping[int, list[int]]:
        """For each cell that is read, the indices of its reads."""
        found: defaultdict[int, list[int]] = defaultdict(list)
        for i, read in enumerate(self.reads):
            found[read.cell].append(i)
        return found


class _Trie:
    """A trie under construction. Cells are numbered in order of creation, and -1 is the parent of the first ones."""

    def __init__(self) -> None:
        self.tokens: list[int] = []
        self.parents: list[int] = []
        self._edges: dict[tuple[int, int], int] = {}

    def step(self, cell: int, token: int) -> int:
        """The cell of `token` after `cell`, created if it is new."""
        found = self._edges.get((cell, token))
        if found is None:
            found = self._edges[cell, token] = len(self.tokens)
            self.tokens.append(token)
            self.parents.append(cell)
        return found

    def add(self, branch: Branch, trunk: Sequence[int], known: list[int]) -> Iterator[tuple[int, int, int]]:
        """Add `branch`; return (cell, token, candidate) for each read. `known` are the cells along the trunk so far, -1 first."""
        if not branch.candidates:
            return
        for token in trunk[len(known) - 1 : branch.offset]:
            known.append(self.step(known[-1], token))
        cell = known[branch.offset]
        for token in branch.suffix:
            cell = self.step(cell, token)
        for number, candidate in enumerate(branch.candidates):
            at = cell
            for i, token in enumerate(candidate):
                yield at, token, number
                if i + 1 < len(candidate):
                    at = self.step(at, token)

    def preorder(self) -> tuple[list[int], list[int]]:
        """The cells in preorder, the deepest subtree of each last, and the size of each cell's subtree."""
        heights, sizes = [1 for _ in self.tokens], [1 for _ in self.tokens]
        children: defaultdict[int, list[int]] = defaultdict(list)
        for cell in range(len(self.tokens) - 1, -1, -1):  # a child is created after its parent
            parent = self.parents[cell]
            children[parent].append(cell)
            if parent >= 0:
                heights[parent] = max(heights[parent], heights[cell] + 1)
                sizes[parent] += sizes[cell]
        order: list[int] = []
        todo = sorted(children[-1], key=heights.__getitem__, reverse=True)
        while todo:
            cell = todo.pop()
            order.append(cell)
            todo += sorted(children[cell], key=heights.__getitem__, reverse=True)
        return order, sizes


def forest(trees: Sequence[PrefixTree]) -> Forest:
    """The work of all `trees` together; their offsets lie inside their trunks."""
    trie = _Trie()
    raw: list[tuple[int, int, int, int]] = []
    added: list[int] = []
    for tree in trees:
        known = [-1]
        for branch in tree.branches:
            before = len(trie.tokens)
            raw.extend((cell, token, len(added), candidate) for cell, token, candidate in trie.add(branch, tree.trunk, known))
            added.append(len(trie.tokens) - before)
    order, sizes = trie.preorder()
    place = {-1: -1} | {cell: i for i, cell in enumerate(order)}
    parents = [place[trie.parents[cell]] for cell in order]
    positions: list[int] = []
    for parent in parents:
        positions.append(positions[parent] + 1 if parent >= 0 else 0)
    return Forest(
        tokens=tuple(trie.tokens[cell] for cell in order),
        parents=tuple(parents),
        positions=tuple(positions),
        stops=tuple(i + sizes[cell] for i, cell in enumerate(order)),
        reads=tuple(Read(place[cell], token, branch, candidate) for cell, token, branch, candidate in raw),
        added=tuple(added),
    )
