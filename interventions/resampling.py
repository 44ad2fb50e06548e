"""Resampling: from before a step the model thinks on anew, and then answers (Bogdan et al. 2025, arXiv 2506.19143, thought anchors).

On-policy: every word is the model's own. Held fixed: question, prompt, and the tokens before the step. Matched control: the model
thinks on from behind the step, which so stands fixed. The control of step i is the treated arm of step i + 1, and the two share
their readings.

What it cannot tell: several steps that carry the same content hide each other (over-determination), since the model writes again
what was resampled; resilience looks into that. With few draws the divergence of two samples is above 0 by chance alone.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import ClassVar

import numpy as np

from cotfaith.contracts.intervention import AbstractEdit, InterventionInfo
from cotfaith.types import Arm, Probe, Question, Trace
from interventions.joining import NO_STEPS, TORN, at_least, before, ends, impossible, sites


@dataclass(frozen=True)
class Resampling(AbstractEdit):
    """Think on from before a step, and from behind it, several times each. The dose is 1.

    Args:
        sites: how many steps are tried, evenly spaced; None for every step.
        draws: how many continuations are sampled from each place; the paper has 100.
    """

    sites: int | None = None
    draws: int = 10

    name: ClassVar[str] = "resampling"
    about: ClassVar[InterventionInfo] = InterventionInfo(
        summary="resample the continuation from before each step, and from after it (on-policy)",
        paper="Bogdan et al. 2025 (arXiv 2506.19143)",
        move="edit, continue",
        needs=("tokens", "prefill"),
    )

    def __post_init__(self) -> None:
        """Refuse invalid parameters."""
        at_least(1, self.name, sites=self.sites, draws=self.draws)

    def edit(self, trace: Trace, question: Question, *, rng: np.random.Generator) -> Sequence[Probe]:  # noqa: ARG002  draws are the engine's
        """The two ends, and the draws from before and from behind each step."""
        if not trace.steps:
            return impossible(self, trace, NO_STEPS)
        probes = ends(self, trace)
        for site in sites(trace, self.sites):
            for draw in range(self.draws):
                probes.append(self._from(trace, "treated", site, site, draw))
                probes.append(self._from(trace, "control", site, site + 1, draw))
        return probes

    def _from(self, trace: Trace, arm: Arm, site: int, begin: int, draw: int) -> Probe:
        """Thinking on from before step `begin`, for the step `site`."""
        keep, tail = before(trace, begin)
        dose = 1.0 if arm == "treated" else 0.0
        note = TORN if tail else ""
        return self.probe(trace, arm, keep=keep, insert=tail, then="continue", dose=dose, site=site, draw=draw, note=note)
