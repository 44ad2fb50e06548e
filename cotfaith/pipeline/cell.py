"""One cell of a study: one model on one task, with all that its stages need."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import islice
from typing import TypeVar

from cotfaith import seeds
from cotfaith.pipeline.opening import Opened
from cotfaith.pipeline.progress import Reporter, Stop
from cotfaith.pipeline.subject import Subject
from cotfaith.store import RunDirectory, Shard
from cotfaith.study import Study
from cotfaith.types import Question, Sampling

SHARD = 32  # questions; part of the layout of a run directory
BATCH = 32  # completions asked for at once, and so the most that a kill can cost
PROBED = 256  # traces whose interventions advance together, and so the most whose writing a kill can cost
TRACES = 8  # traces read at once

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Cell:
    """One model on one task. `tag` is the hash of the subject's fingerprint, `task` the string that named the task.

    `opened` is what the study names besides models, `writers` the models that write for it, by name.
    """

    subject: Subject
    tag: str
    task: str
    study: Study
    opened: Opened
    writers: Mapping[str, Subject]
    directory: RunDirectory
    reporter: Reporter
    stop: Stop

    @property
    def sampling(self) -> Sampling:
        """How reasonings are sampled, with what ends them in the subject's format."""
        return replace(self.study.sampling, stop=self.subject.format.stop, stop_ids=self.subject.format.stop_ids)

    def cutter(self, strategy: str) -> str:
        """How reasonings of `strategy` are cut into steps."""
        return self.opened.strategies[strategy].steps or self.study.steps

    def posed(self, strategy: str, question: Question) -> Question:
        """The question as `strategy` has it when the answer is read."""
        return self.opened.strategies[strategy].pose(question)

    def shards(self, questions: Iterator[Question]) -> Iterator[tuple[Shard, list[Question]]]:
        """The first `limit` questions in blocks; a question is in the same block whatever the limit."""
        name = cell_name(self.subject.name, self.task)
        limited = islice(questions, self.study.limit)
        for index, block in enumerate(blocks(limited, SHARD)):
            yield Shard(name, index), block


def cell_name(model: str, task: str) -> str:
    """The short name of a cell, by which its files begin."""
    return seeds.key("cell", model, task)[-12:]


def blocks(items: Iterator[T] | Sequence[T], size: int) -> Iterator[list[T]]:
    """`items` in lists of `size`, the last one shorter."""
    iterator = iter(items)
    while block := list(islice(iterator, size)):
        yield block
