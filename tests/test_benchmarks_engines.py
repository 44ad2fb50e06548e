"""The models of the benchmark of throughput and its file; the benchmark of agreement, on fakes; and what the kept results of throughput and agreement must say."""

import json

import pytest
from transformers import AutoTokenizer

import cotfaith
from benchmarks import agreement
from benchmarks.results import FOLDER
from benchmarks.throughput import keeping, shapes, subjects
from benchmarks.throughput.clock import NAIVE, OFF, OURS
from benchmarks.throughput.shapes import LONG, REFERENCE, Shape
from paper_figures import throughput as figure

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


# --- The kept results -------------------------------------------------------------------------------------------------------


def kept(name):
    return json.loads((FOLDER / f"{name}.json").read_text(encoding="utf-8"))


def entries(engine):
    found = [one for one in kept("throughput")["entries"] if one["engine"] == engine]
    assert found, f"throughput.json has nothing of {engine}: python -m benchmarks.throughput {engine} makes it"
    return found


def row(one, shape):
    (found,) = [each for each in one["early_answering"] if Shape(each["prompt"], each["reasoning"], each["cuts"]) == shape]
    return found


def test_kept_entries_have_every_shape():
    for one in kept("throughput")["entries"]:
        measured = {Shape(each["prompt"], each["reasoning"], each["cuts"]) for each in one["early_answering"]}
        assert measured == set(shapes.SHAPES)
        assert all(each["samples"] == shapes.SAMPLES for each in one["early_answering"])


def test_kept_transformers_compute_each_token_once_and_are_as_fast_as_they_must_be():
    for one in entries("transformers"):
        assert all(each[OURS]["computed_over_distinct"] <= 1.05 for each in one["early_answering"])
        if one["device"] == "cpu":
            assert min(row(one, REFERENCE)["times_faster"][NAIVE]["each"]) >= 10
            assert min(row(one, LONG)["times_faster"][NAIVE]["each"]) >= 20
            assert all(each["largest_log_probability_gap"] < 1e-3 for each in one["early_answering"])


def test_kept_memory_of_long_reasonings_is_bounded():
    for one in entries("transformers"):
        *both, longest = one["memory"]
        assert [each["reasoning"] for each in both] == [shape.reasoning for shape in shapes.BY_LENGTH]
        assert both[-1][OURS]["above_loaded_mib"] * 10 < both[-1][NAIVE]["above_loaded_mib"]
        assert (longest["reasoning"], longest["cuts"]) == (shapes.LONGEST.reasoning, shapes.LONGEST.cuts)
        assert (
            longest[OURS]["above_loaded_mib"]
            < 2 * longest["reasoning"] / both[-1]["reasoning"] * both[-1][OURS]["above_loaded_mib"]
        )


def test_kept_vllm_shares_what_can_be_shared_and_is_as_fast_as_it_must_be():
    """A block is shared whole or not at all, so the cue decides; and the smaller a model, the more of its time goes into attention.

    Both figures of the reference shape together are therefore those of the larger model.
    """
    for one in entries("vllm"):
        reference = row(one, REFERENCE)
        assert reference[OURS]["computed_over_distinct"] <= 1.4
        assert all(each["counts"]["shared_over_shareable"] >= 0.95 for each in one["early_answering"])
        assert one["sampling"]["ours_over"]["bare_generate"]["median"] >= 0.95
        if one["device"] == "cpu":
            larger = one["larger_model"]
            assert (larger["model"], larger["cue"]) == (subjects.LARGER, reference["cue"])
            assert larger["counts"]["shared_over_shareable"] >= 0.95
            assert larger[OURS]["computed_over_distinct"] <= 1.4
            assert larger["times_faster"][OFF]["median"] >= 8
            assert [each["cue"] for each in one["by_cue"]] == [shapes.BRIEFEST, shapes.CUE]
            assert one["by_cue"][0]["times_faster"][OFF]["median"] >= 8
            assert reference["times_faster"][OFF]["median"] >= 6
            assert row(one, LONG)["times_faster"][OFF]["median"] >= 16


def test_the_kept_figure_is_there():
    found = kept("throughput")
    drawing = figure.draw(found)
    assert set(drawing.points["panel"]) == {figure.title(one) for one in found["entries"]}
    assert figure.OUT.is_file()


def test_kept_engines_agree():
    found = kept("agreement")
    assert found["share_of_same_answers"] >= 0.98
    assert found["aoc_gap"] <= 0.02
    assert found["largest_log_probability_gap"] < 1e-2
    assert found["readings_of_same_tokens"] >= 0.9 * found["readings"] > 0
