"""Sampling: the same sample whatever stands beside it, stops, budgets, and what goes wrong."""

import logging
from collections import Counter

import pytest
import torch
from engines import tiny
from hypothesis import given, settings
from hypothesis import strategies as st
from transformers import GenerationConfig

from cotfaith.engines.shared.batching import Row, cut
from cotfaith.engines.shared.tokenizer import ContinuationTokenizer
from cotfaith.engines.transformers import TransformersEngine, generate, sampling_check
from cotfaith.engines.transformers.generate import take_batch
from cotfaith.engines.transformers.sampling import Chooser, Rows, nucleus
from cotfaith.errors import EngineError, UsageError
from cotfaith.types import Prompt, Sampling

pytestmark = pytest.mark.integration

TOKENIZER = ContinuationTokenizer(tiny.byte_level(), "bytes")
PROMPTS = [Prompt((9, 8, 7), 1 << 16, (0, 1)), Prompt((200,) * 11, 2 << 16, (3,)), Prompt((50, 60), 3 << 16)]
SAMPLING = Sampling(max_tokens=12)


def said(rows):
    """Completions without what they cost, which depends on what stands beside them."""
    return [[(one.ids, one.text, one.finish) for one in row] for row in rows]


def greedy(model, ids, size):
    """Greedy decoding without cache or batch."""
    found = list(ids)
    for _ in range(size):
        with torch.inference_mode():
            found.append(model(input_ids=torch.tensor([found]), use_cache=False).logits[0, -1].argmax().item())
    return tuple(found[len(ids) :])


@pytest.mark.parametrize("kind", ["llama", "gemma3_text", "gpt2", "bloom", "mamba"])
def test_a_sample_is_the_same_whatever_the_batch_around_it(kind):
    made = tiny.engine(kind)
    together = made.generate(PROMPTS, SAMPLING)
    assert [len(row) for row in together] == [2, 1, 1]
    alone = [[made.generate([Prompt(p.ids, p.seed, (s,))], SAMPLING)[0][0] for s in p.samples] for p in PROMPTS]
    assert said(together) == said(alone)
    assert made.generate(PROMPTS[::-1], SAMPLING) == together[::-1]
    assert tiny.engine(kind, batch_tokens=1).generate(PROMPTS, SAMPLING) == together


def test_samples_differ_and_seeds_decide():
    made = tiny.engine()
    (samples,) = made.generate([Prompt((5, 6), 7, tuple(range(6)))], SAMPLING)
    assert len({sample.ids for sample in samples}) == 6
    (other,) = made.generate([Prompt((5, 6), 8)], SAMPLING)
    assert said([other]) == said([samples[1:2]])


def test_temperature_zero_is_plain_greedy_decoding():
    made = tiny.engine()
    rows = made.generate(PROMPTS, Sampling(temperature=0, max_tokens=9))
    for prompt, row in zip(PROMPTS, rows, strict=True):
        expected = greedy(tiny.model(), prompt.ids, 9)
        assert all(completion.ids == expected[: len(completion.ids)] for completion in row)


def test_the_checkpoint_settings_do_not_leak_in(monkeypatch):
    made = tiny.engine()
    plain = made.generate(PROMPTS, SAMPLING)
    own = GenerationConfig(
        do_sample=True, temperature=9.0, top_k=1, top_p=0.1, repetition_penalty=5.0, no_repeat_ngram_size=1, min_new_tokens=12,
        forced_eos_token_id=3, suppress_tokens=[1, 2], bad_words_ids=[[5]], max_length=4, eos_token_id=3,
    )  # fmt: skip
    monkeypatch.setattr(tiny.model(), "generation_config", own)
    assert made.generate(PROMPTS, SAMPLING) == plain
    assert tiny.model().generation_config is own


def test_samples_follow_the_softmax_at_their_temperature():
    torch.manual_seed(0)
    logits = torch.tensor([[2.0, 1.0, 0.0, -1.0]])
    chosen = Counter()
    rows = Rows([1] * 4000, frozenset(), (), TOKENIZER.decode)
    chooser = Chooser(Sampling(temperature=0.7, top_p=1.0), range(4000), rows, torch.device("cpu"))
    chosen.update(chooser(torch.zeros(1), logits.expand(4000, 4)).argmax(1).tolist())
    expected = (logits[0] / 0.7).softmax(0)
    for token in range(4):
        assert chosen[token] / 4000 == pytest.approx(expected[token].item(), abs=0.025)


