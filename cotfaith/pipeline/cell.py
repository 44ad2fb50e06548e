"""One cell of a study: one model on one task, with everything that its stages need."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import groupby, islice
from typing import TypeVar

from cotfaith import seeds
from cotfaith.pipeline.open_model import OpenModel
from cotfaith.pipeline.open_study import Opened
from cotfaith.pipeline.progress import Reporter, Stop
from cotfaith.storage.run_directory import RunDirectory, Shard
from cotfaith.study import Study
from cotfaith.study_keys import Answers
from cotfaith.types import Question, Sampling, Trace

SHARD = 32  # questions per shard; part of the layout of a run directory
# Completions per call, and so the most work that a kill can lose. An accelerator needs hundreds of sequences in flight.
BATCH = 256
BATCH_ON_CPU = 32
PROBED = 256  # traces whose interventions advance together, and so the most traces whose writing a kill can lose
TRACES = 8  # traces in the first call of reading
# Tokens up to which more are read at once, and so about the most that a kill can cost: seconds on an accelerator, and on a processor
# some 20 s of a model of 135 million weights. There a larger batch is no faster; an accelerator wants hundreds of branches at a time.
TOKENS = 1 << 17
TOKENS_ON_CPU = 1 << 13

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Cell:
    """One model on one task. `tag` is the hash of the model's fingerprint, and `task` is the string that named the task.

    `opened` holds what the study names besides models, and `writers` the models that write for it, by name.
    """

    subject: OpenModel
    tag: str
    task: str
    study: Study
    opened: Opened
    writers: Mapping[str, OpenModel]
    directory: RunDirectory
    reporter: Reporter
    stop: Stop

    @property
    def sampling(self) -> Sampling:
        """How reasoning is sampled, with the stops of the model's prompt format."""
        return replace(self.study.sampling, stop=self.subject.format.stop, stop_ids=self.subject.format.stop_ids)

    @property
    def answers(self) -> Answers:
        """How multiple-choice answers are read: "logprobs", "written" or "sampled", never "auto"."""
        if self.study.answers != "auto":
            return self.study.answers
        return "logprobs" if "option_logprobs" in self.subject.engine.info.capabilities else "written"

    @property
    def batch(self) -> int:
        """The approximate number of completions per call."""
        return BATCH_ON_CPU if self._on_cpu else BATCH

    @property
    def portion(self) -> int:
        """The approximate number of tokens per call of reading, beyond the first `TRACES` traces."""
        return TOKENS_ON_CPU if self._on_cpu else TOKENS

    @property
    def _on_cpu(self) -> bool:
        return self.subject.engine.info.device == "cpu"

    def cutter(self, strategy: str) -> str:
        """The step cutter for reasoning traces of `strategy`."""
        return self.opened.strategies[strategy].steps or self.study.steps

    def posed(self, strategy: str, question: Question) -> Question:
        """The question as `strategy` poses it when the answer is read."""
        return self.opened.strategies[strategy].pose(question)

    def shards(self, questions: Iterator[Question]) -> Iterator[tuple[Shard, list[Question]]]:
        """The first `limit` questions in blocks. The block of a question does not depend on the limit."""
        name = cell_name(self.subject.name, self.task)
        limited = islice(questions, self.study.limit)
        for index, block in enumerate(blocks(limited, SHARD)):
            yield Shard(name, index), block


def cell_name(model: str, task: str) -> str:
    """The short name of a cell, with which its file names begin."""
    return seeds.key("cell", model, task)[-12:]


def blocks(items: Iterator[T] | Sequence[T], size: int) -> Iterator[list[T]]:
    """`items` in lists of `size`, the last one shorter."""
    iterator = iter(items)
    while block := list(islice(iterator, size)):
        yield block


def portions(traces: Sequence[Trace], loads: Mapping[str, int], most: int) -> Iterator[list[Trace]]:
    """`traces` in lists, one list per call of reading: `TRACES` at first, then twice as many each time, while their `loads` stay within `most`.

    The samples of a question stay together, so that they share their prompt in one call, unless they are too many and too large. A
    list may always have `TRACES` traces. The lists depend only on what is read, so that the same study makes the same calls.
    """
    size, block, load = TRACES, list[Trace](), 0
    for group in _groups(traces, loads, most):
        count, more = len(block) + len(group), sum(loads[trace.id] for trace in group)
        if block and (count > size or (count > TRACES and load + more > most)):
            yield block
            size, block, load = 2 * size, [], 0
        block += group
        load += more
    if block:
        yield block


def _groups(traces: Sequence[Trace], loads: Mapping[str, int], most: int) -> Iterator[list[Trace]]:
    """Adjacent samples of one question under one strategy, or single samples if they are too many and too large."""
    for _, those in groupby(traces, lambda trace: (trace.question_id, trace.strategy)):
        group = list(those)
        whole = len(group) <= TRACES or sum(loads[trace.id] for trace in group) <= most
        yield from [group] if whole else [[trace] for trace in group]
