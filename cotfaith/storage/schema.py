"""Values to table rows and back. The columns of a table are the fields of its dataclass and a few additional ones.

Rows of a (model, task) cell carry both names, so that each part can be read alone. An edited question is stored once, in
`edited_questions`, and a probe refers to it by its digest.
"""

from __future__ import annotations

import dataclasses
import json
import types
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Literal, TypeVar, Union, cast, get_args, get_origin, get_type_hints

import msgspec
import pyarrow as pa

from cotfaith import seeds
from cotfaith.types import Probe, Question, Reading, Step, Trace, Turn, Verdict

Row = dict[str, Any]
T = TypeVar("T")

_PLAIN: Mapping[Any, pa.DataType] = {str: pa.string(), int: pa.int64(), float: pa.float64(), bool: pa.bool_()}


@dataclass(frozen=True, slots=True)
class Table:
    """A table: the dataclass of its rows, their additional text columns, and the column that identifies a row."""

    of: type
    added: tuple[str, ...] = ()
    key: str = "id"


TABLES: Mapping[str, Table] = {
    "questions": Table(Question),
    "edited_questions": Table(Question, ("digest",), key="digest"),
    "traces": Table(Trace, ("task", "source")),
    "probes": Table(Probe, ("model", "task", "question_id", "reading_id", "spec", "donor_pool", "example_pool")),
    "readings": Table(Reading, ("model", "task")),
    "verdicts": Table(Verdict, ("model", "task")),
}


def _fields(of: type) -> Mapping[str, Any]:
    """The fields of a dataclass with their types, in the order of declaration."""
    hints = get_type_hints(of)
    return {field.name: hints[field.name] for field in dataclasses.fields(cast("Any", of))}


_FIELDS: Mapping[Any, Mapping[str, Any]] = {of: _fields(of) for of in (Turn, Question, Step, Trace, Probe, Reading, Verdict)}


def _arrow(hint: Any) -> pa.DataType:
    """The column type of a field with the type `hint`. A mapping is JSON, and a question within a row is the digest of one."""
    origin, args = get_origin(hint), get_args(hint)
    if origin in {Union, types.UnionType}:
        (inner,) = (one for one in args if one is not type(None))
        return _arrow(inner)
    if origin is Literal or origin is Mapping or hint is Question:
        return pa.string()
    if origin is tuple:
        return pa.list_(_arrow(args[0]))
    if hint in _FIELDS:
        return pa.struct([pa.field(name, _arrow(kind)) for name, kind in _FIELDS[hint].items()])
    return _PLAIN[hint]


def _schema(made: Table) -> pa.Schema:
    own = {name: _arrow(kind) for name, kind in _FIELDS[made.of].items()}
    return pa.schema([*own.items(), *((name, pa.string()) for name in made.added)])


SCHEMAS: Mapping[str, pa.Schema] = {name: _schema(made) for name, made in TABLES.items()}


def table(name: str, rows: Sequence[Row]) -> pa.Table:
    """`rows` as table `name`."""
    return pa.Table.from_pylist(list(rows), schema=SCHEMAS[name])


# --- values and rows --------------------------------------------------------------------------------------------------------


def _row(value: Any, **added: str) -> Row:
    """A frozen value as a row, with the columns `added`."""
    row: Row = {}
    for name in _FIELDS[type(value)]:
        field = getattr(value, name)
        if isinstance(field, Question):
            row[name] = digest(field)
        elif isinstance(field, Mapping):
            row[name] = json.dumps(dict(field), ensure_ascii=False, sort_keys=True)
        elif isinstance(field, tuple):
            row[name] = list(msgspec.to_builtins(field))  # as it comes back
        else:
            row[name] = field
    return row | added


def _value(of: type[T], row: Row, **given: Any) -> T:
    """The value in `row`. `given` has the values that the row does not hold directly."""
    plain = {name: row[name] for name in _FIELDS[of] if name not in given}
    made: T = dataclasses.replace(cast("Any", msgspec.convert(plain, of)), **given)
    return made


def digest(question: Question) -> str:
    """The content key of a question, over all of its fields."""
    return seeds.key("question", question_row(question))


def question_row(question: Question) -> Row:
    """A question as a row of `questions`; `meta` is JSON."""
    return _row(question)


def edited_row(question: Question) -> Row:
    """A question as a row of `edited_questions`."""
    return _row(question, digest=digest(question))


def question(row: Row) -> Question:
    """The question that a row of `questions` or `edited_questions` holds."""
    return _value(Question, row, meta=json.loads(row["meta"]))


def trace_row(trace: Trace, task: str, source: str = "sampled") -> Row:
    """A trace as a row of `traces`; `source` says whether it was sampled here or given."""
    return _row(trace, task=task, source=source)


def trace(row: Row) -> Trace:
    """The trace that a row of `traces` holds."""
    return _value(Trace, row)


def probe_row(
    probe: Probe, trace: Trace, task: str, reading_id: str, *, spec: str, donor_pool: str = "", example_pool: str = ""
) -> Row:
    """A probe as a row of `probes`, with the reading that answers it.

    `spec` is the digest of its intervention's identity. The pools are digests of the traces and the questions from which the
    intervention could draw, empty where it asked for none.
    """
    names = {"model": trace.model, "task": task, "question_id": trace.question_id, "reading_id": reading_id, "spec": spec}
    return _row(probe, **names, donor_pool=donor_pool, example_pool=example_pool)


def probe(row: Row, edited: Mapping[str, Question]) -> Probe:
    """The probe that a row of `probes` holds; `edited` are the edited questions by digest."""
    return _value(Probe, row, question=None if row["question"] is None else edited[row["question"]])


def reading_row(reading: Reading, model: str, task: str) -> Row:
    """A reading as a row of `readings`."""
    return _row(reading, model=model, task=task)


def verdict_row(verdict: Verdict, model: str, task: str) -> Row:
    """A verdict as a row of `verdicts`."""
    return _row(verdict, model=model, task=task)
