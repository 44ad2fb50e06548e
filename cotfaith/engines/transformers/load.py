"""Loading a model and its tokenizer: safetensors only, remote code only on demand, and one sentence when it cannot be."""

from __future__ import annotations

import json
from collections.abc import Iterator
from hashlib import blake2b
from pathlib import Path
from typing import Any

from huggingface_hub.errors import GatedRepoError, RepositoryNotFoundError, RevisionNotFoundError
from transformers import AutoConfig, AutoModelForCausalLM, AutoTokenizer

from cotfaith import seeds
from cotfaith.engines import models
from cotfaith.engines.quiet import quiet
from cotfaith.engines.transformers.options import Options
from cotfaith.errors import EngineError

BLOCK, BLOCKS = 1 << 16, 16


def load(name: str, revision: str | None, options: Options) -> tuple[Any, Any, str]:
    """The model, the tokenizer and the revision of `name`: an alias, a local folder or a hub id.

    Raises:
        EngineError: it is not there, or it cannot be loaded.
    """
    source = models.resolve(name)
    local = Path(source).expanduser()
    if local.is_dir():
        source = str(local)
    elif source.startswith((".", "/", "~")) or source.count("/") > 1:
        raise EngineError(
            f"Model folder {name!r} does not exist: give a folder with config.json and safetensors weights, "
            "or a hub id such as Org/Model."
        )
    common = {"revision": revision, "trust_remote_code": options.trust_remote_code}
    try:
        with quiet():
            config = AutoConfig.from_pretrained(source, **common)
            tokenizer = AutoTokenizer.from_pretrained(source, **common)
            model = AutoModelForCausalLM.from_pretrained(source, config=config, **common, **_placing(options))
            if not options.device_map:
                model = model.to(options.device)
    except (OSError, ValueError, ImportError, RuntimeError, KeyError) as error:
        raise EngineError(_reason(name, revision, error)) from error
    model.eval()
    return model, tokenizer, fingerprint(Path(source)) if local.is_dir() else getattr(config, "_commit_hash", None) or "unknown"


def _placing(options: Options) -> dict[str, Any]:
    """The arguments of `from_pretrained` that say how weights are read and where they go."""
    chosen: dict[str, Any] = {"dtype": options.torch_dtype, "use_safetensors": True}
    if options.attention:
        chosen["attn_implementation"] = options.attention
    if options.device_map:
        chosen["device_map"] = options.device_map
    return chosen


def fingerprint(folder: Path) -> str:
    """A content key of a local model: its config, and name, size and 16 samples of 64 KiB of each weights file.

    Sampling keeps it cheap for any size; training that changes all of a file is seen, a change of a few numbers may not be.
    """
    config = json.loads((folder / "config.json").read_text(encoding="utf-8"))
    for volatile in ("transformers_version", "_name_or_path"):
        config.pop(volatile, None)
    return seeds.key("model", config, [list(part) for part in _weights(folder)])


def _weights(folder: Path) -> Iterator[tuple[str, int, str]]:
    for path in sorted(folder.glob("*.safetensors")):
        size = path.stat().st_size
        digest = blake2b(digest_size=16)
        with path.open("rb") as file:
            for i in range(BLOCKS):
                file.seek(max(0, size - BLOCK) * i // (BLOCKS - 1))
                digest.update(file.read(BLOCK))
        yield path.name, size, digest.hexdigest()


def _reason(name: str, revision: str | None, error: BaseException) -> str:
    """One sentence on why `name` could not be loaded, and what to do."""
    at = f" at revision {revision!r}" if revision else ""
    text = " ".join(str(error).split())
    chain = [error, error.__cause__, error.__context__]
    known = ", ".join(models.aliases())
    first = (str(error).strip().splitlines() or [""])[0].rstrip(".")
    gated = any(isinstance(link, GatedRepoError) for link in chain)
    absent = any(isinstance(link, (RepositoryNotFoundError, RevisionNotFoundError)) for link in chain)
    unreachable = "couldn't connect" in text or "offline" in text.lower()
    nowhere = (
        f"is no local folder and no alias ({known}), the hub's local cache lacks it, and the hub could not be reached: "
        "check the name and the network, or give a folder."
    )
    reasons = [
        (gated, "is gated: accept its terms on huggingface.co and log in with `hf auth login`."),
        (absent, f"is not on the hub: check the name, or use a local folder or an alias ({known})."),
        (unreachable, nowhere),
        ("trust_remote_code" in text, "needs code of its own: read it, and if you trust it add trust_remote_code=true."),
        ("safetensors" in text, "has no safetensors weights, and pickles are not loaded: convert it to safetensors first."),
        ("Unrecognized configuration class" in text, "is no causal language model that transformers knows: use one that is."),
        (True, f"could not be loaded ({type(error).__name__}: {first}): check the checkpoint and the engine arguments."),
    ]
    return f"Model {name!r}{at} " + next(reason for holds, reason in reasons if holds)
