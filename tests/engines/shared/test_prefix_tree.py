"""The work of prefix trees: every distinct token once, readable from where it was asked."""

from hypothesis import given
from hypothesis import strategies as st

from cotfaith.engines.shared.prefix_tree import forest
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


def test_branches_that_share_a_beginning_share_its_cost():
    tree = PrefixTree((1, 2, 3), (Branch(2, (7, 8), ((1,),)), Branch(2, (7, 9), ((1,),)), Branch(1, (2, 3), ((4, 5), (4, 6)))))
    made = forest([tree])
    # The third branch walks along the trunk to its end, as the first that needs it; its two candidates share their first token.
    assert made.added == (2 + 2, 1, 1 + 1)


def test_the_trunk_is_computed_only_as_far_as_a_branch_needs_it():
    assert len(forest([PrefixTree(tuple(range(100)), (Branch(10, (500,), ((1,),)),))]).tokens) == 11
    assert not forest([PrefixTree((1, 2, 3), ())]).tokens
    assert not forest([PrefixTree((1, 2, 3), (Branch(2, (5,), ()),))]).tokens


@given(st.lists(trees(), max_size=4))
def test_trees_together_are_the_distinct_prefixes_of_them_all(several):
    made = forest(several)
    sequences = [tuple(made.tokens[i] for i in made.path(cell)) for cell in range(len(made.tokens))]
    assert set(sequences) == set().union(*map(prefixes, several))
    assert len(set(sequences)) == len(sequences) == sum(made.added)
    branches = [(tree, branch) for tree in several for branch in tree.branches]
    asked = [
        (tree.trunk[: branch.offset] + branch.suffix + candidate[:i], candidate[i], number, c)
        for number, (tree, branch) in enumerate(branches)
        for c, candidate in enumerate(branch.candidates)
        for i in range(len(candidate))
    ]
    assert [(sequences[r.cell] if r.cell >= 0 else (), r.token, r.branch, r.candidate) for r in made.reads] == asked


@given(st.lists(trees(), max_size=4))
def test_cells_know_their_ancestors_and_the_deepest_child_is_last(several):
    made = forest(several)
    cells = range(len(made.tokens))
    depths = [max(made.positions[i] for i in range(cell, made.stops[cell])) for cell in cells]
    for cell in cells:
        path = made.path(cell)
        assert made.positions[cell] == len(path) - 1
        assert [j for j in cells if j <= cell < made.stops[j]] == path
        children = made.children(cell)
        assert children == [child for child in cells if made.parents[child] == cell]
        assert not children or depths[children[-1]] == max(depths[child] for child in children)
    assert made.children(-1) == [cell for cell in cells if made.parents[cell] == -1]
