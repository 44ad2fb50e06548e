"""The smart loop and the roofline: values against the engine, operations against counts by hand and against torch's own."""

import pytest
import torch
from engines import tiny
from torch.nn.attention import SDPBackend, sdpa_kernel
from torch.utils.flop_counter import FlopCounterMode

from benchmarks.throughput import against_smart, operations, profile, roofline, shapes, smart
from benchmarks.throughput.clock import BATCHED, OURS, SMART, Took
from benchmarks.throughput.operations import Sizes, Work
from benchmarks.throughput.shapes import Shape
from cotfaith import prompts
from cotfaith.types import Branch, PrefixTree
from docs.generate import readme

SHAPE = Shape(12, 30, 5)
TWO = ((1,), (2,))


@pytest.fixture(scope="module")
def engine():
    threads = torch.get_num_threads()
    torch.set_num_threads(1)
    yield tiny.engine()
    torch.set_num_threads(threads)


# --- The cue ----------------------------------------------------------------------------------------------------------------


def test_the_cue_is_the_one_that_a_run_asks_with(engine):
    form = prompts.choose("auto", engine.tokenizer)
    (tree,) = shapes.trees(engine.tokenizer, SHAPE, seed=0, samples=1)
    assert {branch.suffix for branch in tree.branches} == {form.answer_ids(shapes.ASKED, tree.trunk)}
    assert shapes.product_cue(engine.tokenizer).startswith("<|im_end|>\n<|im_start|>user\n")
    (brief,) = shapes.trees(engine.tokenizer, SHAPE, seed=0, samples=1, cue="So")
    assert brief.branches[0].suffix == engine.tokenizer.encode("So")


def test_the_cue_of_smollm_has_34_tokens(smollm_wheel):
    from benchmarks.throughput import subjects
    from cotfaith.engines.shared.tokenizer import ContinuationTokenizer

    (tree,) = shapes.trees(ContinuationTokenizer(subjects.tokenizer(), "smollm2-135m"), SHAPE, seed=0, samples=1)
    assert len(tree.branches[0].suffix) == 34


# --- The loop ---------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("batched", [False, True])
def test_the_smart_loop_reads_what_the_engine_reads(engine, batched):
    trees = shapes.trees(engine.tokenizer, SHAPE, seed=3)
    loop = smart.SmartLoop(engine.model, batched=batched)
    took = loop(trees)
    ours = {(t, b): list(one.logprobs) for t, several in enumerate(engine.score(trees)) for b, one in enumerate(several)}
    assert against_smart.largest(ours, loop.found) < 2e-5
    assert took.computed == sum(len(tree.trunk) + sum(len(branch.suffix) for branch in tree.branches) for tree in trees)
    moved = {place: [value * 1.001 for value in values] for place, values in loop.found.items()}
    assert against_smart.largest(ours, moved) > 9e-4


def test_the_smart_loop_computes_the_trunk_once_and_then_cues_alone(engine, monkeypatch):
    seen = []
    forward = engine.model.forward
    monkeypatch.setattr(
        engine.model, "forward", lambda input_ids, **rest: (seen.append(tuple(input_ids.shape)), forward(input_ids, **rest))[1]
    )
    tree = PrefixTree(tuple(range(20)), tuple(Branch(offset, (9, 8, 7), TWO) for offset in (5, 16, 11)))
    smart.SmartLoop(engine.model)([tree])
    assert seen == [(1, 16), (1, 3), (1, 3), (1, 3)]
    seen.clear()
    smart.SmartLoop(engine.model, batched=True)([tree])
    assert seen == [(1, 16), (3, 3)]


def test_values_that_differ_are_refused_in_float32_alone():
    with pytest.raises(RuntimeError, match=r"^The values of smart_loop differ from ours by 1\.0e-03, more than 2e-05: "):
        against_smart.check({SMART: 1e-3}, "float32")
    with pytest.raises(RuntimeError):
        against_smart.check({SMART: float("nan")}, "float32")
    against_smart.check({SMART: 1e-5}, "float32")
    against_smart.check({SMART: 1e-3}, "bfloat16")
    with pytest.raises(RuntimeError, match="different cuts"):
        against_smart.largest({(0, 0): [1.0]}, {(0, 1): [1.0]})