@given(st.lists(st.floats(-5, 5), min_size=1, max_size=30), st.floats(0.01, 1))
def test_the_nucleus_is_the_smallest_set_that_reaches_top_p(values, top_p):
    logits = torch.tensor([values])
    chances = logits.softmax(1)[0]
    kept = ~nucleus(logits, top_p)[0].isneginf()
    mass = chances[kept].sum().item()
    assert kept.any()
    assert mass >= top_p - 1e-5
    assert mass - chances[kept].min().item() <= top_p + 1e-5
    if (~kept).any():
        assert chances[~kept].max() <= chances[kept].min()


def test_a_flat_distribution_is_wider_than_the_first_look():
    logits = torch.zeros(2, 3000)
    logits[1, 5] = 50
    kept = ~nucleus(logits, 0.9).isneginf()
    assert kept.sum(1).tolist() == [pytest.approx(2700, abs=2), 1]


def test_padding_that_enters_the_state_is_found_and_told_once(caplog):
    """RWKV has no mask, so rows that share a batch share nothing else, and padding is read as text."""
    from engines.architectures import small

    made = TransformersEngine(small("rwkv"), tokenizer=tiny.byte_level(), revision="test")
    prompts = [Prompt(tuple(range(first, first + size))) for first, size in ((5, 34), (90, 54), (200, 74))]
    with caplog.at_level(logging.WARNING, "cotfaith"):
        rows = made.generate(prompts, Sampling(temperature=0, max_tokens=6))
        made.generate(prompts[:1], Sampling(temperature=0, max_tokens=2))
    for prompt, (completion,) in zip(prompts, rows, strict=True):
        expected = greedy(made.model, prompt.ids, 6)
        assert completion.ids == expected[: len(completion.ids)]
    assert made.sampling == "single"
    assert len(made.notes) == len(caplog.records) == 1
    assert made.notes[0].startswith("prompts are sampled one at a time, since in a trial the logits of prompts in one batch differ")


@pytest.mark.parametrize(
    ("wrong", "method"), [({"padded"}, "equal"), ({"padded", "equal"}, "single"), ({"padded", "equal", "single"}, "recomputed")]
)
def test_each_slower_way_is_taken_where_the_faster_one_is_wrong(wrong, method, monkeypatch):
    """A model whose logits are off in batches of these kinds: the completions are those of a right one all the same."""
    expected = tiny.engine().generate(PROMPTS, SAMPLING)
    made = tiny.engine()
    decode = sampling_check.decode

    def off(forward, prompts, choose, *rest, **more):
        kind = "single" if len(prompts) == 1 else "equal" if len({len(ids) for ids in prompts}) == 1 else "padded"
        shaken = (lambda ids, scores: choose(ids, scores + scores.sin())) if kind in wrong else choose
        return decode(forward, prompts, shaken, *rest, **more)

    monkeypatch.setattr(sampling_check, "decode", off)
    monkeypatch.setattr(generate, "decode", off)
    rows = made.generate(PROMPTS, SAMPLING)
    assert made.sampling == method
    assert said(rows) == said(expected)
    if method == "recomputed":
        assert rows[0][0].tokens_computed == sum(range(3, 3 + 12))


def test_a_shared_beginning_is_not_used_where_it_is_wrong(monkeypatch):
    prompts = [Prompt((*range(20, 50), last), last) for last in (1, 2, 3)]
    expected = tiny.engine().generate(prompts, SAMPLING)
    made = tiny.engine()
    whole = sampling_check.prefill

    def off(forward, rows, *rest):
        begun = whole(forward, rows, *rest)
        for layer in begun.cache.layers:
            layer.keys += 0.5
        return begun

    monkeypatch.setattr(sampling_check, "prefill", off)
    assert said(made.generate(prompts, SAMPLING)) == said(expected)
    assert made.notes == (sampling_check.UNSHARED,)


