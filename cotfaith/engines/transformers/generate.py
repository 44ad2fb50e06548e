"""Batched sampling: prompts with a common prefix or of similar length in one batch, padded on the left, within a token budget.

Which rows may share a batch is decided by a trial on the model (`sampling_check`).
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Sequence
from itertools import takewhile
from typing import Any, TypeVar

import torch

from cotfaith.engines.shared.batching import Row, cut, rows_of
from cotfaith.engines.shared.quiet import quiet
from cotfaith.engines.shared.tokenizer import ContinuationTokenizer
from cotfaith.engines.transformers import memory, sampling_check
from cotfaith.engines.transformers.decode import decode, recompute
from cotfaith.engines.transformers.forward import Forward, rope_switch, vocabulary
from cotfaith.engines.transformers.prefill import START, Path, Prefilled, arrange, prefill, saving
from cotfaith.engines.transformers.sampling import Chooser, Rows
from cotfaith.engines.transformers.sampling_check import PADDED, RECOMPUTED, SINGLE, SamplingMethod
from cotfaith.engines.transformers.schedule import Budget
from cotfaith.engines.transformers.settings import Settings
from cotfaith.errors import EngineError
from cotfaith.types import Completion, Prompt, Sampling

LOG = logging.getLogger("cotfaith")
T = TypeVar("T")
# Below this saving prompts are computed separately: a tree of them would save little.
LEAST = 0.1


def take_batch(rows: Sequence[Row], budget: int, context: int | None, way: str = "padded") -> int:
    """The number of first `rows` that form one batch; at least one.

    A batch costs rows times (longest prompt + most new tokens), at most `budget`, and stays within the context. `way` is the name
    of a sampling method: it says which rows may share a batch.
    """
    if way == "equal":
        rows = list(takewhile(lambda row: len(row.ids) == len(rows[0].ids), rows))
    elif way != "padded":
        rows = rows[:1]
    size, longest, new = 0, 0, 0
    for row in rows:
        longest, new = max(longest, len(row.ids)), max(new, row.budget)
        length = longest + new
        if size and ((size + 1) * length > budget or (context is not None and length > context)):
            break
        size += 1
    return size


class Generator:
    """Completions from one model.

    Args:
        model: a causal model of transformers.
        tokenizer: its tokenizer.
        context: the model's context length, if there is a limit.
        ends: ids that always end a completion.
        options: the sizes of batches and passes; halved permanently if memory runs out.
        packs: whether masked passes over a tree are correct for sequences of up to that many tokens.
        tell: gets a note for users, each time that it applies.
    """

    def __init__(
        self,
        model: Any,
        tokenizer: ContinuationTokenizer,
        context: int | None,
        ends: frozenset[int],
        *,
        options: Settings,
        packs: Callable[[int], bool],
        tell: Callable[[str], None],
    ) -> None:
        self._tokenizer = tokenizer
        self._context = context
        self._ends = ends
        self._budget = options.batch_tokens
        self._passes = Budget(options.prefill_chunk, options.score_tokens, options.pack_tokens)
        self._packs = packs
        self._tell = tell
        self._forward = Forward(model)
        self._chosen: SamplingMethod | None = None
        self._shares: bool | None = None
        self._switch = rope_switch(model.config)

    @property
    def sampling(self) -> str | None:
        """The sampling method: padded, equal, single or recomputed; None before the first prompt."""
        return None if self._chosen is None else self._chosen.name

    def __call__(self, prompts: Sequence[Prompt], sampling: Sampling) -> list[list[Completion]]:
        """For each prompt, one completion per sample."""
        rows = rows_of(prompts, sampling, self._context, vocabulary(self._forward.model))
        found: dict[tuple[int, int], Completion] = {}
        with torch.inference_mode(), quiet():
            for way, those in self._ways(rows):
                found |= self._sample(those, sampling, way)
        return [[found[number, slot] for slot in range(len(prompt.samples))] for number, prompt in enumerate(prompts)]

    def _ways(self, rows: Sequence[Row]) -> list[tuple[SamplingMethod, list[Row]]]:
        """The rows by the method with which they are sampled.

        Positions of LongRoPE change for a whole text at one length. Rows on both sides of it share no batch, and a row that grows
        across it is computed again for each token.
        """
        if not rows:
            return []
        if self._chosen is None:
            self._chosen = self._trial(lambda: sampling_check.choose(self._forward, self._context))
            self._note(self._chosen)
        switch = self._switch
        if switch is None:
            return [(self._chosen, list(rows))]
        short = [row for row in rows if len(row.ids) + row.budget <= switch]
        long = [row for row in rows if len(row.ids) > switch]
        across = [row for row in rows if len(row.ids) <= switch < len(row.ids) + row.budget]
        alone = RECOMPUTED if self._chosen is RECOMPUTED else SINGLE
        return [(way, those) for way, those in ((self._chosen, short), (alone, long), (RECOMPUTED, across)) if those]

    def _note(self, way: SamplingMethod) -> None:
        if way.note:
            self._tell(way.note)

    def _trial(self, trial: Callable[[], T]) -> T:
        """The result of `trial`, unless memory runs out."""
        try:
            return trial()
        except (RuntimeError, MemoryError) as error:
            if not memory.is_out_of_memory(error):
                raise
            raise EngineError(
                "Memory ran out while three prompts of up to thirty tokens were tried together: use a smaller model or dtype, or "
                "another device."
            ) from error

    def _sample(self, rows: Sequence[Row], sampling: Sampling, way: SamplingMethod) -> dict[tuple[int, int], Completion]:
        """The completions of `rows` by prompt and slot."""
        found: dict[tuple[int, int], Completion] = {}
        room = self._context if self._switch is None or way in {SINGLE, RECOMPUTED} else self._switch
        waiting, path = self._order(rows, way)
        while waiting:
            batch = waiting[: take_batch(waiting, self._budget, room, way.name)]
            done = self._attempt(batch, sampling, path, way)
            if done is None:
                self._shrink(batch, path)
                continue
            completions, path = done
            found.update({(row.prompt, row.slot): completion for row, completion in zip(batch, completions, strict=True)})
            waiting = waiting[len(batch) :]
        return found

    def _order(self, rows: Sequence[Row], way: SamplingMethod) -> tuple[list[Row], Path | None]:
        """The rows in the order of their batches, and the start of the tree of their prompts; None if they form no tree."""
        place = {ids: i for i, ids in enumerate(arrange([row.ids for row in rows]))}
        ordered = sorted(rows, key=lambda row: place[row.ids])
        longest = max(len(row.ids) + row.budget for row in rows)
        if way is PADDED and saving([row.ids for row in ordered]) >= LEAST and self._packs(longest) and self._continues():
            return ordered, START
        return sorted(rows, key=lambda row: -len(row.ids)), None

    def _continues(self) -> bool:
        """Whether prompts may continue from the state of a common beginning."""
        if self._shares is None:
            self._shares = self._trial(lambda: sampling_check.shares(self._forward, self._context))
            if not self._shares:
                self._tell(sampling_check.UNSHARED)
        return self._shares

    def _attempt(
        self, batch: Sequence[Row], sampling: Sampling, path: Path | None, way: SamplingMethod
    ) -> tuple[list[Completion], Path | None] | None:
        """The completions of `batch` and the path with which the next batch can start, or None if memory ran out."""
        try:
            if path is None:
                return self._run(batch, sampling, None, way), None
            begun = prefill(self._forward, [row.ids for row in batch], self._passes, path)
            return self._run(batch, sampling, begun, way), begun.last
        except (RuntimeError, MemoryError) as error:
            if not memory.is_out_of_memory(error):
                raise
        return None

    def _shrink(self, batch: Sequence[Row], path: Path | None) -> None:
        """Halve the budgets after memory ran out on `batch`: that of rows and, if they form a tree, that of its passes."""
        memory.release()
        longest = max(len(row.ids) + row.budget for row in batch)
        passes = self._passes if path is None else self._passes.half()
        if len(batch) == 1 and passes == self._passes:
            raise EngineError(
                f"Memory ran out on a single sequence of up to {longest} tokens: use a smaller model or dtype, "
                "or a lower token budget."
            )
        size = max(1, len(batch) // 2)
        self._budget, self._passes = longest * size, passes
        LOG.warning("memory ran out on %d sequences at once: continuing with %d", len(batch), size)

    def _run(self, batch: Sequence[Row], sampling: Sampling, begun: Prefilled | None, way: SamplingMethod) -> list[Completion]:
        """The completions of `batch`, decoded from `begun` if it is given."""
        budgets = [row.budget for row in batch]
        prompts = [row.ids for row in batch]
        rows = Rows(budgets, self._ends | frozenset(sampling.stop_ids), sampling.stop, self._tokenizer.decode)
        chooser = Chooser(sampling, [row.seed for row in batch], rows, self._forward.device)
        if way is RECOMPUTED:
            recompute(self._forward, prompts[0], chooser, rows, budgets[0])
            work = sum(range(len(prompts[0]), len(prompts[0]) + rows.drawn[0]))
            return [self._completion(rows, 0, work, sampling)]
        decode(self._forward, prompts, chooser, rows, max(budgets), cache=None if begun is None else begun.cache)
        # `generate` computes a prompt's last token for each row; the last drawn token is never computed.
        before = [len(ids) - 1 for ids in prompts] if begun is None else begun.computed
        return [self._completion(rows, i, before[i] + rows.drawn[i], sampling) for i in range(len(batch))]

    def _completion(self, rows: Rows, i: int, work: int, sampling: Sampling) -> Completion:
        """The completion of row `i` after `work` computed tokens, cut at stop strings."""
        ids = rows.ids[i]
        finish = rows.finish[i] or "length"
        kept, text = cut(ids, sampling.stop, self._tokenizer) if finish == "stop" else (ids, self._tokenizer.decode(ids))
        return Completion(tuple(kept), text, finish, work)
