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

    Args:
        question: the id of a question of the task, `TASK:ID`.
        reasoning: the text of the reasoning.
        finish: "stop" if the reasoning ended by itself, "length" if a token limit cut it.
        strategy: the strategy of the study to which the trace belongs.
        sample: its number among the traces of the question, from 0.
        response: the text after a closed reasoning channel.
        reasoning_ids: the token ids of the reasoning; without them the model's tokenizer makes them.
        model: the model to which the trace belongs; without one, every model of the study.
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
