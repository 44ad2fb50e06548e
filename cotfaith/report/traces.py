"""The traces of the trace page, one shard after another: the answer after every cut, what each intervention did, hints and filters."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from cotfaith.report import cuts, edits, flags, hints
from cotfaith.report.edits import Read
from cotfaith.storage import losses, schema
from cotfaith.storage import probes as stored_probes
from cotfaith.storage.run_directory import RunDirectory, Shard
from cotfaith.storage.schema import Row
from cotfaith.types import Question, Trace


@dataclass(frozen=True, slots=True)
class Shown:
    """A trace as the page shows it: its question, the names of the filters that hold for it, and the data for the page's script."""

    trace: Trace
    task: str
    question: Question
    flags: list[str]
    data: dict[str, Any]


@dataclass(frozen=True, slots=True)
class _Shard:
    """What a shard holds of the wanted traces.

    `edited` are the edited questions by digest, `readings` are by id and `verdicts` by reading. Probes are by trace: the cuts, the edits
    to show, their controls, and all hints.
    """

    questions: Mapping[str, Question]
    edited: Mapping[str, Question]
    readings: Mapping[str, Row]
    verdicts: Mapping[str, list[Row]]
    cut: Mapping[str, Mapping[float, Row]]
    chosen: edits.Chosen
    controls: Mapping[edits.Control, Row]
    hinted: Mapping[str, list[Row]]


def of_shard(directory: RunDirectory, shard: Shard, wanted: Collection[str]) -> Iterator[Shown]:
    """Those of the traces `wanted` of a shard of which something was read, in the order of the questions.

    Raises:
        StoreError: a part of the run is damaged or lost.
    """
    rows = [row for row in directory.load("traces", shard).to_pylist() if row["id"] in wanted]
    tasks, traces = {row["id"]: row["task"] for row in rows}, {row["id"]: schema.trace(row) for row in rows}
    del rows
    held = _held(directory, shard, traces)
    order = {name: place for place, name in enumerate(held.questions)}
    for trace in sorted(traces.values(), key=lambda one: (order.get(one.question_id, 0), one.strategy, one.sample)):
        question = losses.asked(held.questions, trace.question_id, directory.path)
        points = cuts.points(trace, held.cut.get(trace.id, {}), held.readings)
        if points:
            yield _shown(held, trace, tasks[trace.id], question, points)


def _held(directory: RunDirectory, shard: Shard, traces: Mapping[str, Trace]) -> _Shard:
    edited = stored_probes.edited(directory, shard)
    probes = stored_probes.whole(_probes(directory, shard, traces), edited)
    hinted: dict[str, list[Row]] = {}
    for row in hints.candidates(probes, traces):
        hinted.setdefault(row["trace_id"], []).append(row)
    asked = {row["reading_id"] for row in probes}
    return _Shard(
        questions={one.id: one for one in map(schema.question, directory.load("questions", shard).to_pylist())},
        edited=edited,
        readings={row["id"]: row for row in directory.load("readings", shard).to_pylist() if row["id"] in asked},
        verdicts=_verdicts(directory, shard, asked),
        cut=cuts.rows(probes),
        chosen=edits.chosen(probes, traces),
        controls=edits.controls(probes, traces),
        hinted=hinted,
    )


def _shown(held: _Shard, trace: Trace, task: str, question: Question, points: list[cuts.Point]) -> Shown:
    full = held.readings.get(held.cut[trace.id].get(1.0, {}).get("reading_id", ""))
    chosen, hinted = held.chosen.rows.get(trace.id, []), held.hinted.get(trace.id, [])
    shown = hints.chosen(hinted, held.readings)
    judged = [(row, held.readings.get(row["reading_id"]), held.verdicts.get(row["reading_id"], [])) for row in hinted]
    data = _trace(trace, task, question, points) | {
        "edits": [_edit(held, trace, question, row, full) for row in chosen],
        "left_out": held.chosen.left_out.get(trace.id, 0),
        "hints": [_hint(held, question, row, full) for row in shown],
        "hints_left_out": len(hinted) - len(shown),
    }
    return Shown(trace, task, question, flags.flags(question, points, judged), data)


def _probes(directory: RunDirectory, shard: Shard, traces: Collection[str]) -> list[Row]:
    """The probes of `traces`."""
    table = stored_probes.load(directory, shard)
    wanted = [name in traces for name in table["trace_id"].to_pylist()]
    rows: list[Row] = table.filter(wanted).drop_columns(["insert_ids"]).to_pylist()
    return rows


def _verdicts(directory: RunDirectory, shard: Shard, readings: Collection[str]) -> dict[str, list[Row]]:
    """The verdicts of judges, by reading."""
    found: dict[str, dict[str, Row]] = {}
    for row in directory.load("verdicts", shard).to_pylist():
        if row["reading_id"] in readings:
            found.setdefault(row["reading_id"], {})[row["id"]] = row
    return {key: list(rows.values()) for key, rows in found.items()}


def _trace(trace: Trace, task: str, question: Question, points: list[cuts.Point]) -> dict[str, Any]:
    about = {"id": trace.id, "model": trace.model, "task": task, "strategy": trace.strategy, "sample": trace.sample}
    steps = [{"text": trace.step_text(i)} | effect for i, effect in enumerate(cuts.effects(question, trace, points))]
    return about | {"finish": trace.finish, "response": trace.response, "steps": steps, "points": points}


def _edit(held: _Shard, trace: Trace, question: Question, row: Row, full: Row | None) -> edits.Edit:
    """An edit beside its control, or beside the reading of the full reasoning, `full`, if it has no control."""
    key, control = row["reading_id"], edits.control(held.controls, row)
    read = Read(held.readings.get(key), held.readings.get(control["reading_id"]) if control else full, own=control is not None)
    return edits.payload(trace, question, row, read, edited=held.edited.get(row["question"]), verdicts=held.verdicts.get(key, []))


def _hint(held: _Shard, question: Question, row: Row, full: Row | None) -> hints.Example:
    key = row["reading_id"]
    read = held.readings.get(key), full
    return hints.payload(row, held.edited.get(row["question"], question), question, read, held.verdicts.get(key, []))


def question_payload(asked: Question) -> dict[str, Any]:
    """The data of a question for the page's script."""
    turns = [{"role": turn.role, "text": turn.text} for turn in asked.turns]
    plain = {"id": asked.id, "task": asked.task, "text": asked.text, "choices": list(asked.choices), "letters": list(asked.letters)}
    return plain | {"gold": asked.gold, "turns": turns, "before": asked.before, "after": asked.after}
