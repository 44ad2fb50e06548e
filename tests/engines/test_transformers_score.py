"""Scoring of prefix trees against plain forward passes of every sequence, architecture by architecture."""

import logging

import pytest
import torch
from engines import tiny
from engines.naive import CANDIDATES, a_tree, distinct, ids, naive
from hypothesis import given, settings
from hypothesis import strategies as st
from transformers import AutoConfig, AutoModelForCausalLM

from cotfaith.engines.shared.quiet import quiet
from cotfaith.engines.transformers import TransformersEngine, engine, masks, path_cache, score, self_check
from cotfaith.errors import EngineError
from cotfaith.types import Branch, PrefixTree

pytestmark = pytest.mark.integration

TOO_LONG = (
    "A branch of 257 tokens is longer than the context of hf/LlamaForCausalLM (256 tokens): lower the token budget of the "
    "reasoning or the length of the filler, or use a model with a longer context."
)


@pytest.mark.parametrize("kind", tiny.ARCHITECTURES)
@pytest.mark.parametrize("budget", [{}, {"prefill_chunk": 7, "score_tokens": 6, "pack_tokens": 3}], ids=["whole", "chunked"])
def test_every_architecture_scores_as_plain_forward_passes_do(kind, budget):
    made = tiny.engine(kind, **budget)
    tree = a_tree()
    (scores,) = made.score([tree])
    for ours, theirs in zip(scores, naive(tiny.model(kind), tree), strict=True):
        assert ours.logprobs == pytest.approx(theirs, abs=1e-4)
    expected = tiny.ARCHITECTURES[kind][1]
    assert made.scoring == expected
    assert bool(made.notes) == (expected != "packed")
    if expected != "plain":
        assert sum(each.tokens_computed for each in scores) == distinct(tree)
    assert [each.tokens_asked for each in scores] == [
        b.offset + len(b.suffix) + sum(len(c) - 1 for c in b.candidates) for b in tree.branches
    ]


@pytest.mark.parametrize("kind", ["gemma2", "mistral", "llama4_text"])
def test_a_mask_without_the_window_would_be_seen(kind, monkeypatch):
    """The positive control: the same comparison fails if windows are left out of the masks."""
    monkeypatch.setattr(engine, "choose", lambda *_: self_check.ScoringMethod("packed", score.packed))
    made = tiny.engine(kind)
    monkeypatch.setattr(path_cache, "step_masks", _everything_before)
    tree = a_tree()
    gaps = [
        abs(a - b)
        for ours, theirs in zip(made.score([tree])[0], naive(tiny.model(kind), tree), strict=True)
        for a, b in zip(ours.logprobs, theirs, strict=True)
    ]
    assert max(gaps) > 1e-2


def _everything_before(forest, held, cells, model):
    rows, columns = torch.tensor(cells)[:, None], torch.tensor([*held, *cells])
    mask = ((columns <= rows) & (rows < torch.tensor(forest.stops)[columns]))[None, None]
    names = masks.kinds(model.config)
    return dict.fromkeys(names, mask) if len(names) > 1 else mask


@pytest.mark.parametrize("kind", ["mistral", "gemma3_text", "qwen2"])
def test_the_check_finds_a_missing_window_though_it_is_short(kind, monkeypatch):
    monkeypatch.setattr(path_cache, "step_masks", _everything_before)
    made = tiny.engine(kind)
    (scores,) = made.score([PrefixTree(ids(20), (Branch(20, ids(2), CANDIDATES),))])
    assert made.scoring == "copied"
    assert len(scores[0].logprobs) == 3


def test_the_check_leaves_the_config_as_it_was():
    model = tiny.model("mistral")
    with torch.inference_mode():
        self_check.choose(engine.Forward(model), tiny.CONTEXT)
    assert model.config.sliding_window == tiny.WINDOW


