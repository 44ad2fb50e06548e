"""One forward pass over new tokens, and log-probabilities from its logits, for all scoring methods."""

from __future__ import annotations

import inspect
from collections.abc import Sequence
from itertools import islice
from typing import Any

import torch

from cotfaith.engines.transformers.blocks import in_blocks
from cotfaith.engines.transformers.head import in_float32
from cotfaith.errors import EngineError

# The name of the state among a model's arguments and outputs (transformers, `generation.utils.ALL_CACHE_NAMES`).
STATES = ("past_key_values", "cache_params", "state")
ROWS = 64  # rows of the vocabulary's width that are converted to float32 at a time


class Forward:
    """A model as a function from tokens and state to the logits at chosen positions."""

    def __init__(self, model: Any) -> None:
        accepted = inspect.signature(model.forward).parameters
        self.model = model
        self.state_name = next((name for name in STATES if name in accepted), "")
        self._keeps = "logits_to_keep" in accepted

    @property
    def device(self) -> torch.device:
        """The device of the token ids."""
        device: torch.device = self.model.get_input_embeddings().weight.device
        return device

    def __call__(self, tokens: Sequence[int], keep: Sequence[int], state: Any = None, **extra: Any) -> tuple[torch.Tensor, Any]:
        """Continue from `state` with `tokens`.

        Args:
            tokens: the new token ids.
            keep: the positions among them whose logits are returned.
            state: the cache so far; None with `use_cache=False` in `extra` for none at all.
            extra: further arguments of the model's forward.

        Returns:
            The logits (positions, vocabulary), and the state after the tokens.
        """
        kept = torch.tensor(list(keep) or [len(tokens) - 1])  # on the CPU, because the last layer can be on any device
        arguments: dict[str, Any] = {"use_cache": bool(self.state_name), **extra}
        if state is not None:
            arguments[self.state_name] = state
        if self._keeps:
            arguments["logits_to_keep"] = kept
        ids = torch.tensor([list(tokens)], device=self.device)
        with in_blocks(), in_float32(self.model):
            output = self.model(input_ids=ids, return_dict=True, **arguments)
        logits = output.logits[0] if self._keeps else output.logits[0][kept]
        return logits[: len(keep)], getattr(output, self.state_name, None) if arguments["use_cache"] else None


def vocabulary(model: Any) -> int:
    """The number of tokens that `model` knows. Its embeddings may have further rows, for padding or for learned prompts."""
    rows: int = model.get_input_embeddings().weight.shape[0]
    named = getattr(model.config.get_text_config(), "vocab_size", None)
    return min(rows, named) if isinstance(named, int) else rows


def rope_switch(config: Any) -> int | None:
    """The length beyond which *all* positions are encoded differently (LongRoPE), so that no shorter prefix can be shared."""
    rope = getattr(config.get_text_config(), "rope_parameters", None) or {}
    if rope.get("rope_type") != "longrope":
        return None
    switch: int | None = rope.get("original_max_position_embeddings")
    return switch


def log_probabilities(logits: torch.Tensor, wanted: Sequence[Sequence[int]]) -> list[list[float]]:
    """The log-probabilities of the `wanted` tokens of each row of `logits` (rows, vocabulary), in float32.

    Raises:
        EngineError: a row is not a distribution.
    """
    found: list[list[float]] = []
    for first in range(0, len(wanted), ROWS):
        some = wanted[first : first + ROWS]
        rows = logits[first : first + ROWS].float().log_softmax(dim=-1)
        places = torch.tensor([i for i, ids in enumerate(some) for _ in ids], dtype=torch.long)
        tokens = torch.tensor([token for ids in some for token in ids], dtype=torch.long)
        values = iter(rows[places, tokens].tolist())
        found += [list(islice(values, len(ids))) for ids in some]
    if any(value != value for values in found for value in values):  # noqa: PLR0124  the test for NaN
        raise EngineError(
            "The model gave NaN or infinite logits while scoring: try dtype=float32 (-M dtype=float32), or check the weights."
        )
    return found
