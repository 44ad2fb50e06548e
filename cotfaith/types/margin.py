"""How clearly the likeliest option leads: one definition for readings, extractors and counts."""

from __future__ import annotations

import math
from collections.abc import Sequence


def margin(logprobs: Sequence[float]) -> float | None:
    """The difference of the two largest log-probabilities, in nats: 0 for a tie, None with fewer than two options."""
    if len(logprobs) < 2:
        return None
    first, second = sorted(logprobs, reverse=True)[:2]
    return 0.0 if first == second else first - second if not math.isinf(second) else math.inf
