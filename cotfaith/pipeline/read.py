"""Readings: the model's answer to each probe. Identical probes share a reading."""

from __future__ import annotations

import math
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import replace

from cotfaith.contracts.prompt_format import AbstractFormat
from cotfaith.pipeline.cell import PROBED, Cell, blocks, portions
from cotfaith.pipeline.owed import Case
from cotfaith.pipeline.probe import Asked, There, ask, load_there, make_probes
from cotfaith.pipeline.prompt_cache import Posing
from cotfaith.pipeline.read_options import by_options, score
from cotfaith.pipeline.read_written import ANSWER_TOKENS, write
from cotfaith.pipeline.replies import Asker, Draw, Thought, think_on
from cotfaith.storage import schema
from cotfaith.storage.run_directory import Shard
from cotfaith.types import Probe, Question, Reading, Trace


def read_traces(cell: Cell, shard: Shard, questions: Sequence[Question], traces: Sequence[Trace]) -> None:
    """Probe and read every trace of `shard`, and skip finished work."""
    by_id = {question.id: question for question in questions}
    cases = [(trace, by_id[trace.question_id]) for trace in traces]
    posing = Posing(cell)
    there = load_there(posing, shard, cases)
    asker = Asker(cell, shard, traces, lambda some: _answers(posing, shard, [(t, by_id[t.question_id]) for t in some], there))
    for several in blocks(cases, PROBED):
        cell.stop.check()
        make_probes(posing, shard, several, there, asker)
        asked = {trace.id: _missing(there.unread.pop(trace.id, []), there) for trace, _ in several}
        loads = {name: _load(cell, those) for name, those in asked.items()}
        for block in portions([trace for trace, _ in several], loads, cell.portion):
            cell.stop.check()
            missing = {key: a for trace in block for key, a in _missing(asked[trace.id].values(), there).items()}
            cell.reporter.expect("readings", len(missing))
            _keep(cell, shard, missing, there)


def _missing(asked: Iterable[Asked], there: There) -> dict[str, Asked]:
    """The probes in `asked` without a reading, by key."""
    return {a.key: a for a in asked if a.key not in there.answers}


def _load(cell: Cell, asked: Mapping[str, Asked]) -> int:
    """The approximate number of tokens to read these probes of a trace: the trace's, and those that each probe adds or the model writes."""
    thoughts = cell.study.sampling.max_tokens
    own = max((len(a.trace.prompt_ids) + len(a.trace.reasoning_ids) for a in asked.values()), default=0)
    return own + sum(_size(cell, a) - a.shared + (thoughts if a.probe.then == "continue" else 0) for a in asked.values())


def _keep(cell: Cell, shard: Shard, missing: Mapping[str, Asked], there: There) -> None:
    """Read what is `missing`, and store it."""
    readings = list(_read(cell, list(missing.values())))
    rows = [schema.reading_row(reading, cell.subject.name, cell.task) for reading in readings]
    cell.directory.append("readings", shard, rows)
    cell.reporter.done("readings", len(readings))
    there.answers.update((reading.id, reading.answer or "") for reading in readings)


def _answers(posing: Posing, shard: Shard, cases: Sequence[Case], there: There) -> dict[str, str]:
    """The model's answer after each trace's whole reasoning, by trace; "" if it gave none. Missing readings are made."""
    full = [Probe("", trace.id, "", "full", keep=len(trace.reasoning_ids)) for trace, _ in cases]
    asked = {probe.trace_id: ask(posing, probe, *case) for probe, case in zip(full, cases, strict=True)}
    _keep(posing.cell, shard, _missing(asked.values(), there), there)
    return {name: there.answers[a.key] for name, a in asked.items()}


def _read(cell: Cell, asked: Sequence[Asked]) -> Iterator[Reading]:
    """The readings of `asked`. Continuations are sampled first; then options are scored or answers written."""
    fits, long = _split(cell, asked)
    thought, longer = _split(cell, _think(cell, [a for a in fits if a.probe.then == "continue"]))
    for a in (*long, *longer):
        yield _too_long(cell, a)
    ready = [a for a in fits if a.probe.then == "answer"] + thought
    yield from score(cell, [a for a in ready if by_options(cell, a)])
    yield from write(cell, [a for a in ready if not by_options(cell, a)])


def _split(cell: Cell, asked: Sequence[Asked]) -> tuple[list[Asked], list[Asked]]:
    """The probes that fit the model's context, and the probes that do not."""
    room = cell.subject.engine.info.context or math.inf
    return [a for a in asked if _size(cell, a) <= room], [a for a in asked if _size(cell, a) > room]


def _size(cell: Cell, a: Asked) -> int:
    """The number of context tokens that the answer needs."""
    return a.length + len(a.answer_ids) + (0 if by_options(cell, a) else ANSWER_TOKENS)


def _too_long(cell: Cell, a: Asked) -> Reading:
    reason = f"{_size(cell, a)} tokens, but the context holds {cell.subject.engine.info.context}"
    cell.directory.log("reasoning too long to be read", probe=a.probe.id, reason=reason)
    return Reading(a.key, "error", reason=reason, thought=a.thought, response=a.response)


def _think(cell: Cell, asked: Sequence[Asked]) -> list[Asked]:
    """Each of `asked` with the continuation that the model wrote."""
    if not asked:
        return []
    form = cell.subject.format
    draws = [Draw(a.trace.stream, a.context, a.probe.draw, cell.opened.strategies[a.trace.strategy].stop) for a in asked]
    return [_longer(form, a, thought) for a, thought in zip(asked, think_on(cell, draws), strict=True)]


def _longer(form: AbstractFormat, a: Asked, thought: Thought) -> Asked:
    answer_ids = form.answer_ids(a.question, thought.ids or a.context)
    return replace(a, insert=a.insert + thought.ids, answer_ids=answer_ids, thought=thought.text, response=thought.response)
