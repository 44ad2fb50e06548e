"""Questions, stored beside their results. They are never replaced under existing rows."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from cotfaith.pipeline.cell import SHARD, Cell, cell_name
from cotfaith.pipeline.changes import ChangedError, Rows
from cotfaith.storage import schema
from cotfaith.storage.run_directory import RunDirectory, Shard
from cotfaith.study import Study
from cotfaith.types import Question


def store_questions(cell: Cell, shard: Shard, questions: Sequence[Question]) -> None:
    """Write the missing questions of `shard`.

    Raises:
        ChangedError: the directory holds another question in place of one of them.
    """
    there = check_same(cell.directory, cell.study, cell.task, shard, questions)
    rows = [schema.question_row(question) for question in questions if question.id not in there]
    cell.directory.append("questions", shard, rows)


def check_same(directory: RunDirectory, study: Study, task: str, shard: Shard, questions: Sequence[Question]) -> frozenset[str]:
    """Refuse a task that no longer gives the questions of the directory. Fewer questions are allowed, after a smaller limit or lost parts.

    Returns:
        The ids of the questions that `shard` holds.

    Raises:
        ChangedError: the directory holds another question in place of one of `questions`, which are those of `shard`.
    """
    there = _stored(directory, shard)
    stored = list((there or _of_other_models(directory, task, shard)).values())
    by_id = {question.id: question for question in questions}
    asked = min(len(stored), max(0, study.limit - SHARD * shard.index))
    for before in stored[:asked]:
        now = schema.question_row(by_id[before["id"]]) if before["id"] in by_id else {}
        if difference := _difference(before, now):
            raise _changed(directory, task, f"question {before['id']!r} of {task} in an earlier form: {difference}", shard.index)
    return frozenset(there)


def _stored(directory: RunDirectory, shard: Shard) -> dict[str, schema.Row]:
    return {row["id"]: row for row in directory.load("questions", shard).to_pylist()}


def _of_other_models(directory: RunDirectory, task: str, shard: Shard) -> dict[str, schema.Row]:
    """The same block of the task, as stored for another model of the directory."""
    for model in directory.manifest().get("study", {}).get("model", ()):
        if found := _stored(directory, Shard(cell_name(model, task), shard.index)):
            return found
    return {}


def check_end(directory: RunDirectory, model: str, task: str, size: int) -> None:
    """Refuse a task that ends after `size` questions, before the last one that the directory holds for `model`.

    Raises:
        ChangedError: the directory holds more questions of it.
    """
    for shard in directory.shards("questions"):
        if shard.cell == cell_name(model, task) and SHARD * shard.index >= size:
            held = SHARD * shard.index + len(_stored(directory, shard))
            raise _changed(directory, task, f"{held} questions of {task}, which now has {size}", shard.index)


def _changed(directory: RunDirectory, task: str, difference: str, index: int) -> ChangedError:
    """The error for a difference in block `index` of the questions of `task`."""
    rows = Rows(task=task, index=index, forget=(("sizes", task),))
    return ChangedError(directory.path, difference, rows, "restore the data that the run was made from")


def _difference(before: Mapping[str, object], now: Mapping[str, object]) -> str:
    """The first column in which two rows of a question differ, in words; empty if they are equal."""
    if not now:
        return "it is no longer where it was"
    name = next((name for name, value in before.items() if now[name] != value), None)
    if name is None:
        return ""
    was, is_ = around(repr(before[name]), repr(now[name]))
    return f"its {name} was {was}, and now it is {is_}"


def around(one: str, other: str, most: int = 60) -> tuple[str, str]:
    """Two texts, without what is far from the first place where they differ if they are long."""
    if max(len(one), len(other)) <= most:
        return one, other
    first = next((i for i, (a, b) in enumerate(zip(one, other, strict=False)) if a != b), min(len(one), len(other)))
    start = max(0, first - most // 3)
    shown = (
        f"{'...' if start else ''}{text[start : start + most]}{'...' if start + most < len(text) else ''}" for text in (one, other)
    )
    return next(shown), next(shown)
