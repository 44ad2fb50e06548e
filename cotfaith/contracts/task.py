"""The contract of a task, and the checks of options that tasks share."""

from abc import ABC, abstractmethod
from collections.abc import Iterable, Iterator
from typing import ClassVar

from cotfaith.errors import UsageError, unknown
from cotfaith.types import Question


class AbstractTask(ABC):
    """A source of questions. Subclasses are frozen dataclasses of options.

    `summary` is one line for lists, and `answers` says in a few words what an answer is. An `endless` task yields without end, and the
    caller takes as many questions as it needs.
    """

    name: ClassVar[str]
    summary: ClassVar[str]
    endless: ClassVar[bool] = False
    answers: ClassVar[str] = ""

    @abstractmethod
    def questions(self) -> Iterator[Question]:
        """The questions, one at a time. Question i does not depend on how many are taken, and every id is unique.

        Raises:
            UsageError: the data that the options name does not exist.
            DataError: a file or a row does not have the expected form.
        """


def require_range(task: str, option: str, value: int, low: int, high: int) -> None:
    """Raise unless `value` lies from `low` to `high`, both included."""
    if not low <= value <= high:
        raise UsageError(f"Option {option!r} of {task} must be from {low} to {high}, not {value}.")


def require_one_of(task: str, option: str, value: str, known: Iterable[str]) -> None:
    """Raise unless `value` is one of `known`."""
    if value not in set(known):
        raise unknown(f"value of option {option!r} of {task}", value, filter(None, known))
