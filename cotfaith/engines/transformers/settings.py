"""The options of the transformers engine on this machine: every default filled in."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import torch

from cotfaith.engines.transformers.options import TransformersOptions
from cotfaith.errors import UsageError

DTYPES = {"float32": torch.float32, "bfloat16": torch.bfloat16, "float16": torch.float16}
# Some hundred tokens at a time use a CPU fully, and more only enlarge the masks; a GPU needs thousands. Measured with SmolLM2-135M
# on one core (4 samples of 60 to 150 tokens after a prompt of 200, 5 cuts each): 5.5, 4.0, 3.8 and 4.2 s for pack_tokens of 1, 128,
# 512 and 2048.
ON_CPU: Mapping[str, int] = {"batch_tokens": 16384, "score_tokens": 512, "prefill_chunk": 512, "pack_tokens": 512}
ON_CUDA: Mapping[str, int] = {"batch_tokens": 65536, "score_tokens": 2048, "prefill_chunk": 2048, "pack_tokens": 2048}


@dataclass(frozen=True, slots=True)
class Settings:
    """The resolved options, without any default left open. The fields are those of `TransformersOptions`."""

    dtype: str
    device: str
    device_map: str = ""
    trust_remote_code: bool = False
    attention: str = ""
    batch_tokens: int = ON_CPU["batch_tokens"]
    score_tokens: int = ON_CPU["score_tokens"]
    prefill_chunk: int = ON_CPU["prefill_chunk"]
    pack_tokens: int = ON_CPU["pack_tokens"]

    @property
    def torch_dtype(self) -> torch.dtype:
        """The number type itself."""
        return DTYPES[self.dtype]


def settings(options: TransformersOptions) -> Settings:
    """The settings that follow from `options` on this machine.

    Raises:
        UsageError: the device is unknown or not available.
    """
    device = _device(options.device)
    on_cuda = device.startswith("cuda")
    dtype = ("bfloat16" if on_cuda else "float32") if options.dtype == "auto" else options.dtype
    sizes = {name: getattr(options, name) or size for name, size in (ON_CUDA if on_cuda else ON_CPU).items()}
    return Settings(dtype, device, options.device_map, options.trust_remote_code, options.attention, **sizes)


def _device(name: str) -> str:
    """`name` after a check, or the best device of this machine if it is "auto"."""
    if name in {"", "auto"}:
        return "cuda" if torch.cuda.is_available() else "cpu"
    try:
        kind = torch.device(name).type
    except RuntimeError as error:
        raise UsageError(f"Unknown device {name!r}: use 'cpu', 'cuda', 'cuda:1' or 'mps'.") from error
    if kind == "cuda" and not torch.cuda.is_available():
        raise UsageError(
            f"Device {name!r} is not available, because torch finds no CUDA GPU on this machine: omit device or use device=cpu."
        )
    return name
