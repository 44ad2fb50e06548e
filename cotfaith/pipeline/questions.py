"""Questions, stored beside their results. They are never replaced under existing rows."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from cotfaith.errors import StoreError
from cotfaith.pipeline.cell import SHARD, Cell, cell_name
from cotfaith.storage import schema
from cotfaith.storage.run_directory import Shard
from cotfaith.types import Question


def store_questions(cell: Cell, shard: Shard, questions: Sequence[Question]) -> None:
    """Write the missing questions of `shard`.

    Raises:
        StoreError: the directory holds another question in place of one of them.
    """
    there = _stored(cell, shard)
    _check(cell, shard, list((there or _of_other_models(cell, shard)).values()), questions)
    rows = [schema.question_row(question) for question in questions if question.id not in there]
    cell.directory.append("questions", shard, rows)


def _stored(cell: Cell, shard: Shard) -> dict[str, schema.Row]:
    return {row["id"]: row for row in cell.directory.load("questions", shard).to_pylist()}


def _of_other_models(cell: Cell, shard: Shard) -> dict[str, schema.Row]:
    """The same block of the task, as stored for another model of the directory."""
    for model in cell.directory.manifest().get("study", {}).get("model", ()):
        if found := _stored(cell, Shard(cell_name(model, cell.task), shard.index)):
            return found
    return {}


def _check(cell: Cell, shard: Shard, stored: Sequence[schema.Row], questions: Sequence[Question]) -> None:
    """Refuse a task that no longer gives the questions of the directory. Fewer questions are allowed, after a smaller limit or lost parts."""
    by_id = {question.id: question for question in questions}
    asked = min(len(stored), max(0, cell.study.limit - SHARD * shard.index))
    for before in stored[:asked]:
        now = schema.question_row(by_id[before["id"]]) if before["id"] in by_id else {}
        if difference := _difference(before, now):
            raise StoreError(
                f"Run directory {cell.directory.path} holds question {before['id']!r} of {cell.task} in an earlier form: {difference}; "
                "choose another --out, or restore the data that the run was made from."
            )


def _difference(before: Mapping[str, object], now: Mapping[str, object]) -> str:
    """The first column in which two rows of a question differ, in words; empty if they are equal."""
    if not now:
        return "it is no longer where it was"
    name = next((name for name, value in before.items() if now[name] != value), None)
    return "" if name is None else f"its {name} was {_short(before[name])}, and now it is {_short(now[name])}"


def _short(value: object, most: int = 60) -> str:
    text = repr(value)
    return text if len(text) <= most else f"{text[:most]}..."
