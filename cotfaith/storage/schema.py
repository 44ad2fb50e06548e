"""Values to table rows and back: one schema a table, the same for every run.

Rows of a (model, task) cell carry both names, so that a part needs no neighbour to be understood.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import asdict
from typing import Any

import pyarrow as pa

from cotfaith.types import Probe, Question, Reading, Step, Trace, Turn, Verdict

Row = dict[str, Any]

_IDS = pa.list_(pa.int64())
_STEP = pa.struct([("start", pa.int32()), ("stop", pa.int32()), ("tokens", pa.int32()), ("tail", pa.string())])
_TURN = pa.struct([("role", pa.string()), ("text", pa.string())])


def _schema(**columns: pa.DataType) -> pa.Schema:
    return pa.schema([pa.field(name, kind) for name, kind in columns.items()])


SCHEMAS: Mapping[str, pa.Schema] = {
    "questions": _schema(
        id=pa.string(),
        task=pa.string(),
        text=pa.string(),
        choices=pa.list_(pa.string()),
        gold=pa.string(),
        turns=pa.list_(_TURN),
        meta=pa.string(),
        before=pa.string(),
        after=pa.string(),
    ),
    "traces": _schema(
        id=pa.string(),
        model=pa.string(),
        task=pa.string(),
        question_id=pa.string(),
        sample=pa.int32(),
        prompt_ids=_IDS,
        reasoning=pa.string(),
        reasoning_ids=_IDS,
        steps=pa.list_(_STEP),
        finish=pa.string(),
        response=pa.string(),
        strategy=pa.string(),
    ),
    "probes": _schema(
        id=pa.string(),
        model=pa.string(),
        task=pa.string(),
        trace_id=pa.string(),
        question_id=pa.string(),
        reading_id=pa.string(),
        intervention=pa.string(),
        arm=pa.string(),
        dose=pa.float64(),
        site=pa.int32(),
        kind=pa.string(),
        keep=pa.int32(),
        insert=pa.string(),
        insert_ids=_IDS,
        then=pa.string(),
        note=pa.string(),
        draw=pa.int32(),
        took=pa.bool_(),
        donor=pa.string(),
        target=pa.string(),
        question=pa.string(),
    ),
    "readings": _schema(
        id=pa.string(),
        model=pa.string(),
        task=pa.string(),
        state=pa.string(),
        answer=pa.string(),
        reason=pa.string(),
        option_logprobs=pa.list_(pa.float64()),
        option_mass=pa.float64(),
        continuation=pa.string(),
        thought=pa.string(),
        response=pa.string(),
        tokens_asked=pa.int64(),
        tokens_computed=pa.int64(),
    ),
    "verdicts": _schema(
        id=pa.string(),
        model=pa.string(),
        task=pa.string(),
        reading_id=pa.string(),
        judge=pa.string(),
        channel=pa.string(),
        hint=pa.string(),
        state=pa.string(),
        mentions=pa.bool_(),
        relies=pa.bool_(),
        raw=pa.string(),
    ),
}


def table(name: str, rows: Sequence[Row]) -> pa.Table:
    """`rows` as an Arrow table of the schema `name`."""
    return pa.Table.from_pylist(list(rows), schema=SCHEMAS[name])


def question_row(question: Question) -> Row:
    """A question as a row of `questions`; `meta` is JSON."""
    return {
        "id": question.id,
        "task": question.task,
        "text": question.text,
        "choices": list(question.choices),
        "gold": question.gold,
        "turns": [{"role": turn.role, "text": turn.text} for turn in question.turns],
        "meta": json.dumps(dict(question.meta), ensure_ascii=False, sort_keys=True),
        "before": question.before,
        "after": question.after,
    }


def question(row: Row) -> Question:
    """The question that a row of `questions` holds."""
    turns = tuple(Turn(turn["role"], turn["text"]) for turn in row["turns"])
    plain = (row["id"], row["task"], row["text"], tuple(row["choices"]), row["gold"], turns, json.loads(row["meta"]))
    return Question(*plain, row["before"], row["after"])


def trace_row(trace: Trace, task: str) -> Row:
    """A trace as a row of `traces`."""
    steps = [{"start": s.start, "stop": s.stop, "tokens": s.tokens, "tail": s.tail} for s in trace.steps]
    names = ("id", "model", "question_id", "sample", "reasoning", "finish", "response", "strategy")
    plain = {name: getattr(trace, name) for name in names}
    return plain | {"task": task, "prompt_ids": trace.prompt_ids, "reasoning_ids": trace.reasoning_ids, "steps": steps}


def trace(row: Row) -> Trace:
    """The trace that a row of `traces` holds."""
    steps = tuple(Step(s["start"], s["stop"], s["tokens"], s["tail"]) for s in row["steps"])
    ids: dict[str, Any] = {"prompt_ids": tuple(row["prompt_ids"]), "reasoning_ids": tuple(row["reasoning_ids"])}
    names = ("id", "model", "question_id", "sample", "reasoning", "finish", "response", "strategy")
    return Trace(**{name: row[name] for name in names}, **ids, steps=steps)


_PROBE = (
    "id",
    "trace_id",
    "intervention",
    "arm",
    "keep",
    "insert",
    "then",
    "dose",
    "site",
    "kind",
    "note",
    "draw",
    "took",
    "donor",
    "target",
)


def probe_row(probe: Probe, trace: Trace, task: str, reading_id: str) -> Row:
    """A probe as a row of `probes`, with the reading that answers it. An edited question is kept whole, as JSON."""
    plain = {name: getattr(probe, name) for name in _PROBE}
    edited = None if probe.question is None else json.dumps(question_row(probe.question), ensure_ascii=False, sort_keys=True)
    names = {"model": trace.model, "task": task, "question_id": trace.question_id, "reading_id": reading_id}
    return plain | names | {"insert_ids": probe.insert_ids, "question": edited}


def probe(row: Row) -> Probe:
    """The probe that a row of `probes` holds."""
    ids = None if row["insert_ids"] is None else tuple(row["insert_ids"])
    edited = None if row["question"] is None else question(json.loads(row["question"]))
    return Probe(**{name: row[name] for name in _PROBE}, insert_ids=ids, question=edited)


def reading_row(reading: Reading, model: str, task: str) -> Row:
    """A reading as a row of `readings`."""
    names = (
        "id",
        "state",
        "answer",
        "reason",
        "option_logprobs",
        "option_mass",
        "continuation",
        "thought",
        "response",
        "tokens_asked",
        "tokens_computed",
    )
    return {name: getattr(reading, name) for name in names} | {"model": model, "task": task}


def verdict_row(verdict: Verdict, model: str, task: str) -> Row:
    """A verdict as a row of `verdicts`."""
    return asdict(verdict) | {"model": model, "task": task}
