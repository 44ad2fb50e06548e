"""The contract of an extractor: a function that extracts the answer of a stored reading, so that estimates can change without a model."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Protocol

from cotfaith.types import Question, State

Read = tuple[State, str | None]


@dataclass(frozen=True, slots=True)
class Stored:
    """What a run stores of a reading: its state and answer, and either the options' log-probabilities and mass or the written text.

    `cue` is the end of the prompt before `text`, which announces the answer; empty for an answer by log-probabilities.
    """

    state: State
    answer: str | None
    logprobs: tuple[float, ...] = ()
    mass: float | None = None
    text: str = ""
    cue: str = ""


class Extractor(Protocol):
    """An extractor. It is registered under `cotfaith.extractors` and named by `cotfaith estimate --extractor NAME`."""

    def __call__(self, stored: Stored, question: Question) -> Read:
        """The state of the reading and its answer: a letter or value if the state is "answered", else None."""
