"""Sampling, scoring and the head of every causal architecture of transformers, against plain passes of a small random model."""

import copy
import random

import pytest
import torch
from engines import tiny
from engines.architectures import EVERY, NOT_SMALL, OWN, VOCABULARY, small

from cotfaith.engines.shared.quiet import quiet
from cotfaith.engines.transformers import TransformersEngine, head
from cotfaith.types import Branch, PrefixTree, Prompt, Sampling

pytestmark = [pytest.mark.integration, pytest.mark.slow, pytest.mark.filterwarnings("ignore")]

TRIED = [kind for kind in EVERY if kind not in NOT_SMALL]
# Ways in which padding, positions or a kept state are wrong without an error.
SAMPLED = {
    "llama": "padded", "mamba": "padded", "bart": "equal", "recurrent_gemma": "equal", "rwkv": "single", "minimax": "recomputed",
    "roberta": "recomputed",
}  # fmt: skip


def draw(seed):
    stream = random.Random(seed)
    return lambda size: tuple(stream.randrange(VOCABULARY) for _ in range(size))


def after(model, ids):
    """The log-probabilities of the next token after `ids`, by one pass that ends there."""
    with torch.inference_mode(), quiet():
        return model(input_ids=torch.tensor([ids]), use_cache=False).logits[0, -1].float().log_softmax(-1)


def test_every_architecture_is_tried_or_has_a_reason():
    assert set(NOT_SMALL) <= set(EVERY)
    assert set(OWN) <= set(TRIED)
    assert len(TRIED) >= 0.85 * len(EVERY)
    assert all(NOT_SMALL.values())


@pytest.mark.parametrize("kind", TRIED)
def test_options_and_greedy_samples_are_those_of_plain_passes(kind):
    model, ids = small(kind), draw(3)
    made = TransformersEngine(model, tokenizer=tiny.byte_level(), revision="test")
    trunk = ids(30)
    tree = PrefixTree(trunk, tuple(Branch(offset, ids(3), ((5,), (30, 4))) for offset in (6, 17, 30)))
    for branch, scores in zip(tree.branches, made.score([tree])[0], strict=True):
        before = trunk[: branch.offset] + branch.suffix
        first = after(model, before)
        second = first[30] + after(model, (*before, 30))[4]
        assert scores.logprobs == pytest.approx((first[5].item(), second.item()), abs=1e-3)
    prompts = [Prompt(ids(size)) for size in (43, 8, 17)]
    for prompt, (said,) in zip(prompts, made.generate(prompts, Sampling(temperature=0, max_tokens=5)), strict=True):
        assert said.ids or said.finish == "stop"
        for i, token in enumerate(said.ids):
            logprobs = after(model, prompt.ids + said.ids[:i])
            assert logprobs[token] == pytest.approx(logprobs.max().item(), abs=1e-3)
    assert made.sampling == SAMPLED.get(kind, made.sampling)
    if made.sampling != "padded":
        assert any("prompts" in note for note in made.notes)


@pytest.mark.parametrize("kind", TRIED)
def test_the_head_is_computed_in_float32_and_then_scaled_as_the_model_does(kind):
    half, ids = small(kind).to(torch.bfloat16), torch.tensor([draw(4)(12)])
    if not head.widened(half):
        assert head.note(half) or half.get_output_embeddings().weight.dtype == torch.float32
        return
    own, states = half.get_output_embeddings(), []
    watch = own.register_forward_pre_hook(lambda _, given: states.append(given[0].float()))
    with torch.inference_mode(), quiet(), head.in_float32(half):
        ours = half(input_ids=ids, use_cache=False).logits
    watch.remove()
    full = copy.deepcopy(half).float()
    waiting = iter(states)
    full.get_output_embeddings().register_forward_pre_hook(lambda *_: (next(waiting),))
    with torch.inference_mode(), quiet():
        theirs = full(input_ids=ids, use_cache=False).logits
        rounded = half(input_ids=ids, use_cache=False).logits
    assert states
    assert ours.dtype == torch.float32
    torch.testing.assert_close(ours, theirs, atol=1e-4, rtol=1e-4)
    assert rounded.dtype == torch.float32 or (rounded.float() - theirs).abs().max() > (ours - theirs).abs().max()
    assert "forward" not in vars(own)
