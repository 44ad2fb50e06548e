"""Questions in memory as a task: `Question` objects, dictionaries, a data frame, or a `datasets.Dataset`."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from typing import Any, ClassVar

from cotfaith.contracts.task import AbstractTask
from cotfaith.errors import DataError, UsageError
from cotfaith.tasks.jsonl import Jsonl
from cotfaith.tasks.rows import Row
from cotfaith.types import Question

NAME = "questions"  # of a task that the caller gave no name


@dataclass(frozen=True)
class InMemory(AbstractTask):
    """The questions that the caller passed. `label` names the task; its rows are checked like those of a JSONL file."""

    name: ClassVar[str] = "questions"
    summary: ClassVar[str] = "questions that were handed over in Python"
    endless: ClassVar[bool] = False

    rows: tuple[Any, ...]
    label: str = NAME
    map: str = ""
    gold: Any = ""
    after: str = ""
    repeated: Any = "refuse"
    order: Any = ""

    def questions(self) -> Iterator[Question]:
        """The questions in their order."""
        if all(isinstance(row, Question) for row in self.rows):
            yield from self._as_they_are()
            return
        read = Jsonl("", self.map, self.gold, self.after, self.repeated, self.order)
        yield from read.of([self._row(i, row) for i, row in enumerate(self.rows)], self.label)

    def _as_they_are(self) -> Iterator[Question]:
        seen: set[str] = set()
        for question in self.rows:
            if question.id in seen:
                raise DataError(f"Task {self.label}: the id {question.id!r} is given twice: give each question its own.")
            seen.add(question.id)
            yield replace(question, task=self.label)

    def _row(self, place: int, row: Any) -> Row:
        if not isinstance(row, Mapping):
            raise DataError(
                f"Task {self.label}, item {place}: it is a {type(row).__name__}: give dictionaries (or Question objects alone)."
            )
        return Row(f"Task {self.label}, item {place}", {str(key): _plain(value) for key, value in row.items()})


def is_questions(value: Any) -> bool:
    """Whether `value` holds questions, and is not the name of a task, nor several names."""
    if isinstance(value, (str, bytes, Mapping)):
        return False
    if hasattr(value, "to_dict") or hasattr(value, "features"):
        return True
    return isinstance(value, Iterable) and not all(isinstance(one, str) for one in value)


def task(label: str, value: Any) -> InMemory:
    """The task of the questions in `value`.

    Raises:
        UsageError: there are no questions.
    """
    rows = tuple(value.to_dict("records")) if hasattr(value, "iloc") else tuple(value)
    if not rows:
        raise UsageError(f"Task {label} has no questions: give at least one.")
    return InMemory(rows, label)


def _plain(value: Any) -> Any:
    """An array as a list, a numpy number as a Python number, and a missing value as None; also within objects and lists."""
    if hasattr(value, "tolist"):
        return _plain(value.tolist())
    if isinstance(value, Mapping):
        return {str(key): _plain(one) for key, one in value.items()}
    if isinstance(value, list | tuple):
        return [_plain(one) for one in value]
    return None if isinstance(value, float) and value != value else value  # noqa: PLR0124  NaN alone differs from itself
