"""The contract of an importer: a function that reads reasoning traces that were sampled elsewhere. It only parses."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

from cotfaith.types import Finish


@dataclass(frozen=True, slots=True, kw_only=True)
class GivenTrace:
    """A reasoning trace from elsewhere.

    `question` is the id of a question of the task, and `sample` numbers the traces of a question from 0. Without `reasoning_ids`,
    the model's tokenizer makes them. With a `model`, the trace belongs to that model only, else to every model of the study.
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
    """An importer. It is registered under `cotfaith.importers`. It only reads, and does not decide how a trace is used."""

    def __call__(self, path: Path) -> Iterator[GivenTrace]:
        """The traces in the file or folder `path`, in order.

        Raises:
            DataError: a row does not have the format. The message names its place.
        """
