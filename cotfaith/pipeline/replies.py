"""Replies to the requests of flows. A round of requests is one batch per model."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from cotfaith import seeds
from cotfaith.contracts.requests import (
    Answer,
    Continue,
    Continued,
    Donors,
    Encode,
    Examples,
    Hints,
    Request,
    Similar,
    Write,
    Writers,
    Written,
)
from cotfaith.errors import UsageError
from cotfaith.pipeline import pools
from cotfaith.pipeline.cell import Cell, cell_name
from cotfaith.pipeline.open_model import OpenModel
from cotfaith.storage.run_directory import Shard
from cotfaith.text import steps
from cotfaith.types import Completion, Finish, Prompt, Question, Sampling, Trace

Ids = tuple[int, ...]


@dataclass(frozen=True, slots=True)
class Asker:
    """Replies to the requests of flows on the traces of `shard`, in the order of the requests.

    `answers` gives the model's answer after the whole reasoning of each trace.
    """

    cell: Cell
    shard: Shard
    traces: Sequence[Trace]
    answers: Callable[[Sequence[Trace]], Mapping[str, str]]

    def __call__(self, requests: list[Request[Any]]) -> list[Any]:
        """One reply for each request."""
        replies: dict[int, Any] = {}
        for kind, answer in self._ways().items():
            those = [(i, one) for i, one in enumerate(requests) if isinstance(one, kind)]
            if those:
                replies |= zip([i for i, _ in those], answer([one for _, one in those]), strict=True)
        return [replies[i] for i in range(len(requests))]

    def _ways(self) -> Mapping[type, Callable[[list[Any]], list[Any]]]:
        tokenizer = self.cell.subject.engine.tokenizer
        return {
            Encode: lambda those: [tokenizer.encode(one.text) for one in those],
            Writers: lambda those: [tuple(self.cell.study.writer or (self.cell.subject.name,)) for _ in those],
            Write: lambda those: write(self.cell, those),
            Donors: self._donors,
            Continue: lambda those: _continued(self.cell, those),
            Similar: lambda those: [self.cell.opened.similar(one.a, one.b) for one in those],
            Hints: lambda those: [tuple(self.cell.opened.hints[name] for name in one.names) for one in those],
            Examples: self._examples,
            Answer: self._answered,
        }

    def _answered(self, requests: list[Answer]) -> list[str]:
        known = self.answers(list({one.trace.id: one.trace for one in requests}.values()))
        return [known[one.trace.id] for one in requests]

    def _examples(self, requests: list[Examples]) -> list[tuple[Question, ...]]:
        pool = pools.shown(self.cell)
        return [tuple(other for other in pool if other.text != one.question.text) for one in requests]

    def _donors(self, requests: list[Donors]) -> list[tuple[Trace, ...]]:
        able = {model: pools.donors(self.cell, self.shard, self.traces, model) for model in {one.model for one in requests}}
        return [
            tuple(
                donor
                for donor in able[one.model]
                if donor.strategy == one.trace.strategy and (donor.question_id == one.trace.question_id) == bool(one.model)
            )
            for one in requests
        ]


def check_donors(cell: Cell) -> None:
    """Refuse an intervention that takes reasoning traces of a model of which the run has none.

    Raises:
        UsageError: the run has no donor traces.
    """
    for name, made in cell.opened.interventions.items():
        if made.donor not in {"", cell.subject.name} and not pools.stored(cell, Shard(cell_name(made.donor, cell.task), 0)):
            raise UsageError(
                f"Intervention {name} takes reasoning traces of {made.donor}, but this run has none on {cell.task}: "
                f"put {made.donor} before {cell.subject.name} among the models."
            )


# --- writing ----------------------------------------------------------------------------------------------------------------


def write(cell: Cell, requests: Sequence[Write]) -> list[Written]:
    """What each writer writes: one engine call for all requests with the same sampling, apart from the number of tokens."""
    written: dict[int, Written] = {}
    calls: dict[tuple[str, Sampling], list[int]] = {}
    for i, one in enumerate(requests):
        calls.setdefault((one.writer, replace(one.sampling, max_tokens=1)), []).append(i)
    for (name, _), places in calls.items():
        writer = cell.writers[name] if name else cell.subject
        those = [requests[i] for i in places]
        written |= zip(places, _write(writer, those), strict=True)
    cell.reporter.done("texts written", len(requests))
    return [written[i] for i in range(len(requests))]


def _write(writer: OpenModel, requests: Sequence[Write]) -> list[Written]:
    form = writer.format
    prompts = [Prompt(form.turn_ids(one.turns, one.begun), one.seed) for one in requests]
    first = requests[0].sampling
    longest = max(one.sampling.max_tokens for one in requests)
    sampling = replace(first, max_tokens=longest, stop=(*first.stop, *form.stop), stop_ids=(*first.stop_ids, *form.stop_ids))
    completions = writer.generate(prompts, sampling)
    return [_cut(writer, made, one.sampling.max_tokens) for (made,), one in zip(completions, requests, strict=True)]


def _cut(writer: OpenModel, made: Completion, most: int) -> Written:
    """The completion within its token limit."""
    if len(made.ids) <= most:
        return Written(made.text, made.finish)
    return Written(writer.engine.tokenizer.decode(made.ids[:most]), "length")


# --- continuing ------------------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Draw:
    """One of several continuations of a context from a trace, named by its random stream. Draws of different traces are independent."""

    trace: str
    context: Ids
    number: int
    stop: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Thought:
    """What the model added to its reasoning, why it ended, and its response after the closed reasoning channel."""

    ids: Ids
    text: str
    finish: Finish
    response: str


def think_on(cell: Cell, draws: Sequence[Draw]) -> list[Thought]:
    """The continuation of the model in each draw. The same draw gives the same text. Draws of one context share its computation."""
    made: dict[Draw, Completion] = {}
    for stop in dict.fromkeys(one.stop for one in draws):
        made |= _drawn(cell, [one for one in dict.fromkeys(draws) if one.stop == stop], stop)
    return [_thought(cell.subject, one.context, made[one]) for one in draws]


def _thought(subject: OpenModel, context: Ids, made: Completion) -> Thought:
    parsed = subject.format.parse(context, made.ids)
    said = subject.engine.tokenizer.decode(parsed.reasoning_ids)
    return Thought(parsed.reasoning_ids, said, "stop" if parsed.closed else made.finish, parsed.response)


def _drawn(cell: Cell, draws: Sequence[Draw], stop: tuple[str, ...]) -> dict[Draw, Completion]:
    places: dict[tuple[str, Ids], list[Draw]] = {}
    for one in draws:
        places.setdefault((one.trace, one.context), []).append(one)
    # "think" names the stream since the first version: another name would move every draw.
    prompts = [
        Prompt(key[1], seeds.seed(cell.study.seed, "think", *key), tuple(one.number for one in those))
        for key, those in places.items()
    ]
    completions = cell.subject.generate(prompts, replace(cell.sampling, stop=(*cell.sampling.stop, *stop)))
    return {
        one: completion
        for those, done in zip(places.values(), completions, strict=True)
        for one, completion in zip(those, done, strict=True)
    }


def _start(cell: Cell, one: Continue) -> Ids:
    if one.question is None:
        return one.trace.prompt_ids
    return cell.subject.format.prompt_ids(cell.posed(one.trace.strategy, one.question))


def _continued(cell: Cell, requests: Sequence[Continue]) -> list[Continued]:
    """What the model adds for each request: nothing under a strategy without reasoning."""
    able = [cell.opened.strategies[one.trace.strategy].reasons for one in requests]
    added = iter(_added(cell, [one for one, reasons in zip(requests, able, strict=True) if reasons]))
    return [next(added) if reasons else Continued((), "", (), "stop") for reasons in able]


def _added(cell: Cell, requests: Sequence[Continue]) -> list[Continued]:
    tokenizer = cell.subject.engine.tokenizer
    draws = [
        Draw(
            one.trace.stream,
            _start(cell, one) + one.trace.reasoning_ids[: one.keep] + one.insert_ids,
            one.draw,
            cell.opened.strategies[one.trace.strategy].stop,
        )
        for one in requests
    ]
    replies = []
    for one, thought in zip(requests, think_on(cell, draws), strict=True):
        cut = steps.steps(thought.text, tokenizer.ends(thought.ids), cell.cutter(one.trace.strategy))
        replies.append(Continued(thought.ids, thought.text, cut, thought.finish))
    cell.reporter.done("continuations", len(requests))
    return replies
