"""Batched sampling: prompts of like length side by side, padded on the left, within a budget of tokens."""

from __future__ import annotations

import logging
from collections.abc import Sequence
from typing import Any

import torch
from transformers import GenerationConfig, LogitsProcessorList, StoppingCriteriaList

from cotfaith.engines.quiet import quiet
from cotfaith.engines.rows import Row, cut, rows_of
from cotfaith.engines.tokenizer import ContinuationTokenizer
from cotfaith.engines.transformers import memory
from cotfaith.engines.transformers.sampling import Chooser, Rows
from cotfaith.errors import EngineError
from cotfaith.types import Completion, Prompt, Sampling

LOG = logging.getLogger("cotfaith")


def take_batch(rows: Sequence[Row], budget: int, context: int | None) -> int:
    """How many of the first `rows`, longest prompt first, make one batch; at least one.

    A batch costs rows times (longest prompt + most new tokens), at most `budget`, and runs past nobody's context.
    """
    size, new = 0, 0
    for row in rows:
        new = max(new, row.budget)
        length = len(rows[0].ids) + new
        if size and ((size + 1) * length > budget or (context is not None and length > context)):
            break
        size += 1
    return size


class Generator:
    """Completions from one model.

    Args:
        model: a causal model of transformers.
        tokenizer: its tokenizer.
        context: the longest sequence that it takes, if there is a limit.
        ends: ids that always end a completion.
        budget: tokens of one batch; halved for good when memory runs out.
    """

    def __init__(
        self, model: Any, tokenizer: ContinuationTokenizer, context: int | None, ends: frozenset[int], budget: int
    ) -> None:
        self._model = model
        self._tokenizer = tokenizer
        self._context = context
        self._ends = ends
        self._budget = budget

    def __call__(self, prompts: Sequence[Prompt], sampling: Sampling) -> list[list[Completion]]:
        """For each prompt, one completion for each of its samples."""
        vocabulary = self._model.get_input_embeddings().weight.shape[0]
        rows = rows_of(prompts, sampling, self._context, vocabulary)
        waiting = sorted(rows, key=lambda row: -len(row.ids))
        found: dict[tuple[int, int], Completion] = {}
        while waiting:
            batch = waiting[: take_batch(waiting, self._budget, self._context)]
            done = self._attempt(batch, sampling)
            if done is None:
                self._shrink(batch)
                continue
            found.update({(row.prompt, row.slot): completion for row, completion in zip(batch, done, strict=True)})
            waiting = waiting[len(batch) :]
        return [[found[number, slot] for slot in range(len(prompt.samples))] for number, prompt in enumerate(prompts)]

    def _attempt(self, batch: Sequence[Row], sampling: Sampling) -> list[Completion] | None:
        """The completions of `batch`, or None if memory ran out."""
        try:
            return self._run(batch, sampling)
        except (RuntimeError, MemoryError) as error:
            if not memory.is_out_of_memory(error):
                raise
        return None

    def _shrink(self, batch: Sequence[Row]) -> None:
        """Halve the budget after memory ran out on `batch`."""
        memory.release()
        longest = max(len(row.ids) + row.budget for row in batch)
        if len(batch) == 1:
            raise EngineError(
                f"Memory ran out on a single sequence of up to {longest} tokens: use a smaller model or dtype, "
                "or a lower token budget."
            )
        self._budget = longest * (len(batch) // 2)
        LOG.warning("memory ran out on %d sequences at once: going on with %d", len(batch), len(batch) // 2)

    def _run(self, batch: Sequence[Row], sampling: Sampling) -> list[Completion]:
        device = self._model.get_input_embeddings().weight.device
        width = max(len(row.ids) for row in batch)
        ids = torch.zeros(len(batch), width, dtype=torch.long, device=device)
        mask = torch.zeros_like(ids)
        for i, row in enumerate(batch):
            ids[i, width - len(row.ids) :] = torch.tensor(row.ids, device=device)
            mask[i, width - len(row.ids) :] = 1
        budgets = [row.budget for row in batch]
        rows = Rows(budgets, self._ends | frozenset(sampling.stop_ids), sampling.stop, self._tokenizer.decode)
        chooser = Chooser(sampling, [row.seed for row in batch], rows, device)
        # The checkpoint's own settings (temperature, penalties, forced tokens) fill whatever is unset here, so they are put aside.
        own, self._model.generation_config = self._model.generation_config, GenerationConfig()
        config = GenerationConfig(do_sample=False, max_new_tokens=max(budgets), pad_token_id=0, use_cache=True)
        try:
            with torch.inference_mode(), quiet():
                self._model.generate(
                    input_ids=ids,
                    attention_mask=mask,
                    generation_config=config,
                    logits_processor=LogitsProcessorList([chooser]),
                    stopping_criteria=StoppingCriteriaList([rows]),
                )
        finally:
            self._model.generation_config = own
        return [self._completion(row, i, rows, sampling) for i, row in enumerate(batch)]

    def _completion(self, row: Row, i: int, rows: Rows, sampling: Sampling) -> Completion:
        """What row `i` wrote, with stop strings cut off."""
        ids = rows.ids[i]
        finish = rows.finish[i] or "length"
        work = len(row.ids) + rows.drawn[i] - 1
        kept, text = cut(ids, sampling.stop, self._tokenizer) if finish == "stop" else (ids, self._tokenizer.decode(ids))
        return Completion(tuple(kept), text, finish, work)
