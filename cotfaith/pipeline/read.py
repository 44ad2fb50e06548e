"""Probes and readings: the interventions' probes, and what the model answers to each. Probes that ask the same share a reading."""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass, replace

from cotfaith import answers, intervention, records, seeds
from cotfaith.pipeline.asking import Asker, Draw, Thought, think_on
from cotfaith.pipeline.cell import PROBED, TRACES, Cell, blocks
from cotfaith.prompts import AbstractFormat, answer_stop
from cotfaith.store import Shard
from cotfaith.types import Branch, OptionScores, PrefixTree, Probe, Prompt, Question, Reading, Sampling, Trace

ANSWER_TOKENS = 32  # the most that a free-form answer may take


@dataclass(frozen=True, slots=True)
class Asked:
    """A probe with its trace and the question it poses: the ids up to where the answer is read, and the reading's key.

    `context` ends with the reasoning, and `answer_ids` follow it. The first `shared` ids of `context` are also the first ids of the trace.
    `thought` and `response` are what the model added, once it was let think on.
    """

    probe: Probe
    trace: Trace
    question: Question
    context: tuple[int, ...]
    shared: int
    answer_ids: tuple[int, ...]
    key: str
    thought: str = ""
    response: str = ""


@dataclass(frozen=True, slots=True)
class There:
    """What a shard holds already: by trace, the interventions that have probed it and the probes not yet read; the readings."""

    probed: dict[str, set[str]]
    unread: dict[str, list[Probe]]
    readings: set[str]


def read_traces(cell: Cell, shard: Shard, questions: Sequence[Question], traces: Sequence[Trace]) -> None:
    """Probe and read every trace of `shard`, passing over what is there."""
    by_id = {question.id: question for question in questions}
    there = _there(cell, shard)
    asker = Asker(cell, shard, traces, lambda some: _answers(cell, shard, [(t, by_id[t.question_id]) for t in some], there))
    for several in blocks(traces, PROBED):
        cell.stop.check()
        _probe(cell, shard, [(trace, by_id[trace.question_id]) for trace in several], there, asker)
        for block in blocks(several, TRACES):
            cell.stop.check()
            asked = [_asked(cell, p, t, by_id[t.question_id]) for t in block for p in there.unread.get(t.id, [])]
            missing = {a.key: a for a in asked if a.key not in there.readings}
            cell.reporter.expect("readings", len(missing))
            _keep(cell, shard, missing, there)


def _keep(cell: Cell, shard: Shard, missing: Mapping[str, Asked], there: There) -> list[Reading]:
    """Read what is `missing`, and store it."""
    readings = list(_read(cell, list(missing.values())))
    rows = [records.reading_row(reading, cell.subject.name, cell.task) for reading in readings]
    cell.directory.append("readings", shard, rows)
    cell.reporter.done("readings", len(readings))
    there.readings.update(missing)
    return readings


def _answers(cell: Cell, shard: Shard, cases: Sequence[tuple[Trace, Question]], there: There) -> dict[str, str]:
    """The subject's answer after each trace's whole reasoning, by trace; "" where it gave none. What was not read yet is read now."""
    full = [Probe("", trace.id, "", "full", keep=len(trace.reasoning_ids)) for trace, _ in cases]
    asked = {trace.id: _asked(cell, probe, trace, question) for probe, (trace, question) in zip(full, cases, strict=True)}
    _keep(cell, shard, {a.key: a for a in asked.values() if a.key not in there.readings}, there)
    rows = cell.directory.load("readings", shard).select(["id", "answer"]).to_pylist()
    known = {row["id"]: row["answer"] or "" for row in rows}
    return {name: known[a.key] for name, a in asked.items()}


def _there(cell: Cell, shard: Shard) -> There:
    there = There({}, {}, set(cell.directory.load("readings", shard)["id"].to_pylist()))
    for row in cell.directory.load("probes", shard).to_pylist():
        there.probed.setdefault(row["trace_id"], set()).add(row["intervention"])
        if row["took"] and row["reading_id"] not in there.readings:
            there.unread.setdefault(row["trace_id"], []).append(records.probe(row))
    return there


def _probe(cell: Cell, shard: Shard, cases: Sequence[tuple[Trace, Question]], there: There, asker: Asker) -> None:
    """Make and store the probes that the study's interventions still owe these traces; all writing of a round is one batch."""
    for made in cell.opened.interventions.values():
        spec = intervention.describe(made)
        owed = [(trace, question) for trace, question in cases if spec not in there.probed.get(trace.id, ())]
        rows = []
        for (trace, question), probes in zip(owed, intervention.probes(made, owed, asker, seed=cell.study.seed), strict=True):
            for probe in probes:
                key = _asked(cell, probe, trace, question).key if probe.took else ""
                rows.append(records.probe_row(probe, trace, cell.task, key))
            there.unread.setdefault(trace.id, []).extend(probe for probe in probes if probe.took)
        cell.directory.append("probes", shard, rows)


