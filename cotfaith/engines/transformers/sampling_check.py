"""The correct way to sample from a model, found by a trial on a few short random prompts before the first real one.

Padding enters the state of some models (linear attention, recurrent layers), and a short prompt beside a long one then gets wrong
logits without any error. No list of architectures can say which. So each way is tried with tokens that are given in advance, and its
logits are compared with those of plain passes over each prompt alone.
"""

from __future__ import annotations

import random
import statistics
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import torch

from cotfaith.engines.transformers import memory
from cotfaith.engines.transformers.decode import Ids, decode
from cotfaith.engines.transformers.forward import Forward, vocabulary
from cotfaith.engines.transformers.prefill import START, prefill
from cotfaith.engines.transformers.schedule import Budget
from cotfaith.engines.transformers.self_check import TOLERANCE, small_windows

STEPS = 4
LENGTHS = (72, 40, 6)  # longer than the chunks of some linear layers (64); what padding does shows most in a short prompt after it
CAUSE = "since in a trial the logits of {} differ from those of a plain pass over each prompt"


@dataclass(frozen=True, slots=True)
class SamplingMethod:
    """Which rows share a batch, and a note for users if not all may.

    Attributes:
        name: "padded" (any rows), "equal" (rows of the same length), "single" (one row), or "recomputed" (one row, no state kept).
        note: what a reader of the log should know.
    """

    name: str
    note: str = ""


PADDED = SamplingMethod("padded")
EQUAL = SamplingMethod(
    "equal", f"only prompts of the same length are sampled together, {CAUSE.format('prompts that are padded to one length')}"
)
SINGLE = SamplingMethod("single", f"prompts are sampled one at a time, {CAUSE.format('prompts in one batch')}")
RECOMPUTED = SamplingMethod(
    "recomputed",
    f"prompts are sampled one at a time, and the whole text is computed again for each token, {CAUSE.format('a continued state')}",
)
UNSHARED = f"each prompt is computed from its beginning, {CAUSE.format('prompts that continue a common beginning')}"


def choose(forward: Forward, context: int | None) -> SamplingMethod:
    """The fastest way to sample that agrees with plain passes of `forward`'s model."""
    prompts, tokens = _trial(forward, context)
    same = [prompts[0][: len(prompts[1])], prompts[1]]
    with small_windows(forward.model.config):
        for method, batches in ((PADDED, [prompts]), (EQUAL, [same]), (SINGLE, [[prompt] for prompt in prompts[:2]])):
            if all(_agrees(forward, batch, tokens) for batch in batches):
                return method
    return RECOMPUTED


def shares(forward: Forward, context: int | None) -> bool:
    """Whether prompts that share a beginning may be computed as a tree and continued from its state."""
    (trunk, *_), tokens = _trial(forward, context)
    half, other = len(trunk) // 2, (*trunk[: len(trunk) // 2], *trunk[:3])
    first, second = [trunk, trunk[: half + 2]], [other, trunk[:half]]
    budget = Budget(prefill=max(2, half // 2), score=6, pack=4)  # small, so that chunks and several passes are tried too
    with small_windows(forward.model.config):
        try:
            begun = prefill(forward, first, budget, START)
            if not _agrees(forward, first, tokens, begun.cache):
                return False
            return _agrees(forward, second, tokens, prefill(forward, second, budget, begun.last).cache)
        except Exception as error:
            if memory.is_out_of_memory(error):
                raise
            return False  # prompts are then computed one by one, which always works


def _trial(forward: Forward, context: int | None) -> tuple[list[Ids], Ids]:
    """Prompts of unequal lengths, and the tokens that follow each of them."""
    draw = random.Random(1)
    words = vocabulary(forward.model)
    most = LENGTHS[0] if context is None else max(2, min(LENGTHS[0], context - STEPS))
    sizes = [max(1, size * most // LENGTHS[0]) for size in LENGTHS]
    prompts = [tuple(draw.randrange(words) for _ in range(size)) for size in sizes]
    return prompts, tuple(draw.randrange(words) for _ in range(STEPS))


class _Forced:
    """Callbacks of decoding that record the logits of each step, and make every row go on with `tokens`."""

    def __init__(self, tokens: Ids) -> None:
        self._tokens = tokens
        self.logits: list[torch.Tensor] = []

    def choose(self, _ids: torch.Tensor, scores: torch.Tensor) -> torch.Tensor:
        forced = torch.full_like(scores, -1.0)
        forced[:, self._tokens[len(self.logits)]] = 1.0
        self.logits.append(scores.float().clone())
        return forced

    def ended(self, ids: torch.Tensor, _scores: Any, **_: Any) -> torch.Tensor:
        return torch.full((len(ids),), len(self.logits) >= len(self._tokens), device=ids.device)


def _agrees(forward: Forward, prompts: Sequence[Ids], tokens: Ids, cache: Any = None) -> bool:
    """Whether decoding `prompts` together gives the log-probabilities of plain passes at every step."""
    forced = _Forced(tokens)
    try:
        decode(forward, prompts, forced.choose, forced.ended, len(tokens), cache=cache)
    except Exception as error:
        if memory.is_out_of_memory(error):
            raise
        return False  # if the architecture does not support this way, another one works
    ours = torch.stack(forced.logits, dim=1).log_softmax(-1).cpu()  # rows, steps, vocabulary
    return all(_close(row, _plain(forward, prompt, tokens), forward.model.dtype) for row, prompt in zip(ours, prompts, strict=True))


def _plain(forward: Forward, prompt: Ids, tokens: Ids) -> torch.Tensor:
    """The log-probabilities after `prompt` and after each of `tokens` but the last (steps, vocabulary), without any state."""
    text = prompt + tokens[:-1]
    logits, _ = forward(text, range(len(prompt) - 1, len(text)), use_cache=False)
    return logits.float().log_softmax(-1).cpu()


def _close(ours: torch.Tensor, truth: torch.Tensor, dtype: torch.dtype) -> bool:
    """Whether `ours` is `truth` up to rounding, relative to the spread of the log-probabilities if that is below 1."""
    known = truth.isfinite()  # some models give tokens of their own minus infinity
    if not bool(known.any()) or not bool((ours.isfinite() == known).all()):
        return False
    gaps = (ours - truth)[known].abs()
    gap = float(gaps.max()) if dtype == torch.float32 else float(gaps.mean())
    return gap <= TOLERANCE.get(dtype, 2e-1) * min(1.0, statistics.fmean(float(row[row.isfinite()].std()) for row in truth))
