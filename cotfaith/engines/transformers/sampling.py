"""The choice of the next token and the end of a row: the two callbacks that `generate` passes to transformers.

Each row draws from its own random stream: one Gumbel variate per token of the vocabulary and step (the Gumbel-max trick). A sample
therefore does not depend on the other rows of its batch, as far as the logits do not.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import torch

from cotfaith.errors import EngineError
from cotfaith.types import Finish, Sampling

NUCLEUS = 1024  # the nucleus is first searched among this many tokens, which is much faster than sorting the vocabulary


class Chooser:
    """A logits processor after which the largest score is the sampled token.

    Args:
        sampling: temperature and top-p.
        seeds: the seed of each row's random stream.
        rows: the rows that have not ended, so that only their logits are checked.
        device: the device of the logits. Streams differ between kinds of device.
    """

    def __init__(self, sampling: Sampling, seeds: Sequence[int], rows: Rows, device: torch.device) -> None:
        self._sampling = sampling
        self._rows = rows
        self._streams = [torch.Generator(device=device).manual_seed(seed) for seed in seeds]

    def __call__(self, _ids: torch.Tensor, scores: torch.Tensor) -> torch.Tensor:
        """The scores (rows, vocabulary) with temperature, top-p and noise applied."""
        self._check(scores)
        if self._sampling.temperature == 0:
            return scores
        logits = scores.float() / self._sampling.temperature
        noise = torch.empty_like(logits)
        for row, stream in zip(noise, self._streams, strict=True):
            row.exponential_(generator=stream)
        if self._sampling.top_p < 1:
            logits = nucleus(logits, self._sampling.top_p)
        return logits - noise.log()

    def _check(self, scores: torch.Tensor) -> None:
        broken = (scores.isnan() | scores.isposinf()).any(dim=1).tolist()
        if any(bad and self._rows.writing(i) for i, bad in enumerate(broken)):
            raise EngineError(
                f"The model gave NaN or infinite logits at token {self._rows.step + 1} of a completion: "
                "try dtype=float32 (-M dtype=float32), or check the weights."
            )


def nucleus(logits: torch.Tensor, top_p: float) -> torch.Tensor:
    """`logits` with -inf outside each row's smallest set of most likely tokens whose probabilities reach `top_p`."""
    total = logits.logsumexp(dim=1, keepdim=True)
    for size in (min(NUCLEUS, logits.shape[1]), logits.shape[1]):
        values, ids = logits.topk(size, dim=1)
        chances = (values - total).exp()
        mass = chances.cumsum(dim=1)
        if bool((mass[:, -1] >= top_p).all()):
            break
    values = values.masked_fill(mass - chances >= top_p, -torch.inf)
    return torch.full_like(logits, -torch.inf).scatter(1, ids, values)


class Rows:
    """A stopping criterion per row: an end token, a stop string, or the row's own token budget.

    Args:
        budgets: the token budget of each row.
        ends: the ids that end a completion.
        stops: the strings that end a completion.
        decode: ids to text.
    """

    def __init__(
        self, budgets: Sequence[int], ends: frozenset[int], stops: Sequence[str], decode: Callable[[Sequence[int]], str]
    ) -> None:
        self._budgets = budgets
        self._ends = ends
        self._stops = tuple(stops)
        self._decode = decode
        # A token is at least one byte, so this many tokens hold any stop string that the newest token completes.
        self._reach = max((len(stop.encode()) for stop in stops), default=0) + 4
        self.step = 0
        self.ids: list[list[int]] = [[] for _ in budgets]
        self.drawn = [0 for _ in budgets]
        self.finish: list[Finish | None] = [None for _ in budgets]

    def writing(self, row: int) -> bool:
        """Whether `row` has not ended."""
        return self.finish[row] is None

    def __call__(self, input_ids: torch.Tensor, _scores: Any, **_: Any) -> torch.Tensor:
        """Add the newest token of each row; return which rows are done."""
        self.step += 1
        for row, token in enumerate(input_ids[:, -1].tolist()):
            if self.writing(row):
                self._take(row, token)
        return torch.tensor([not self.writing(row) for row in range(len(self.ids))], device=input_ids.device)

    def _take(self, row: int, token: int) -> None:
        ids = self.ids[row]
        self.drawn[row] += 1
        if token in self._ends:
            self.finish[row] = "stop"
            return
        ids.append(token)
        if self._stops:
            tail = self._decode(ids[-self._reach :])
            if any(stop in tail for stop in self._stops):
                self.finish[row] = "stop"
                return
        if len(ids) >= self._budgets[row]:
            self.finish[row] = "length"