@given(st.data())
@settings(max_examples=25, deadline=None)
def test_any_tree_scores_as_plain_forward_passes_do(data):
    few = st.integers(0, 3)
    trunk = tuple(data.draw(st.lists(few, min_size=1, max_size=12)))
    branch = st.builds(
        Branch,
        st.integers(1, len(trunk)),
        st.lists(few, max_size=4).map(tuple),
        st.lists(st.lists(few, min_size=1, max_size=3).map(tuple), max_size=3).map(tuple),
    )
    tree = PrefixTree(trunk, tuple(data.draw(st.lists(branch, max_size=5))))
    for made in ENGINES:
        scores = made.score([tree])[0]
        for ours, theirs in zip(scores, naive(tiny.model(), tree), strict=True):
            assert ours.logprobs == pytest.approx(theirs, abs=1e-4)
        assert sum(each.tokens_computed for each in scores) == distinct(tree)


ENGINES = [tiny.engine(), tiny.engine(score_tokens=3, prefill_chunk=4)]


def test_nothing_is_computed_before_every_tree_was_checked(monkeypatch):
    made = tiny.engine()
    made.score([a_tree()])
    monkeypatch.setattr(made.model, "forward", None)
    with pytest.raises(EngineError, match="^A branch leaves the trunk of 1 tokens at 2"):
        made.score([a_tree(), PrefixTree((1,), (Branch(2, (), CANDIDATES),))])


@pytest.mark.parametrize(
    ("tree", "sentence"),
    [
        (
            PrefixTree((1, 2), (Branch(3, (1,), ((1,),)),)),
            "A branch leaves the trunk of 2 tokens at 3: give an offset inside the trunk.",
        ),
        (
            PrefixTree((1, 2), (Branch(-1, (1,), ((1,),)),)),
            "A branch leaves the trunk of 2 tokens at -1: give an offset inside the trunk.",
        ),
        (
            PrefixTree((), (Branch(0, (), ((1,),)),)),
            "A branch has no token before its candidates: give an offset or a suffix of at least one token.",
        ),
        (PrefixTree((1,), (Branch(1, (), ((),)),)), "A candidate has no token: give each candidate at least one."),
        (
            PrefixTree((1,) * 250, (Branch(250, (1,) * 7, ((1,),)),)),
            TOO_LONG,
        ),
        (
            PrefixTree((1, 400), (Branch(1, (1,), ((1,),)),)),
            "Token id 400 is outside the vocabulary of 400: these ids come from another tokenizer.",
        ),
        (
            PrefixTree((1,), (Branch(1, (1,), ((-1,),)),)),
            "Token id -1 is outside the vocabulary of 400: these ids come from another tokenizer.",
        ),
    ],
)
def test_what_cannot_be_scored_is_one_sentence(tree, sentence):
    with pytest.raises(EngineError) as caught:
        tiny.engine().score([tree])
    assert str(caught.value) == sentence


def test_a_branch_may_fill_the_context_and_start_without_a_trunk():
    tree = PrefixTree((1,) * 250, (Branch(250, (2,) * 6, ((1,),)),))
    assert tiny.engine().score([tree])[0][0].tokens_computed == 256
    tree = PrefixTree((), (Branch(0, (3, 4), CANDIDATES), Branch(0, (3, 5), CANDIDATES)))
    for ours, theirs in zip(tiny.engine().score([tree])[0], naive(tiny.model(), tree), strict=True):
        assert ours.logprobs == pytest.approx(theirs, abs=1e-4)


def test_logits_that_are_no_numbers_are_one_sentence():
    made = tiny.broken_engine(torch.nan)
    with pytest.raises(EngineError, match=r"^The model gave NaN or infinite logits while scoring: try dtype=float32"):
        made.score([PrefixTree((1, 2), (Branch(2, (3,), ((1,),)),))])


