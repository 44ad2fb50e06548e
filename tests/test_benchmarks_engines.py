"""The models of the benchmark of throughput and its file, and the benchmark of agreement, on fakes."""

import json

import pytest
from transformers import AutoTokenizer

import cotfaith
from benchmarks import agreement
from benchmarks.throughput import keeping, subjects

# --- Models, and the file of results ---------------------------------------------------------------------------------------


def test_random_llamas_stand_in_for_checkpoints_on_a_gpu(tmp_path):
    assert subjects.names(on_gpu=False, small=False) == ("smollm2-135m",)
    assert subjects.names(on_gpu=True, small=False) == tuple(subjects.LLAMAS)
    assert subjects.folder("smollm2-135m", tmp_path) == "smollm2-135m"


def test_random_llamas_read_the_tokens_of_smollm(smollm_wheel, tmp_path):
    made = subjects.folder("random-llama-1b", tmp_path)
    settings = json.loads((tmp_path / "random-llama-1b" / "config.json").read_text())
    assert (settings["hidden_size"], settings["num_hidden_layers"]) == (2048, 16)
    assert settings["architectures"] == ["LlamaForCausalLM"]
    assert made == str(tmp_path / "random-llama-1b")
    tokenizer = AutoTokenizer.from_pretrained(made)
    assert len(tokenizer.encode("A", add_special_tokens=False)) == 1
    assert len(tokenizer) <= settings["vocab_size"]


def entry(engine="transformers", device="cpu", model="m", **more):
    return {"engine": engine, "device": device, "model": model, **more}


def test_an_entry_replaces_its_like_and_stands_beside_the_others(tmp_path):
    path = tmp_path / "results" / "throughput.json"
    for made in (entry(number=1), entry("vllm", number=2), entry(device="NVIDIA X", number=3), entry(number=4)):
        keeping.keep(made, path)
    kept = json.loads(path.read_text())
    assert [(one["engine"], one["device"], one["number"]) for one in kept["entries"]] == [
        ("transformers", "NVIDIA X", 3),
        ("transformers", "cpu", 4),
        ("vllm", "cpu", 2),
    ]
    assert all(one["on"]["libraries"]["cotfaith"] for one in kept["entries"])
    assert keeping.merged({"note": "stays"}, entry())["note"] == "stays"


# --- Agreement --------------------------------------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def runs(tmp_path_factory):
    """The study of the agreement by two fakes: one twice, and another one."""
    folder = tmp_path_factory.mktemp("agreement")
    choices = {"task": "tracking", "measures": agreement.MEASURES, "limit": 3, "samples": 2, "temperature": 0.0, "quiet": True}
    models = {"one": "scripted/faithful", "again": "scripted/faithful", "other": "scripted/post-hoc"}
    return {name: cotfaith.run(model=model, out=folder / name, **choices) for name, model in models.items()}


def test_a_run_agrees_with_its_like(runs):
    found = agreement.agreement(runs["one"], runs["again"])
    assert found["same_traces"] == found["traces"] == 6
    assert found["same_answers"] == found["readings"] == found["readings_of_same_tokens"] > 50
    assert found["share_of_same_answers"] == 1
    assert (found["aoc_gap"], found["largest_log_probability_gap"]) == (0, 0)


def test_runs_that_differ_do_not_agree(runs):
    found = agreement.agreement(runs["one"], runs["other"])
    assert found["share_of_same_answers"] < 0.98
    assert found["aoc_gap"] > 0.02
    assert found["largest_log_probability_gap"] > 0.01
