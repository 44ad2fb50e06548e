"""The shared steps of sampling: prompts become checked rows, one per sample, and completions are cut at stop strings."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from cotfaith.errors import EngineError, UsageError
from cotfaith.types import Prompt, Sampling, Tokenizer


@dataclass(frozen=True, slots=True)
class Row:
    """One completion to generate: sample `slot` of prompt `prompt`, of at most `budget` tokens."""

    prompt: int
    slot: int
    ids: tuple[int, ...]
    seed: int
    budget: int


def rows_of(prompts: Sequence[Prompt], sampling: Sampling, context: int | None, vocabulary: int) -> list[Row]:
    """One row per sample of each prompt. A row whose budget would exceed the context gets a smaller budget.

    Raises:
        UsageError: the sampling parameters are invalid.
        EngineError: a prompt is empty, has an id outside the vocabulary, or fills the context.
    """
    check_sampling(sampling)
    rows = []
    for number, prompt in enumerate(prompts):
        check_ids(prompt.ids, vocabulary)
        if not prompt.ids:
            raise EngineError(f"Prompt {number} is empty: give at least one token, such as the tokenizer's start().")
        room = sampling.max_tokens if context is None else context - len(prompt.ids)
        if room < 1:
            raise EngineError(
                f"Prompt {number} has {len(prompt.ids)} tokens and the context of this model {context}, so nothing can follow it: "
                "shorten the prompt or use a model with a longer context."
            )
        budget = min(room, sampling.max_tokens)
        rows += [Row(number, slot, prompt.ids, prompt.seed + sample, budget) for slot, sample in enumerate(prompt.samples)]
    return rows


def check_sampling(sampling: Sampling) -> None:
    """Refuse invalid sampling parameters."""
    if sampling.temperature < 0:
        raise UsageError(f"The temperature is {sampling.temperature}, but it must be 0 (greedy) or more.")
    if not 0 < sampling.top_p <= 1:
        raise UsageError(f"top_p is {sampling.top_p}, but it must be above 0 and at most 1.")
    if sampling.max_tokens < 1:
        raise UsageError(f"max_tokens is {sampling.max_tokens}, but it must be at least 1.")
    if "" in sampling.stop:
        raise UsageError("A stop string is empty: remove it.")


def check_ids(ids: Sequence[int], vocabulary: int) -> None:
    """Refuse ids outside the model's vocabulary."""
    if ids and not 0 <= min(ids) <= max(ids) < vocabulary:
        wrong = next(i for i in ids if not 0 <= i < vocabulary)
        raise EngineError(f"Token id {wrong} is outside the vocabulary of {vocabulary}: these ids come from another tokenizer.")


def cut(ids: Sequence[int], stops: Sequence[str], tokenizer: Tokenizer) -> tuple[Sequence[int], str]:
    """The ids whose text lies completely before the first stop string, and their text.

    A token that contains the beginning of a stop string is removed completely, so that text and ids stay equivalent.
    """
    text = tokenizer.decode(ids)
    places = [place for place in (text.find(stop) for stop in stops) if place >= 0]
    if not places:
        return ids, text
    ends = tokenizer.ends(ids)
    size = sum(end <= min(places) for end in ends)
    while not text.startswith(before := tokenizer.decode(ids[:size])):
        size -= 1  # the first bytes of a character whose last bytes share a token with the stop string
    return ids[:size], before