@pytest.mark.parametrize(
    "error", [torch.OutOfMemoryError("CUDA out of memory"), RuntimeError("DefaultCPUAllocator: can't allocate memory: you tried")]
)
def test_out_of_memory_halves_the_passes_and_goes_on(error, monkeypatch, caplog):
    made = tiny.engine(score_tokens=64, prefill_chunk=64)
    tree = a_tree()
    expected = made.score([tree])
    forward = made.model.forward

    def small(input_ids, **rest):
        if input_ids.shape[1] > 9:
            raise error
        return forward(input_ids=input_ids, **rest)

    monkeypatch.setattr(made.model, "forward", small)
    with caplog.at_level(logging.WARNING, "cotfaith"):
        scores = made.score([tree])
    for ours, theirs in zip(scores[0], expected[0], strict=True):
        assert ours.logprobs == pytest.approx(theirs.logprobs, abs=1e-4)
    assert [record.message for record in caplog.records][
        -1
    ] == "memory ran out while scoring: continuing with passes of 8 branch tokens"


def test_no_memory_at_all_is_one_sentence(monkeypatch):
    made, fresh = tiny.engine(score_tokens=4, prefill_chunk=4), tiny.engine()
    made.score([a_tree()])

    def never(**_):
        raise torch.OutOfMemoryError

    monkeypatch.setattr(made.model, "forward", never)
    with pytest.raises(EngineError, match=r"^Memory ran out while scoring a sample of about thirty tokens: use a smaller model"):
        fresh.score([a_tree()])
    with pytest.raises(EngineError, match=r"^Memory ran out while scoring texts of up to 57 tokens: use a smaller model or dtype"):
        made.score([a_tree()])


def test_other_errors_are_edit_invalid_for_memory(monkeypatch):
    made = tiny.engine()
    made.score([a_tree()])

    def broken(**_):
        raise RuntimeError("shape mismatch")

    monkeypatch.setattr(made.model, "forward", broken)
    with pytest.raises(RuntimeError, match="shape mismatch"):
        made.score([a_tree()])


def long_rope(switch):
    """A tiny random Phi-3 whose positions are all encoded otherwise beyond `switch` tokens."""
    factors = {"short_factor": [1.0] * 4, "long_factor": [4.0] * 4}
    rope = {"rope_type": "longrope", "rope_theta": 10_000.0, **factors}
    ids_of = {"pad_token_id": 0, "eos_token_id": 1, "bos_token_id": 2}
    config = AutoConfig.for_model("phi3", **tiny.BASE, **ids_of, original_max_position_embeddings=switch, rope_parameters=rope)
    torch.manual_seed(0)
    with quiet():
        return AutoModelForCausalLM.from_config(config).eval()


def test_long_rope_is_not_shared_across_its_switch():
    model = long_rope(switch=40)
    made = TransformersEngine(model, tokenizer=tiny.byte_level())
    trunk, few = ids(60), ids(3)
    within = PrefixTree(trunk[:30], tuple(Branch(offset, few, CANDIDATES) for offset in (10, 30)))
    beyond = PrefixTree(trunk, tuple(Branch(offset, few, CANDIDATES) for offset in (10, 60)))
    for tree, notes, shared in ((within, (), True), (beyond, (self_check.PLAIN.note,), False)):
        (scores,) = made.score([tree])
        assert made.scoring == "packed"
        assert made.notes == notes
        assert (sum(one.tokens_computed for one in scores) == distinct(tree)) is shared
        for ours, theirs in zip(scores, naive(model, tree), strict=True):
            assert ours.logprobs == pytest.approx(theirs, abs=1e-4)


@pytest.mark.model
def test_smollm_scores_as_plain_forward_passes_do(smollm: TransformersEngine):
    encode = smollm.tokenizer.encode
    trunk = encode("Question: What is 17 + 25? (A) 32 (B) 42 (C) 52\n\nLet's think step by step. 17 + 25 = 42, so it is B.")
    cue = encode("\n\nThe single, most likely answer is (")
    candidates = (encode("A"), encode("B"), encode("forty-two"))
    tree = PrefixTree(trunk, tuple(Branch(offset, cue, candidates) for offset in range(20, len(trunk) + 1, 5)))
    (scores,) = smollm.score([tree])
    for ours, theirs in zip(scores, naive(smollm.model, tree), strict=True):
        assert ours.logprobs == pytest.approx(theirs, abs=1e-3)
    assert smollm.notes == ()
    assert sum(each.tokens_computed for each in scores) == distinct(tree)
