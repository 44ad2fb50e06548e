"""The correct scoring method for a model, found by a test on two small random trees before the first real one.

No list of architectures can say whether a model takes a tree mask, or continues a copied state: attention with its own idea of
positions (ALiBi), recurrent layers, kernels without masks all fail in their own way. So each way is compared with the plain one.
"""

from __future__ import annotations

import random
import statistics
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

import torch

from cotfaith.engines.shared.prefix_tree import Forest, forest
from cotfaith.engines.transformers import memory
from cotfaith.engines.transformers.forward import Forward, vocabulary
from cotfaith.engines.transformers.masks import FORMS, kinds
from cotfaith.engines.transformers.score import Budget, Scorer, copied, packed, plain, separate
from cotfaith.types import Branch, PrefixTree

TRUNK, SUFFIX, WINDOW = 24, 4, 7
TOLERANCE = {torch.float32: 1e-3, torch.float16: 2e-2, torch.bfloat16: 2e-1}


@dataclass(frozen=True, slots=True)
class ScoringMethod:
    """A scoring method for trees, and a note for users if it is not the fast one."""

    name: str
    scorer: Scorer
    note: str = ""


PLAIN = ScoringMethod(
    "plain",
    plain,
    "each branch is computed from its beginning, since neither a masked pass nor a copied state gives right results for this model",
)
SEPARATE = ScoringMethod(
    "separate",
    separate,
    "each token of an option is computed by a pass of its own, since the logits of this model depend on the tokens that follow",
)


def choose(forward: Forward, context: int | None) -> ScoringMethod:
    """The fastest method that agrees with plain forward passes of `forward`'s model.

    Raises:
        EngineError: the model's logits are not finite.
    """
    work = _sample(vocabulary(forward.model), context)
    # Small budgets, so that chunks, several passes and a cache cut back to the prefix of two trees are tested too.
    budget = Budget(prefill=TRUNK // 2, score=3 * SUFFIX, pack=2 * SUFFIX)
    config = forward.model.config
    with small_windows(config):
        truth = separate(forward, work, budget).values
        for way in (*_ways(config, stateful=bool(getattr(forward.model, "_is_stateful", False))), PLAIN):
            if _agrees(way.scorer, forward, work, budget, truth):
                return way
    return SEPARATE


def _ways(config: Any, *, stateful: bool) -> Iterator[ScoringMethod]:
    """The methods to test, the fastest first."""
    kernel = config.get_text_config()._attn_implementation  # noqa: SLF001  transformers has no public name for it
    if kinds(config) and kernel in FORMS and not stateful:
        yield ScoringMethod("packed", packed)
    note = "branches are computed one after another on copies of the model's state, since the model cannot compute them in one masked pass"
    yield ScoringMethod("copied", copied(step=None), note)
    yield ScoringMethod(
        "stepped", copied(step=1), f"{note}, and token by token, since it continues a state correctly only in this way"
    )


def _agrees(scorer: Scorer, forward: Forward, work: Forest, budget: Budget, truth: tuple[float, ...]) -> bool:
    """Whether `scorer` gives `truth` on `work`, relative to the spread of the log-probabilities if that is below 1."""
    try:
        values = scorer(forward, work, budget).values
    except Exception as error:
        if memory.is_out_of_memory(error):
            raise
        return False  # if the architecture does not support this method, another one works
    gaps = [abs(ours - theirs) for ours, theirs in zip(values, truth, strict=True)]
    gap = max(gaps) if forward.model.dtype == torch.float32 else statistics.fmean(gaps)
    return gap <= TOLERANCE.get(forward.model.dtype, 2e-1) * min(1.0, statistics.pstdev(truth))


def _sample(words: int, context: int | None) -> Forest:
    """Two random trees with a common prefix and branches at several positions, some of which share tokens."""
    draw = random.Random(0)
    length = TRUNK if context is None else max(2, min(TRUNK, context - SUFFIX - 2))

    def ids(size: int) -> tuple[int, ...]:
        return tuple(draw.randrange(words) for _ in range(size))

    candidates = (*((token,) for token in ids(8)), ids(2))
    shared, trunk = ids(SUFFIX - 2), ids(length)
    offsets = sorted({1, length // 3, 2 * length // 3, length})
    branches = [Branch(offset, ids(SUFFIX), candidates) for offset in offsets]
    branches += [Branch(offsets[1], shared + ids(2), candidates) for _ in range(2)]
    other = trunk[: length // 3] + ids(length - length // 3)
    return forest([PrefixTree(trunk, tuple(branches)), PrefixTree(other, (Branch(length, ids(SUFFIX), candidates), branches[0]))])


@contextmanager
def small_windows(config: Any) -> Iterator[None]:
    """Shorten attention windows below the sample's length, so that a short sample tests them."""
    text = config.get_text_config()
    own = {name: getattr(text, name, None) for name in ("sliding_window", "attention_chunk_size")}
    changed = {name: size for name, size in own.items() if isinstance(size, int) and size > WINDOW}
    for name in changed:
        setattr(text, name, WINDOW)
    try:
        yield
    finally:
        for name, size in changed.items():
            setattr(text, name, size)
