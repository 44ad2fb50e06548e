"""A task: which of four numbers is the largest."""

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import count
from typing import ClassVar

from cotfaith import seeds
from cotfaith.contracts import AbstractTask
from cotfaith.types import Question


@dataclass(frozen=True)
class Largest(AbstractTask):
    """Four different numbers below 1000; question i does not depend on the number of questions."""

    name: ClassVar[str] = "largest"
    summary: ClassVar[str] = "Which of four numbers is the largest."
    endless: ClassVar[bool] = True

    seed: int = 0

    def questions(self) -> Iterator[Question]:
        """The questions."""
        for i in count():
            numbers = seeds.stream(self.seed, self.name, i).choice(1000, size=4, replace=False).tolist()
            choices = tuple(str(number) for number in numbers)
            gold = "ABCD"[numbers.index(max(numbers))]
            yield Question(f"largest-{self.seed}-{i}", self.name, "Which of these numbers is the largest?", choices, gold)
