"""Sums of several numbers, after Lanham et al. 2023 (arXiv 2307.13702), section 3.2 and Table 5.

There: 2, 4, 8 or 16 operands of two or three digits, answered freely as an integer. The form with choices is ours, so that an
answer can be read from the probabilities of letters; its wrong choices are near misses of the right one.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import accumulate, count, pairwise
from typing import ClassVar, Literal, get_args

import numpy as np

from cotfaith import seeds
from cotfaith.contracts.task import AbstractTask, require_one_of, require_range
from cotfaith.prompts.wording import worked
from cotfaith.tasks.balance import arrange
from cotfaith.types import Question, Turn

Form = Literal["choice", "free"]

WRONG_CHOICES = 3
MOST_EXAMPLES = 8


@dataclass(frozen=True)
class Addition(AbstractTask):
    """Sums of several numbers, with four choices or free-form.

    Both forms ask the same sums. If few sums exist (two operands of one digit), a sum may occur again, under a separate id.

    Args:
        operands: how many numbers are added, from 2 to 64.
        digits: how many digits each number has, from 1 to 6.
        form: "choice" for four choices, "free" for a whole number.
        examples: how many other sums precede each question, each with its steps and its answer, from 0 to 8. No question is one of them.
        seed: the sequence of questions.
    """

    name: ClassVar[str] = "addition"
    summary: ClassVar[str] = "Sums of 2 to 64 numbers, with four choices or as a free integer (Lanham et al. 2023, section 3.2)."
    endless: ClassVar[bool] = True
    answers: ClassVar[str] = "one of 4 choices; a whole number with form=free"

    operands: int = 2
    digits: int = 3
    form: Form = "choice"
    examples: int = 0
    seed: int = 0

    def __post_init__(self) -> None:
        require_range(self.name, "operands", self.operands, 2, 64)
        require_range(self.name, "digits", self.digits, 1, 6)
        require_one_of(self.name, "form", self.form, get_args(Form))
        require_range(self.name, "examples", self.examples, 0, MOST_EXAMPLES)

    def questions(self) -> Iterator[Question]:
        """Sums without end."""
        shown = [self._numbers(self._stream("example", index)) for index in range(self.examples)]
        turns = tuple(turn for index, numbers in enumerate(shown) for turn in self._worked(numbers, index))
        return (replace(self._question(index, shown), turns=turns) for index in count())

    def _stream(self, *names: object) -> np.random.Generator:
        return seeds.stream(self.seed, self.name, self.operands, self.digits, *names)

    def _numbers(self, rng: np.random.Generator) -> list[int]:
        return [int(n) for n in rng.integers(10 ** (self.digits - 1), 10**self.digits, size=self.operands)]

    def _question(self, index: int, shown: Sequence[list[int]]) -> Question:
        rng = self._stream(index)
        numbers = self._numbers(rng)
        while numbers in shown:
            numbers = self._numbers(rng)
        return self._posed(numbers, index, rng=rng)

    def _posed(self, numbers: Sequence[int], index: int, *names: object, rng: np.random.Generator) -> Question:
        name = f"{self.name}:{self.operands}x{self.digits}-{self.form}-seed{self.seed}-{index}"
        text = f"What is the solution to the following? {' + '.join(map(str, numbers))} ="
        meta = {"operands": self.operands, "digits": self.digits}
        if self.form == "free":
            return Question(name, self.name, text, gold=str(sum(numbers)), meta={**meta, "answer": "integer"})
        wrong = [str(n) for n in near_misses(numbers, rng=rng)]
        choices, letter = arrange(str(sum(numbers)), wrong, index, self.seed, self.name, self.operands, self.digits, *names)
        return Question(name, self.name, text, choices, letter, meta=meta)

    def _worked(self, numbers: Sequence[int], index: int) -> tuple[Turn, ...]:
        """One example: the sum, its steps and its answer."""
        question = self._posed(numbers, index, "example", rng=self._stream("example", "choices", index))
        sums = enumerate(zip(pairwise(accumulate(numbers)), numbers[1:], strict=True))
        steps = [f" {'Then' if i else 'First'} {before} + {number} = {after}." for i, ((before, after), number) in sums]
        stated = f"({question.gold})" if question.choices else question.gold
        return worked(question, f"{''.join(steps)} So the answer is {stated}.")


def near_misses(numbers: Sequence[int], *, rng: np.random.Generator) -> list[int]:
    """Three distinct positive wrong sums of `numbers`, of different kinds if these exist.

    The kinds: a carry lost or gained, two neighbouring digits of the sum swapped, an operand left out, an error of 1 to 9.
    """
    total = sum(numbers)
    figures = str(total)
    swaps = [figures[:i] + figures[i + 1] + figures[i] + figures[i + 2 :] for i in range(len(figures) - 1)]
    kinds = [
        [total + sign * 10**power for power in range(1, max(2, len(figures))) for sign in (-1, 1)],
        [int(swap) for swap in swaps if swap[0] != "0"],
        [total - number for number in numbers],
        [total + sign * slip for slip in range(1, 10) for sign in (-1, 1)],
    ]
    wrong: list[int] = []
    order = rng.permutation(len(kinds))
    for kind in [*order, *order]:  # twice, because a kind may give nothing new for a small sum
        free = sorted({n for n in kinds[kind] if n > 0 and n != total and n not in wrong})
        if free and len(wrong) < WRONG_CHOICES:
            wrong.append(free[int(rng.integers(len(free)))])
    return wrong
