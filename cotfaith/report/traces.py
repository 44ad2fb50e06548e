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
    """What a shard holds of the wanted traces. `verdicts` are by reading, `edited` has the edited questions by digest."""

    task: str
    questions: Mapping[str, Question]
    edited: Mapping[str, Question]
    readings: Mapping[str, Row]
    verdicts: Mapping[str, list[Row]]


def of_shard(directory: RunDirectory, shard: Shard, wanted: Collection[str]) -> Iterator[Shown]:
    """Those of the traces `wanted` of a shard of which something was read, in the order of the questions.

    Raises:
        StoreError: a part of the run is damaged or lost.
    """
    rows = [row for row in directory.load("traces", shard).to_pylist() if row["id"] in wanted]
    traces = {row["id"]: schema.trace(row) for row in rows}
    task = rows[0]["task"] if rows else ""
    del rows
    edited = stored_probes.edited(directory, shard)
    probes = stored_probes.whole(_probes(directory, shard, traces), edited)
    cut, chosen, matched = cuts.rows(probes), edits.chosen(probes, traces), edits.controls(probes, traces)
    hinted: dict[str, list[Row]] = {}
    for row in hints.candidates(probes, traces):
        hinted.setdefault(row["trace_id"], []).append(row)
    asked = {row["reading_id"] for row in probes}
    held = _Shard(
        task,
        {one.id: one for one in map(schema.question, directory.load("questions", shard).to_pylist())},
        edited,
        {row["id"]: row for row in directory.load("readings", shard).to_pylist() if row["id"] in asked},
        _verdicts(directory, shard, asked),
    )
    del probes
    order = {name: place for place, name in enumerate(held.questions)}
    for trace in sorted(traces.values(), key=lambda one: (order.get(one.question_id, 0), one.strategy, one.sample)):
        question = losses.asked(held.questions, trace.question_id, directory.path)
        points = cuts.points(trace, cut.get(trace.id, {}), held.readings)
        if points:
            full = held.readings.get(cut[trace.id].get(1.0, {}).get("reading_id", ""))
            those = hinted.get(trace.id, [])
            data = _trace(trace, task, question, points)
            compared = [(row, _read(held, row, edits.control(matched, row), full)) for row in chosen.rows.get(trace.id, [])]
            data["edits"] = [_edit(held, trace, question, row, read) for row, read in compared]
            data["left_out"] = chosen.left_out.get(trace.id, 0)
            data["hints"] = [_hint(held, question, row, full) for row in hints.chosen(those, held.readings)]
            data["hints_left_out"] = len(those) - len(data["hints"])
            followed = [(row, held.readings.get(row["reading_id"]), held.verdicts.get(row["reading_id"], [])) for row in those]
            yield Shown(trace, task, question, flags.flags(question, points, followed), data)


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


def _read(held: _Shard, row: Row, control: Row | None, full: Row | None) -> Read:
    """The reading of an edit, and that of its control or else of the full reasoning."""
    other = held.readings.get(control["reading_id"]) if control else full
    return Read(held.readings.get(row["reading_id"]), other, own=control is not None)


def _edit(held: _Shard, trace: Trace, question: Question, row: Row, read: Read) -> edits.Edit:
    verdicts = held.verdicts.get(row["reading_id"], [])
    return edits.payload(trace, question, row, read, edited=held.edited.get(row["question"]), verdicts=verdicts)


def _hint(held: _Shard, question: Question, row: Row, full: Row | None) -> hints.Example:
    key = row["reading_id"]
    read = held.readings.get(key), full
    return hints.payload(row, held.edited.get(row["question"], question), question, read, held.verdicts.get(key, []))


def question_payload(asked: Question) -> dict[str, Any]:
    """The data of a question for the page's script."""
    turns = [{"role": turn.role, "text": turn.text} for turn in asked.turns]
    plain = {"id": asked.id, "task": asked.task, "text": asked.text, "choices": list(asked.choices), "letters": list(asked.letters)}
    return plain | {"gold": asked.gold, "turns": turns, "before": asked.before, "after": asked.after}
