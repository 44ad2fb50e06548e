"""What a user may set about the transformers engine, from `-M key=value` or from Python."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, fields, replace
from typing import Any

import torch

from cotfaith.errors import UsageError, unknown
from cotfaith.types import Scalar

DTYPES = {"float32": torch.float32, "bfloat16": torch.bfloat16, "float16": torch.float16}
# A CPU is busy with some hundred tokens at a time, and more only make masks larger; a GPU wants thousands. SmolLM2-135M on one core, 4
# samples of 60 to 150 tokens after a prompt of 200, 5 cuts each, with pack_tokens of 1, 128, 512 and 2048: 5.5, 4.0, 3.8 and 4.2 s.
ON_CUDA: Mapping[str, Any] = {"batch_tokens": 65536, "score_tokens": 2048, "prefill_chunk": 2048, "pack_tokens": 2048}
TRUE, FALSE = ("true", "1", "yes", "on"), ("false", "0", "no", "off")


@dataclass(frozen=True, slots=True)
class Options:
    """The engine arguments, resolved: nothing is left to a default that lives elsewhere.

    Attributes:
        dtype: name of the number type of weights and activations.
        device: where the model lives, when `device_map` is empty.
        device_map: accelerate's placement over several devices ("auto", ...).
        trust_remote_code: whether code that comes with the checkpoint may run.
        attention: attention kernel ("sdpa", "eager", ...); empty for the fastest that takes a mask, sdpa if the model has it.
        batch_tokens: rows times (prompt + new tokens) of one batch of `generate`.
        score_tokens: tokens of one masked pass over a tree, in which branches and short traces lie side by side.
        prefill_chunk: tokens of one pass over a single text.
        pack_tokens: tokens of a trace with its branches that counts as short.
    """

    dtype: str
    device: str
    device_map: str = ""
    trust_remote_code: bool = False
    attention: str = ""
    batch_tokens: int = 16384
    score_tokens: int = 512
    prefill_chunk: int = 512
    pack_tokens: int = 512

    @property
    def torch_dtype(self) -> torch.dtype:
        """The number type itself."""
        return DTYPES[self.dtype]


def options(arguments: Mapping[str, Scalar | None]) -> Options:
    """The options that `arguments` ask for; None means the default.

    Raises:
        UsageError: for an unknown argument, or a value that it cannot take.
    """
    given = {name: value for name, value in arguments.items() if value is not None}
    known = {field.name: field.type for field in fields(Options)}
    for name in given:
        if name not in known:
            raise unknown("argument of the transformers engine", name, known)
    device = _device(str(given.pop("device", "")))
    on_cuda = device.startswith("cuda")
    dtype = str(given.pop("dtype", "bfloat16" if on_cuda else "float32")).removeprefix("torch.")
    if dtype not in DTYPES:
        raise unknown("dtype", dtype, DTYPES)
    base = replace(Options(dtype, device), **(ON_CUDA if on_cuda else {}))
    return replace(base, **{name: _parse(name, str(known[name]), value) for name, value in given.items()})  # type: ignore[arg-type]


def _device(name: str) -> str:
    """`name` checked, or the best device of this machine when it is empty."""
    if not name:
        return "cuda" if torch.cuda.is_available() else "cpu"
    try:
        kind = torch.device(name).type
    except RuntimeError as error:
        raise UsageError(f"Unknown device {name!r}: use 'cpu', 'cuda', 'cuda:1' or 'mps'.") from error
    if kind == "cuda" and not torch.cuda.is_available():
        raise UsageError(
            f"Device {name!r} is not there: torch sees no CUDA GPU on this machine; leave device out or use device=cpu."
        )
    return name


def _parse(name: str, kind: str, value: Scalar) -> Scalar:
    """`value` as the `kind` that argument `name` has."""
    text = str(value).strip()
    if kind == "bool":
        if text.lower() not in TRUE + FALSE:
            raise UsageError(f"Engine argument {name}={value!r} must be true or false.")
        return text.lower() in TRUE
    if kind == "int":
        if not text.isdecimal() or int(text) < 1:
            raise UsageError(f"Engine argument {name}={value!r} must be a positive whole number.")
        return int(text)
    return text
