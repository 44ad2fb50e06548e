"""The head in float32 under a body of half precision: the product, what is told, and no ties by rounding."""

import copy
import math

import pytest
import torch
from engines import tiny

from cotfaith.engines.transformers import TransformersEngine, head
from cotfaith.types import Branch, PrefixTree, Prompt, Sampling

pytestmark = pytest.mark.integration


@pytest.mark.parametrize("bias", [True, False])
@pytest.mark.parametrize("chunk", [1, 60, 1 << 24])
def test_the_product_is_that_of_float32_whatever_the_chunk(bias, chunk, monkeypatch):
    monkeypatch.setattr(head, "CHUNK", chunk)
    layer = torch.nn.Linear(16, 37, bias=bias).to(torch.bfloat16)
    states = torch.randn(2, 3, 16).to(torch.bfloat16)
    found = head.product(states, layer.weight, layer.bias)
    assert found.dtype == torch.float32
    torch.testing.assert_close(found, copy.deepcopy(layer).float()(states.float()))


def half(kind="llama"):
    return copy.deepcopy(tiny.model(kind)).to(torch.bfloat16)


def test_options_that_tie_in_half_precision_do_not_tie_with_a_head_in_float32():
    """Two rows of the head that differ by less than the step of a bfloat16 logit of 20."""
    model = half()
    with torch.no_grad():
        model.lm_head.weight[8] = model.lm_head.weight[7] * 1.005
    made = TransformersEngine(model, tokenizer=tiny.byte_level(), revision="test")
    trees = [PrefixTree(tuple(range(i, i + 9)), (Branch(9, (), ((7,), (8,))),)) for i in range(40, 240, 5)]
    gaps = [abs(one.logprobs[0] - one.logprobs[1]) for (one,) in made.score(trees)]
    with torch.inference_mode():
        rounded = [model(torch.tensor([tree.trunk])).logits[0, -1, [7, 8]].tolist() for tree in trees]
    assert sum(one == other for one, other in rounded) >= 3
    assert min(gaps) > 0
    assert made.info.dtype == "bfloat16, head float32"
    assert made.notes == ()


def test_sampling_gets_float32_logits_and_the_model_is_left_as_it_was():
    model = half()
    made = TransformersEngine(model, tokenizer=tiny.byte_level(), revision="test")
    ((completion,),) = made.generate([Prompt((5, 6, 7), 3)], Sampling(temperature=0, max_tokens=1))
    with torch.inference_mode(), head.in_float32(model):
        logits = model(torch.tensor([[5, 6, 7]])).logits
    assert logits.dtype == torch.float32
    assert completion.ids in {(int(logits[0, -1].argmax()),), ()}
    assert model(torch.tensor([[5, 6, 7]])).logits.dtype == torch.bfloat16


def test_tied_embeddings_stay_tied():
    model = half("gpt2")
    with head.in_float32(model):
        model(torch.tensor([[5, 6]]))
    assert model.get_output_embeddings().weight is model.get_input_embeddings().weight


def test_a_head_that_accelerate_moves_is_computed_in_float32_too():
    accelerate = pytest.importorskip("accelerate")
    model = half()
    expected = head.product(states := torch.randn(1, 4, 32).to(torch.bfloat16), model.lm_head.weight, None)
    accelerate.hooks.add_hook_to_module(model.lm_head, accelerate.hooks.AlignDevicesHook(execution_device="cpu", offload=True))
    assert model.lm_head.weight.is_meta
    with torch.inference_mode(), head.in_float32(model):
        torch.testing.assert_close(model.lm_head(states), expected)
    assert model.lm_head(states).dtype == torch.bfloat16


class Packed(torch.nn.Linear):
    """A layer with a product of its own, as a quantised one has."""


def test_a_head_with_a_product_of_its_own_is_left_alone_and_told():
    model = half()
    other = Packed(32, tiny.VOCABULARY, bias=False).to(torch.bfloat16)
    other.load_state_dict(model.lm_head.state_dict())
    model.set_output_embeddings(other)
    made = TransformersEngine(model, tokenizer=tiny.byte_level(), revision="test")
    assert made.info.dtype == "bfloat16"
    assert made.notes[0].startswith("the last layer (the head) is computed in bfloat16, since it is no plain matrix of weights")
    (scores,) = made.score([PrefixTree((1, 2), (Branch(2, (), ((3,),)),))])[0]
    assert math.isfinite(scores.logprobs[0])


def test_a_model_in_float32_has_nothing_to_widen():
    assert not head.widened(tiny.model())
    assert head.note(tiny.model()) == ""
    assert tiny.engine().info.dtype == "float32"
