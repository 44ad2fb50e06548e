"""Prompts as a tree: each distinct token once, and the same completions as without it."""

import logging
from dataclasses import replace

import pytest
import torch
from engines import tiny
from hypothesis import given
from hypothesis import strategies as st

from cotfaith.engines.transformers import TransformersEngine
from cotfaith.engines.transformers.forward import Forward
from cotfaith.engines.transformers.prefill import START, arrange, prefill, saving, shared
from cotfaith.engines.transformers.schedule import Budget
from cotfaith.errors import EngineError
from cotfaith.types import Prompt, Sampling

pytestmark = pytest.mark.integration

PACKED = [kind for kind, (_, way) in tiny.ARCHITECTURES.items() if way == "packed"]
OTHER = [kind for kind, (_, way) in tiny.ARCHITECTURES.items() if way != "packed"]
TRACE = tuple(range(20, 60))
SHOTS = tuple(range(100, 126))
TREE = [
    Prompt(TRACE, 1 << 16, (0, 1, 2)),
    *(Prompt(TRACE[:size], size << 16) for size in (1, 13, 25, 39)),
    *(Prompt((*TRACE[:size], 7, 8, size), size << 17) for size in (13, 30)),
    *(Prompt((*SHOTS, shot, shot + 1), shot << 16, (0, 4)) for shot in (200, 210)),
    Prompt((300, 301), 5),
]
IDS = [prompt.ids for prompt in TREE]
SAMPLING = Sampling(max_tokens=14)
SMALL = {
    "batch_tokens": 150,
    "prefill_chunk": 7,
    "score_tokens": 6,
    "pack_tokens": 4,
}  # several batches, and several passes of each kind
PROMPTS = st.lists(st.lists(st.integers(0, 2), min_size=1, max_size=6).map(tuple), max_size=9)


def said(rows):
    """Completions without what they cost."""
    return [[(one.ids, one.text, one.finish) for one in row] for row in rows]


def cost(rows):
    """The computed tokens of all completions."""
    return sum(one.tokens_computed for row in rows for one in row)


def distinct(prompts):
    """The distinct tokens of all prompts but for the last of each: one for each distinct beginning."""
    return len({ids[:size] for ids in prompts for size in range(1, len(ids))})


def alone(engine, prompts, sampling):
    """The completions of `prompts` where each sample is a call of its own, so that nothing is shared."""
    return [
        [engine.generate([replace(prompt, samples=(sample,))], sampling)[0][0] for sample in prompt.samples] for prompt in prompts
    ]


@given(PROMPTS)
def test_nothing_before_a_prompt_shares_more_with_it_than_its_neighbour(prompts):
    found = arrange(prompts)
    assert sorted(found) == sorted(set(prompts))
    for i in range(1, len(found)):
        assert max(shared(found[i], one) for one in found[:i]) == shared(found[i], found[i - 1])


@given(st.lists(st.integers(1, 9), unique=True))
def test_prompts_that_share_nothing_stand_by_length(sizes):
    prompts = [(size,) * size for size in sizes]
    assert arrange(prompts) == sorted(prompts, key=len, reverse=True)


def test_a_trace_stands_before_its_cuts_whatever_else_there_is():
    cuts = [TRACE[:size] for size in (10, 20, 30)]
    assert arrange([cuts[0], SHOTS, cuts[2], (9,), cuts[1], SHOTS]) == [*reversed(cuts), SHOTS, (9,)]


def test_thousands_of_nested_prompts_are_no_deep_recursion():
    prompts = [(1,) * size for size in range(1, 1500)]
    assert arrange(prompts) == prompts[::-1]


@given(PROMPTS)
def test_the_saving_is_what_distinct_tokens_leave(prompts):
    placed = {ids: i for i, ids in enumerate(arrange(prompts))}
    ordered = sorted(prompts, key=lambda ids: placed[ids])
    total = sum(len(ids) - 1 for ids in prompts)
    assert saving(ordered) == pytest.approx(1 - distinct(prompts) / total if total else 0)


def test_the_saving_of_nothing_is_none():
    assert [saving([]), saving([(1,)]), saving([(1,), (2,)]), saving([(1, 2), (3, 4)])] == [0, 0, 0, 0]
    assert saving([(1, 2, 3), (1, 2, 3)]) == 0.5


@pytest.mark.parametrize("kind", PACKED)
@pytest.mark.parametrize(("temperature", "sizes"), [(0.8, SMALL), (0, {})])
def test_completions_are_those_of_prompts_computed_by_themselves(kind, temperature, sizes):
    sampling = Sampling(temperature, max_tokens=10)
    expected = alone(tiny.engine(kind), TREE, sampling)
    found = tiny.engine(kind, **sizes).generate(TREE, sampling)
    assert said(found) == said(expected)
    assert cost(expected) - cost(found) == sum(len(prompt.samples) * (len(prompt.ids) - 1) for prompt in TREE) - distinct(IDS)


@pytest.mark.parametrize("kind", OTHER)
def test_where_masked_passes_are_wrong_prompts_are_computed_by_themselves(kind):
    prompts = [Prompt((9, 8, 7), 5, (0, 1))]
    ((one, other),) = tiny.engine(kind).generate(prompts, SAMPLING)
    assert [one.tokens_computed, other.tokens_computed] == [3 + 13, 3 + 13]


