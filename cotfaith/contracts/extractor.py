"""The contract of an extractor: a function that says what the answer of a stored reading is, so that a run can be read again without a model."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Protocol

from cotfaith.types import Question, State

Read = tuple[State, str | None]


@dataclass(frozen=True, slots=True)
class Stored:
    """What a run keeps of a reading: its state and answer, the options' log-probabilities and mass, or the text that it was read from."""

    state: State
    answer: str | None
    logprobs: tuple[float, ...] = ()
    mass: float | None = None
    text: str = ""


class Extractor(Protocol):
    """Registered under `cotfaith.extractors`, and named as `cotfaith estimate --extractor NAME`."""

    def __call__(self, stored: Stored, question: Question) -> Read:
        """The state of the reading, and its answer: a letter or value where the state is "answered", else None."""
