"""How alike two texts are. A similarity is a class without parameters whose instances map two texts to a number, 1 for the same text.

`words`, the default, needs no model. A package registers its own (sentence embeddings, say) under `cotfaith.similarities`.
"""

from __future__ import annotations

import math
import re
from collections import Counter
from typing import Protocol

_WORD = re.compile(r"\d+(?:[.,]\d+)*|\w+|[^\w\s]")


class Similarity(Protocol):
    """Maps two texts to how alike they are; 1 for the same text. Symmetric."""

    def __call__(self, a: str, b: str) -> float:
        """How alike `a` and `b` are."""


class Words:
    """The cosine of the two texts' counts of words, numbers and signs, in lower case; 1 where neither has any, 0 where one has."""

    def __call__(self, a: str, b: str) -> float:
        """How alike `a` and `b` are, from 0 to 1."""
        left, right = (Counter(_WORD.findall(text.lower())) for text in (a, b))
        if not left or not right:
            return float(left == right)
        dot = sum(count * right[word] for word, count in left.items())
        return dot / math.sqrt(sum(n * n for n in left.values()) * sum(n * n for n in right.values()))
