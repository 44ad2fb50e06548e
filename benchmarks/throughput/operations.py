"""Floating-point operations by formula, for models of the shape of Llama: a multiplication and an addition are two.

Counted are the products with weight matrices, and of the attention the two products with keys and values. Each token is counted with
the tokens that it attends to and no others, so work on hidden tokens earns nothing. Norms, rotations, the softmax and the embedding
are left out: they are below one percent of the operations (but not of the time).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from cotfaith.engines.shared.prefix_tree import forest
from cotfaith.types import PrefixTree


@dataclass(frozen=True, slots=True)
class Work:
    """What is computed: tokens through all layers, pairs of a token with one that it attends to (itself too), rows of logits."""

    tokens: int
    pairs: int
    rows: int

    def __add__(self, other: Work) -> Work:
        return Work(self.tokens + other.tokens, self.pairs + other.pairs, self.rows + other.rows)


@dataclass(frozen=True, slots=True)
class Sizes:
    """The sizes of a model of the shape of Llama."""

    layers: int
    hidden: int
    heads: int
    key_heads: int
    head: int
    inner: int
    vocabulary: int

    def linear(self, work: Work) -> int:
        """The operations of the weight matrices: queries, output, keys and values, the three of the gated MLP, and the head."""
        attention = self.hidden * self.head * (2 * self.heads + 2 * self.key_heads)
        layer = attention + 3 * self.hidden * self.inner
        return 2 * (work.tokens * self.layers * layer + work.rows * self.hidden * self.vocabulary)

    def attention(self, work: Work) -> int:
        """The operations of queries with keys, and of weights with values."""
        return 4 * work.pairs * self.layers * self.heads * self.head

    def all(self, work: Work) -> int:
        """The operations of `work`."""
        return self.linear(work) + self.attention(work)


def sizes(config: Any) -> Sizes:
    """The sizes of a model with this `config`.

    Raises:
        ValueError: the formulas do not hold for its kind of model.
    """
    if config.model_type != "llama":
        raise ValueError(f"Operations are counted for models of the shape of Llama, not {config.model_type}: add its formula.")
    head = getattr(config, "head_dim", None) or config.hidden_size // config.num_attention_heads
    return Sizes(
        layers=config.num_hidden_layers, hidden=config.hidden_size, heads=config.num_attention_heads,
        key_heads=config.num_key_value_heads, head=head, inner=config.intermediate_size, vocabulary=config.vocab_size,
    )  # fmt: skip


def continued(before: int, new: int, rows: int) -> Work:
    """The work on `new` tokens after `before` tokens, each of which attends to all before it and to itself."""
    return Work(new, new * before + new * (new + 1) // 2, rows)


def ours(trees: Sequence[PrefixTree]) -> Work:
    """Each distinct token of all `trees` once, and logits where something is read."""
    work = forest(trees)
    return Work(len(work.tokens), sum(position + 1 for position in work.positions), len({read.cell for read in work.reads}))


def smart(trees: Sequence[PrefixTree]) -> Work:
    """Each trunk once up to its last cut, and each cue after its cut: what the smart loop computes."""
    found = Work(0, 0, 0)
    for tree in trees:
        found += continued(0, max(branch.offset for branch in tree.branches), 1)
        for branch in tree.branches:
            found += continued(branch.offset, len(branch.suffix), 1)
    return found
