"""Conversion of a GGUF file to a folder of safetensors that every engine can load."""

from __future__ import annotations

import io
from contextlib import redirect_stderr
from pathlib import Path

import torch
from transformers import AutoModelForCausalLM, AutoTokenizer

from cotfaith.engines.shared.quiet import quiet


def convert(file: Path, folder: Path) -> None:
    """Write model, tokenizer, chat template and generation config of the GGUF `file` to `folder`, de-quantised to float32.

    A model read from GGUF counts as quantised and cannot be saved, so its weights are copied into a new model of the same shape.
    """
    with quiet(), redirect_stderr(io.StringIO()):  # the GGUF reader has a progress bar that no setting disables
        tokenizer = AutoTokenizer.from_pretrained(file.parent, gguf_file=file.name)
        read = AutoModelForCausalLM.from_pretrained(file.parent, gguf_file=file.name, dtype=torch.float32)
        config = {name: value for name, value in read.config.to_dict().items() if name != "quantization_config"}
        fresh = AutoModelForCausalLM.from_config(type(read.config).from_dict(config), dtype=torch.float32)
        fresh.load_state_dict(read.state_dict())
        fresh.generation_config = read.generation_config
        fresh.save_pretrained(folder, safe_serialization=True)
        tokenizer.save_pretrained(folder)
