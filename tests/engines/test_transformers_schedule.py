"""The passes over a forest: each cell once, after its ancestors, none larger than its budget, and few."""

import itertools

import pytest
import torch
from engines import tiny
from hypothesis import given
from hypothesis import strategies as st

from cotfaith.engines.shared.prefix_tree import forest
from cotfaith.engines.transformers.masks import step_masks
from cotfaith.engines.transformers.schedule import Budget, steps
from cotfaith.types import Branch, PrefixTree

pytestmark = pytest.mark.integration

FEW = st.lists(st.integers(0, 2), min_size=1, max_size=7).map(tuple)
SIZE = st.integers(1, 6)


@st.composite
def forests(draw):
    trees = []
    for _ in range(draw(st.integers(0, 4))):
        trunk = draw(FEW)
        branch = st.builds(Branch, st.integers(0, len(trunk)), FEW, st.lists(FEW, max_size=2).map(tuple))
        trees.append(PrefixTree(trunk, tuple(draw(st.lists(branch, max_size=3)))))
    return forest(trees)


def held_before(made):
    """Each step with what the cache holds when it is computed."""
    held = []
    for step in made:
        assert step.kept <= len(held)
        held = held[: step.kept]
        yield step, tuple(held)
        held += step.cells


@given(forests(), st.builds(Budget, SIZE, SIZE, SIZE))
def test_each_cell_is_computed_once_and_after_its_ancestors(work, budget):
    made = list(steps(work, budget))
    assert sorted(cell for step in made for cell in step.cells) == list(range(len(work.tokens)))
    for step, held in held_before(made):
        for place, cell in enumerate(step.cells):
            assert set(work.path(cell)) <= {*held, *step.cells[: place + 1]}


@given(forests(), st.builds(Budget, SIZE, SIZE, SIZE))
def test_passes_keep_their_budget_and_chains_need_no_mask(work, budget):
    for step, held in held_before(steps(work, budget)):
        assert 0 < len(step.cells) <= (budget.prefill if step.chain else budget.score)
        if step.chain:
            assert [*held, *step.cells] == work.path(step.cells[-1])
        else:
            assert list(held) == work.path(held[-1]) if held else True


@given(forests(), st.builds(Budget, SIZE, SIZE, SIZE))
def test_a_mask_shows_each_cell_its_ancestors_and_nothing_else(work, budget):
    for step, held in held_before(steps(work, budget)):
        mask = step_masks(work, held, step.cells, tiny.model())[0, 0]
        for row, cell in zip(mask, step.cells, strict=True):
            assert [one for one, sees in zip((*held, *step.cells), row.tolist(), strict=True) if sees] == sorted(work.path(cell))


def question(samples, prompt, reasoning, cuts, cue):
    """The trees of a question: samples that share a prompt and nothing else."""
    fresh = itertools.count(1000)
    start = tuple(range(prompt))
    for _ in range(samples):
        trunk = start + tuple(next(fresh) for _ in range(reasoning))
        branches = (Branch(prompt + reasoning * i // cuts, tuple(range(500, 500 + cue)), ((1,), (2,))) for i in range(1, cuts + 1))
        yield PrefixTree(trunk, tuple(branches))


def test_short_traces_go_side_by_side_where_a_pass_may_be_large():
    work = forest(list(question(16, 200, 100, 5, 15)))
    made = list(steps(work, Budget(2048, 2048, 2048)))
    assert [(step.kept, len(step.cells), step.chain) for step in made] == [
        (0, 315, True),
        (315, 11 * 175, False),
        (315, 4 * 175 + 60, False),
    ]


def test_a_trace_by_itself_takes_two_passes_where_packs_are_small():
    work = forest(list(question(8, 200, 100, 5, 15)))
    made = [(step.kept, len(step.cells), step.chain) for step in steps(work, Budget(512, 512, 64))]
    first, rest = made[:2], made[2:]
    assert first == [(0, 315, True), (315, 60, False)]
    assert rest == [(200, 115, True), (315, 60, False)] * 7


def test_little_work_is_one_pass_and_none_is_none():
    work = forest(list(question(2, 10, 10, 2, 3)))
    (step,) = steps(work, Budget(4, 64, 64))
    assert (step.kept, list(step.cells), step.chain) == (0, list(range(len(work.tokens))), False)
    assert list(steps(forest([]), Budget(1, 1, 1))) == []


def test_a_wide_fork_is_cut_into_passes():
    work = forest([PrefixTree((7,), (Branch(1, (), tuple((i, 1) for i in range(100))),))])
    made = list(steps(work, Budget(8, 8, 8)))
    assert [len(step.cells) for step in made] == [2, *[8] * 12, 3]
    assert {step.kept for step in made[1:]} == {2}


def test_halving_ends_at_one_token():
    budget = Budget(5, 2, 3)
    assert budget.half() == Budget(2, 1, 1)
    assert budget.half().half().half() == Budget(1, 1, 1)


def test_windows_are_in_the_masks():
    work = forest([PrefixTree(tuple(range(30)), (Branch(30, (40,), ((1,),)),))])
    held = list(range(30))
    mask = step_masks(work, held, [30], tiny.model("mistral"))
    assert mask.dtype == torch.bool
    assert mask[0, 0, 0].nonzero().flatten().tolist() == list(range(30 - tiny.WINDOW + 1, 31))
    chunked = step_masks(work, held, [30], tiny.model("llama4_text"))["chunked_attention"]
    assert chunked[0, 0, 0].nonzero().flatten().tolist() == list(range(22, 31))
