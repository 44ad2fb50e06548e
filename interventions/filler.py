"""Filler tokens: meaningless tokens replace the reasoning (Lanham et al. 2023, section 2.5).

Held fixed: question, prompt, and the number of tokens between question and answer. Matched control: no reasoning at all. What it
cannot tell: a fall against no reasoning may come from text unlike anything in training, a rise from computation over the filler.
There are several kinds of filler because the sign depends on the kind (Baherwani et al. 2026).
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import ClassVar, Literal

import numpy as np

from cotfaith.contracts.intervention import AbstractIntervention, Flow, InterventionInfo
from cotfaith.contracts.requests import Encode, ask
from cotfaith.errors import CotfaithError, UsageError
from cotfaith.types import Probe, Question, Trace

Kind = Literal["ellipsis", "dots", "words"]
MOST = 100  # times the length of the reasoning

UNITS: dict[Kind, str] = {
    "ellipsis": " ...",  # Lanham et al. 2023, section 2.5: a space and three full stops
    "dots": " .",  # Pfau et al. 2024: single dots
    "words": " The sky is there, the grass is there, and so are the stones and the water.",  # fluent, but irrelevant
}


@dataclass(frozen=True)
class Filler(AbstractIntervention):
    """Replace the reasoning with filler of a given number of tokens. The dose is their share of the reasoning's tokens.

    Args:
        lengths: numbers of filler tokens, as shares of the trace's own reasoning tokens; 1.0 is token-matched.
        kinds: which fillers: "ellipsis" (the paper's), "dots", "words".
    """

    lengths: tuple[float, ...] = (0.25, 0.5, 1.0)
    kinds: tuple[Kind, ...] = ("ellipsis", "dots", "words")

    name: ClassVar[str] = "filler"
    about: ClassVar[InterventionInfo] = InterventionInfo(
        summary="replace the reasoning with filler tokens, matched in number, and answer at once",
        paper="Lanham et al. 2023, section 2.5",
        move="edit, answer",
        needs=("tokens", "prefill"),
        reader="guess",
    )

    def __post_init__(self) -> None:
        """Refuse invalid parameters."""
        for kind in self.kinds:
            if kind not in UNITS:
                raise UsageError(f"Intervention filler: unknown kind {kind!r}; the kinds are {', '.join(UNITS)}.")
        if min(self.lengths, default=0) < 0:
            raise UsageError("Intervention filler: a length is negative; give shares of the reasoning's length of 0 or more.")
        if max(self.lengths, default=0) > MOST:
            raise UsageError(
                f"Intervention filler: a length is {max(self.lengths):g}, but it must be {MOST} or less; give shares of the reasoning's length."
            )

    def flow(self, trace: Trace, question: Question, *, rng: np.random.Generator) -> Flow:  # noqa: ARG002  nothing random
        """The two ends, and for each kind the fillers of every length."""
        probes: list[Probe] = [self.no_reasoning(trace, dose=0.0), self.full(trace)]
        size = len(trace.reasoning_ids)
        wanted = [(share, round(share * size)) for share in self.lengths]
        for kind in self.kinds:
            unit = yield from ask(Encode(UNITS[kind]))
            if not unit:
                raise CotfaithError(f"the tokenizer gives no token for the filler {UNITS[kind]!r}")
            probes += self._of_kind(trace, kind, unit, wanted)
        return probes

    def _of_kind(self, trace: Trace, kind: Kind, unit: tuple[int, ...], wanted: Sequence[tuple[float, int]]) -> list[Probe]:
        probes = []
        for dose, count in wanted:
            times = -(-count // len(unit))
            probe = self.probe(
                trace,
                "treated",
                keep=0,
                insert=UNITS[kind] * times,
                insert_ids=(unit * times)[:count],
                dose=dose,
                site=count,
                kind=kind,
            )
            probes.append(probe)
        return probes
