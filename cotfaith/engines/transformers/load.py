"""Loading a model and its tokenizer: safetensors only, remote code only on request, and one sentence if it fails."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import torch
from transformers import AutoConfig, AutoModelForCausalLM, AutoTokenizer

from cotfaith import paths
from cotfaith.engines.shared.checkpoint import find, fingerprint
from cotfaith.engines.shared.loading import CONFIG, FILES, TOKENIZER, WEIGHTS, loading
from cotfaith.engines.shared.quiet import quiet
from cotfaith.engines.shared.sizes import check_ids, check_weights
from cotfaith.engines.transformers.settings import Settings
from cotfaith.errors import EngineError

SHOWN = 3  # names of lost weights in a message
TRIAL = (0, 0)  # ids that every vocabulary has


def load(name: str, revision: str | None, options: Settings) -> tuple[Any, Any, str]:
    """The model, the tokenizer and the revision of `name`: an alias, a local folder or a hub id.

    The model has computed two tokens, so that a config.json that does not fit its weights is found here.

    Raises:
        EngineError: the model does not exist or cannot be loaded.
    """
    source = find(name)
    folder, common = Path(source), {"revision": revision, "trust_remote_code": options.trust_remote_code}
    local = paths.is_folder(folder)
    with quiet():
        with loading(name, revision, CONFIG):
            config = AutoConfig.from_pretrained(source, **common)
        with loading(name, revision, TOKENIZER):
            if local:
                check_ids(name, folder)
            tokenizer = AutoTokenizer.from_pretrained(source, **common)
        with loading(name, revision, WEIGHTS):
            if local:
                check_weights(name, folder)
            model, told = AutoModelForCausalLM.from_pretrained(
                source, config=config, output_loading_info=True, **common, **_placing(options)
            )
            _check_whole(name, model, told["missing_keys"])
            if not options.device_map:
                model = model.to(options.device)
            model.eval()
            _try(model)
    with loading(name, revision, FILES):
        return model, tokenizer, fingerprint(folder) if local else getattr(config, "_commit_hash", None) or "unknown"


def _check_whole(name: str, model: Any, missing: Any) -> None:
    """Refuse a model of which the checkpoint lacks weights: they would be random numbers.

    Raises:
        EngineError: it lacks some.
    """
    known = {one for one, _ in model.named_parameters()}
    lost = sorted(known & set(missing))
    if lost:
        more = f" and {len(lost) - SHOWN} more" if len(lost) > SHOWN else ""
        raise EngineError(
            f"Model {name!r} lacks weights in its files ({', '.join(lost[:SHOWN])}{more}), which would be random numbers: download it again, "
            "or use the checkpoint of a causal language model."
        )


def _try(model: Any) -> None:
    """Compute two tokens, as anything later would."""
    with torch.inference_mode():
        model(input_ids=torch.tensor([TRIAL], device=model.get_input_embeddings().weight.device), use_cache=False)


def _placing(options: Settings) -> dict[str, Any]:
    """The arguments of `from_pretrained` for the number type and the placement of weights."""
    chosen: dict[str, Any] = {"dtype": options.torch_dtype, "use_safetensors": True}
    if options.attention:
        chosen["attn_implementation"] = options.attention
    if options.device_map:
        chosen["device_map"] = options.device_map
    return chosen