def _asked(cell: Cell, probe: Probe, trace: Trace, question: Question) -> Asked:
    """The ids that `probe` stands for, and the key of its reading. Under a strategy without reasoning, it is answered at once."""
    if not cell.opened.strategies[trace.strategy].reasons:
        probe = replace(probe, then="answer")
    posed = cell.posed(trace.strategy, probe.question or question)
    form = cell.subject.format
    start = trace.prompt_ids if probe.question is None else form.prompt_ids(posed)
    insert = cell.subject.engine.tokenizer.encode(probe.insert) if probe.insert_ids is None else probe.insert_ids
    context = start + trace.reasoning_ids[: probe.keep] + insert
    shared = len(start) + probe.keep if probe.question is None else 0
    answer_ids = form.answer_ids(posed, context[len(start) :])
    what: list[object] = ["reading", cell.tag, context, answer_ids, posed.letters, cell.study.min_option_mass]
    if probe.then == "think":
        what += ["think", asdict(cell.study.sampling), cell.study.seed, trace.id, probe.draw]
    return Asked(probe, trace, posed, context, shared, answer_ids, seeds.key(*what))


def _read(cell: Cell, asked: Sequence[Asked]) -> Iterator[Reading]:
    """The readings of `asked`: reasoning that goes on is let go on first, then options are scored and free answers written."""
    fits, long = _split(cell, asked)
    thought, longer = _split(cell, _think(cell, [a for a in fits if a.probe.then == "think"]))
    for a in (*long, *longer):
        yield _too_long(cell, a)
    ready = [a for a in fits if a.probe.then == "answer"] + thought
    yield from _score(cell, [a for a in ready if a.question.choices])
    yield from _write(cell, [a for a in ready if not a.question.choices])


def _split(cell: Cell, asked: Sequence[Asked]) -> tuple[list[Asked], list[Asked]]:
    """Those that the model's context holds, and those that it does not."""
    room = cell.subject.engine.info.context or math.inf
    return [a for a in asked if _length(a) <= room], [a for a in asked if _length(a) > room]


def _length(a: Asked) -> int:
    room = 0 if a.question.choices else ANSWER_TOKENS
    return len(a.context) + len(a.answer_ids) + room


def _too_long(cell: Cell, a: Asked) -> Reading:
    reason = f"{_length(a)} tokens, but the context holds {cell.subject.engine.info.context}"
    cell.directory.log("reasoning too long to be read", probe=a.probe.id, reason=reason)
    return Reading(a.key, "error", reason=reason, thought=a.thought, response=a.response)


def _think(cell: Cell, asked: Sequence[Asked]) -> list[Asked]:
    """Each of `asked` with the reasoning that the model added to it."""
    if not asked:
        return []
    form = cell.subject.format
    draws = [Draw(a.trace.id, a.context, a.probe.draw, cell.opened.strategies[a.trace.strategy].stop) for a in asked]
    return [_longer(form, a, thought) for a, thought in zip(asked, think_on(cell, draws), strict=True)]


def _longer(form: AbstractFormat, a: Asked, thought: Thought) -> Asked:
    answer_ids = form.answer_ids(a.question, thought.ids or a.context)
    return replace(a, context=a.context + thought.ids, answer_ids=answer_ids, thought=thought.text, response=thought.response)


def _score(cell: Cell, asked: Sequence[Asked]) -> Iterator[Reading]:
    """Readings from the log-probabilities of the options: one tree a trace, in which every probe is a branch."""
    trees: dict[tuple[str, ...], list[Asked]] = {}
    for a in asked:
        trees.setdefault((a.trace.id,) if a.shared else ("alone", a.key), []).append(a)
    scores = cell.subject.engine.score([_tree(cell, those) for those in trees.values()])
    for those, scored in zip(trees.values(), scores, strict=True):
        for a, one in zip(those, scored, strict=True):
            yield _scored(a, one, cell.study.min_option_mass)


def _tree(cell: Cell, asked: Sequence[Asked]) -> PrefixTree:
    form = cell.subject.format
    first = asked[0]
    trunk = first.trace.prompt_ids + first.trace.reasoning_ids if first.shared else first.context
    candidates = form.candidates(first.question)  # a tree asks one question
    branches = []
    for a in asked:
        offset = a.shared or len(a.context)
        suffix = a.context[offset:] + a.answer_ids
        branches.append(Branch(offset, suffix, candidates))
    return PrefixTree(trunk, tuple(branches))


def _scored(a: Asked, scores: OptionScores, least: float) -> Reading:
    mass = math.fsum(map(math.exp, scores.logprobs))
    found = Reading(
        a.key,
        "answered",
        answer=a.question.letters[scores.logprobs.index(max(scores.logprobs))],
        option_logprobs=scores.logprobs,
        option_mass=mass,
        thought=a.thought,
        response=a.response,
        tokens_asked=scores.tokens_asked,
        tokens_computed=scores.tokens_computed,
    )
    if mass >= least:
        return found
    return replace(
        found, state="unparsed", answer=None, reason=f"the options hold {mass:.3f} of the probability, less than {least:g}"
    )


def _write(cell: Cell, asked: Sequence[Asked]) -> Iterator[Reading]:
    """Readings from an answer that the model writes, greedily."""
    if not asked:
        return
    form = cell.subject.format
    prompts = [Prompt(a.context + a.answer_ids) for a in asked]
    stop = dict.fromkeys(one for a in asked for one in answer_stop(a.question))
    sampling = Sampling(0.0, 1.0, ANSWER_TOKENS, (*stop, *form.stop), form.stop_ids)
    for a, (completion,) in zip(asked, cell.subject.engine.generate(prompts, sampling), strict=True):
        found = answers.extract(completion.text, a.question, finish=completion.finish)
        yield Reading(
            a.key,
            found.state,
            answer=found.answer,
            reason=found.reason,
            continuation=completion.text,
            thought=a.thought,
            response=a.response,
            tokens_asked=len(a.context) + len(a.answer_ids) + len(completion.ids),
            tokens_computed=completion.tokens_computed,
        )
