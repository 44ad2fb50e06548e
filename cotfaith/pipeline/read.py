"""Probes and readings: the interventions' probes, and what the model answers to each. Probes that ask the same share a reading."""

from __future__ import annotations

import math
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass, replace

from cotfaith import seeds
from cotfaith.contracts.prompt_format import AbstractFormat
from cotfaith.pipeline.cell import PROBED, Cell, blocks, portions
from cotfaith.pipeline.owed import Pools, owed, probes_of
from cotfaith.pipeline.prompt_cache import Posed, Posing
from cotfaith.pipeline.replies import Asker, Draw, Thought, think_on
from cotfaith.prompts import answer_stop
from cotfaith.storage import probes as stored_probes
from cotfaith.storage import schema
from cotfaith.storage.run_directory import Shard
from cotfaith.text import answers
from cotfaith.types import Branch, OptionScores, PrefixTree, Probe, Prompt, Question, Reading, Sampling, Trace

ANSWER_TOKENS = 32  # the most that a free-form answer may take

Ids = tuple[int, ...]
Case = tuple[Trace, Question]


@dataclass(frozen=True, slots=True)
class Asked:
    """A probe with its trace, the question it poses, and the reading's key; `start` ends where the reasoning begins.

    `insert` follows what the probe keeps of the trace's reasoning, and `answer_ids` follow that. `thought` and `response` are what the
    model added, once it was let think on.
    """

    probe: Probe
    trace: Trace
    posed: Posed
    start: Ids
    insert: Ids
    answer_ids: Ids
    key: str
    thought: str = ""
    response: str = ""

    @property
    def question(self) -> Question:
        """The question as it is posed."""
        return self.posed.question

    @property
    def context(self) -> Ids:
        """The ids up to where the reasoning ends."""
        return self.start + self.trace.reasoning_ids[: self.probe.keep] + self.insert

    @property
    def shared(self) -> int:
        """How many first ids of the context are the first ids of the trace as well."""
        return len(self.start) + self.probe.keep if self.probe.question is None else 0

    @property
    def length(self) -> int:
        """How many ids the context has."""
        return len(self.start) + self.probe.keep + len(self.insert)


@dataclass(frozen=True, slots=True)
class There:
    """What a shard holds already.

    By trace, the interventions that have probed it, with the pools that each drew from, and what is not yet read; the answer of each reading; the digests
    of the edited questions.
    """

    probed: dict[str, dict[str, Pools]]
    unread: dict[str, list[Asked]]
    answers: dict[str, str]
    edited: set[str]


def read_traces(cell: Cell, shard: Shard, questions: Sequence[Question], traces: Sequence[Trace]) -> None:
    """Probe and read every trace of `shard`, passing over what is there."""
    by_id = {question.id: question for question in questions}
    cases = [(trace, by_id[trace.question_id]) for trace in traces]
    posing = Posing(cell)
    there = _there(posing, shard, cases)
    asker = Asker(cell, shard, traces, lambda some: _answers(posing, shard, [(t, by_id[t.question_id]) for t in some], there))
    for several in blocks(cases, PROBED):
        cell.stop.check()
        _probe(posing, shard, several, there, asker)
        asked = {trace.id: _missing(there.unread.pop(trace.id, []), there) for trace, _ in several}
        loads = {name: _load(cell, those) for name, those in asked.items()}
        for block in portions([trace for trace, _ in several], loads, cell.portion):
            cell.stop.check()
            missing = {key: a for trace in block for key, a in _missing(asked[trace.id].values(), there).items()}
            cell.reporter.expect("readings", len(missing))
            _keep(cell, shard, missing, there)


def _missing(asked: Iterable[Asked], there: There) -> dict[str, Asked]:
    """Those of `asked` that nobody has read, by key."""
    return {a.key: a for a in asked if a.key not in there.answers}


def _load(cell: Cell, asked: Mapping[str, Asked]) -> int:
    """About how many tokens it takes to read these probes of a trace: its own, and what each probe adds and lets the model write."""
    thoughts = cell.study.sampling.max_tokens
    own = max((len(a.trace.prompt_ids) + len(a.trace.reasoning_ids) for a in asked.values()), default=0)
    return own + sum(_size(a) - a.shared + (thoughts if a.probe.then == "think" else 0) for a in asked.values())


def _keep(cell: Cell, shard: Shard, missing: Mapping[str, Asked], there: There) -> None:
    """Read what is `missing`, and store it."""
    readings = list(_read(cell, list(missing.values())))
    rows = [schema.reading_row(reading, cell.subject.name, cell.task) for reading in readings]
    cell.directory.append("readings", shard, rows)
    cell.reporter.done("readings", len(readings))
    there.answers.update((reading.id, reading.answer or "") for reading in readings)


def _answers(posing: Posing, shard: Shard, cases: Sequence[Case], there: There) -> dict[str, str]:
    """The subject's answer after each trace's whole reasoning, by trace; "" where it gave none. What was not read yet is read now."""
    full = [Probe("", trace.id, "", "full", keep=len(trace.reasoning_ids)) for trace, _ in cases]
    asked = {probe.trace_id: _asked(posing, probe, *case) for probe, case in zip(full, cases, strict=True)}
    _keep(posing.cell, shard, _missing(asked.values(), there), there)
    return {name: there.answers[a.key] for name, a in asked.items()}


