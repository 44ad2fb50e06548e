"""Probes: what the interventions of a study make of each trace, and the context of each probe for the model."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict, dataclass, replace

from cotfaith import seeds
from cotfaith.pipeline.owed import Case, Pools, owed, probes_of
from cotfaith.pipeline.prompt_cache import Posed, Posing
from cotfaith.pipeline.replies import Asker
from cotfaith.storage import probes as stored_probes
from cotfaith.storage import schema
from cotfaith.storage.run_directory import Shard
from cotfaith.types import Probe, Question, Trace

Ids = tuple[int, ...]


@dataclass(frozen=True, slots=True)
class Asked:
    """A probe with its trace, its question, and the key of its reading. `start` holds the ids before the reasoning.

    `insert` follows the part of the trace's reasoning that the probe keeps, and `answer_ids` follow `insert`. `thought` and
    `response` are what the model added when it continued.
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
        """The ids up to the end of the reasoning."""
        return self.start + self.trace.reasoning_ids[: self.probe.keep] + self.insert

    @property
    def shared(self) -> int:
        """The number of leading ids that the context shares with the trace."""
        return len(self.start) + self.probe.keep if self.probe.question is None else 0

    @property
    def length(self) -> int:
        """The number of ids in the context."""
        return len(self.start) + self.probe.keep + len(self.insert)


@dataclass(frozen=True, slots=True)
class There:
    """What a shard already holds.

    By trace: the interventions that have probed it, with the pools of each, and the probes without a reading. Also the answer of
    each reading, and the digests of the edited questions.
    """

    probed: dict[str, dict[str, Pools]]
    unread: dict[str, list[Asked]]
    answers: dict[str, str]
    edited: set[str]


def load_there(posing: Posing, shard: Shard, cases: Sequence[Case]) -> There:
    """What `shard` already holds of `cases`."""
    directory = posing.cell.directory
    readings = directory.load("readings", shard, ["id", "answer"]).to_pylist()
    edited = stored_probes.edited(directory, shard)
    there = There({}, {}, {row["id"]: row["answer"] or "" for row in readings}, set(edited))
    by_trace = {trace.id: (trace, question) for trace, question in cases}
    for row in stored_probes.whole(stored_probes.load(directory, shard).to_pylist(), edited):
        there.probed.setdefault(row["trace_id"], {})[row["spec"]] = (row["donor_pool"], row["example_pool"])
        if row["valid"] and row["reading_id"] not in there.answers and row["trace_id"] in by_trace:
            asked = ask(posing, schema.probe(row, edited), *by_trace[row["trace_id"]])
            there.unread.setdefault(row["trace_id"], []).append(asked)
    return there


def make_probes(posing: Posing, shard: Shard, cases: Sequence[Case], there: There, asker: Asker) -> None:
    """Make and store the missing probes of these traces. All text that a round has written forms one batch."""
    cell = posing.cell
    for made in cell.opened.interventions.values():
        spec = cell.opened.spec(made)
        pending = owed(asker, made, [(case, there.probed.get(case[0].id, {}).get(spec)) for case in cases])
        rows, posed = list[schema.Row](), list[Probe]()
        for (trace, question), (probes, pools) in zip(pending, probes_of(asker, made, pending), strict=True):
            for probe in probes:
                asked = ask(posing, probe, trace, question) if probe.valid else None
                key = asked.key if asked else ""
                rows.append(schema.probe_row(probe, trace, cell.task, key, spec=spec, donor_pool=pools[0], example_pool=pools[1]))
                posed.append(probe)
                if asked:
                    there.unread.setdefault(trace.id, []).append(asked)
        stored_probes.append(cell.directory, shard, rows, posed, there.edited)


def ask(posing: Posing, probe: Probe, trace: Trace, question: Question) -> Asked:
    """The ids of `probe`, and the key of its reading. Under a strategy without reasoning, the model answers at once."""
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
    if posed.question.choices and cell.answers != "logprobs":
        what += ["written"]
    if cell.answers == "sampled":
        what += ["sampled", asdict(cell.study.sampling), cell.study.seed, trace.id]
    if probe.then == "continue":
        # The name is that of the first version: another one would move every key and draw.
        what += ["think", asdict(cell.study.sampling), cell.study.seed, trace.id, probe.draw]
    return Asked(probe, trace, posed, start, insert, answer_ids, seeds.key(*what))
