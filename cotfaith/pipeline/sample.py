"""Questions and traces: what is asked, and the reasoning that each strategy elicits from the model."""

from __future__ import annotations

from collections.abc import Generator, Iterator, Sequence
from dataclasses import asdict, dataclass, replace
from typing import Any

from cotfaith import seeds
from cotfaith.contracts import driver
from cotfaith.contracts.requests import Write
from cotfaith.contracts.strategy import AbstractStrategy, Reason, Reasoned, describe
from cotfaith.pipeline.cell import Cell
from cotfaith.pipeline.replies import write
from cotfaith.storage import schema
from cotfaith.storage.run_directory import Shard
from cotfaith.text import steps
from cotfaith.types import Completion, Prompt, Question, Sampling, Trace

Ids = tuple[int, ...]


@dataclass(frozen=True, slots=True)
class Wanted:
    """A trace that the study wants: its key, and what it is a sample of. `prompt_ids` are those of the posed question."""

    key: str
    strategy: AbstractStrategy
    question: Question
    prompt_ids: Ids
    sample: int


def store_questions(cell: Cell, shard: Shard, questions: Sequence[Question]) -> None:
    """Write the questions of `shard` that are not there yet."""
    there = set(cell.directory.load("questions", shard)["id"].to_pylist())
    rows = [schema.question_row(question) for question in questions if question.id not in there]
    cell.directory.append("questions", shard, rows)


def sample_traces(cell: Cell, shard: Shard, questions: Sequence[Question]) -> list[Trace]:
    """Every trace of `shard` that the study wants, sampling those not there yet; in the order of strategies, questions and samples."""
    there = {row["id"]: schema.trace(row) for row in cell.directory.load("traces", shard).to_pylist()}
    wanted = {one.key: one for strategy in cell.opened.strategies.values() for one in _wanted(cell, strategy, questions)}
    cell.reporter.expect("traces", len(wanted.keys() - there.keys()))
    for batch in _batches([one for key, one in wanted.items() if key not in there], cell.batch):
        cell.stop.check()
        made = _sample(cell, batch)
        cell.directory.append("traces", shard, [schema.trace_row(trace, cell.task) for trace in made])
        cell.reporter.done("traces", len(made))
        there |= {trace.id: trace for trace in made}
    return [there[key] for key in wanted]


def _wanted(cell: Cell, strategy: AbstractStrategy, questions: Sequence[Question]) -> Iterator[Wanted]:
    what = (describe(strategy), asdict(cell.sampling), cell.cutter(strategy.name), cell.study.seed)
    for question in questions:
        ids = cell.subject.format.prompt_ids(strategy.pose(question))
        for sample in range(cell.study.samples):
            yield Wanted(seeds.key("trace", cell.tag, question.id, ids, *what, sample), strategy, question, ids, sample)


def _batches(missing: Sequence[Wanted], size: int) -> Iterator[list[Wanted]]:
    """A question with its samples at a time, in batches of about `size` traces of one strategy."""
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
    """The strategy's flow, with each request saying whose it is."""
    rng = seeds.stream(seed, describe(one.strategy), one.question.id, one.sample)
    flow = one.strategy.flow(one.question, rng=rng)
    try:
        request = next(flow)
        while True:
            request = flow.send((yield one, request))
    except StopIteration as stop:
        reasoned: Reasoned = stop.value
        return reasoned


def _answers(cell: Cell, requests: Sequence[tuple[Wanted, Any]]) -> list[Any]:
    """Replies to one round: all writing in one batch, all reasoning in one for each way in which it ends."""
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
    """One completion for each request; the samples of a prompt share its computation."""
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
    done = cell.subject.engine.generate(prompts, sampling)
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


def _trace(cell: Cell, one: Wanted, made: Reasoned, *, asked: bool) -> Trace:
    tokenizer = cell.subject.engine.tokenizer
    ids = tokenizer.encode(made.text) if made.ids is None else made.ids
    reasoning = tokenizer.decode(ids)
    if asked and not ids:
        cell.directory.log("empty reasoning", question=one.question.id, sample=one.sample, model=cell.subject.name)
    return Trace(
        id=one.key,
        question_id=one.question.id,
        model=cell.subject.name,
        sample=one.sample,
        prompt_ids=one.prompt_ids if made.prompt_ids is None else made.prompt_ids,
        reasoning=reasoning,
        reasoning_ids=ids,
        steps=steps.steps(reasoning, tokenizer.ends(ids), cell.cutter(one.strategy.name)),
        finish=made.finish,
        response=made.response,
        strategy=one.strategy.name,
    )
