"""Stored readings under other choices: another extractor, or another count of missing answers. No model is needed."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import Literal, get_args

import pandas as pd
import pyarrow as pa

from cotfaith.contracts.extractor import Extractor, Read, Stored
from cotfaith.contracts.measure import Weight, check_level, check_weight
from cotfaith.errors import unknown
from cotfaith.plugins import registry
from cotfaith.prompts.wording import cue
from cotfaith.storage import losses, probes, schema
from cotfaith.storage.run_directory import RunDirectory, Shard
from cotfaith.study_keys import Cut
from cotfaith.types import NO_ANSWER, Question, State, margin

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
        cut: how a reasoning trace that the token limit cut counts. "keep": as any other. "drop": it is left out. "bound": its answers
            are missing, so that the bounds hold the value for any answers. None takes the study's.

    Raises:
        UsageError: a choice is unknown.
    """

    extractor: str = "standard"
    unparsed: Unparsed = "drop"
    weight: Weight | None = None
    level: float | None = None
    cut: Cut | None = None

    def __post_init__(self) -> None:
        if self.extractor not in registry.names("cotfaith.extractors"):
            raise unknown("extractor", self.extractor, registry.names("cotfaith.extractors"))
        if self.unparsed not in get_args(Unparsed):
            raise unknown("way to count unparsed answers", self.unparsed, get_args(Unparsed))
        if self.cut is not None and self.cut not in get_args(Cut):
            raise unknown("way to count cut traces", self.cut, get_args(Cut))
        if self.weight is not None:
            check_weight(self.weight)
        if self.level is not None:
            check_level(self.level)


PLAIN = Choices()


def readings(directory: RunDirectory, shard: Shard, choices: Choices = PLAIN) -> pd.DataFrame:
    """The readings of `shard`: id, state, answer, option_logprobs and option_mass, with the answers of `choices.extractor`.

    A tie at the top of the options has no answer, with every extractor: it would be the first letter.
    """
    table = directory.load("readings", shard)
    frame: pd.DataFrame = table.select(_KEPT).to_pandas(use_threads=False)
    if choices.extractor == "standard":
        return frame
    extract: Extractor = registry.function("cotfaith.extractors", choices.extractor)
    asked = _asked(directory, shard)
    again = [
        (row["state"], row["answer"])
        if row["state"] == "error" or row["id"] not in asked
        else ("unparsed", None)
        if margin(stored.logprobs) == 0
        else _again(extract, stored, asked[row["id"]])
        for row, stored in _stored(table)
    ]
    return frame.assign(state=[state for state, _ in again], answer=pd.Series([answer for _, answer in again], dtype=object))


def _again(extract: Extractor, stored: Stored, question: Question) -> Read:
    """The answer of `stored` by `extract`, which is told what stood before a written text."""
    return extract(stored if stored.logprobs else replace(stored, cue=cue(question)), question)


def counted(frame: pd.DataFrame, choices: Choices, cut: Cut) -> pd.DataFrame:
    """The probe frame with unanswered readings counted as `choices` say, and cut traces as `cut` says. Probes without a reading stay missing."""
    if cut == "drop":
        frame = frame[frame["finish"] != "length"]
    elif cut == "bound":
        frame = _missing(frame, frame["valid"] & (frame["finish"] == "length"))
    if choices.unparsed != "wrong":
        return frame
    silent = frame["valid"] & frame["state"].isin(SILENT)
    return frame.assign(state=frame["state"].where(~silent, "answered"), answer=frame["answer"].where(~silent, NO_ANSWER))


def _missing(frame: pd.DataFrame, which: pd.Series[bool]) -> pd.DataFrame:
    """`frame` with the readings of the rows `which` missing."""
    nothing = pd.Series([() for _ in range(len(frame))], index=frame.index, dtype=object)
    return frame.assign(
        state=frame["state"].where(~which, "truncated"),
        answer=frame["answer"].where(~which, None),
        logprobs=frame["logprobs"].where(~which, nothing),
        mass=frame["mass"].where(~which),
    )


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
        row["reading_id"]: losses.asked(known, row["question_id"], directory.path)
        if row["question"] is None
        else edited[row["question"]]
        for row in probes.whole(rows, edited)
    }
