"""Stored readings under other choices: another extractor, or another count of missing answers. No model is needed."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Literal, get_args

import pandas as pd
import pyarrow as pa

from cotfaith.contracts.extractor import Extractor, Stored
from cotfaith.contracts.measure import Weight, check_weight
from cotfaith.errors import UsageError, unknown
from cotfaith.plugins import registry
from cotfaith.storage import probes, schema
from cotfaith.storage.run_directory import RunDirectory, Shard
from cotfaith.types import NO_ANSWER, Question, State

Unparsed = Literal["drop", "bound", "wrong"]

SILENT: frozenset[State] = frozenset({"unparsed", "truncated", "refused"})  # readings that the model gave, without an answer

_KEPT = ["id", "state", "answer", "option_logprobs", "option_mass"]


@dataclass(frozen=True, slots=True)
class Choices:
    """How stored readings are extracted and counted. The defaults are those of the run itself.

    Args:
        extractor: how an answer is extracted: "standard", "strict", "flexible", or another registered extractor.
        unparsed: how a reading without an answer counts. "drop": excluded from the value, counted, and bounded. "bound": a
            worst-case interval over the missing units. "wrong": counted as an incorrect answer that differs from every answer; two
            missing answers are not compared.
        weight: whether each trace or each question has equal weight. None takes the default of each measure.
        level: the confidence level of the intervals. None takes the study's.

    Raises:
        UsageError: a choice is unknown.
    """

    extractor: str = "standard"
    unparsed: Unparsed = "drop"
    weight: Weight | None = None
    level: float | None = None

    def __post_init__(self) -> None:
        if self.extractor not in registry.names("cotfaith.extractors"):
            raise unknown("extractor", self.extractor, registry.names("cotfaith.extractors"))
        if self.unparsed not in get_args(Unparsed):
            raise unknown("way to count unparsed answers", self.unparsed, get_args(Unparsed))
        if self.weight is not None:
            check_weight(self.weight)
        if self.level is not None and not 0 < self.level < 1:
            raise UsageError(f"The level of an interval is {self.level}, but it must be between 0 and 1; give 0.95 for 95 percent.")


PLAIN = Choices()


def readings(directory: RunDirectory, shard: Shard, choices: Choices = PLAIN) -> pd.DataFrame:
    """The readings of `shard`: id, state, answer, option_logprobs and option_mass, with the answers of `choices.extractor`."""
    table = directory.load("readings", shard)
    frame: pd.DataFrame = table.select(_KEPT).to_pandas()
    if choices.extractor == "standard":
        return frame
    extract: Extractor = registry.function("cotfaith.extractors", choices.extractor)
    asked = _asked(directory, shard)
    again = [
        extract(stored, asked[row["id"]]) if row["state"] != "error" and row["id"] in asked else (row["state"], row["answer"])
        for row, stored in _stored(table)
    ]
    return frame.assign(state=[state for state, _ in again], answer=pd.Series([answer for _, answer in again], dtype=object))


def counted(frame: pd.DataFrame, choices: Choices) -> pd.DataFrame:
    """The probe frame with unanswered readings counted as `choices` say. Probes without a reading stay missing."""
    if choices.unparsed != "wrong":
        return frame
    silent = frame["valid"] & frame["state"].isin(SILENT)
    return frame.assign(state=frame["state"].where(~silent, "answered"), answer=frame["answer"].where(~silent, NO_ANSWER))


def _stored(table: pa.Table) -> Iterator[tuple[schema.Row, Stored]]:
    for row in table.select([*_KEPT, "continuation"]).to_pylist():
        yield (
            row,
            Stored(row["state"], row["answer"], tuple(row["option_logprobs"] or ()), row["option_mass"], row["continuation"] or ""),
        )


def _asked(directory: RunDirectory, shard: Shard) -> dict[str, Question]:
    """For each reading, the question as posed, edited or not."""
    known = {row["id"]: schema.question(row) for row in directory.load("questions", shard).to_pylist()}
    rows = probes.load(directory, shard).select(["reading_id", "question_id", "question"]).to_pylist()
    edited = probes.edited(directory, shard)
    return {
        row["reading_id"]: known[row["question_id"]] if row["question"] is None else edited[row["question"]]
        for row in probes.whole(rows, edited)
    }
