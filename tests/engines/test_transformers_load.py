"""Loading: from a folder, with arguments as text, and one sentence for each thing that can be wrong."""

import json
import shutil

import pytest
import torch
from engines import tiny
from huggingface_hub import constants
from huggingface_hub.errors import GatedRepoError, RepositoryNotFoundError

from cotfaith.contracts.options import build
from cotfaith.engines.shared import checkpoint
from cotfaith.engines.shared.loading import reason
from cotfaith.engines.shared.quiet import quiet
from cotfaith.engines.transformers import TransformersEngine
from cotfaith.engines.transformers.options import TransformersOptions
from cotfaith.engines.transformers.settings import Settings, settings
from cotfaith.errors import EngineError, UsageError
from cotfaith.types import Prompt, Sampling

pytestmark = pytest.mark.integration


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    made = tmp_path_factory.mktemp("models") / "tiny"
    with quiet():
        tiny.model().save_pretrained(made)
        tiny.byte_level().save_pretrained(made)
    return made


def test_a_folder_loads_and_says_what_it_is(folder):
    engine = TransformersEngine(str(folder), dtype="float32", device="cpu", attention="eager", batch_tokens="128")
    info = engine.info
    assert (info.model, info.engine, info.dtype, info.device) == (f"hf/{folder}", "transformers", "float32", "cpu")
    assert info.parameters == sum(p.numel() for p in tiny.model().parameters())
    assert info.context == tiny.CONTEXT
    assert info.capabilities == {"tokens", "prefill", "option_logprobs", "seeds"}
    assert info.version.startswith("transformers ")
    assert ", torch " in info.version
    assert info.arguments == {
        "attention": "eager", "trust_remote_code": False, "batch_tokens": 128, "score_tokens": 512, "prefill_chunk": 512,
        "pack_tokens": 512,
    }  # fmt: skip
    assert info.revision.startswith("b1:")
    prompt = Prompt((1, 2, 3), 4)
    assert engine.generate([prompt], Sampling(max_tokens=5)) == tiny.engine().generate([prompt], Sampling(max_tokens=5))
    assert engine.tokenizer.has_template


def test_the_fastest_kernel_that_takes_a_mask_is_chosen_once_and_told(folder, tmp_path):
    assert TransformersEngine(str(folder), device="cpu").info.arguments["attention"] == "sdpa"
    other = tmp_path / "no-sdpa"
    with quiet():
        tiny.model("gpt_oss").save_pretrained(other)
        tiny.byte_level().save_pretrained(other)
    assert TransformersEngine(str(other), device="cpu", dtype="float32").info.arguments["attention"] == "eager"


def test_closing_gives_the_model_back(folder):
    engine = TransformersEngine(str(folder))
    engine.close()
    assert not hasattr(engine, "model")


def test_the_revision_is_that_of_the_content(folder, tmp_path):
    first = checkpoint.fingerprint(folder)
    same = shutil.copytree(folder, tmp_path / "other-name")
    config = json.loads((same / "config.json").read_text())
    (same / "config.json").write_text(json.dumps({**config, "transformers_version": "0", "_name_or_path": "elsewhere"}))
    assert checkpoint.fingerprint(same) == first
    weights = bytearray((same / "model.safetensors").read_bytes())
    weights[-5] ^= 1
    (same / "model.safetensors").write_bytes(weights)
    assert checkpoint.fingerprint(same) != first


def test_a_model_in_hand_needs_its_tokenizer():
    with pytest.raises(EngineError, match="^A model that is already loaded needs its tokenizer: pass tokenizer=."):
        TransformersEngine(tiny.model())


def refused(name, **arguments):
    with pytest.raises(EngineError) as caught:
        TransformersEngine(name, device="cpu", **arguments)
    return str(caught.value)


def test_a_folder_that_is_not_there(tmp_path):
    for name in (str(tmp_path / "nope"), "./nope", "a/b/c"):
        assert refused(name) == (
            f"Model folder {name!r} does not exist: give a folder with config.json and safetensors weights, or a hub id such as Org/Model."
        )


