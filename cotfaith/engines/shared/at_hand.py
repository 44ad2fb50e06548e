"""The tokenizer of a checkpoint that is on this machine, without its weights and without a network."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from cotfaith import paths
from cotfaith.engines.shared import aliases, checkpoint
from cotfaith.engines.shared.loading import TOKENIZER, loading
from cotfaith.engines.shared.sizes import check_ids
from cotfaith.errors import EngineError, TimeLimitError
from cotfaith.types import Prompting


def at_hand(name: str, revision: str | None, *, trust_remote_code: bool) -> Prompting | None:
    """The tokenizer of `name` and the ids that end its completions. None if it is neither a local folder nor in the local cache.

    Raises:
        EngineError: the folder has no tokenizer that can be loaded.
    """
    source = aliases.at_hand(name)
    if source is None:
        return None
    folder = paths.expanded(source)
    if paths.is_folder(folder):
        return _load(name, str(folder), revision, code=trust_remote_code)
    if not checkpoint.in_cache(name, source, revision):
        return None
    try:
        return _load(name, source, revision, code=trust_remote_code)
    except TimeLimitError:
        raise
    except EngineError:  # in the cache of the hub some files of the model may be missing
        return None


def _load(name: str, source: str, revision: str | None, *, code: bool) -> Prompting:
    from transformers import AutoConfig, AutoTokenizer, GenerationConfig  # noqa: PLC0415  heavy, and only for a model that is here

    from cotfaith.engines.shared.quiet import quiet  # noqa: PLC0415  the same
    from cotfaith.engines.shared.tokenizer import ContinuationTokenizer  # noqa: PLC0415  the same

    common: dict[str, Any] = {"revision": revision, "local_files_only": True}
    remote = {"trust_remote_code": code}
    with loading(name, revision, TOKENIZER), quiet():
        if paths.is_folder(source):
            check_ids(name, Path(source))
        tokenizer = AutoTokenizer.from_pretrained(source, **common, **remote)
        try:
            own = GenerationConfig.from_pretrained(source, **common).eos_token_id
        except OSError:  # a checkpoint need not have one
            own = GenerationConfig.from_model_config(AutoConfig.from_pretrained(source, **common, **remote)).eos_token_id
        return Prompting(ContinuationTokenizer(tokenizer, name), checkpoint.ends(own, tokenizer))
