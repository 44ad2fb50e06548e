"""The contract of an importer: a function that reads reasonings that were sampled elsewhere. It only parses."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

from cotfaith.types import Finish


@dataclass(frozen=True, slots=True, kw_only=True)
class GivenTrace:
    """A reasoning trace from elsewhere.

    `question` is the id of a question of the task, and `sample` numbers the traces of a question from 0. Without `reasoning_ids` they are made
    by the subject's tokenizer. With a `model` the trace is that of this subject only, else that of every model of the study.
    """

    question: str
    reasoning: str
    finish: Finish
    strategy: str = "cot"
    sample: int = 0
    response: str = ""
    reasoning_ids: tuple[int, ...] | None = None
    model: str = ""


class Importer(Protocol):
    """Registered under `cotfaith.importers`. It only reads: what is done with a trace is not its matter."""

    def __call__(self, path: Path) -> Iterator[GivenTrace]:
        """The traces in the file or folder `path`, in its order.

        Raises:
            DataError: a row is not what the format says, with its place.
        """
