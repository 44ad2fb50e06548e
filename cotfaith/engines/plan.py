"""What must be computed to read a prefix tree: each distinct token once, in an order that one masked pass can take.

The branches become a trie. A branch that first repeats the trunk walks along it; then each new token is a node, whose parent is
a trunk token or another node. Nodes are numbered in preorder, so that node j is an ancestor of node i (or i itself) exactly when
`j <= i < stops[j]`. A *cell* is a place after which log-probabilities can be read: trunk token c is cell c, node i is cell
`len(trunk) + i`. Nothing here knows a model.
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
class Plan:
    """The work that a tree asks for.

    Attributes:
        trunk: the trunk's tokens, as far as a branch needs them.
        tokens: the token of each node, in preorder.
        parents: the cell of each node's parent; -1 for a node at the very start.
        anchors: how many trunk tokens each node sees.
        positions: the position of each node in its own sequence.
        stops: one past the last node of each node's subtree.
        reads: what to read.
        added: how many cells each branch is the first to need; the trunk is the first branch's.
    """

    trunk: tuple[int, ...]
    tokens: tuple[int, ...]
    parents: tuple[int, ...]
    anchors: tuple[int, ...]
    positions: tuple[int, ...]
    stops: tuple[int, ...]
    reads: tuple[Read, ...]
    added: tuple[int, ...]

    @property
    def cells(self) -> int:
        """How many distinct tokens must be computed."""
        return len(self.trunk) + len(self.tokens)

    def path(self, cell: int) -> list[int]:
        """The cells from the very start to `cell`."""
        path = []
        while cell >= 0:
            path.append(cell)
            cell = self.parents[cell - len(self.trunk)] if cell >= len(self.trunk) else cell - 1
        return path[::-1]

    def reads_at(self) -> Mapping[int, list[int]]:
        """For each cell that is read, the indices of its reads."""
        found: defaultdict[int, list[int]] = defaultdict(list)
        for i, read in enumerate(self.reads):
            found[read.cell].append(i)
        return found


@dataclass(frozen=True, slots=True)
class Pass:
    """Nodes `start` to `stop`, computed at once while the cache holds the trunk and nodes `base` to `start`."""

    base: int
    start: int
    stop: int


class _Trie:
    """A trie under construction. States: 0 to len(trunk) after that many trunk tokens, then one for each node."""

    def __init__(self, trunk: Sequence[int]) -> None:
        self.trunk = trunk
        self.edges: dict[tuple[int, int], int] = {}
        self.nodes: list[tuple[int, int]] = []  # state of the parent, token
        self.needed = 0

    def step(self, state: int, token: int) -> int:
        """The state after `token`, made if it is new."""
        if state < len(self.trunk) and self.trunk[state] == token:
            self.needed = max(self.needed, state + 1)
            return state + 1
        if (state, token) not in self.edges:
            self.nodes.append((state, token))
            self.edges[state, token] = len(self.trunk) + len(self.nodes)
        return self.edges[state, token]

    def add(self, branch: Branch) -> Iterator[tuple[int, int, int]]:
        """Add `branch`; gives (state, token, candidate) for each read."""
        if not branch.candidates:
            return
        state = branch.offset
        self.needed = max(self.needed, state)
        for token in branch.suffix:
            state = self.step(state, token)
        for number, candidate in enumerate(branch.candidates):
            at = state
            for i, token in enumerate(candidate):
                yield at, token, number
                if i + 1 < len(candidate):
                    at = self.step(at, token)

    def preorder(self) -> tuple[list[int], list[int]]:
        """The nodes' creation numbers in preorder, roots by where they leave the trunk; and the end of each one's subtree."""
        children: defaultdict[int, list[int]] = defaultdict(list)
        for number, (parent, _) in enumerate(self.nodes):
            children[parent].append(number)
        order: list[int] = []
        ends: dict[int, int] = {}
        roots = (number for state in range(len(self.trunk) + 1) for number in children[state])
        for root in roots:
            todo = [(root, False)]
            while todo:
                number, left = todo.pop()
                if left:
                    ends[number] = len(order)
                    continue
                order.append(number)
                todo.append((number, True))
                todo.extend((child, False) for child in reversed(children[len(self.trunk) + 1 + number]))
        return order, [ends[number] for number in order]


def plan(tree: PrefixTree) -> Plan:
    """The plan of `tree`, whose offsets lie inside its trunk."""
    trie = _Trie(tree.trunk)
    raw: list[tuple[int, int, int, int]] = []
    added: list[int] = []
    for number, branch in enumerate(tree.branches):
        before = len(trie.nodes)
        raw.extend((state, token, number, candidate) for state, token, candidate in trie.add(branch))
        added.append(len(trie.nodes) - before)
    if added:
        added[0] += trie.needed
    order, stops = trie.preorder()
    size, length = len(tree.trunk), trie.needed
    place = {number: i for i, number in enumerate(order)}

    def cell(state: int) -> int:
        return state - 1 if state <= size else length + place[state - size - 1]

    parents = [cell(trie.nodes[number][0]) for number in order]
    anchors: list[int] = []
    positions: list[int] = []
    for parent in parents:
        in_trunk = parent < length
        anchors.append(parent + 1 if in_trunk else anchors[parent - length])
        positions.append(parent + 1 if in_trunk else positions[parent - length] + 1)
    return Plan(
        trunk=tuple(tree.trunk[:length]),
        tokens=tuple(trie.nodes[number][1] for number in order),
        parents=tuple(parents),
        anchors=tuple(anchors),
        positions=tuple(positions),
        stops=tuple(stops),
        reads=tuple(Read(cell(state), token, branch, candidate) for state, token, branch, candidate in raw),
        added=tuple(added),
    )


def passes(plan: Plan, budget: int) -> list[Pass]:
    """The nodes of `plan` cut into passes of at most `budget` tokens, none computed twice.

    A pass may begin anew from the trunk only between two subtrees that hang from it; inside a larger subtree the cache is kept.
    """
    found: list[Pass] = []
    base = start = root = 0
    total = len(plan.tokens)
    while root < total:
        end = plan.stops[root]
        if end - start > budget and root > start:
            found.append(Pass(base, start, root))
            base = start = root
        while end - start > budget:
            found.append(Pass(base, start, start + budget))
            start += budget
        root = end
    if start < total:
        found.append(Pass(base, start, total))
    return found
