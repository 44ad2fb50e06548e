"""Resilience: a step is resampled again and again until its content stays away (Macar et al. 2025, arXiv 2510.27484, thought branches).

From before the step the model thinks on. Where a later step of what it wrote is similar to the one that was taken out, the text is
cut before that step and the model thinks on from there, until no step is similar or the rounds are used up. The number of rounds is
the step's resilience. What is left in the end, read at once, has every later step unlike the step ("gone"): the condition of the
paper's counterfactual++ importance.

On-policy: every word is the model's own. Held fixed: question, prompt, and the tokens before the step. Matched control: the same
tokens, and the original text from there on, tokenised afresh. What it cannot tell: content in other words than the similarity
recognises counts as gone, and content whose draws are "still there" may only need more rounds; a continuation that the token budget
cut ("unfinished") is gone as far as it goes. The default similarity counts words, where the paper compares sentence embeddings, so
that thresholds differ.
"""

from collections.abc import Generator
from dataclasses import dataclass
from typing import Any, ClassVar

import numpy as np

from cotfaith.contracts.intervention import AbstractIntervention, Flow, InterventionInfo
from cotfaith.contracts.requests import Continue, Continued, Encode, Similar, ask
from cotfaith.errors import UsageError
from cotfaith.types import Probe, Question, Trace
from interventions.joining import NO_STEPS, TORN, at_least, before, ends, impossible, sham, sites

_APART = 1000  # draw r of a site numbers its rounds from 1000 r
_MOST_DRAWS = 65  # so that every number fits the 16 bits that a seed leaves for them


@dataclass(frozen=True, slots=True)
class _Branch:
    """What was thought from before a step: ids and text, after how many rounds, whether the step is gone, and how it ended."""

    ids: tuple[int, ...]
    text: str
    rounds: int
    gone: bool
    finished: bool


@dataclass(frozen=True)
class Resilience(AbstractIntervention):
    """Resample a step until its content stays away, then answer. The dose is the number of rounds that took.

    Args:
        sites: how many steps are tried, evenly spaced; None for every step.
        rounds: the maximum number of rounds of resampling, from 1 to 1000.
        threshold: how similar a step must be to count as the same content, above 0 and up to 1.
        draws: how often each step is tried, from 1 to 65.
    """

    sites: int | None = None
    rounds: int = 5
    threshold: float = 0.8
    draws: int = 1

    name: ClassVar[str] = "resilience"
    about: ClassVar[InterventionInfo] = InterventionInfo(
        summary="resample a step until its content no longer reappears, then answer (on-policy)",
        paper="Macar et al. 2025 (arXiv 2510.27484)",
        move="edit, continue",
        needs=("tokens", "prefill"),
    )

    def __post_init__(self) -> None:
        """Refuse invalid parameters."""
        at_least(1, self.name, sites=self.sites, rounds=self.rounds, draws=self.draws)
        for option, value, most in (("rounds", self.rounds, _APART), ("draws", self.draws, _MOST_DRAWS)):
            if value > most:
                raise UsageError(f"Intervention resilience: {option} is {value}, but it must be {most} or less.")
        if not 0 < self.threshold <= 1:
            raise UsageError(f"Intervention resilience: threshold is {self.threshold}, but it must be above 0 and at most 1.")

    def flow(self, trace: Trace, question: Question, *, rng: np.random.Generator) -> Flow:  # noqa: ARG002  draws are the engine's
        """The two ends, and what each step came to with its control."""
        if not trace.steps:
            return impossible(self, trace, NO_STEPS)
        probes = ends(self, trace)
        for site in sites(trace, self.sites):
            for draw in range(self.draws):
                branch = yield from self._branch(trace, site, draw)
                probes += [self._treated(trace, site, draw, branch), sham(self, trace, site=site, draw=draw, begin=site)]
        return probes

    def _branch(self, trace: Trace, site: int, draw: int) -> Generator[Any, Any, _Branch]:
        """Thinks on from before step `site` until no step is like it, or the rounds are used up."""
        keep, text = before(trace, site)
        ids = (yield from ask(Encode(text))) if text else ()
        rounds = 0
        while True:
            said = yield from ask(Continue(trace, keep, ids, draw=draw * _APART + rounds))
            again = yield from self._again(trace.step_text(site - 1), said)
            rounds += 1
            if again is None or rounds == self.rounds:
                return _Branch(ids + said.ids, text + said.text, rounds, again is None, said.finish == "stop")
            tokens, kept = _begin(said, again)
            ids, text = ids + said.ids[:tokens], text + kept

    def _again(self, step: str, said: Continued) -> Generator[Any, Any, int | None]:
        """Where the first step of `said` stands (from 0) that is like `step`; None if there is none."""
        for i, one in enumerate(said.steps):
            score = yield from ask(Similar(step.strip(), said.text[one.start : one.stop].strip()))
            if score >= self.threshold:
                return i
        return None

    def _treated(self, trace: Trace, site: int, draw: int, branch: _Branch) -> Probe:
        keep, tail = before(trace, site)
        torn = TORN if tail else ""
        return self.probe(
            trace,
            "treated",
            keep=keep,
            insert=branch.text,
            insert_ids=branch.ids,
            dose=float(branch.rounds),
            site=site,
            kind="gone" if branch.gone else "still there",
            note=torn if branch.finished else "unfinished",
            draw=draw,
        )


def _begin(said: Continued, index: int) -> tuple[int, str]:
    """How many tokens of `said` lie wholly before its step `index` (from 0), and their text."""
    if index == 0:
        return 0, ""
    step = said.steps[index - 1]
    return step.tokens, said.text[: step.stop - len(step.tail)]