# --- Operations -------------------------------------------------------------------------------------------------------------


def test_operations_are_those_counted_by_hand():
    """Two layers of width 4 with two heads of 2, one of keys; an MLP of 3; ten words."""
    tiny_sizes = Sizes(layers=2, hidden=4, heads=2, key_heads=1, head=2, inner=3, vocabulary=10)
    # A token: queries 4x4, keys 4x2, values 4x2, output 4x4, MLP 3 times 4x3: 84 multiplications a layer. A row of logits: 40.
    assert tiny_sizes.linear(Work(tokens=5, pairs=0, rows=0)) == 2 * 5 * 2 * 84
    assert tiny_sizes.linear(Work(tokens=0, pairs=0, rows=3)) == 2 * 3 * 40
    # A pair: two heads of 2 multiplications for the score, and as many for the value.
    assert tiny_sizes.attention(Work(tokens=0, pairs=7, rows=0)) == 2 * 7 * 2 * 2 * 4
    assert tiny_sizes.all(Work(5, 7, 3)) == 1680 + 240 + 224


def test_work_is_that_counted_by_hand():
    # Tokens 0..5, cuts after 2 and 6 with two more tokens each; the option's first token is read after the second.
    tree = PrefixTree((1, 2, 3, 4, 5, 6), (Branch(2, (8, 9), TWO), Branch(6, (8, 9), TWO)))
    pairs = (1 + 2 + 3 + 4 + 5 + 6) + (3 + 4) + (7 + 8)
    assert operations.ours([tree]) == Work(tokens=10, pairs=pairs, rows=2)
    assert operations.smart([tree]) == Work(tokens=10, pairs=pairs, rows=3)  # the trunk's pass has a row of logits too
    other = PrefixTree((1, 2, 3, 4, 5, 7), tree.branches)
    assert operations.ours([tree, other]) == Work(tokens=10 + 3, pairs=pairs + 6 + (7 + 8), rows=3)
    assert operations.smart([tree, other]) == Work(20, 2 * pairs, 6)
    assert operations.continued(3, 2, 1) == Work(2, 4 + 5, 1)


def flops(model, tokens):
    """What torch counts in a pass with the logits of the last position. Attention is two plain products, with hidden tokens too.

    The fused attention of a processor is an operator that torch does not count.
    """
    with torch.inference_mode(), sdpa_kernel(SDPBackend.MATH), FlopCounterMode(display=False) as counter:
        model(input_ids=torch.arange(tokens)[None], logits_to_keep=1, use_cache=False)
    return counter.get_total_flops()


def test_operations_are_those_that_torch_counts(engine):
    sizes = operations.sizes(engine.model.config)
    assert flops(engine.model, 17) == sizes.all(Work(17, 17 * 17, 1))


@pytest.mark.model
def test_operations_of_smollm_are_those_that_torch_counts(smollm_wheel):
    from benchmarks.throughput import subjects

    model = subjects.transformers_engine(subjects.CHECKPOINT).model
    sizes = operations.sizes(model.config)
    for tokens in (9, 64):
        assert flops(model, tokens) == sizes.all(Work(tokens, tokens**2, 1))
    per_token = sizes.linear(Work(1, 0, 0))
    assert per_token == 2 * 30 * (2 * 576 * 576 + 2 * 576 * 192 + 3 * 576 * 1536)


def test_other_kinds_of_models_have_no_count():
    with pytest.raises(ValueError, match="not gpt2"):
        operations.sizes(tiny.model("gpt2").config)


# --- The roofline -----------------------------------------------------------------------------------------------------------


def test_a_share_is_operations_over_seconds_over_peak():
    found = against_smart.counted([Took(2.0, 1), Took(1.0, 1), Took(4.0, 1)], 50, 100.0)
    assert found == {"operations": 50, "share_of_peak": 0.25, "share_of_peak_range": [0.125, 0.5]}


def test_the_peak_is_the_fastest_product(engine, monkeypatch):
    seconds = iter([4.0, 2.0, 1.0, 8.0])
    monkeypatch.setattr(roofline, "clocked", lambda work: (work(), next(seconds)))
    assert roofline.peak(engine.model, sides=(2, 3), repetitions=2) == max(2 * 8 / 2.0, 2 * 27 / 1.0)


