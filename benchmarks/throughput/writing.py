"""Sampling: what both engines are asked to write, and how the bare engine is set against ours."""

from __future__ import annotations

import statistics
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from benchmarks.throughput.clock import OURS, clocked
from benchmarks.throughput.shapes import Ids, text
from cotfaith.types import Completion, Engine, Prompt, Sampling, Tokenizer

TEMPERATURE, TOP_P = 0.8, 0.95


@dataclass(frozen=True, slots=True)
class Writing:
    """So many prompts of so many tokens, each continued by so many samples of at most `new` tokens."""

    prompts: int
    samples: int
    tokens: int
    new: int

    @property
    def sampling(self) -> Sampling:
        """How to continue."""
        return Sampling(TEMPERATURE, TOP_P, self.new)

    def ids(self, tokenizer: Tokenizer, seed: int) -> list[Ids]:
        """The prompts, different from their first tokens on."""
        return [tokenizer.encode(text(self.tokens, 1000 * seed + 7 * i + 13))[: self.tokens] for i in range(self.prompts)]


ON_CPU, ON_GPU, SMALL = Writing(8, 4, 200, 64), Writing(32, 8, 500, 256), Writing(2, 2, 24, 8)

# Prompts to the number of tokens drawn.
Writer = Callable[[Sequence[Ids]], int]


def ours(engine: Engine, writing: Writing) -> Writer:
    """Our way: the engine's own `generate`."""

    def write(prompts: Sequence[Ids]) -> int:
        asked = [Prompt(ids, seed=1000 * i, samples=tuple(range(writing.samples))) for i, ids in enumerate(prompts)]
        return sum(drawn(one) for several in engine.generate(asked, writing.sampling) for one in several)

    return write


def drawn(completion: Completion) -> int:
    """How many tokens were drawn for `completion`: an end token was drawn as well."""
    return len(completion.ids) + (completion.finish == "stop")


def compare(
    writing: Writing, writers: Mapping[str, Writer], tokenizer: Tokenizer, *, repetitions: int, fresh: Callable[[], Any] = int
) -> dict[str, Any]:
    """Tokens a second of each of `writers`, measured in turn, and the ratio of ours to each of the others.

    `fresh` is called before each measurement, so that none finds what another one left in a cache.
    """
    rates: dict[str, list[float]] = {name: [] for name in writers}
    for repetition in range(repetitions):
        prompts = writing.ids(tokenizer, repetition)
        for name, write in writers.items():
            fresh()
            tokens, seconds = clocked(lambda write=write, prompts=prompts: write(prompts))
            rates[name].append(tokens / seconds)
    return {
        "prompts": writing.prompts, "samples": writing.samples, "prompt_tokens": writing.tokens, "new_tokens": writing.new,
        "temperature": TEMPERATURE, "top_p": TOP_P,
        "tokens_per_second": {name: [round(one, 1) for one in each] for name, each in rates.items()},
        "ours_over": {name: over(rates[OURS], each) for name, each in rates.items() if name != OURS},
    }  # fmt: skip


def over(mine: Sequence[float], theirs: Sequence[float]) -> dict[str, Any]:
    """Our rate over theirs: of the medians, and repetition by repetition."""
    each = [round(a / b, 3) for a, b in zip(mine, theirs, strict=True)]
    return {"median": round(statistics.median(mine) / statistics.median(theirs), 3), "each": each}
