"""The options of the vLLM engine as vLLM takes them, with our defaults."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from cotfaith.engines.vllm.options import VllmOptions
from cotfaith.types import Scalar


@dataclass(frozen=True, slots=True)
class Settings:
    """The options, resolved.

    Attributes:
        vllm: what goes to vLLM, as it takes it.
        given: what the user gave and what we set, as one value each, for the manifest.
        lora: the folder of a LoRA adapter; empty for none.
        top_logprobs: read options among this many most likely tokens; None for their exact log-probabilities.
    """

    vllm: Mapping[str, Any]
    given: Mapping[str, Scalar]
    lora: str = ""
    top_logprobs: int | None = None


def settings(options: VllmOptions, *, cpu: bool) -> Settings:
    """The settings that `options` come to; `cpu` says whether this vLLM computes on the CPU.

    Under a body of half precision the head is computed in float32, so that rounding does not decide between close options.
    """
    chosen = {**_defaults(cpu=cpu), **options.others}
    if chosen["dtype"] != "float32":
        chosen["hf_overrides"] = {"head_dtype": "float32", **(chosen.get("hf_overrides") or {})}
    ours = {"lora": options.lora, "top_logprobs": options.top_logprobs}
    shown = {**chosen, **{name: value for name, value in ours.items() if value}}
    return Settings(chosen, {name: _shown(value) for name, value in shown.items()}, options.lora, options.top_logprobs)


def _defaults(*, cpu: bool) -> dict[str, Any]:
    """What we set unless the user does.

    On the CPU the blocks are of 32 tokens, since the cache shares whole blocks only: of the work of 20 cuts of a reasoning of 400
    tokens, the CPU's own 128 share so little that 2.7 times the distinct tokens are computed.
    """
    common = {"enable_prefix_caching": True, "seed": 0, "trust_remote_code": False}
    return {**common, "dtype": "float32", "block_size": 32} if cpu else {**common, "dtype": "auto"}


def _shown(value: Any) -> Scalar:
    """`value` as one value that a manifest can hold."""
    return value if isinstance(value, (str, int, float, bool)) else json.dumps(value)
