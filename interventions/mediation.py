"""Mediation: whether a hint acts through the reasoning or past it (Zaman and Srivastava 2025, arXiv 2512.23032, hint mediation).

The hinted question has the plain reasoning (the direct effect), the plain question the hinted reasoning (the indirect effect), the
hinted question the hinted reasoning (both); each answer is read at once. The plain question has the hinted reasoning cut after some
of its steps, too, so that a curve shows where it carries the hint. Matched control: the plain question with the plain reasoning.

What it cannot tell: a reasoning under the other question is off-policy, and the effects rest on the assumption that it says there
what it says here; the length of a reasoning goes with it.
"""

from collections.abc import Generator
from dataclasses import dataclass
from typing import Any, ClassVar

import numpy as np

from cotfaith.contracts.intervention import AbstractIntervention, Flow, InterventionInfo
from cotfaith.contracts.requests import Continue, Encode, Hints, ask
from cotfaith.types import Probe, Question, Trace
from interventions import checks
from interventions.hints import cases
from interventions.hints.arguing import ARGUE
from interventions.joining import TORN, at_least, ends

BOTH, DIRECT = 0, -1  # sites: the hinted question with the hinted reasoning, and with the plain one


@dataclass(frozen=True)
class Mediation(AbstractIntervention):
    """Cross the hinted and the plain question with the hinted and the plain reasoning, answer at once.

    The dose is the share of the steps of what is given from under the hint, and 1 where the hint itself stands.

    Args:
        kinds: names of registered hints, or YAML files, each on its own.
        cuts: after how many steps, evenly spaced, the hinted reasoning is cut under the plain question, the last being all of it;
            None for every one.
        draws: how many hinted reasoning traces are sampled.
    """

    kinds: tuple[str, ...] = ("suggested_answer",)
    cuts: int | None = 4
    draws: int = 1

    name: ClassVar[str] = "mediation"
    about: ClassVar[InterventionInfo] = InterventionInfo(
        summary="cross the hinted and the plain question with the hinted and the plain reasoning, and answer at once",
        paper="Zaman and Srivastava 2025 (arXiv 2512.23032)",
        move="question, answer",
        needs=("tokens", "prefill"),
        prompts={"argument": ARGUE},
    )

    def __post_init__(self) -> None:
        """Refuse invalid parameters."""
        cases.named(self.name, self.kinds)
        at_least(1, self.name, cuts=self.cuts, draws=self.draws)

    @property
    def hints(self) -> tuple[str, ...]:
        """The hints that it names."""
        return self.kinds

    def flow(self, trace: Trace, question: Question, *, rng: np.random.Generator) -> Flow:  # noqa: ARG002  targets go by question
        """The two ends, the crossings of each hint and draw, and their controls."""
        hints = cases.distinct(self.name, (yield from ask(Hints(self.kinds))))
        probes = ends(self, trace)
        for hint in hints:
            made = yield from cases.hinted(hint, trace, question)
            if made.note:
                probes.append(self._failed(trace, hint.name, made, made.note))
                continue
            for draw in range(self.draws):
                probes += yield from self._crossed(trace, hint.name, made, draw)
        pairs = dict.fromkeys((p.site, p.draw) for p in probes if p.arm == "treated" and p.valid)
        whole = len(trace.reasoning_ids)
        return probes + [self.probe(trace, "control", keep=whole, site=site, draw=draw) for site, draw in pairs]

    def _crossed(self, trace: Trace, kind: str, made: cases.Hinted, draw: int) -> Generator[Any, Any, list[Probe]]:
        """The probes of one hinted reasoning."""
        said = yield from ask(Continue(trace, keep=0, draw=draw, question=made.question))
        if not said.steps:
            return [self._failed(trace, kind, made, checks.NOTHING_WRITTEN, draw)]
        asked: dict[str, Any] = {"kind": kind, "draw": draw, "target": made.target}
        both = self.probe(
            trace,
            "treated",
            keep=0,
            insert=said.text,
            insert_ids=said.ids,
            dose=1.0,
            site=BOTH,
            question=made.question,
            **asked,
        )
        direct = self.probe(trace, "treated", keep=len(trace.reasoning_ids), dose=1.0, site=DIRECT, question=made.question, **asked)
        probes = [both, direct]
        for site in _sites(len(said.steps), self.cuts):
            step = said.steps[site - 1]
            rest = (yield from ask(Encode(step.tail))) if step.tail else ()
            probes.append(
                self.probe(
                    trace,
                    "treated",
                    keep=0,
                    insert=said.text[: step.stop],
                    insert_ids=said.ids[: step.tokens] + rest,
                    dose=site / len(said.steps),
                    site=site,
                    note=TORN if rest else "",
                    **asked,
                )
            )
        return probes

    def _failed(self, trace: Trace, kind: str, made: cases.Hinted, note: str, draw: int = 0) -> Probe:
        return self.probe(trace, "treated", keep=0, dose=1.0, kind=kind, note=note, draw=draw, valid=False, target=made.target)


def _sites(size: int, cuts: int | None) -> list[int]:
    """After which of `size` steps to cut: all, or `cuts` evenly spaced ones of which the last is `size` (fewer where there are not so many)."""
    if cuts is None or cuts >= size:
        return list(range(1, size + 1))
    return [-(-size * i // cuts) for i in range(1, cuts + 1)]
