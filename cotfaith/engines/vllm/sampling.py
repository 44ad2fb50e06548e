"""Completions from vLLM: all consecutive samples of a prompt are one request, with the same end conditions as in other engines."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import groupby, pairwise
from typing import Any

from cotfaith.engines.shared.batching import Row, cut, rows_of
from cotfaith.engines.shared.tokenizer import ContinuationTokenizer
from cotfaith.engines.vllm.core import Core, Request
from cotfaith.engines.vllm.counts import Blocks, count
from cotfaith.errors import UsageError
from cotfaith.types import Completion, Finish, Prompt, Sampling

LOWEST, HIGHEST = 0.01, 2.0  # the temperatures that vLLM supports, besides 0


@dataclass(frozen=True, slots=True)
class Sampler:
    """Completions from one model.

    Attributes:
        core: the running vLLM.
        tokenizer: the model's tokenizer.
        ends: ids that always end a completion.
        vocabulary: the size of the model's vocabulary.
    """

    core: Core
    tokenizer: ContinuationTokenizer
    ends: frozenset[int]
    vocabulary: int

    def __call__(self, prompts: Sequence[Prompt], sampling: Sampling) -> list[list[Completion]]:
        """For each prompt, one completion per sample.

        Raises:
            UsageError: the sampling parameters are invalid, or vLLM does not support the temperature.
            EngineError: a prompt is empty, fills the context or has ids outside the vocabulary; or vLLM died.
        """
        rows = rows_of(prompts, sampling, self.core.context, self.vocabulary)
        _check_temperature(sampling.temperature)
        runs = list(runs_of(rows, greedy=sampling.temperature == 0))
        results = self.core([self._request(run, sampling) for run in runs])
        blocks = self.core.blocks()
        found: dict[tuple[int, int], Completion] = {}
        for run, result in zip(runs, results, strict=True):
            made = [self._completion(output, sampling) for output in result.outputs]
            costs = self._count(blocks, run[0].ids, result, [drawn for _, drawn in made])
            for row, (completion, _), cost in zip(run, made, costs, strict=False):
                found[row.prompt, row.slot] = _costing(completion, cost)
            for row in run[len(made) :]:  # greedy: drawn once for all samples
                found[row.prompt, row.slot] = _costing(made[0][0], 0)
        return [[found[number, slot] for slot in range(len(prompt.samples))] for number, prompt in enumerate(prompts)]

    def _request(self, run: Sequence[Row], sampling: Sampling) -> Request:
        """The parameters of a request. Its sample j draws with the request's seed + j, as consecutive samples require."""
        first = run[0]
        greedy = sampling.temperature == 0
        arguments: dict[str, Any] = {
            "n": 1 if greedy else len(run),
            "temperature": sampling.temperature,
            "top_p": 1.0 if greedy else sampling.top_p,
            "seed": first.seed,
            "max_tokens": first.budget,
            "stop_token_ids": sorted(self.ends | frozenset(sampling.stop_ids)),
            "detokenize": bool(sampling.stop),
            "skip_special_tokens": False,
        }
        if sampling.stop:
            arguments |= {"stop": list(sampling.stop), "include_stop_str_in_output": True}
        return Request(first.ids, arguments)

    def _completion(self, output: Any, sampling: Sampling) -> tuple[Completion, int]:
        """The completion of one sample without end token and stop string, and its number of drawn tokens."""
        ids = list(output.token_ids)
        drawn = len(ids)
        finish: Finish = "length" if output.finish_reason == "length" else "stop"
        if ids and (ids[-1] in self.ends or ids[-1] in sampling.stop_ids):
            finish = "stop"
            ids.pop()
        kept, text = cut(ids, sampling.stop, self.tokenizer)
        return Completion(tuple(kept), text, "stop" if len(kept) < len(ids) else finish), drawn

    def _count(self, blocks: Blocks, ids: tuple[int, ...], result: Any, drawn: Sequence[int]) -> list[int]:
        """The tokens computed for each sample of a request.

        vLLM reports the cached tokens only for the sample that ends last. All samples but the first find every whole block of the
        prompt; so the report is of a full hit, unless the first sample ended last. The first counts as finding the earlier prompts'
        blocks of this call.
        """
        told, whole = result.num_cached_tokens or 0, blocks.whole(ids)
        costs = []
        for number, size in enumerate(drawn):
            shareable = blocks.shareable(ids)
            alone = len(drawn) == 1
            cached = told if alone else max(told, whole) if number else told if told < whole else shareable
            self.core.counts += count(shareable, cached, len(ids), size)
            costs.append(len(ids) - cached + size)
        return costs


def _check_temperature(temperature: float) -> None:
    if 0 < temperature < LOWEST or temperature > HIGHEST:
        raise UsageError(
            f"The temperature is {temperature}, but vLLM supports 0 (greedy) or {LOWEST} to {HIGHEST:g}: use one of these."
        )


def runs_of(rows: Sequence[Row], *, greedy: bool) -> Iterator[list[Row]]:
    """The rows of each prompt, split where their seeds are not consecutive; not split if seeds have no effect."""
    for _, group in groupby(rows, key=lambda row: row.prompt):
        of_prompt = list(group)
        parts = [0] if greedy else [0, *(i for i, (a, b) in enumerate(pairwise(of_prompt), 1) if b.seed != a.seed + 1)]
        for start, stop in pairwise([*parts, len(of_prompt)]):
            yield of_prompt[start:stop]


def _costing(completion: Completion, cost: int) -> Completion:
    return Completion(completion.ids, completion.text, completion.finish, cost)
