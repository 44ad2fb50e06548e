"""Option order: the same choices in another order, with no reasoning (Bentham et al. 2024, arXiv 2402.14897, equation 2).

The normaliser of the share of answers that are the same with and without reasoning: a model that likes a letter gives that letter
however the choices stand, and agrees with itself for that reason alone. Held fixed: the question's text and its choices, and that
there is no reasoning. Matched control: the choices in their own order, no reasoning.

What it cannot tell: why a letter stays (the wording of the equation is unverified; letters are compared, as the paper's abstract
implies). The kind names each order by the letters that the choices had: in "CAB", the first choice is the one that was C.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import ClassVar

import numpy as np

from cotfaith.contracts.intervention import AbstractEdit, InterventionInfo
from cotfaith.types import Probe, Question, Trace
from interventions.joining import at_least, ends, impossible, orders


@dataclass(frozen=True)
class OptionOrder(AbstractEdit):
    """Put the choices in another order and answer without reasoning. The dose is 1.

    Args:
        draws: how many different orders are tried; fewer if there are not that many.
    """

    draws: int = 1

    name: ClassVar[str] = "option_order"
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
        texts = [choice.strip() for choice in question.choices]

        def said(order: Sequence[int]) -> tuple[str, ...]:
            return tuple(texts[i] for i in order)

        found = orders(len(texts), self.draws, said, known=tuple(texts), rng=rng)
        if not found:
            return impossible(self, trace, "no options")
        probes = ends(self, trace)
        for draw, order in enumerate(found):
            kind = "".join(question.letters[i] for i in order)
            edited = reordered(question, order)
            probes.append(self.probe(trace, "treated", keep=0, dose=1.0, kind=kind, draw=draw, question=edited))
            probes.append(self.probe(trace, "control", keep=0, draw=draw))
        return probes


def reordered(question: Question, order: Sequence[int]) -> Question:
    """`question` with its choices in `order`, which has the old places (from 0); the right choice stays the right one."""
    letters = question.letters
    choices = tuple(question.choices[i] for i in order)
    gold = letters[order.index(letters.index(question.gold))] if question.gold in letters else question.gold
    return replace(question, choices=choices, gold=gold)
