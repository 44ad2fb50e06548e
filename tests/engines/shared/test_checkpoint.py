"""What identifies a local model: whatever of its folder decides a number."""

import json
from pathlib import Path

import pytest

from cotfaith.engines.shared.checkpoint import files, fingerprint

FILES = {
    "config.json": json.dumps({"eos_token_id": 2, "transformers_version": "5.0"}),
    "generation_config.json": json.dumps({"eos_token_id": [2, 3], "transformers_version": "5.0"}),
    "tokenizer.json": '{"model": {"vocab": {"a": 0, "b": 1}}}',
    "tokenizer_config.json": '{"eos_token": "</s>"}',
    "special_tokens_map.json": '{"eos_token": "</s>"}',
    "chat_template.jinja": "{{ messages }}",
    "tokenizer.model": "pieces",
    "vocab.json": '{"a": 0}',
    "merges.txt": "a b",
    "README.md": "A model.",
}


def write(folder: Path) -> Path:
    for name, text in FILES.items():
        (folder / name).write_text(text, encoding="utf-8")
    (folder / "model.safetensors").write_bytes(bytes(range(256)))
    return folder


def identity(folder: Path) -> tuple[str, str]:
    return fingerprint(folder), files(str(folder))


@pytest.mark.parametrize("name", [name for name in FILES if name != "README.md"])
def test_every_file_that_decides_a_number_is_in_the_fingerprint(tmp_path: Path, name: str) -> None:
    before = identity(write(tmp_path))
    text = FILES[name]
    changed = json.dumps(json.loads(text) | {"eos_token_id": 7}) if name.endswith(".json") else f"{text}!"
    (tmp_path / name).write_text(changed, encoding="utf-8")
    assert identity(tmp_path) != before
    (tmp_path / name).unlink() if name != "config.json" else (tmp_path / name).write_text("{}", encoding="utf-8")
    assert identity(tmp_path) != before


def test_what_decides_none_is_not(tmp_path: Path) -> None:
    before = identity(write(tmp_path))
    (tmp_path / "README.md").write_text("Other words.", encoding="utf-8")
    for name in ("config.json", "generation_config.json"):
        (tmp_path / name).write_text(json.dumps(json.loads(FILES[name]) | {"transformers_version": "6.0"}), encoding="utf-8")
    assert identity(tmp_path) == before
