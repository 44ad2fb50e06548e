"""The contract of an importer: a function that reads reasonings that were sampled elsewhere."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Protocol

from cotfaith.types import Finish, Question, Scalar


@dataclass(frozen=True, slots=True)
class Given:
    """A reasoning from elsewhere: the question, what the model wrote, and where that comes from.

    `sample` numbers the reasonings of one question. `answer` is the letter or value that was answered, None where it is not known.
    `provenance` says what is known of its origin (a file, a model, a date); it is stored and decides nothing.
    """

    question: Question
    reasoning: str
    sample: int = 0
    strategy: str = "cot"
    answer: str | None = None
    finish: Finish = "stop"
    provenance: Mapping[str, Scalar] = field(default_factory=dict, hash=False)


class Importer(Protocol):
    """Registered under `cotfaith.importers`. It only reads: what is done with a reasoning is not its matter."""

    def __call__(self, path: Path) -> Iterator[Given]:
        """The reasonings in the file or folder `path`, in its order.

        Raises:
            DataError: a row is not what the format says, with its place.
        """