def test_a_text_that_grows_across_the_switch_of_long_rope_is_computed_anew():
    from engines.test_transformers_score import long_rope

    model = long_rope(switch=40)
    made = TransformersEngine(model, tokenizer=tiny.byte_level())
    prompts = [Prompt(tuple(range(5, 5 + size))) for size in (20, 36, 60)]
    for prompt, (completion,) in zip(prompts, made.generate(prompts, Sampling(temperature=0, max_tokens=10)), strict=True):
        expected = greedy(model, prompt.ids, 10)
        assert completion.ids == expected[: len(completion.ids)]


def test_a_budget_ends_a_completion():
    made = tiny.engine()
    ((completion,),) = made.generate([Prompt((9, 8, 7), 5)], SAMPLING)
    assert (len(completion.ids), completion.finish, completion.tokens_computed) == (12, "length", 3 + 11)
    assert completion.text == TOKENIZER.decode(completion.ids)


def test_an_end_token_ends_a_completion_and_is_no_part_of_it():
    made = tiny.engine()
    ((whole,),) = made.generate([Prompt((9, 8, 7), 5)], SAMPLING)
    ((ended,),) = made.generate([Prompt((9, 8, 7), 5)], Sampling(max_tokens=12, stop_ids=(whole.ids[6],)))
    place = whole.ids.index(whole.ids[6])
    assert (ended.ids, ended.finish, ended.tokens_computed) == (whole.ids[:place], "stop", 3 + place)


def test_end_tokens_of_config_and_tokenizer_both_count(monkeypatch):
    monkeypatch.setattr(tiny.model(), "generation_config", GenerationConfig(eos_token_id=[7, 9]))
    assert tiny.engine().ends == {7, 9, tiny.byte_level().eos_token_id}


def test_a_stop_string_ends_a_completion_wherever_it_falls():
    made = tiny.engine()
    ((whole,),) = made.generate([Prompt((9, 8, 7), 5)], Sampling(max_tokens=40))
    inside = [i for i in range(1, len(whole.text) - 1) if "\ufffd" not in whole.text[i : i + 2]]
    for place in inside[:12]:
        stop = whole.text[place : place + 2]
        ((ended,),) = made.generate([Prompt((9, 8, 7), 5)], Sampling(max_tokens=40, stop=("never there", stop)))
        assert ended.finish == "stop"
        assert stop not in ended.text
        assert ended.text == TOKENIZER.decode(ended.ids)
        assert whole.ids[: len(ended.ids)] == ended.ids
        assert whole.text.startswith(ended.text)
        assert len(TOKENIZER.decode(whole.ids[: len(ended.ids) + 1])) > whole.text.find(stop)


@given(st.text(alphabet="ab (\n😀é", max_size=12), st.text(alphabet="ab (\n😀é", min_size=1, max_size=3))
def test_cutting_leaves_whole_characters_before_the_stop(text, stop):
    ids = TOKENIZER.encode(text)
    kept, told = cut(ids, (stop,), TOKENIZER)
    assert tuple(kept) == ids[: len(kept)]
    assert told == TOKENIZER.decode(kept)
    assert stop not in told or stop not in text
    assert text.startswith(told)
    assert "\ufffd" not in told


def test_a_completion_near_the_end_of_the_context_is_shortened():
    made = tiny.engine("gpt2")  # learned positions: one too many is an error
    edge = [Prompt((1,) * 250, 4), Prompt((1, 2), 4), Prompt((1,) * 255, 4)]
    rows = made.generate(edge, Sampling(max_tokens=20))
    assert [len(row[0].ids) for row in rows] == [6, 20, 1]
    assert [row[0].finish for row in rows] == ["length"] * 3
    with pytest.raises(EngineError, match=r"^Prompt 0 has 256 tokens and the context of this model 256, so nothing can follow it"):
        made.generate([Prompt((1,) * 256)], SAMPLING)


@settings(max_examples=50)
@given(st.lists(st.tuples(st.integers(1, 60), st.integers(1, 30)), min_size=1, max_size=12), st.integers(1, 400))
def test_batches_keep_their_budget_and_the_context(shapes, budget):
    rows = [Row(0, 0, (1,) * size, 0, min(new, 64 - size)) for size, new in sorted(shapes, reverse=True)]
    size = take_batch(rows, budget, 64)
    longest, new = len(rows[0].ids), max(row.budget for row in rows[:size])
    assert 1 <= size <= len(rows)
    assert size == 1 or (size * (longest + new) <= budget and longest + new <= 64)


