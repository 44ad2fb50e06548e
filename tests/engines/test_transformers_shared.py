"""What the trees of one call share is computed once, and a long trace in passes of bounded size."""

import pytest
from engines import tiny
from engines.naive import CANDIDATES, a_tree, first_needed, ids, naive, prefixes
from hypothesis import given, settings
from hypothesis import strategies as st
from transformers import AutoConfig, AutoModelForCausalLM

from cotfaith.engines.shared.quiet import quiet
from cotfaith.engines.transformers import TransformersEngine, path_cache
from cotfaith.types import Branch, PrefixTree

pytestmark = pytest.mark.integration


@st.composite
def families(draw):
    """Trees whose trunks begin alike, as the samples of a question and the questions of a task do."""
    few = st.integers(0, 2)
    start = draw(st.lists(few, min_size=1, max_size=8))
    trees = []
    for _ in range(draw(st.integers(2, 4))):
        trunk = (*start[: draw(st.integers(1, len(start)))], *draw(st.lists(few, max_size=6)))
        branch = st.builds(
            Branch,
            st.integers(1, len(trunk)),
            st.lists(few, max_size=4).map(tuple),
            st.lists(st.lists(few, min_size=1, max_size=3).map(tuple), max_size=2).map(tuple),
        )
        trees.append(PrefixTree(trunk, tuple(draw(st.lists(branch, max_size=3)))))
    return trees


def agree(kind, made, trees):
    for tree, scores in zip(trees, made.score(trees), strict=True):
        for ours, theirs in zip(scores, naive(tiny.model(kind), tree), strict=True):
            assert ours.logprobs == pytest.approx(theirs, abs=1e-4)


@pytest.mark.parametrize("budget", [{}, {"score_tokens": 3, "prefill_chunk": 4, "pack_tokens": 2}], ids=["whole", "chunked"])
@given(trees=families())
@settings(max_examples=20, deadline=None)
def test_trees_of_a_call_share_every_token_that_they_can(budget, trees):
    made = tiny.engine(**budget)
    agree("llama", made, trees)
    costs = [[one.tokens_computed for one in scores] for scores in made.score(trees)]
    assert costs == first_needed(trees)
    assert sum(map(sum, costs)) == len(prefixes(trees))


@pytest.mark.parametrize("kind", tiny.ARCHITECTURES)
@pytest.mark.parametrize("pack", [1, 30, 500])
def test_samples_of_a_question_share_its_prompt_on_every_architecture(kind, pack):
    """Longer than every window: the prompt is shared, and so are a cut of it and the first tokens of two of the samples."""
    prompt, cue = ids(30), ids(4)
    samples = [prompt + ids(20) for _ in range(2)]
    samples.append(samples[0][:33] + ids(25))
    trees = [PrefixTree(one, tuple(Branch(offset, cue, CANDIDATES) for offset in (9, 30, 41, len(one)))) for one in samples]
    made = tiny.engine(kind, pack_tokens=pack, prefill_chunk=16)
    agree(kind, made, trees)
    assert made.scoring == tiny.ARCHITECTURES[kind][1]
    if made.scoring != "plain":
        costs = [[one.tokens_computed for one in scores] for scores in made.score(trees)]
        assert costs == first_needed(trees)
        assert costs[1][:2] == [0, 0]


@pytest.mark.parametrize("kind", ["llama", "mistral", "gpt2", "gemma2"])
def test_the_check_finds_a_cache_that_is_not_cut_back(kind, monkeypatch):
    """What two trees do not share must leave the cache: were it left in, the self-check would not take the packed way."""
    monkeypatch.setattr(path_cache, "cut_back", lambda cache, size: None)
    made = tiny.engine(kind)
    agree(kind, made, [a_tree()])
    assert made.scoring == "copied"


def test_the_order_of_trees_is_the_callers_and_changes_nothing():
    made = tiny.engine()
    one = a_tree()
    trees = [one, PrefixTree(ids(5), ()), PrefixTree(one.trunk[:30] + ids(20), one.branches[:4]), one]
    together = made.score(trees)
    assert together[1] == []
    assert [len(scores) for scores in together] == [len(tree.branches) for tree in trees]
    assert [one.tokens_computed for one in together[3]] == [0 for _ in one.branches]
    for tree, scores, turned in zip(trees, together, made.score(trees[::-1])[::-1], strict=True):
        (alone,) = made.score([tree])
        for a, b, c in zip(scores, turned, alone, strict=True):
            assert a.logprobs == pytest.approx(c.logprobs, abs=1e-4)
            assert b.logprobs == pytest.approx(c.logprobs, abs=1e-4)
            assert a.tokens_asked == b.tokens_asked == c.tokens_asked
    assert made.score([]) == []


def test_a_long_trace_is_read_in_bounded_passes(monkeypatch):
    """10,000 tokens and 100 cuts: no pass, mask or tensor of logits is larger than the passes' budget allows, and no token is done twice."""
    length, cuts, budget = 10_000, 100, 256
    with quiet():
        config = AutoConfig.for_model("llama", **{**tiny.BASE, "max_position_embeddings": length + 50})
        model = AutoModelForCausalLM.from_config(config).eval()
    made = TransformersEngine(model, tokenizer=tiny.byte_level(), score_tokens=budget, prefill_chunk=budget)
    made.score([a_tree()])
    seen = []
    forward = model.forward

    def watched(input_ids, attention_mask=None, **rest):
        output = forward(input_ids=input_ids, attention_mask=attention_mask, **rest)
        seen.append((input_ids.shape[1], 0 if attention_mask is None else attention_mask.numel(), output.logits.shape[1]))
        return output

    monkeypatch.setattr(model, "forward", watched)
    branches = tuple(Branch(length * i // cuts, ids(12), CANDIDATES) for i in range(1, cuts + 1))
    (scores,) = made.score([PrefixTree(ids(length), branches)])
    tokens, masked, logits = (max(column) for column in zip(*seen, strict=True))
    assert tokens <= budget
    assert 0 < masked <= budget * (length + 50 + budget)
    assert logits <= budget // 4
    assert sum(row[0] for row in seen) == sum(one.tokens_computed for one in scores) == length + cuts * 14
    assert len(seen) <= length // budget + cuts * 14 // (budget - 14) + 2
