"""Traces: the reasoning that each strategy elicits from the model, or given traces."""

from __future__ import annotations

from collections.abc import Generator, Iterator, Sequence
from dataclasses import asdict, dataclass, replace
from typing import Any, Protocol

from cotfaith import seeds
from cotfaith.contracts import driver
from cotfaith.contracts.identity import stream
from cotfaith.contracts.requests import Write
from cotfaith.contracts.strategy import AbstractStrategy, Reason, Reasoned
from cotfaith.pipeline.cell import Cell
from cotfaith.pipeline.changes import OF_TRACES, ChangedError, Rows
from cotfaith.pipeline.replies import write
from cotfaith.prompts import stray_tags
from cotfaith.storage import schema
from cotfaith.storage.run_directory import Shard
from cotfaith.text import steps
from cotfaith.types import Completion, Prompt, Question, Sampling, Trace

Ids = tuple[int, ...]
Slot = tuple[str, str, int]  # question, strategy, sample


@dataclass(frozen=True, slots=True)
class Wanted:
    """A trace that the study needs: its key, and its question, strategy and sample. `prompt_ids` are the ids of the posed question."""

    key: str
    strategy: AbstractStrategy
    question: Question
    prompt_ids: Ids
    sample: int

    @property
    def slot(self) -> Slot:
        """Which trace of the run it is."""
        return self.question.id, self.strategy.name, self.sample


class TraceSource(Protocol):
    """The source of the traces of a run."""

    name: str

    def provenance(self) -> dict[str, str]:
        """The provenance of the traces, for the manifest. `source` is its name."""

    def check(self, cell: Cell, wanted: Wanted, stored: Trace) -> str:
        """Why `stored` is not the `wanted` trace; empty if it is."""

    def make(self, cell: Cell, missing: Sequence[Wanted]) -> Iterator[list[Trace]]:
        """The `missing` traces in order, in lists. Each list is stored before the next is made."""

    def unused(self) -> int:
        """The number of traces in the source that nothing has requested."""


class Sampled:
    """Traces that the model writes under the study's strategies."""

    name = "sampled"

    def provenance(self) -> dict[str, str]:
        """They come from the run itself."""
        return {"source": self.name}

    def check(self, cell: Cell, wanted: Wanted, stored: Trace) -> str:  # noqa: ARG002  the contract
        """A stored trace must have the same key as the wanted one."""
        return "" if stored.key == wanted.key else "it was sampled from another prompt or with other settings"

    def make(self, cell: Cell, missing: Sequence[Wanted]) -> Iterator[list[Trace]]:
        """A batch at a time."""
        for batch in _batches(missing, cell.batch):
            cell.stop.check()
            yield _sample(cell, batch)

    def unused(self) -> int:
        """None."""
        return 0


def sample_traces(cell: Cell, shard: Shard, questions: Sequence[Question], source: TraceSource | None = None) -> list[Trace]:
    """Every trace of `shard` that the study needs, ordered by strategy, question and sample.

    Missing traces come from `source`, or are sampled if it is None.

    Raises:
        ChangedError: the directory holds another trace in place of one of them.
    """
    source = Sampled() if source is None else source
    rows = cell.directory.load("traces", shard).to_pylist()
    there = {(one.question_id, one.strategy, one.sample): one for one in map(schema.trace, rows)}
    wanted = {one.slot: one for strategy in cell.opened.strategies.values() for one in _wanted(cell, strategy, questions)}
    for slot, one in wanted.items():
        if slot in there and (reason := source.check(cell, one, there[slot])):
            difference = f"another trace of question {slot[0]!r} (strategy {slot[1]}, sample {slot[2]}): {reason}"
            raise ChangedError(cell.directory.path, difference, Rows(OF_TRACES, cell.subject.name, cell.task, shard.index))
    missing = [one for slot, one in wanted.items() if slot not in there]
    cell.reporter.expect("traces", len(missing))
    for made in source.make(cell, missing):
        cell.directory.append("traces", shard, [schema.trace_row(trace, cell.task, source.name) for trace in made])
        cell.reporter.done("traces", len(made))
        there |= {(one.question_id, one.strategy, one.sample): one for one in made}
    return [there[slot] for slot in wanted]


def _wanted(cell: Cell, strategy: AbstractStrategy, questions: Sequence[Question]) -> Iterator[Wanted]:
    what = (stream(strategy), asdict(cell.sampling), cell.cutter(strategy.name), cell.study.seed)
    for question in questions:
        ids = cell.subject.format.prompt_ids(strategy.pose(question))
        for sample in range(cell.study.samples):
            yield Wanted(seeds.key("trace", cell.tag, question.id, ids, *what, sample), strategy, question, ids, sample)


def _batches(missing: Sequence[Wanted], size: int) -> Iterator[list[Wanted]]:
    """Batches of about `size` traces of one strategy. The samples of a question stay in one batch."""
    batch: list[Wanted] = []
    for one in missing:
        last = batch[-1] if batch else one
        full = len(batch) >= size and last.question is not one.question
        if full or last.strategy is not one.strategy:
            yield batch
            batch = []
        batch.append(one)
    if batch:
        yield batch


