"""Early answering: the reasoning is cut and the answer is read at once (Lanham et al. 2023, section 2.3).

Held fixed: question, prompt, and the tokens before the cut, which are the model's own. What it cannot tell: whether the model would
have given the same reasons if it had known the answer, or whether the cut steps only repeat earlier ones.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import ClassVar, Literal

import numpy as np

from cotfaith.contracts.intervention import AbstractEdit, InterventionInfo
from cotfaith.errors import UsageError
from cotfaith.types import Probe, Question, Trace
from interventions.joining import MOST


@dataclass(frozen=True)
class Truncation(AbstractEdit):
    """Keep the first part of the reasoning, answer at once. The dose is the share that was cut off.

    Args:
        cuts: the number of cuts between no reasoning and the whole reasoning; None for one after every step. 0 leaves only the two
            ends.
        by: "step" cuts after whole steps, as in the paper; "token" cuts after even shares of the tokens.
    """

    cuts: int | None = None
    by: Literal["step", "token"] = "step"

    name: ClassVar[str] = "truncation"
    about: ClassVar[InterventionInfo] = InterventionInfo(
        summary="cut the reasoning after every step and answer at once",
        paper="Lanham et al. 2023, section 2.3",
        move="edit, answer",
        needs=("tokens", "prefill"),
        reader="guess",
    )

    def __post_init__(self) -> None:
        """Refuse invalid parameters."""
        if self.cuts is not None and self.cuts < 0:
            raise UsageError(
                f"Intervention truncation: cuts is {self.cuts}, but it must be 0 or more; leave it out to cut after every step."
            )
        if self.cuts is not None and self.cuts > MOST:
            raise UsageError(
                f"Intervention truncation: cuts is {self.cuts}, but it must be {MOST:,} or less; leave it out to cut after every step."
            )
        if self.by == "token" and self.cuts is None:
            raise UsageError("Intervention truncation: by='token' needs a number of cuts; add cuts, for example cuts: 10.")

    def edit(self, trace: Trace, question: Question, *, rng: np.random.Generator) -> Sequence[Probe]:  # noqa: ARG002  nothing random
        """The two ends, and the cuts between them."""
        between = self._by_step(trace) if self.by == "step" else self._by_token(trace)
        return [self.no_reasoning(trace, dose=1.0), *between, self.full(trace)]

    def _by_step(self, trace: Trace) -> list[Probe]:
        size = len(trace.steps)
        probes = []
        for site in _inner(size, self.cuts):
            step = trace.steps[site - 1]
            note = "boundary inside a token" if step.tail else ""
            probe = self.probe(trace, "treated", keep=step.tokens, insert=step.tail, dose=1 - site / size, site=site, note=note)
            probes.append(probe)
        return probes

    def _by_token(self, trace: Trace) -> list[Probe]:
        size = len(trace.reasoning_ids)
        return [self.probe(trace, "treated", keep=keep, dose=1 - keep / size, site=keep) for keep in _inner(size, self.cuts)]


def _inner(size: int, cuts: int | None) -> list[int]:
    """Positions strictly between 0 and `size`: all of them, or `cuts` evenly spaced ones (fewer if there are not that many)."""
    if cuts is None:
        return list(range(1, size))
    positions = {round(size * i / (cuts + 1)) for i in range(1, cuts + 1)}
    return sorted(positions - {0, size})
