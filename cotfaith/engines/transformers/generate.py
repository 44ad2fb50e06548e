"""Batched sampling: prompts with a common prefix or of similar length in one batch, padded on the left, within a token budget."""

from __future__ import annotations

import logging
from collections.abc import Callable, Sequence
from typing import Any

import torch
from transformers import GenerationConfig, LogitsProcessorList, StoppingCriteriaList

from cotfaith.engines.shared.batching import Row, cut, rows_of
from cotfaith.engines.shared.quiet import quiet
from cotfaith.engines.shared.tokenizer import ContinuationTokenizer
from cotfaith.engines.transformers import memory
from cotfaith.engines.transformers.forward import Forward
from cotfaith.engines.transformers.prefill import START, Path, Prefilled, arrange, prefill, saving
from cotfaith.engines.transformers.sampling import Chooser, Rows
from cotfaith.engines.transformers.schedule import Budget
from cotfaith.engines.transformers.settings import Settings
from cotfaith.errors import EngineError
from cotfaith.types import Completion, Prompt, Sampling

LOG = logging.getLogger("cotfaith")
# Below this saving prompts are computed separately: a tree of them would save little.
LEAST = 0.1


def take_batch(rows: Sequence[Row], budget: int, context: int | None) -> int:
    """The number of first `rows` that form one batch; at least one.

    A batch costs rows times (longest prompt + most new tokens), at most `budget`, and stays within the context.
    """
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
    ) -> None:
        self._model = model
        self._tokenizer = tokenizer
        self._context = context
        self._ends = ends
        self._budget = options.batch_tokens
        self._passes = Budget(options.prefill_chunk, options.score_tokens, options.pack_tokens)
        self._packs = packs
        self._forward = Forward(model)

    def __call__(self, prompts: Sequence[Prompt], sampling: Sampling) -> list[list[Completion]]:
        """For each prompt, one completion per sample."""
        vocabulary = self._model.get_input_embeddings().weight.shape[0]
        rows = rows_of(prompts, sampling, self._context, vocabulary)
        found: dict[tuple[int, int], Completion] = {}
        with torch.inference_mode(), quiet():
            waiting, path = self._order(rows)
            while waiting:
                batch = waiting[: take_batch(waiting, self._budget, self._context)]
                done = self._attempt(batch, sampling, path)
                if done is None:
                    self._shrink(batch, path)
                    continue
                completions, path = done
                found.update({(row.prompt, row.slot): completion for row, completion in zip(batch, completions, strict=True)})
                waiting = waiting[len(batch) :]
        return [[found[number, slot] for slot in range(len(prompt.samples))] for number, prompt in enumerate(prompts)]

    def _order(self, rows: Sequence[Row]) -> tuple[list[Row], Path | None]:
        """The rows in the order of their batches, and the start of the tree of their prompts; None if they form no tree."""
        if not rows:
            return [], None
        place = {ids: i for i, ids in enumerate(arrange([row.ids for row in rows]))}
        ordered = sorted(rows, key=lambda row: place[row.ids])
        longest = max(len(row.ids) + row.budget for row in rows)
        if saving([row.ids for row in ordered]) >= LEAST and self._packs(longest):
            return ordered, START
        return sorted(rows, key=lambda row: -len(row.ids)), None

    def _attempt(self, batch: Sequence[Row], sampling: Sampling, path: Path | None) -> tuple[list[Completion], Path | None] | None:
        """The completions of `batch` and the path with which the next batch can start, or None if memory ran out."""
        try:
            if path is None:
                return self._run(batch, sampling, None), None
            begun = prefill(self._forward, [row.ids for row in batch], self._passes, path)
            return self._run(batch, sampling, begun), begun.last
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

    def _run(self, batch: Sequence[Row], sampling: Sampling, begun: Prefilled | None) -> list[Completion]:
        """The completions of `batch`, decoded from `begun` if it is given."""
        device = self._forward.device
        width = max(len(row.ids) for row in batch)
        ids = torch.zeros(len(batch), width, dtype=torch.long, device=device)
        mask = torch.zeros_like(ids)
        for i, row in enumerate(batch):
            ids[i, width - len(row.ids) :] = torch.tensor(row.ids, device=device)
            mask[i, width - len(row.ids) :] = 1
        budgets = [row.budget for row in batch]
        rows = Rows(budgets, self._ends | frozenset(sampling.stop_ids), sampling.stop, self._tokenizer.decode)
        chooser = Chooser(sampling, [row.seed for row in batch], rows, device)
        # The checkpoint's own settings (temperature, penalties, forced tokens) would fill unset arguments, so they are removed.
        own, self._model.generation_config = self._model.generation_config, GenerationConfig()
        config = GenerationConfig(do_sample=False, max_new_tokens=max(budgets), pad_token_id=0, use_cache=True)
        try:
            self._model.generate(
                input_ids=ids,
                attention_mask=mask,
                generation_config=config,
                logits_processor=LogitsProcessorList([chooser]),
                stopping_criteria=StoppingCriteriaList([rows]),
                **({} if begun is None else {"past_key_values": begun.cache}),
            )
        finally:
            self._model.generation_config = own
        # `generate` computes a prompt's last token for each row; the last drawn token is never computed.
        before = [len(row.ids) - 1 for row in batch] if begun is None else begun.computed
        return [self._completion(rows, i, before[i] + rows.drawn[i], sampling) for i in range(len(batch))]

    def _completion(self, rows: Rows, i: int, work: int, sampling: Sampling) -> Completion:
        """The completion of row `i` after `work` computed tokens, cut at stop strings."""
        ids = rows.ids[i]
        finish = rows.finish[i] or "length"
        kept, text = cut(ids, sampling.stop, self._tokenizer) if finish == "stop" else (ids, self._tokenizer.decode(ids))
        return Completion(tuple(kept), text, finish, work)