def _sample(cell: Cell, batch: Sequence[Wanted]) -> list[Trace]:
    asking: set[str] = set()

    def ask(requests: list[tuple[Wanted, Any]]) -> list[Any]:
        asking.update(one.key for one, _ in requests)
        return _answers(cell, requests)

    flows = [_tagged(one, cell.study.seed) for one in batch]
    return [_trace(cell, one, made, asked=one.key in asking) for one, made in zip(batch, driver.drive(flows, ask), strict=True)]


def _tagged(one: Wanted, seed: int) -> Generator[tuple[Wanted, Any], Any, Reasoned]:
    """The strategy's flow, with each request labelled by its trace."""
    rng = seeds.stream(seed, stream(one.strategy), one.question.id, one.sample)
    flow = one.strategy.flow(one.question, rng=rng)
    try:
        request = next(flow)
        while True:
            request = flow.send((yield one, request))
    except StopIteration as stop:
        reasoned: Reasoned = stop.value
        return reasoned


def _answers(cell: Cell, requests: Sequence[tuple[Wanted, Any]]) -> list[Any]:
    """Replies to one round: all writing in one batch, and all reasoning in one batch per set of stops."""
    replies: dict[int, Any] = {}
    writes = [(i, one) for i, (_, one) in enumerate(requests) if isinstance(one, Write)]
    if writes:
        replies |= zip([i for i, _ in writes], write(cell, [one for _, one in writes]), strict=True)
    calls: dict[tuple[tuple[str, ...], int | None], list[int]] = {}
    for i, (whose, one) in enumerate(requests):
        if isinstance(one, Reason):
            calls.setdefault((whose.strategy.stop, one.max_tokens), []).append(i)
    for (stop, most), places in calls.items():
        budget = cell.sampling.max_tokens if most is None else min(most, cell.sampling.max_tokens)
        sampling = replace(cell.sampling, stop=(*cell.sampling.stop, *stop), max_tokens=budget)
        replies |= zip(places, _reason(cell, [requests[i] for i in places], sampling), strict=True)
    return [replies[i] for i in range(len(requests))]


def _reason(cell: Cell, requests: Sequence[tuple[Wanted, Reason]], sampling: Sampling) -> list[Reasoned]:
    """One completion per request. The samples of a prompt share its computation."""
    begun = [cell.subject.engine.tokenizer.encode(reason.begun) if reason.begun else () for _, reason in requests]
    rendered = {
        question: cell.subject.format.prompt_ids(question) for question in dict.fromkeys(reason.question for _, reason in requests)
    }
    starts = [rendered[reason.question] for _, reason in requests]
    samples: dict[tuple[str, Ids], list[int]] = {}
    for (one, _), start, more in zip(requests, starts, begun, strict=True):
        samples.setdefault((one.question.id, start + more), []).append(one.sample)
    prompts = [
        Prompt(ids, seeds.seed(cell.study.seed, cell.subject.name, question), tuple(those))
        for (question, ids), those in samples.items()
    ]
    done = cell.subject.generate(prompts, sampling)
    made = {
        (*key, sample): completion
        for (key, those), completions in zip(samples.items(), done, strict=True)
        for sample, completion in zip(those, completions, strict=True)
    }
    return [
        _reasoned(cell, start, more, made[one.question.id, start + more, one.sample])
        for (one, _), start, more in zip(requests, starts, begun, strict=True)
    ]


def _reasoned(cell: Cell, start: Ids, begun: Ids, completion: Completion) -> Reasoned:
    parsed = cell.subject.format.parse(start, begun + completion.ids)
    said = cell.subject.engine.tokenizer.decode(parsed.reasoning_ids)
    finish = "stop" if parsed.closed else completion.finish
    return Reasoned(said, parsed.reasoning_ids, parsed.prompt_ids, finish, parsed.response)


def finished(cell: Cell, one: Wanted, made: Reasoned) -> Trace:
    """The trace made from `made`. Its id covers its content and its key."""
    tokenizer = cell.subject.engine.tokenizer
    ids = tokenizer.encode(made.text) if made.ids is None else made.ids
    reasoning = tokenizer.decode(ids)
    prompt_ids = one.prompt_ids if made.prompt_ids is None else made.prompt_ids
    content = (seeds.digest(prompt_ids), seeds.digest(ids), made.finish, made.response)
    return Trace(
        id=seeds.key("trace content", one.key, *content),
        question_id=one.question.id,
        model=cell.subject.name,
        sample=one.sample,
        prompt_ids=prompt_ids,
        reasoning=reasoning,
        reasoning_ids=ids,
        steps=steps.steps(reasoning, tokenizer.ends(ids), cell.cutter(one.strategy.name)),
        finish=made.finish,
        response=made.response,
        strategy=one.strategy.name,
        key=one.key,
    )


def _trace(cell: Cell, one: Wanted, made: Reasoned, *, asked: bool) -> Trace:
    trace = finished(cell, one, made)
    if trace.finish == "too_long":
        cell.directory.log(
            "question too long for the model", question=one.question.id, model=cell.subject.name, tokens=len(trace.prompt_ids)
        )
    elif asked and not trace.reasoning_ids:
        cell.directory.log("empty reasoning", question=one.question.id, sample=one.sample, model=cell.subject.name)
    if tags := stray_tags(cell.subject.format.name, trace.reasoning):
        about = {"question": one.question.id, "sample": one.sample, "model": cell.subject.name}
        cell.directory.log("tag of a reasoning channel in the reasoning", **about, tags=list(tags))
    return trace
