"""The similarity of two texts. A similarity is a class without parameters whose instances map two texts to a number, 1 for equal texts.

`words`, the default, needs no model. A package registers its own (sentence embeddings, say) under `cotfaith.similarities`.
"""

from __future__ import annotations

import math
import re
from collections import Counter
from typing import Protocol

_WORD = re.compile(r"\d+(?:[.,]\d+)*|\w+|[^\w\s]")


class Similarity(Protocol):
    """Maps two texts to their similarity; 1 for equal texts. Symmetric."""

    def __call__(self, a: str, b: str) -> float:
        """The similarity of `a` and `b`."""


class Words:
    """The cosine of the two texts' lower-case counts of words, numbers and signs; 1 if neither has any, 0 if only one has."""

    def __call__(self, a: str, b: str) -> float:
        """The similarity of `a` and `b`, from 0 to 1."""
        left, right = (Counter(_WORD.findall(text.lower())) for text in (a, b))
        if not left or not right:
            return float(left == right)
        dot = sum(count * right[word] for word, count in left.items())
        return dot / math.sqrt(sum(n * n for n in left.values()) * sum(n * n for n in right.values()))