@pytest.mark.parametrize("sizes", [{}, SMALL, {"batch_tokens": 1}])
def test_each_distinct_token_is_computed_once_in_a_call_and_told(sizes, monkeypatch):
    made = tiny.endless_engine(**sizes)
    made.generate(TREE[:1], SAMPLING)  # the self-check of the masks is over
    forward, seen = made.model.forward, []

    def counted(input_ids, **rest):
        seen.append(input_ids.numel())
        return forward(input_ids=input_ids, **rest)

    monkeypatch.setattr(made.model, "forward", counted)
    rows = made.generate(TREE, SAMPLING)
    assert {len(one.ids) for row in rows for one in row} == {14}
    assert cost(rows) == distinct(IDS) + 14 * sum(len(row) for row in rows) == sum(seen)


def test_the_first_that_needs_a_token_pays_for_it():
    rows = tiny.engine().generate(
        [Prompt((1, 2, 3, 4), 1), Prompt((1, 2, 3, 4, 5, 6), 2, (0, 1)), Prompt((1, 2, 9, 9), 3)], SAMPLING
    )
    assert [[one.tokens_computed - 14 for one in row] for row in rows] == [[0], [5, 0], [1]]


def test_prompts_that_share_next_to_nothing_are_no_tree():
    made = tiny.endless_engine()
    rows = made.generate([Prompt((1, 2, *range(30, 50)), 1), Prompt((1, 2, *range(60, 80)), 2)], SAMPLING)
    assert [one.tokens_computed for row in rows for one in row] == [22 + 13] * 2
    assert len(made.generate([Prompt((1,), 1, (0, 1))], SAMPLING)[0]) == 2
    assert made.scoring is None  # whether masked passes are right was not even asked


@pytest.mark.parametrize("kind", ["llama", "gemma3_text"])
def test_the_state_is_that_of_each_prompt_alone(kind):
    forward = Forward(tiny.model(kind))
    prompts = arrange(IDS)
    with torch.inference_mode():
        found = prefill(forward, prompts, Budget(6, 5, 4))
        for i, ids in enumerate(prompts[:-1]):
            own = forward(ids[:-1], ())[1] if len(ids) > 1 else None
            for layer, other in zip(found.cache.layers, own.layers if own else (), strict=own is not None):
                size = min(other.keys.shape[2], layer.keys.shape[2])
                for ours, theirs in ((layer.keys, other.keys), (layer.values, other.values)):
                    torch.testing.assert_close(ours[i, :, -size:], theirs[0, :, -size:], rtol=1e-4, atol=1e-4)
    assert found.last.ids == prompts[-1][:-1]


def test_what_is_known_of_the_batch_before_is_not_computed():
    forward = Forward(tiny.model())
    with torch.inference_mode():
        first = prefill(forward, [TRACE, TRACE[:20]], Budget(8, 8, 4))
        again = prefill(forward, [TRACE[:15]], Budget(8, 8, 4), first.last)
        onward = prefill(forward, [(*TRACE[:12], 5, 6)], Budget(8, 8, 4), again.last)
        fresh = prefill(forward, [(*TRACE[:12], 5, 6)], Budget(8, 8, 4), START)
    assert [first.computed, again.computed, onward.computed, fresh.computed] == [(39, 0), (0,), (1,), (13,)]
    for ours, theirs in zip(onward.cache.layers, fresh.cache.layers, strict=True):
        torch.testing.assert_close(ours.keys, theirs.keys, rtol=1e-4, atol=1e-4)


def test_memory_that_runs_out_on_the_tree_halves_its_passes(monkeypatch, caplog):
    made = tiny.engine(prefill_chunk=32, score_tokens=32, pack_tokens=32)
    prompts = [TREE[0], *TREE[5:7]]
    expected = said(made.generate(prompts, SAMPLING))
    forward = made.model.forward

    def small(input_ids, **rest):
        if input_ids.shape[1] > 5:
            raise torch.OutOfMemoryError("CUDA")
        return forward(input_ids=input_ids, **rest)

    monkeypatch.setattr(made.model, "forward", small)
    with caplog.at_level(logging.WARNING, "cotfaith"):
        assert said(made.generate(prompts, SAMPLING)) == expected
    assert [record.message for record in caplog.records] == [
        "memory ran out on 5 sequences at once: continuing with 2",
        "memory ran out on 2 sequences at once: continuing with 1",
        "memory ran out on 1 sequences at once: continuing with 1",
    ]


def test_no_memory_for_a_tree_of_single_tokens_is_one_sentence(monkeypatch):
    made = tiny.engine(prefill_chunk=4, score_tokens=4, pack_tokens=4)
    made.generate(TREE[:1], SAMPLING)

    def never(**_):
        raise MemoryError

    monkeypatch.setattr(made.model, "forward", never)
    with pytest.raises(EngineError, match=r"^Memory ran out on a single sequence of up to 54 tokens: use a smaller model or dtype"):
        made.generate(TREE[:1], SAMPLING)


@pytest.mark.model
def test_smollm_says_the_same_with_and_without_the_tree(smollm: TransformersEngine):
    encode = smollm.tokenizer.encode
    shots = encode(
        "Q: what is 2 + 3?\nA: 2 + 3 = 5. So the answer is 5.\n\nQ: what is 4 + 4?\nA: 4 + 4 = 8. So the answer is 8.\n\n"
    )
    prompts = [Prompt(shots + encode(f"Q: what is {i} + 1?\nA:"), i << 16, (0, 1)) for i in (3, 5)]
    tree = smollm.generate(prompts, Sampling(max_tokens=16))
    assert cost(tree) <= distinct([prompt.ids for prompt in prompts]) + 4 * 16
    assert said(alone(smollm, prompts, Sampling(max_tokens=16))) == said(tree)
