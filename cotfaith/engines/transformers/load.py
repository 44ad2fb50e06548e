"""Loading a model and its tokenizer: safetensors only, remote code only on request, and one sentence if it fails."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from transformers import AutoConfig, AutoModelForCausalLM, AutoTokenizer

from cotfaith.engines.shared.checkpoint import find, fingerprint, reason
from cotfaith.engines.shared.quiet import quiet
from cotfaith.engines.transformers.settings import Settings
from cotfaith.errors import EngineError


def load(name: str, revision: str | None, options: Settings) -> tuple[Any, Any, str]:
    """The model, the tokenizer and the revision of `name`: an alias, a local folder or a hub id.

    Raises:
        EngineError: the model does not exist or cannot be loaded.
    """
    source = find(name)
    common = {"revision": revision, "trust_remote_code": options.trust_remote_code}
    try:
        with quiet():
            config = AutoConfig.from_pretrained(source, **common)
            tokenizer = AutoTokenizer.from_pretrained(source, **common)
            model = AutoModelForCausalLM.from_pretrained(source, config=config, **common, **_placing(options))
            if not options.device_map:
                model = model.to(options.device)
    except (OSError, ValueError, ImportError, RuntimeError, KeyError) as error:
        raise EngineError(reason(name, revision, error)) from error
    model.eval()
    folder = Path(source)
    return model, tokenizer, fingerprint(folder) if folder.is_dir() else getattr(config, "_commit_hash", None) or "unknown"


def _placing(options: Settings) -> dict[str, Any]:
    """The arguments of `from_pretrained` for the number type and the placement of weights."""
    chosen: dict[str, Any] = {"dtype": options.torch_dtype, "use_safetensors": True}
    if options.attention:
        chosen["attn_implementation"] = options.attention
    if options.device_map:
        chosen["device_map"] = options.device_map
    return chosen