@pytest.mark.parametrize("name", ["</script>", "-a/b", "a/b--", "é/x", "a" * 200 + "/b"])
def test_what_is_no_hub_id(name):
    from cotfaith.engines.shared.at_hand import at_hand

    for load in (
        lambda: TransformersEngine(name),
        lambda: at_hand(name, None, trust_remote_code=False),
        lambda: checkpoint.source(name, None),
    ):
        assert (
            said(load)
            == f"Model {name!r} is neither a folder that exists nor a hub id such as Org/Model, nor an alias (smollm2-135m)."
        )


def test_a_hub_that_cannot_be_reached(monkeypatch):
    monkeypatch.setattr(constants, "HF_HUB_OFFLINE", True)
    assert refused("Org/NotThere", revision="v9") == (
        "Model 'Org/NotThere' at revision 'v9' is neither a local folder nor an alias (smollm2-135m), the hub's local cache lacks it, "
        "and the hub could not be reached: check the name and the network, or give a folder."
    )


def test_pickled_weights_are_not_loaded(folder, tmp_path):
    pickled = shutil.copytree(folder, tmp_path / "pickled")
    (pickled / "model.safetensors").rename(pickled / "pytorch_model.bin")
    assert refused(str(pickled)) == (
        f"Model {str(pickled)!r} has no safetensors weights, and pickles are not loaded: convert it to safetensors first: if you trust it, load it and its "
        "tokenizer with transformers, save_pretrained both into a folder, and give that."
    )


@pytest.mark.parametrize(
    ("config", "words"),
    [
        ({"model_type": "t5"}, "is not a causal language model that transformers knows: use one that is."),
        (
            {"model_type": "odd", "auto_map": {"AutoConfig": "odd.Config"}},
            "needs its own code: read it, and if you trust it add trust_remote_code=true.",
        ),
        ({}, "could not be loaded (from config.json; ValueError: Unrecognized model in "),
    ],
)
def test_a_checkpoint_that_is_something_else(folder, tmp_path, config, words):
    other = shutil.copytree(folder, tmp_path / "other")
    (other / "config.json").write_text(json.dumps(config))
    assert refused(str(other)).startswith(f"Model {str(other)!r} {words}")


@pytest.mark.parametrize(
    ("cause", "words"),
    [
        (GatedRepoError, "is gated: accept its terms on huggingface.co and log in with `hf auth login`."),
        (RepositoryNotFoundError, "is not on the hub: check the name, or use a local folder or an alias (smollm2-135m)."),
    ],
)
def test_what_the_hub_answers(cause, words):
    error = OSError("long text")
    error.__cause__ = cause.__new__(cause)
    assert reason("Org/Model", None, error) == f"Model 'Org/Model' {words}"


def chosen(arguments):
    return settings(build(TransformersOptions, arguments, "the transformers engine"))


def test_arguments_come_as_text_or_as_values():
    assert chosen({"device": "cpu"}) == Settings("float32", "cpu")
    assert chosen({"device": "cpu", "dtype": "bfloat16", "trust_remote_code": "true", "score_tokens": " 64 "}) == Settings(
        "bfloat16", "cpu", trust_remote_code=True, score_tokens=64
    )
    assert chosen({"device": "cpu", "attention": ""}) == Settings("float32", "cpu")
    assert chosen({"device": "cpu", "dtype": "float16"}).torch_dtype is torch.float16


@pytest.mark.parametrize(
    ("arguments", "sentence"),
    [
        ({"batch_token": 1}, "Unknown option of the transformers engine 'batch_token': did you mean 'batch_tokens'?"),
        (
            {"dtype": "float23"},
            "Option 'dtype' of the transformers engine must be one of 'auto', 'float32', 'bfloat16', 'float16', not 'float23'.",
        ),
        (
            {"batch_tokens": "many"},
            "Option 'batch_tokens' of the transformers engine must be a whole number from 1 or nothing, not 'many'.",
        ),
        ({"score_tokens": 0}, "Option 'score_tokens' of the transformers engine must be a whole number from 1 or nothing, not 0."),
        (
            {"pack_tokens": "0"},
            "Option 'pack_tokens' of the transformers engine must be a whole number from 1 or nothing, not '0'.",
        ),
        (
            {"prefill_chunk": -3},
            "Option 'prefill_chunk' of the transformers engine must be a whole number from 1 or nothing, not -3.",
        ),
        (
            {"trust_remote_code": "perhaps"},
            "Option 'trust_remote_code' of the transformers engine must be true or false, not 'perhaps'.",
        ),
        ({"device": "abacus"}, "Unknown device 'abacus': use 'cpu', 'cuda', 'cuda:1' or 'mps'."),
    ],
)
def test_wrong_arguments_are_one_sentence(arguments, sentence):
    with pytest.raises(UsageError) as caught:
        chosen({"device": "cpu", **arguments})
    assert str(caught.value) == sentence


