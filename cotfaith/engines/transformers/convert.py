"""Conversion of a GGUF file to a folder of safetensors that every engine can load."""

from __future__ import annotations

import io
import os
from contextlib import redirect_stderr
from pathlib import Path
from typing import Any

import torch
from transformers import AutoModelForCausalLM, AutoTokenizer

from cotfaith.engines.shared.quiet import quiet

ENDS = ("add_bos_token", "add_eos_token")


def convert(file: Path, folder: Path) -> None:
    """Write model, tokenizer, chat template and generation config of the GGUF `file` to `folder`, de-quantised to float32.

    A model read from GGUF counts as quantised and cannot be saved, so its weights are copied into a new model of the same shape.
    """
    with quiet(), redirect_stderr(io.StringIO()):  # the GGUF reader has a progress bar that no setting disables
        tokenizer = AutoTokenizer.from_pretrained(file.parent, gguf_file=file.name)
        _keep_ends(tokenizer, file)
        read = AutoModelForCausalLM.from_pretrained(file.parent, gguf_file=file.name, dtype=torch.float32)
        config = {name: value for name, value in read.config.to_dict().items() if name != "quantization_config"}
        fresh = AutoModelForCausalLM.from_config(type(read.config).from_dict(config), dtype=torch.float32)
        fresh.load_state_dict(read.state_dict())
        fresh.generation_config = read.generation_config
        fresh.save_pretrained(folder, safe_serialization=True)
        tokenizer.save_pretrained(folder)
    _share(folder)


def _keep_ends(tokenizer: Any, file: Path) -> None:
    """Let `tokenizer` add the tokens before and after every text that the GGUF `file` says; transformers does not read them.

    A file of the sentencepiece kind that says nothing means a beginning-of-text token (llama.cpp, `llama_vocab`).
    """
    from gguf import GGUFReader  # noqa: PLC0415  only with a GGUF file

    fields = GGUFReader(file).fields
    said = {name: fields[f"tokenizer.ggml.{name}"].contents() for name in ENDS if f"tokenizer.ggml.{name}" in fields}
    kind = fields["tokenizer.ggml.model"].contents() if "tokenizer.ggml.model" in fields else ""
    if kind == "llama":
        said.setdefault("add_bos_token", True)
    for name, wanted in said.items():
        setattr(tokenizer, name, bool(wanted))


def _share(folder: Path) -> None:
    """Give `folder` and its files the modes that the user's umask allows: both are written for their owner alone."""
    mask = os.umask(0)
    os.umask(mask)
    folder.chmod(0o777 & ~mask)
    for path in folder.iterdir():
        path.chmod(0o666 & ~mask)
