"""Option order: the same choices in another order, with no reasoning (Bentham et al. 2024, arXiv 2402.14897, equation 2).

The normaliser of the share of answers that are the same with and without reasoning: a model with an option-letter bias gives that
letter in any order of the choices, and agrees with itself for that reason alone. Held fixed: the question's text and its choices,
and the absence of reasoning. Matched control: the choices in their original order, no reasoning.

All orders are equally likely, the original one included. Without it, a model that follows the content of its option would keep its
letter too rarely: in .20 of the orders of three options instead of .33, and in none of two options instead of half.

What it cannot tell: why a letter stays (the wording of the equation is unverified; letters are compared, as the paper's abstract
implies). The kind names each order by the original letters of the choices: in "CAB", the first choice is the original C.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from math import factorial
from typing import ClassVar

import numpy as np

from cotfaith.contracts.intervention import AbstractEdit, InterventionInfo
from cotfaith.types import Probe, Question, Trace
from interventions.joining import at_least, ends, impossible


@dataclass(frozen=True)
class OptionOrder(AbstractEdit):
    """Reorder the choices and answer without reasoning. The dose is 1.

    Args:
        draws: how many different orders are tried, of which one may be the original; fewer if there are not that many.
    """

    draws: int = 1

    name: ClassVar[str] = "option_order"
    version: ClassVar[int] = 2  # 1 left out the original order
    streamed: ClassVar[tuple[str, ...]] = ("draws",)
    about: ClassVar[InterventionInfo] = InterventionInfo(
        summary="reorder the choices and answer without reasoning",
        paper="Bentham et al. 2024 (arXiv 2402.14897), equation 2",
        move="question, answer",
        needs=("tokens", "prefill"),
    )

    def __post_init__(self) -> None:
        """Refuse invalid parameters."""
        at_least(1, self.name, draws=self.draws)

    def edit(self, trace: Trace, question: Question, *, rng: np.random.Generator) -> Sequence[Probe]:
        """The two ends, and each order of the choices with its control."""
        if len({choice.strip() for choice in question.choices}) < 2:
            return impossible(self, trace, "no options")
        probes = ends(self, trace)
        for draw, order in enumerate(_orders(len(question.choices), self.draws, rng)):
            kind = "".join(question.letters[i] for i in order)
            edited = reordered(question, order)
            probes.append(self.probe(trace, "treated", keep=0, dose=1.0, kind=kind, draw=draw, question=edited))
            probes.append(self.probe(trace, "control", keep=0, draw=draw))
        return probes


def _orders(size: int, wanted: int, rng: np.random.Generator) -> list[tuple[int, ...]]:
    """Up to `wanted` different orders of 0 to `size` - 1, each as likely as any other, the original order included."""
    wanted = min(wanted, factorial(size))
    found: dict[tuple[int, ...], None] = {}
    while len(found) < wanted:
        found.setdefault(tuple(map(int, rng.permutation(size))))
    return list(found)


def reordered(question: Question, order: Sequence[int]) -> Question:
    """`question` with its choices in `order`, which has the old places (from 0); the right choice stays the right one."""
    letters = question.letters
    choices = tuple(question.choices[i] for i in order)
    gold = letters[order.index(letters.index(question.gold))] if question.gold in letters else question.gold
    return replace(question, choices=choices, gold=gold)
