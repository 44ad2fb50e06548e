"""Attention in blocks of rows: as the whole mask has it, over fewer columns, and only where it applies."""

import pytest
import torch
from engines import tiny
from engines.naive import CANDIDATES, a_tree, ids, naive
from hypothesis import given
from hypothesis import strategies as st
from transformers.modeling_utils import ALL_ATTENTION_FUNCTIONS

from cotfaith.engines.shared.prefix_tree import forest
from cotfaith.engines.transformers import blocks, masks
from cotfaith.engines.transformers.schedule import Budget, steps
from cotfaith.types import Branch, PrefixTree

pytestmark = pytest.mark.integration

KINDS = ["llama", "qwen2", "mistral", "llama4_text", "gpt2", "gemma3_text"]  # one key head, several, windows, chunks


def question(trunk, cuts, cue):
    """A trace with evenly spaced cuts."""
    return PrefixTree(
        tuple(range(trunk)),
        tuple(Branch(trunk * i // cuts, tuple(range(500, 500 + cue)), ((1,), (2,))) for i in range(1, cuts + 1)),
    )


def passes(work, budget):
    """Each step with what the cache holds before it."""
    held = []
    for step in steps(work, budget):
        held = held[: step.kept]
        yield step, tuple(held)
        held += step.cells


# --- The rows of a block ----------------------------------------------------------------------------------------------------


@given(st.integers(1, 90), st.integers(1, 9), st.integers(0, 50), st.integers(1, 300))
def test_blocks_cover_the_rows_in_order_and_are_small(trunk, cuts, cue, budget):
    work = forest([question(trunk, min(cuts, trunk), cue), question(trunk // 2 + 1, 1, 3)])
    for step, _ in passes(work, Budget(budget, budget)):
        ends = blocks.stops(work, step.cells)
        sizes = [stop - first for first, stop in zip([0, *ends], ends, strict=False)]
        assert sum(sizes) == len(step.cells)
        assert all(0 < size <= blocks.MOST for size in sizes)


def test_a_cue_is_a_block_and_a_path_is_cut():
    work = forest([question(200, 4, 40)])
    (path, branches) = list(steps(work, Budget(512, 512, 100)))
    assert blocks.stops(work, path.cells) == [*range(blocks.MOST, 240, blocks.MOST), 240]
    assert blocks.stops(work, branches.cells) == [40, 80, 120]
    few = forest([question(200, 4, 10)])
    assert blocks.stops(few, list(steps(few, Budget(512, 512, 100)))[1].cells) == [30]


def test_a_block_has_the_columns_that_its_rows_see_and_no_others():
    work = forest([question(200, 4, 40)])
    (_, _), (step, held) = passes(work, Budget(512, 512, 100))
    mask = masks.step_masks(work, held, step.cells, tiny.model())
    assert [(block.first, block.stop) for block in mask.blocks] == [(0, 40), (40, 80), (80, 120)]
    for place, block in enumerate(mask.blocks):
        assert not isinstance(block.columns, slice)
        before = 50 * (place + 1)
        own = 240 + 40 * place
        assert block.columns.tolist() == [*range(before), *range(own, own + 40)]
        assert block.bias.shape == (1, 1, 2 * 40, before + 40)  # two query heads share a key head
        shown = block.bias[0, 0, :40] == 0
        assert torch.equal(shown, mask[0, 0, block.first : block.stop][:, block.columns].as_subclass(torch.Tensor))
        assert torch.equal(block.bias[0, 0, :40], block.bias[0, 0, 40:])


def test_columns_from_the_start_are_not_copied():
    work = forest([question(200, 4, 40)])
    (step, held), _ = passes(work, Budget(512, 512, 100))
    mask = masks.step_masks(work, held, step.cells, tiny.model())
    assert [block.columns for block in mask.blocks] == [slice(stop) for stop in blocks.stops(work, step.cells)]
    assert mask[:, :, :5].blocks == ()  # what is computed from a mask must not be taken for the whole


# --- The attention ----------------------------------------------------------------------------------------------------------


@pytest.fixture
def counted(monkeypatch):
    """The (stacked rows, columns) of each product that attention computes."""
    seen = []
    kernel = torch.nn.functional.scaled_dot_product_attention

    def watched(query, key, *rest, **named):
        seen.append((query.shape[2], key.shape[2]))
        return kernel(query, key, *rest, **named)

    monkeypatch.setattr(torch.nn.functional, "scaled_dot_product_attention", watched)
    return seen


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("few", [1, 32])
def test_values_are_those_of_plain_passes(kind, few, counted, monkeypatch):
    monkeypatch.setattr(blocks, "FEW", few)
    monkeypatch.setattr(blocks, "MOST", 16)
    prompt = ids(30)
    traces = [prompt + ids(70) for _ in range(2)]
    made = tiny.engine(kind)
    made.score([a_tree()])
    counted.clear()
    trees = [PrefixTree(one, tuple(Branch(offset, ids(6), CANDIDATES) for offset in (12, 40, 70, 100))) for one in traces]
    found = made.score(trees)
    assert made.scoring == "packed"
    assert {rows for rows, _ in counted} - {16, 32}  # not all blocks are alike
    assert len(counted) > 2 * len(trees)
    for tree, scores in zip(trees, found, strict=True):
        for ours, theirs in zip(scores, naive(tiny.model(kind), tree), strict=True):
            assert ours.logprobs == pytest.approx(theirs, abs=1e-4)


def test_little_more_than_what_is_seen_is_computed(counted, monkeypatch):
    """Twenty cuts of a trace: with whole masks, more than is allowed here."""
    trunk, cuts, cue = 200, 20, 34
    branches = tuple(Branch(trunk * i // cuts, ids(cue), ((1,), (2,))) for i in range(1, cuts + 1))
    tree = PrefixTree(ids(trunk), branches)
    made = tiny.engine()
    made.score([a_tree()])
    seen = sum(position + 1 for position in forest([tree]).positions)
    layers, stacked = 2, 2
    counted.clear()
    made.score([tree])
    assert seen < sum(rows * columns for rows, columns in counted) / layers / stacked < 1.3 * seen
    monkeypatch.setattr(blocks, "applies", lambda model: False)
    counted.clear()
    made.score([tree])
    assert sum(rows * columns for rows, columns in counted) / layers > 1.5 * seen


def test_a_missing_row_of_a_block_would_be_seen(monkeypatch):
    """The positive control: blocks without their last column give other values, and the self-check refuses them."""
    right = blocks.block_of

    def wrong(mask, *rest):
        mask = mask.clone()
        mask[-1, :-1] = False
        return right(mask, *rest)

    assert tiny.engine().score([a_tree()])
    monkeypatch.setattr(blocks, "block_of", wrong)
    made = tiny.engine()
    made.score([a_tree()])
    assert made.scoring == "copied"


def test_other_attention_has_whole_masks_and_the_kernel_is_put_back():
    work = forest([question(20, 4, 10)])
    step = next(steps(work, Budget(8, 8, 8)))
    assert masks.step_masks(work, (), step.cells, tiny.model()).blocks
    assert not blocks.applies(tiny.model("gpt_oss"))
    (whole, _) = masks.step_masks(work, (), step.cells, tiny.model("gpt_oss")).values()
    assert type(whole) is torch.Tensor
    before = ALL_ATTENTION_FUNCTIONS["sdpa"]
    with blocks.in_blocks():
        assert ALL_ATTENTION_FUNCTIONS["sdpa"] is not before
    assert ALL_ATTENTION_FUNCTIONS["sdpa"] is before
