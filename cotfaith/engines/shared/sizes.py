"""Sizes in the files of a local checkpoint that no model has: they are refused before a library makes something of that size."""

from __future__ import annotations

import json
import math
import re
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from cotfaith.errors import EngineError

MANY = 1_000_000  # a size up to this is possible for any model
IDS = 10_000_000  # the largest vocabularies have a quarter of a million ids
TOKENIZERS = ("tokenizer.json", "vocab.json", "added_tokens.json")
SETTINGS = "tokenizer_config.json"

_LAYERS = re.compile(r"(?:^|_)n?_?layers?$")
_SIZES = re.compile(r"(?:^|_)(?:size|heads|experts|dim)$|^(?:n_embd|d_model|n_inner|d_ff|n_head)$")
_LONG = re.compile(rb"(?<![\d.])\d{8,}(?![\d.])")  # a whole number of at least `IDS`, or a text that looks like one


def headers(folder: Path) -> Iterator[Mapping[str, Any]]:
    """The name and the shape of every tensor in the safetensors of `folder`, a mapping for each file.

    Raises:
        ValueError: a file is not whole.
    """
    for path in sorted(folder.glob("*.safetensors")):
        with path.open("rb") as file:
            size = int.from_bytes(file.read(8), "little")
            if size > path.stat().st_size:
                raise ValueError(f"{path.name} is not whole: its header alone has {size} bytes")
            header = json.loads(file.read(size))
        yield {name: tensor["shape"] for name, tensor in header.items() if name != "__metadata__"}


def check_weights(name: str, folder: Path) -> None:
    """Refuse a config.json whose sizes the weights cannot have. A model of a billion layers is never built, and fills the memory.

    Raises:
        EngineError: a size is larger than the weights have numbers, or there are more layers than tensors.
    """
    tensors = [shape for shapes in headers(folder) for shape in shapes.values()]
    if not tensors:
        return
    numbers = sum(math.prod(shape) for shape in tensors)
    for key, value in _integers(_read(folder / "config.json")):
        layers = bool(_LAYERS.search(key))
        if (layers and value > max(len(tensors), 1000)) or (_SIZES.search(key) and value > max(numbers, MANY)):
            raise EngineError(
                f"Model {name!r} has {key} {value} in its config.json, and its weights hold only {len(tensors)} tensors with {numbers:,} "
                "numbers: download it again, or correct the file."
            )


def check_ids(name: str, folder: Path) -> None:
    """Refuse ids of tokens that no vocabulary has. The library of tokenizers makes a table up to the largest one, and ends the process.

    Raises:
        EngineError: an id has eight digits or more.
    """
    for path in (folder / file for file in (*TOKENIZERS, SETTINGS)):
        if path.is_file() and _LONG.search(path.read_bytes()):
            for key, value in _ids(path):
                if value >= IDS and key != "max_length":
                    raise EngineError(
                        f"Model {name!r} has {value} for {key[:60]!r} in its {path.name}, which is no id of a token: download it again, or "
                        "correct the file."
                    )


def _ids(path: Path) -> Iterator[tuple[str, int]]:
    """The ids in a file of a tokenizer, each with its key."""
    found = _read(path)
    if path.name != SETTINGS:
        yield from _integers(found)
    elif isinstance(found, dict) and isinstance(found.get("added_tokens_decoder"), dict):
        yield from ((key, int(key)) for key in found["added_tokens_decoder"] if key.isdecimal())


def _read(path: Path) -> Any:
    return json.loads(path.read_text(encoding="utf-8"))


def _integers(settings: Any, key: str = "") -> Iterator[tuple[str, int]]:
    """Every whole number among nested settings, with its key."""
    if isinstance(settings, dict):
        for name, value in settings.items():
            yield from _integers(value, str(name))
    elif isinstance(settings, list):
        for value in settings:
            yield from _integers(value, key)
    elif isinstance(settings, int) and not isinstance(settings, bool):
        yield key, settings
