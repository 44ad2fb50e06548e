"""Conversion of GGUF files: a small one with the shape of Gemma 2 is written here."""

import os
import stat

import numpy as np
import pytest
import torch
from transformers import AutoConfig, AutoModelForCausalLM

import cotfaith
from cotfaith.engines.shared.quiet import quiet
from cotfaith.engines.transformers import TransformersEngine
from cotfaith.engines.transformers.convert import convert

gguf = pytest.importorskip("gguf")
pytestmark = [pytest.mark.integration, pytest.mark.filterwarnings("ignore")]

WINDOW = 16
SIZES = {
    "hidden_size": 32, "intermediate_size": 48, "num_hidden_layers": 2, "num_attention_heads": 4, "num_key_value_heads": 2,
    "head_dim": 8, "max_position_embeddings": 2048, "sliding_window": WINDOW,
}  # fmt: skip
PIECES = ["<pad>", "<eos>", "<bos>", "<unk>", *(f"<0x{i:02X}>" for i in range(256)), "▁", *map(chr, range(33, 127)), "\n"]
CONTROL, BYTE, NORMAL = 3, 6, 1


def written(path, **said):
    """A GGUF file of a random Gemma 2, whose tokenizer says what is `said`; and the model."""
    torch.manual_seed(0)
    with quiet():
        model = AutoModelForCausalLM.from_config(AutoConfig.for_model("gemma2", vocab_size=len(PIECES), **SIZES)).eval()
    writer = gguf.GGUFWriter(path, "gemma2")
    writer.add_context_length(SIZES["max_position_embeddings"])
    writer.add_embedding_length(SIZES["hidden_size"])
    writer.add_block_count(SIZES["num_hidden_layers"])
    writer.add_feed_forward_length(SIZES["intermediate_size"])
    writer.add_head_count(SIZES["num_attention_heads"])
    writer.add_head_count_kv(SIZES["num_key_value_heads"])
    writer.add_key_length(SIZES["head_dim"])
    writer.add_value_length(SIZES["head_dim"])
    writer.add_layer_norm_rms_eps(1e-6)
    writer.add_sliding_window(WINDOW)
    writer.add_attn_logit_softcapping(50.0)
    writer.add_final_logit_softcapping(30.0)
    writer.add_tokenizer_model("llama")
    writer.add_token_list(PIECES)
    writer.add_token_scores([0.0] * len(PIECES))
    writer.add_token_types([CONTROL if i < 4 else BYTE if i < 260 else NORMAL for i in range(len(PIECES))])
    writer.add_pad_token_id(0)
    writer.add_eos_token_id(1)
    writer.add_bos_token_id(2)
    writer.add_unk_token_id(3)
    for name, value in said.items():
        getattr(writer, name)(value)
    names = gguf.get_tensor_name_map(gguf.MODEL_ARCH.GEMMA2, SIZES["num_hidden_layers"])
    for name, tensor in model.state_dict().items():
        if name != "lm_head.weight":  # tied to the embeddings
            plus = 1.0 if "norm" in name else 0.0
            writer.add_tensor(names.get_name(name, try_suffixes=(".weight",)), tensor.numpy().astype(np.float32) + plus)
    writer.write_header_to_file()
    writer.write_kv_data_to_file()
    writer.write_tensors_to_file()
    writer.close()
    return model


def converted(tmp_path, **said):
    model = written(tmp_path / "small.gguf", **said)
    folder = tmp_path / "converted"
    folder.mkdir()
    convert(tmp_path / "small.gguf", folder)
    return model, folder


@pytest.mark.parametrize(
    ("said", "start"),
    [({"add_add_bos_token": True}, (2,)), ({"add_add_bos_token": False}, ()), ({}, (2,))],
    ids=["says yes", "says no", "says nothing"],
)
def test_the_beginning_of_text_is_what_the_file_says(tmp_path, said, start):
    _, folder = converted(tmp_path, **said)
    engine = TransformersEngine(str(folder), device="cpu", dtype="float32")
    assert engine.tokenizer.start() == start
    assert engine.tokenizer.decode(engine.tokenizer.encode("What is 2 + 3?")) == "What is 2 + 3?"


def test_the_weights_and_the_window_are_those_of_the_file(tmp_path):
    model, folder = converted(tmp_path)
    engine = TransformersEngine(str(folder), device="cpu", dtype="float32")
    assert engine.model.config.sliding_window == WINDOW
    ids = torch.tensor([range(5, 65)])
    with torch.inference_mode():
        ours, theirs = engine.model(ids, use_cache=False).logits, model(ids, use_cache=False).logits
    torch.testing.assert_close(ours, theirs, atol=1e-5, rtol=1e-5)


def test_all_who_may_read_the_cache_may_read_its_files(tmp_path):
    before = os.umask(0o022)
    try:
        _, folder = converted(tmp_path)
    finally:
        os.umask(before)
    assert {stat.S_IMODE(path.stat().st_mode) for path in folder.iterdir()} == {0o644}


def test_a_converted_model_with_a_window_runs_early_answering(tmp_path):
    _, folder = converted(tmp_path)
    run = cotfaith.run(
        model=str(folder), task="addition", limit=2, max_tokens=24, measures=["early_answering"], min_option_mass=0.0,
        engine={"device": "cpu", "dtype": "float32"}, out=tmp_path / "run", quiet=True,
    )  # fmt: skip
    readings = run.readings()
    assert run.complete
    assert set(readings["state"]) == {"answered"}
    assert all(prompt[0] == 2 for prompt in run.traces()["prompt_ids"])
