"""A checkpoint's location, identity and size, and one sentence if it cannot be loaded. This module loads no weights."""

from __future__ import annotations

import json
import math
from collections.abc import Iterator
from hashlib import blake2b
from pathlib import Path
from typing import Any

from huggingface_hub.errors import GatedRepoError, RepositoryNotFoundError, RevisionNotFoundError

from cotfaith import seeds
from cotfaith.engines.shared import aliases

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
    local = Path(source).expanduser()
    return str(local) if local.is_dir() else source


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
    if not folder.is_dir():
        return ""
    for path in sorted(folder.iterdir()):
        if path.name == GENERATION:
            found[path.name] = _settings(path)
        elif path.name in TOKENIZER or path.suffix in TOKENIZER_ENDS:
            found[path.name] = blake2b(path.read_bytes(), digest_size=16).hexdigest()
    return seeds.key("files", found)


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
    sizes = [_numbers(path) for path in sorted(folder.glob("*.safetensors"))]
    return sum(sizes) if sizes else None


def _numbers(path: Path) -> int:
    with path.open("rb") as file:
        header = json.loads(file.read(int.from_bytes(file.read(8), "little")))
    return sum(math.prod(tensor["shape"]) for name, tensor in header.items() if name != "__metadata__")


def reason(name: str, revision: str | None, error: BaseException) -> str:
    """One sentence that says why `name` could not be loaded, and what to do."""
    at = f" at revision {revision!r}" if revision else ""
    text = " ".join(str(error).split())
    chain = [error, error.__cause__, error.__context__]
    known = ", ".join(aliases.aliases())
    first = (str(error).strip().splitlines() or [""])[0].rstrip(".")
    gated = any(isinstance(link, GatedRepoError) for link in chain)
    absent = any(isinstance(link, (RepositoryNotFoundError, RevisionNotFoundError)) for link in chain)
    unreachable = "couldn't connect" in text or "offline" in text.lower()
    nowhere = (
        f"is neither a local folder nor an alias ({known}), the hub's local cache lacks it, and the hub could not be reached: "
        "check the name and the network, or give a folder."
    )
    reasons = [
        (gated, "is gated: accept its terms on huggingface.co and log in with `hf auth login`."),
        (absent, f"is not on the hub: check the name, or use a local folder or an alias ({known})."),
        (unreachable, nowhere),
        ("trust_remote_code" in text, "needs its own code: read it, and if you trust it add trust_remote_code=true."),
        ("safetensors" in text, "has no safetensors weights, and pickles are not loaded: convert it to safetensors first."),
        ("Unrecognized configuration class" in text, "is not a causal language model that transformers knows: use one that is."),
        (True, f"could not be loaded ({type(error).__name__}: {first}): check the checkpoint and the engine arguments."),
    ]
    return f"Model {name!r}{at} " + next(sentence for holds, sentence in reasons if holds)