def test_a_gpu_that_is_not_there(monkeypatch):
    monkeypatch.setattr(torch.cuda, "is_available", lambda: False)
    with pytest.raises(UsageError, match="^Device 'cuda:0' is not available, because torch finds no CUDA GPU on this machine"):
        chosen({"device": "cuda:0"})
    monkeypatch.setattr(torch.cuda, "is_available", lambda: True)
    assert chosen({}) == Settings("bfloat16", "cuda", batch_tokens=65536, score_tokens=2048, prefill_chunk=2048, pack_tokens=2048)


def test_nothing_is_printed_or_left_changed(folder, capfd):
    from transformers.utils import logging

    level, bars = logging.get_verbosity(), logging.is_progress_bar_enabled()
    TransformersEngine(str(folder), device="cpu").generate([Prompt((1, 2))], Sampling(max_tokens=2))
    assert capfd.readouterr() == ("", "")
    assert (logging.get_verbosity(), logging.is_progress_bar_enabled()) == (level, bars)


# --- folders that something has happened to -------------------------------------------------------------------------------


@pytest.fixture
def copy(folder, tmp_path):
    return shutil.copytree(folder, tmp_path / "copy")


def change(path, *where, value):
    whole = json.loads(path.read_text())
    parent = whole
    for key in where[:-1]:
        parent = parent[key]
    parent[where[-1]] = value
    path.write_text(json.dumps(whole))


def said(load):
    """The sentence of the refusal; empty if it loads. Any other error is a failure."""
    try:
        load()
    except EngineError as error:
        return str(error)
    return ""


@pytest.mark.parametrize("share", [0.0, 0.001, 0.01, 0.3, 0.999])
def test_half_a_download(copy, share):
    path = copy / "model.safetensors"
    data = path.read_bytes()
    path.write_bytes(data[: int(share * len(data))])
    sentence = refused(str(copy))
    assert (
        "has damaged or incomplete weights (SafetensorError" in sentence
        or "is not whole" in sentence
        or "could not be loaded (from the weights" in sentence
    )
    assert sentence.endswith("download it again.")


def test_weights_that_are_not_there_are_never_random(copy):
    from safetensors.torch import load_file, save_file

    path = copy / "model.safetensors"
    weights = load_file(path)
    lost = next(name for name in weights if "layers.1" in name)
    save_file({name: tensor for name, tensor in weights.items() if name != lost}, path, metadata={"format": "pt"})
    assert refused(str(copy)) == (
        f"Model {str(copy)!r} lacks weights in its files ({lost}), which would be random numbers: download it again, or use the checkpoint of "
        "a causal language model."
    )


@pytest.mark.parametrize(
    ("key", "value"),
    [
        ("num_attention_heads", 3), ("num_attention_heads", 0), ("num_attention_heads", "4"), ("num_hidden_layers", -1), ("num_hidden_layers", 10**9),
        ("hidden_size", 2**40), ("hidden_size", None), ("hidden_size", 33), ("vocab_size", "many"), ("vocab_size", 2**63), ("hidden_act", "nothing"),
        ("rope_parameters", {"rope_type": "nothing"}), ("rope_parameters", 3), ("max_position_embeddings", []), ("layer_types", ["a"]), ("model_type", 3), ("architectures", 3),
        ("rms_norm_eps", "x"), ("eos_token_id", "x"), ("dtype", "float99"), ("quantization_config", {"quant_method": "nothing"}), ("tie_word_embeddings", "perhaps"),
    ],
)  # fmt: skip
def test_settings_that_do_not_fit(copy, key, value):
    """Either it loads, or there is one sentence."""
    change(copy / "config.json", key, value=value)
    sentence = said(lambda: TransformersEngine(str(copy), device="cpu"))
    assert not sentence or sentence.startswith(f"Model {str(copy)!r} ")