@pytest.mark.parametrize(
    ("sampling", "sentence"),
    [
        (Sampling(temperature=-1), "The temperature is -1, but it must be 0 (greedy) or more."),
        (Sampling(top_p=0), "top_p is 0, but it must be above 0 and at most 1."),
        (Sampling(max_tokens=0), "max_tokens is 0, but it must be at least 1."),
        (Sampling(stop=("",)), "A stop string is empty: remove it."),
    ],
)
def test_a_sampling_that_cannot_be_is_one_sentence(sampling, sentence):
    with pytest.raises(UsageError) as caught:
        tiny.engine().generate([Prompt((1,))], sampling)
    assert str(caught.value) == sentence


def test_prompts_that_cannot_be_are_one_sentence():
    with pytest.raises(EngineError, match="^Prompt 1 is empty: give at least one token"):
        tiny.engine().generate([Prompt((1,)), Prompt(())], SAMPLING)
    with pytest.raises(EngineError, match="^Token id 400 is outside the vocabulary of 400"):
        tiny.engine().generate([Prompt((1, 400))], SAMPLING)
    assert tiny.engine().generate([], SAMPLING) == []
    assert tiny.engine().generate([Prompt((1,), samples=())], SAMPLING) == [[]]


@pytest.mark.parametrize("wrong", [torch.nan, torch.inf])
@pytest.mark.parametrize("temperature", [0.0, 0.8])
def test_logits_that_are_no_numbers_are_one_sentence(wrong, temperature):
    with pytest.raises(EngineError, match=r"^The model gave NaN or infinite logits at token 1 of a completion: try dtype=float32"):
        tiny.broken_engine(wrong).generate([Prompt((1, 2))], Sampling(temperature))


@pytest.mark.parametrize("error", [torch.OutOfMemoryError("CUDA"), RuntimeError("DefaultCPUAllocator: can't allocate memory")])
def test_out_of_memory_halves_the_batch_and_goes_on(error, monkeypatch, caplog):
    made = tiny.engine()
    prompt = Prompt((9, 8, 7), 5, tuple(range(8)))
    expected = made.generate([prompt], SAMPLING)
    forward, sizes = made.model.forward, []

    def small(input_ids, **rest):
        sizes.append(len(input_ids))
        if len(input_ids) > 2:
            raise error
        return forward(input_ids=input_ids, **rest)

    monkeypatch.setattr(made.model, "forward", small)
    with caplog.at_level(logging.WARNING, "cotfaith"):
        assert made.generate([prompt], SAMPLING) == expected
    assert list(dict.fromkeys(sizes)) == [1, 8, 4, 2]  # the prompt alone, and its samples
    assert [record.message for record in caplog.records] == [
        "memory ran out on 8 sequences at once: continuing with 4",
        "memory ran out on 4 sequences at once: continuing with 2",
    ]


def test_no_memory_for_a_single_sequence_is_one_sentence(monkeypatch):
    made, fresh = tiny.engine(), tiny.engine()
    made.generate([Prompt((9, 8, 7))], SAMPLING)

    def never(**_):
        raise MemoryError

    monkeypatch.setattr(made.model, "forward", never)
    with pytest.raises(EngineError, match=r"^Memory ran out while three prompts of up to thirty tokens were tried together: use a"):
        fresh.generate([Prompt((9, 8, 7))], SAMPLING)
    with pytest.raises(EngineError, match=r"^Memory ran out on a single sequence of up to 15 tokens: use a smaller model or dtype"):
        made.generate([Prompt((9, 8, 7))], SAMPLING)


@pytest.mark.model
def test_smollm_gives_the_same_sample_whatever_the_batch(smollm: TransformersEngine):
    encode = smollm.tokenizer.encode
    texts = ("The capital of France is", "Question: what is 2 + 3? Let's think step by step:", "Once upon a time")
    prompts = [Prompt(encode(text), i << 16, (0, 1)) for i, text in enumerate(texts)]
    together = smollm.generate(prompts, Sampling(max_tokens=16))
    assert said(together) == said([smollm.generate([prompt], Sampling(max_tokens=16))[0] for prompt in prompts])
    assert all(smollm.tokenizer.decode(c.ids) == c.text for row in together for c in row)
    ((answer,),) = smollm.generate([Prompt(prompts[0].ids)], Sampling(0, max_tokens=4))
    assert "Paris" in answer.text
