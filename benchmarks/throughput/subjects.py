"""The models that are measured: SmolLM2 on a CPU; on a GPU, Llama shapes with random weights, which read the tokens of SmolLM2."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any

from transformers import AutoTokenizer, LlamaConfig, PreTrainedTokenizerBase

from cotfaith.engines.shared import checkpoint

CHECKPOINT = "smollm2-135m"
LARGER = "random-llama-1b"  # a model of a size that people measure, where one figure is taken on a CPU as well
CONTEXT = 16384
COMMON = {
    "vocab_size": 128256,
    "max_position_embeddings": CONTEXT,
    "num_key_value_heads": 8,
    "num_attention_heads": 32,
    "rope_theta": 500000.0,
}
LLAMAS: dict[str, dict[str, Any]] = {
    LARGER: {
        **COMMON,
        "hidden_size": 2048,
        "intermediate_size": 8192,
        "num_hidden_layers": 16,
        "tie_word_embeddings": True,
    },
    "random-llama-8b": {**COMMON, "hidden_size": 4096, "intermediate_size": 14336, "num_hidden_layers": 32},
}


def names(*, on_gpu: bool, small: bool) -> tuple[str, ...]:
    """The models to measure."""
    if not on_gpu:
        return (CHECKPOINT,)
    return tuple(LLAMAS)[:1] if small else tuple(LLAMAS)


def tokenizer() -> PreTrainedTokenizerBase:
    """The tokenizer of SmolLM2, so that a text has as many tokens for every model; the larger vocabularies have room for it."""
    made: PreTrainedTokenizerBase = AutoTokenizer.from_pretrained(checkpoint.find(CHECKPOINT))
    return made


def config(name: str) -> LlamaConfig:
    """The configuration of the Llama shape `name`."""
    return LlamaConfig(**LLAMAS[name], name_or_path=name, bos_token_id=None, eos_token_id=0, pad_token_id=None)


def folder(name: str, parent: Path) -> str:
    """What vLLM loads: the checkpoint's name, or a folder under `parent` with configuration and tokenizer but no weights."""
    if name == CHECKPOINT:
        return name
    place = parent / name
    made = config(name)
    made.architectures = ["LlamaForCausalLM"]
    made.save_pretrained(place)
    tokenizer().save_pretrained(place)
    return str(place)


def transformers_engine(name: str) -> Any:
    """The transformers engine of `name`: float32 on a CPU, bfloat16 on a GPU."""
    import torch  # noqa: PLC0415  heavy, and not for vLLM's process
    from transformers import AutoModelForCausalLM  # noqa: PLC0415  likewise

    from cotfaith.engines.transformers import TransformersEngine  # noqa: PLC0415  likewise

    if name == CHECKPOINT:
        return TransformersEngine(name, dtype="float32", device="cpu")
    with torch.device("cuda"):
        model = AutoModelForCausalLM.from_config(config(name), dtype=torch.bfloat16)
    return TransformersEngine(model, tokenizer=tokenizer(), revision="random", dtype="bfloat16", device="cuda")


def gpu() -> str:
    """The name of the CUDA GPU of this machine; "" if there is none."""
    import torch  # noqa: PLC0415  likewise

    return torch.cuda.get_device_name() if torch.cuda.is_available() else ""


def cores() -> int:
    """The processor cores that this process may use."""
    return len(os.sched_getaffinity(0))