@pytest.mark.parametrize(
    ("file", "text"),
    [
        ("config.json", ""), ("config.json", "[]"), ("config.json", "3"), ("config.json", '{"a": ' + "[" * 5000), ("config.json", "\x00"), ("tokenizer.json", "{}"),
        ("tokenizer.json", "[]"), ("tokenizer.json", ""), ("tokenizer_config.json", "[]"), ("tokenizer_config.json", "3"), ("generation_config.json", "[]"),
        ("generation_config.json", '{"eos_token_id": "x"}'), ("generation_config.json", '{"eos_token_id": [[3]]}'), ("generation_config.json", '{"temperature": "warm"}'),
        ("model.safetensors.index.json", "[]"), ("special_tokens_map.json", "[]"), ("added_tokens.json", "3"), ("chat_template.jinja", "{% for %}"),
    ],
)  # fmt: skip
def test_files_that_hold_something_else(copy, file, text):
    from cotfaith.engines.shared.at_hand import at_hand

    (copy / file).write_text(text)
    for load in (
        lambda: TransformersEngine(str(copy), device="cpu"),
        lambda: at_hand(str(copy), None, trust_remote_code=False),
        lambda: checkpoint.source(str(copy), None),
    ):
        sentence = said(load)
        assert not sentence or sentence.startswith(f"Model {str(copy)!r} ")


@pytest.mark.parametrize("file", ["config.json", "tokenizer.json", "model.safetensors"])
def test_files_that_are_gone_or_folders(copy, file):
    (copy / file).unlink()
    assert refused(str(copy)).startswith(f"Model {str(copy)!r} ")
    (copy / file).mkdir()
    assert refused(str(copy)).startswith(f"Model {str(copy)!r} ")


def test_a_tokenizer_over_which_its_library_panics(copy, capfd):
    change(copy / "tokenizer.json", "model", "continuing_subword_prefix", value="a" * 5000)
    sentence = refused(str(copy))
    assert sentence.startswith(f"Model {str(copy)!r} could not be loaded (from the tokenizer; ")
    assert "PanicException" in sentence
    assert capfd.readouterr().err == ""


def test_a_model_too_large_to_build_is_refused_at_once(copy):
    change(copy / "config.json", "num_hidden_layers", value=10**9)
    assert "has num_hidden_layers 1000000000 in its config.json, and its weights hold only" in refused(str(copy))


def test_a_config_that_does_not_fit_its_weights_is_found_when_it_is_loaded(copy):
    """It loads, and its first pass would fail in the middle of a run."""
    change(copy / "config.json", "num_key_value_heads", value=4)
    assert refused(str(copy)).startswith(f"Model {str(copy)!r} ")


@pytest.mark.alone
def test_a_template_that_never_ends(copy, monkeypatch):
    from cotfaith.engines.shared import patience
    from cotfaith.errors import TimeLimitError
    from cotfaith.types import Turn

    loop = "{% for i in range(99999) %}{% for j in range(99999) %}{% endfor %}{% endfor %}"
    (copy / "chat_template.jinja").write_text(loop)
    with monkeypatch.context() as hasty:
        hasty.setattr(patience, "SECONDS", 0.3)
        with pytest.raises(TimeLimitError, match=r"^The chat template of .* took more than 0\.3 s, so it may never end"):
            TransformersEngine(str(copy), device="cpu").tokenizer.render((Turn("user", "a"),))
    (copy / "chat_template.jinja").write_text("{{ 'x' * 20000000 }}")
    with pytest.raises(TimeLimitError, match=r"gives 20,000,000 characters for \d messages"):
        TransformersEngine(str(copy), device="cpu").tokenizer.render((Turn("user", "a"),))
