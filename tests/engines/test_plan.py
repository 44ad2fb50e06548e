"""The plan of a prefix tree: every distinct token once, readable from where it was asked."""

from hypothesis import given
from hypothesis import strategies as st

from cotfaith.engines.plan import passes, plan
from cotfaith.types import Branch, PrefixTree

IDS = st.lists(st.integers(0, 2), max_size=6).map(tuple)


@st.composite
def trees(draw):
    trunk = draw(IDS)
    branches = []
    for _ in range(draw(st.integers(0, 5))):
        offset = draw(st.integers(0, len(trunk)))
        suffix = draw(IDS.filter(bool)) if offset == 0 else draw(IDS)
        branches.append(Branch(offset, suffix, tuple(draw(st.lists(IDS.filter(bool), max_size=3)))))
    return PrefixTree(trunk, tuple(branches))


def prefixes(tree):
    """Every distinct sequence whose last token a perfect engine computes."""
    found = set()
    for branch in tree.branches:
        for candidate in branch.candidates:
            whole = tree.trunk[: branch.offset] + branch.suffix + candidate[:-1]
            found |= {whole[:i] for i in range(1, len(whole) + 1)}
    return found


def sequence(made, cell):
    tokens = made.trunk + made.tokens
    return tuple(tokens[i] for i in made.path(cell))


@given(trees())
def test_every_distinct_prefix_is_one_cell(tree):
    made = plan(tree)
    assert {sequence(made, cell) for cell in range(made.cells)} == prefixes(tree)
    assert made.cells == len(prefixes(tree)) == sum(made.added)


@given(trees())
def test_reads_are_where_they_were_asked(tree):
    made = plan(tree)
    asked = [
        (tree.trunk[: branch.offset] + branch.suffix + candidate[:i], candidate[i], b, c)
        for b, branch in enumerate(tree.branches)
        for c, candidate in enumerate(branch.candidates)
        for i in range(len(candidate))
    ]
    assert [(sequence(made, r.cell), r.token, r.branch, r.candidate) for r in made.reads] == asked


@given(trees())
def test_nodes_know_their_ancestors_position_and_trunk(tree):
    made = plan(tree)
    length = len(made.trunk)
    for node in range(len(made.tokens)):
        path = made.path(length + node)
        assert made.positions[node] == len(path) - 1
        assert made.anchors[node] == sum(cell < length for cell in path)
        ancestors = {cell - length for cell in path if cell >= length}
        assert {j for j in range(len(made.tokens)) if j <= node < made.stops[j]} == ancestors


@given(trees(), st.integers(1, 5))
def test_passes_cover_each_node_once_and_hold_its_ancestors(tree, budget):
    made = plan(tree)
    cut = passes(made, budget)
    assert [i for part in cut for i in range(part.start, part.stop)] == list(range(len(made.tokens)))
    for part in cut:
        assert 0 < part.stop - part.start <= budget
        for node in range(part.start, part.stop):
            inside = [cell - len(made.trunk) for cell in made.path(len(made.trunk) + node) if cell >= len(made.trunk)]
            assert part.base <= inside[0]


def test_branches_that_share_a_beginning_share_its_cost():
    tree = PrefixTree((1, 2, 3), (Branch(2, (7, 8), ((1,),)), Branch(2, (7, 9), ((1,),)), Branch(1, (2, 3), ((4, 5), (4, 6)))))
    made = plan(tree)
    # The third branch walks along the trunk to its end, and its two candidates share their first token.
    assert made.added == (3 + 2, 1, 1)


def test_the_trunk_is_computed_only_as_far_as_a_branch_needs_it():
    assert plan(PrefixTree(tuple(range(100)), (Branch(10, (500,), ((1,),)),))).cells == 11
    assert plan(PrefixTree((1, 2, 3), ())).cells == 0
    assert plan(PrefixTree((1, 2, 3), (Branch(2, (5,), ()),))).cells == 0
