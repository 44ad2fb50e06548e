"""A checkpoint's location, identity and size. This module loads no weights."""

from __future__ import annotations

import json
import math
from collections.abc import Iterator
from hashlib import blake2b
from pathlib import Path
from typing import Any

from huggingface_hub import try_to_load_from_cache

from cotfaith import paths, seeds
from cotfaith.engines.shared import aliases
from cotfaith.engines.shared.loading import FILES, loading
from cotfaith.engines.shared.sizes import headers

BLOCK, BLOCKS = 1 << 16, 16
GENERATION = "generation_config.json"
TOKENIZER = ("tokenizer.json", "tokenizer_config.json", "special_tokens_map.json", "added_tokens.json", "vocab.json", "vocab.txt", "merges.txt")  # fmt: skip
TOKENIZER_ENDS = (".model", ".tiktoken", ".jinja")


def find(name: str) -> str:
    """The folder or hub id of `name`, which is an alias, a local folder or a hub id.

    Raises:
        EngineError: it is written as a folder, but does not exist.
    """
    source = aliases.resolve(name)
    aliases.check_folder(source)
    local = paths.expanded(source)
    return str(local) if paths.is_folder(local) else source


def fingerprint(folder: Path, config: str = "config.json") -> str:
    """A content key of a local model or adapter: its `config`, and the name, size and 16 samples of 64 KiB of each weights file.

    The samples keep it fast for any size. It detects training, which changes a whole file, but can miss a change of a few numbers.
    """
    return seeds.key("model", _settings(folder / config), [list(part) for part in _weights(folder)])


def _settings(path: Path) -> dict[str, Any]:
    settings: dict[str, Any] = json.loads(path.read_text(encoding="utf-8"))
    for volatile in ("transformers_version", "_name_or_path"):
        settings.pop(volatile, None)
    return settings


def files(name: str) -> str:
    """A content key of a local model's tokenizer and generation settings (including end tokens); empty if `name` is not local."""
    folder, found = Path(find(name)), dict[str, Any]()
    if not paths.is_folder(folder):
        return ""
    for path in sorted(folder.iterdir()):
        if path.name == GENERATION:
            found[path.name] = _settings(path)
        elif path.name in TOKENIZER or path.suffix in TOKENIZER_ENDS:
            found[path.name] = blake2b(path.read_bytes(), digest_size=16).hexdigest()
    return seeds.key("files", found)


def source(name: str, revision: str | None) -> str:
    """A key of the checkpoint `name` as it is on this machine: of a folder its content, in the cache of the hub its commit; "" without one."""
    found = aliases.at_hand(name)
    if found is None:
        return ""
    folder = paths.expanded(found)
    if paths.is_folder(folder):
        with loading(name, revision, FILES):
            return seeds.key("source", fingerprint(folder), files(name))
    return Path(cached).parent.name if (cached := in_cache(name, found, revision)) else ""


def in_cache(name: str, source: str, revision: str | None) -> str:
    """The config.json of the hub id `source` in the local cache; "" if it is not there.

    Raises:
        EngineError: no model can have this id.
    """
    with loading(name, revision, FILES):
        cached = try_to_load_from_cache(source, "config.json", revision=revision)
    return cached if isinstance(cached, str) else ""


def _weights(folder: Path) -> Iterator[tuple[str, int, str]]:
    for path in sorted(folder.glob("*.safetensors")):
        size = path.stat().st_size
        digest = blake2b(digest_size=16)
        with path.open("rb") as file:
            for i in range(BLOCKS):
                file.seek(max(0, size - BLOCK) * i // (BLOCKS - 1))
                digest.update(file.read(BLOCK))
        yield path.name, size, digest.hexdigest()


def parameters(folder: Path) -> int | None:
    """The number of parameters in the safetensors of `folder`, from their headers; None without such files."""
    sizes = [math.prod(shape) for shapes in headers(folder) for shape in shapes.values()]
    return sum(sizes) if sizes else None


def ends(own: int | list[int] | None, tokenizer: Any) -> frozenset[int]:
    """The ids that end a completion: the model's `own`, from its generation settings, and that of its tokenizer.

    Raises:
        ValueError: one of them is no token id.
    """
    listed = own if isinstance(own, list) else [own]
    found = [i for i in (*listed, tokenizer.eos_token_id) if i is not None]
    for i in found:
        if not isinstance(i, int) or isinstance(i, bool) or i < 0:
            raise ValueError(f"eos_token_id is {i!r}, which is no token id")
    return frozenset(found)
