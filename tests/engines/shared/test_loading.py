"""Whatever fails while a checkpoint is read is one sentence, apart from an interrupt."""

import json
import os
import struct
from pathlib import Path

import pytest

from cotfaith.engines.shared.loading import loading
from cotfaith.engines.shared.sizes import check_ids, check_weights, headers
from cotfaith.errors import EngineError, UsageError


class PanicException(BaseException):
    """As a library in Rust raises it."""


def said(error: BaseException, name: str = "Org/Model", step: str = "the tokenizer") -> str:
    with pytest.raises(EngineError) as caught, loading(name, None, step):
        raise error
    return str(caught.value)


@pytest.mark.parametrize(
    "error",
    [TypeError("x"), AttributeError("x"), KeyError("x"), ValueError("x"), OSError("x"), RecursionError("x"), ZeroDivisionError("x"), AssertionError("x"), Exception("x"),
     StopIteration("x"), PanicException("x")],
    ids=lambda error: type(error).__name__,
)  # fmt: skip
def test_every_failure_is_one_sentence(error: BaseException) -> None:
    text = str(error)
    assert said(error) == (
        f"Model 'Org/Model' could not be loaded (from the tokenizer; {type(error).__name__}: {text}): check the checkpoint and the engine "
        "arguments, or download it again."
    )


def test_an_error_without_words() -> None:
    assert "(from config.json; AssertionError): check" in said(AssertionError(), step="config.json")


@pytest.mark.parametrize("error", [KeyboardInterrupt(), SystemExit(3), GeneratorExit()], ids=lambda error: type(error).__name__)
def test_an_interrupt_passes(error: BaseException) -> None:
    with pytest.raises(type(error)), loading("m", None, "the weights"):
        raise error


def test_our_own_sentences_pass() -> None:
    with pytest.raises(UsageError, match="^mine$"), loading("m", None, "the weights"):
        raise UsageError("mine")


@pytest.mark.parametrize(
    "error",
    [
        MemoryError(),
        RuntimeError("DefaultCPUAllocator: can't allocate memory: you tried 9 bytes"),
        RuntimeError("CUDA out of memory. Tried"),
    ],
)
def test_memory_that_runs_out_is_no_broken_checkpoint(error: Exception) -> None:
    assert (
        said(error, step="the weights")
        == "Model 'Org/Model' does not fit into memory (the weights): use a smaller model or dtype, or free memory."
    )


def weights(path: Path, **shapes: list[int]) -> None:
    header = json.dumps({name: {"dtype": "F32", "shape": shape, "data_offsets": [0, 0]} for name, shape in shapes.items()}).encode()
    path.write_bytes(struct.pack("<Q", len(header)) + header)


@pytest.mark.parametrize(
    ("settings", "words"),
    [
        (
            {"num_hidden_layers": 10**9},
            "has num_hidden_layers 1000000000 in its config.json, and its weights hold only 2 tensors with 1,100 numbers",
        ),
        ({"text_config": {"n_layer": 5000}}, "has n_layer 5000"),
        ({"vocab_size": 2**31}, "has vocab_size 2147483648"),
        ({"text_config": {"hidden_size": 10**12}}, "has hidden_size 1000000000000"),
    ],
)
def test_sizes_that_the_weights_cannot_have(tmp_path: Path, settings: dict[str, object], words: str) -> None:
    weights(tmp_path / "a.safetensors", a=[10, 100], b=[100])
    (tmp_path / "config.json").write_text(json.dumps(settings))
    with pytest.raises(EngineError) as caught:
        check_weights("m", tmp_path)
    assert words in str(caught.value)


@pytest.mark.parametrize(
    "settings",
    [{"num_hidden_layers": 2, "vocab_size": 10}, {"max_position_embeddings": 10**9, "rope_theta": 10**7}, {"use_cache": True}, []],
)
def test_sizes_that_are_possible(tmp_path: Path, settings: object) -> None:
    weights(tmp_path / "a.safetensors", a=[10, 100], b=[100])
    (tmp_path / "config.json").write_text(json.dumps(settings))
    check_weights("m", tmp_path)
    assert [dict(shapes) for shapes in headers(tmp_path)] == [{"a": [10, 100], "b": [100]}]


def test_nothing_is_compared_without_weights(tmp_path: Path) -> None:
    check_weights("m", tmp_path)


def test_half_a_file_of_weights(tmp_path: Path) -> None:
    (tmp_path / "a.safetensors").write_bytes(struct.pack("<Q", 10**9) + b"{")
    with (
        pytest.raises(EngineError, match=r"a\.safetensors is not whole: its header alone has 1000000000 bytes"),
        loading("m", None, "the weights"),
    ):
        check_weights("m", tmp_path)


@pytest.mark.parametrize(
    ("file", "whole", "words"),
    [
        ("tokenizer.json", {"model": {"vocab": {"H": 2**31}}}, "has 2147483648 for 'H' in its tokenizer.json, which is no id of a token"),
        ("tokenizer.json", {"added_tokens": [{"id": 10**7, "content": "x"}]}, "has 10000000 for 'id'"),
        ("tokenizer.json", {"padding": {"strategy": {"Fixed": 10**12}}}, "has 1000000000000 for 'Fixed'"),
        ("tokenizer.json", {"post_processor": {"special_tokens": {"a": {"ids": [3, 10**9]}}}}, "has 1000000000 for 'ids'"),
        ("vocab.json", {"a": 1, "b": 10**9}, "has 1000000000 for 'b' in its vocab.json"),
        ("tokenizer_config.json", {"added_tokens_decoder": {"4294967295": {}}}, "has 4294967295 for '4294967295' in its tokenizer_config.json"),
    ],
)  # fmt: skip
def test_ids_that_no_vocabulary_has(tmp_path: Path, file: str, whole: object, words: str) -> None:
    (tmp_path / file).write_text(json.dumps(whole))
    with pytest.raises(EngineError) as caught:
        check_ids("m", tmp_path)
    assert words in str(caught.value)


def test_long_numbers_that_are_no_ids(tmp_path: Path) -> None:
    (tmp_path / "tokenizer.json").write_text(
        '{"truncation": {"max_length": 100000000}, "model": {"vocab": {"00000000": 3, ":123456789": 4, "a": 9999999}, "s": -12.123456789}}'
    )
    (tmp_path / "tokenizer_config.json").write_text(
        '{"model_max_length": 1000000000000000019884624838656, "added_tokens_decoder": {"3": {}}}'
    )
    check_ids("m", tmp_path)


def test_a_number_of_many_digits_is_one_sentence(tmp_path: Path) -> None:
    (tmp_path / "vocab.json").write_text('{"a": ' + "9" * 5000 + "}")
    with pytest.raises(EngineError, match="could not be loaded"), loading("m", None, "the tokenizer"):
        check_ids("m", tmp_path)


def write(text: bytes, error: BaseException | None) -> None:
    with loading("m", None, "the tokenizer"):
        os.write(2, text)
        if error is not None:
            raise error


def test_what_a_panic_writes_is_dropped_and_nothing_else(capfd: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(EngineError):
        write(b"thread panicked at model.rs", PanicException("x"))
    assert capfd.readouterr().err == ""
    with pytest.raises(EngineError):
        write(b"a warning of a library", ValueError("x"))
    write(b", and another", None)
    assert capfd.readouterr().err == "a warning of a library, and another"