def test_the_attention_kernel_alone_has_a_rate(engine, monkeypatch):
    seconds = iter([4.0, 2.0])
    shapes_seen = []
    kernel = torch.nn.functional.scaled_dot_product_attention

    def watched(query, key, value):
        shapes_seen.append((query.shape, key.shape))
        return kernel(query, key, value)

    monkeypatch.setattr(torch.nn.functional, "scaled_dot_product_attention", watched)
    monkeypatch.setattr(roofline, "clocked", lambda work: (work(), next(seconds)))
    found = roofline.attention(engine.model, operations.sizes(engine.model.config), 50, rows=7, repetitions=2)
    assert found == 4 * 7 * 50 * 4 * 8 / 2.0
    assert shapes_seen == [((1, 2, 14, 8), (1, 2, 50, 8))] * 3


def test_time_goes_to_matrices_attention_and_the_rest(engine):
    trees = shapes.trees(engine.tokenizer, SHAPE, seed=0, samples=1)
    sizes = operations.sizes(engine.model.config)
    found = profile.parts(lambda: engine.score(trees), sizes, operations.ours(trees), 1e9)
    assert set(found) == {profile.LINEAR, profile.ATTENTION, profile.OTHER}
    assert all(one["seconds"] > 0 for one in found.values())
    assert sum(one["share_of_seconds"] for one in found.values()) == pytest.approx(1, abs=1e-3)
    linear = found[profile.LINEAR]
    assert linear["share_of_peak"] == pytest.approx(sizes.linear(operations.ours(trees)) / 1e9 / linear["seconds"], rel=0.1)


def test_a_comparison_has_both_ways_and_their_shares(engine):
    found = against_smart.compare(engine, SHAPE, 2, repetitions=2)
    trees = shapes.trees(engine.tokenizer, SHAPE, seed=0, samples=2)
    sizes = operations.sizes(engine.model.config)
    assert found[OURS]["operations"] == sizes.all(operations.ours(trees)) < found[SMART]["operations"]
    assert found[OURS]["computed_over_distinct"] == 1 < found[SMART]["computed_over_distinct"]
    for way in (OURS, SMART):
        by_hand = found[way]["operations"] / found[way]["median_seconds"] / found["peak_gflops"] / 1e9
        assert found[way]["share_of_peak"] == pytest.approx(by_hand, rel=0.05)
    assert found["largest_gap"][SMART] < 2e-5
    assert set(found["times_faster"]) == {SMART}
    assert (found["samples"], found["cue_tokens"]) == (2, len(trees[0].branches[0].suffix))


def test_the_readme_leads_with_the_smart_loop_and_the_shares(engine):
    row = against_smart.compare(engine, SHAPE, 1, repetitions=1)
    row[OURS] |= {"share_of_peak": 0.861, "median_seconds": 3.94}
    row[SMART] |= {"share_of_peak": 0.552}
    row |= {"times_faster": {SMART: {"median": 1.54}}, "peak_gflops": 92.4}
    row["attention_alone_share_of_peak"] = 0.7
    row["profile"] = {
        profile.LINEAR: {"share_of_seconds": 0.7, "share_of_peak": 0.9},
        profile.ATTENTION: {"share_of_seconds": 0.2, "share_of_peak": 0.5},
        profile.OTHER: {"share_of_seconds": 0.1},
    }
    one = {"engine": "transformers", "device": "cpu", "model": "m", "dtype": "float32", "against_smart": [row]}
    said = readme.smart([one, {"engine": "vllm", "device": "cpu", "model": "m"}])
    assert "| transformers, cpu, m | 12, 1 x 30, 5 | 3.9 | 1.54 | 86%, 55% |" in said
    assert f"has {row['cue_tokens']} tokens" in said
    assert "92 GFLOP/s in float32" in said
    assert "weight matrices (70%, at 90% of the peak), attention (20%, at 50% of the peak) and all else (10%)" in said
    batched = row | {BATCHED: {"share_of_peak": 0.2}, "times_faster": {SMART: {"median": 9.0}, BATCHED: {"median": 2.5}}}
    assert "| 9.00; 2.50 (all cuts batched) | 86%, 55%, 20% |" in readme.smart([one | {"against_smart": [batched]}])
    assert readme.smart([one | {"against_smart": []}]) == ""