def _there(posing: Posing, shard: Shard, cases: Sequence[Case]) -> There:
    directory = posing.cell.directory
    readings = directory.load("readings", shard).select(["id", "answer"]).to_pylist()
    edited = stored_probes.edited(directory, shard)
    there = There({}, {}, {row["id"]: row["answer"] or "" for row in readings}, set(edited))
    by_trace = {trace.id: (trace, question) for trace, question in cases}
    for row in stored_probes.whole(stored_probes.load(directory, shard).to_pylist(), edited):
        there.probed.setdefault(row["trace_id"], {})[row["spec"]] = (row["donor_pool"], row["example_pool"])
        if row["took"] and row["reading_id"] not in there.answers and row["trace_id"] in by_trace:
            asked = _asked(posing, schema.probe(row, edited), *by_trace[row["trace_id"]])
            there.unread.setdefault(row["trace_id"], []).append(asked)
    return there


def _probe(posing: Posing, shard: Shard, cases: Sequence[Case], there: There, asker: Asker) -> None:
    """Make and store the probes that the study's interventions still owe these traces; all writing of a round is one batch."""
    cell = posing.cell
    for made in cell.opened.interventions.values():
        spec = cell.opened.spec(made)
        pending = owed(asker, made, [(case, there.probed.get(case[0].id, {}).get(spec)) for case in cases])
        rows, posed = list[schema.Row](), list[Probe]()
        for (trace, question), (probes, pool) in zip(pending, probes_of(asker, made, pending), strict=True):
            for probe in probes:
                asked = _asked(posing, probe, trace, question) if probe.took else None
                key = asked.key if asked else ""
                rows.append(schema.probe_row(probe, trace, cell.task, key, spec=spec, donor_pool=pool[0], example_pool=pool[1]))
                posed.append(probe)
                if asked:
                    there.unread.setdefault(trace.id, []).append(asked)
        stored_probes.append(cell.directory, shard, rows, posed, there.edited)


def _asked(posing: Posing, probe: Probe, trace: Trace, question: Question) -> Asked:
    """The ids that `probe` stands for, and the key of its reading. Under a strategy without reasoning, it is answered at once."""
    cell = posing.cell
    if not cell.opened.strategies[trace.strategy].reasons:
        probe = replace(probe, then="answer")
    posed = posing.posed(trace.strategy, probe.question or question)
    start = trace.prompt_ids if probe.question is None else posing.start(posed)
    insert = cell.subject.engine.tokenizer.encode(probe.insert) if probe.insert_ids is None else probe.insert_ids
    reasoning = trace.reasoning_ids[: probe.keep] + insert
    answer_ids = posing.answer_ids(posed, reasoning)
    what: list[object] = [
        "reading",
        cell.tag,
        seeds.digest(start + reasoning),
        seeds.digest(answer_ids),
        posed.question.letters,
        cell.study.min_option_mass,
    ]
    if probe.then == "think":
        what += ["think", asdict(cell.study.sampling), cell.study.seed, trace.id, probe.draw]
    return Asked(probe, trace, posed, start, insert, answer_ids, seeds.key(*what))


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
    return [a for a in asked if _size(a) <= room], [a for a in asked if _size(a) > room]


def _size(a: Asked) -> int:
    """How many tokens of context it takes to have the answer."""
    return a.length + len(a.answer_ids) + (0 if a.question.choices else ANSWER_TOKENS)


def _too_long(cell: Cell, a: Asked) -> Reading:
    reason = f"{_size(a)} tokens, but the context holds {cell.subject.engine.info.context}"
    cell.directory.log("reasoning too long to be read", probe=a.probe.id, reason=reason)
    return Reading(a.key, "error", reason=reason, thought=a.thought, response=a.response)


def _think(cell: Cell, asked: Sequence[Asked]) -> list[Asked]:
    """Each of `asked` with the reasoning that the model added to it."""
    if not asked:
        return []
    form = cell.subject.format
    draws = [Draw(a.trace.stream, a.context, a.probe.draw, cell.opened.strategies[a.trace.strategy].stop) for a in asked]
    return [_longer(form, a, thought) for a, thought in zip(asked, think_on(cell, draws), strict=True)]


def _longer(form: AbstractFormat, a: Asked, thought: Thought) -> Asked:
    answer_ids = form.answer_ids(a.question, thought.ids or a.context)
    return replace(a, insert=a.insert + thought.ids, answer_ids=answer_ids, thought=thought.text, response=thought.response)


def _score(cell: Cell, asked: Sequence[Asked]) -> Iterator[Reading]:
    """Readings from the log-probabilities of the options: one tree a trace, in which every probe is a branch."""
    trees: dict[tuple[str, ...], list[Asked]] = {}
    for a in asked:
        trees.setdefault((a.trace.id,) if a.shared else ("alone", a.key), []).append(a)
    scores = cell.subject.engine.score([_tree(those) for those in trees.values()])
    for those, scored in zip(trees.values(), scores, strict=True):
        for a, one in zip(those, scored, strict=True):
            yield _scored(a, one, cell.study.min_option_mass)


def _tree(asked: Sequence[Asked]) -> PrefixTree:
    first = asked[0]
    candidates = first.posed.candidates  # a tree asks one question
    if not first.shared:  # and where it is not the trace's own, one reasoning
        return PrefixTree(first.context, (Branch(first.length, first.answer_ids, candidates),))
    branches = [Branch(a.shared, a.insert + a.answer_ids, candidates) for a in asked]
    return PrefixTree(first.trace.prompt_ids + first.trace.reasoning_ids, tuple(branches))


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
