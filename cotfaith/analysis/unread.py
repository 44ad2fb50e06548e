"""Readings without an answer: how many, why, and how many of them another extractor would read. No model is needed."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field

import pandas as pd

from cotfaith.analysis import reextract
from cotfaith.analysis.reextract import Choices
from cotfaith.storage import probes, schema
from cotfaith.storage.run_directory import RunDirectory, Shard

EXTRACTORS = ("strict", "flexible")
EMPTY = "(an empty text)"
COLUMNS = ("model", "task", "state", "reason", "readings", "of", "share", *EXTRACTORS, "example")

_NUMBER = re.compile(r"\d+(?:\.\d+)?")

Cell = tuple[str, str]  # model, task
Key = tuple[str, str, str, str]  # model, task, state, reason


@dataclass(slots=True)
class _Group:
    """The readings of one cell, state and reason: their number, how many each extractor reads, and the text of the first."""

    readings: int = 0
    read: Counter[str] = field(default_factory=Counter)
    example: str = ""


def unread(directory: RunDirectory) -> pd.DataFrame:
    """A row per model, task, state and reason, for each model and task with a reading that is not answered; the commonest first.

    Probes that ask the same share one reading, which counts once. `of` is the number of readings of the model and task. `strict` and
    `flexible` are how many of `readings` have an answer under that extractor. So the row of the state "answered" says how many
    answers `strict` gives up. Numbers within a reason are "N", so that equal reasons count together; `example` is then one of these
    reasons, or else the text of one reading. Readings that were not made yet are left out.
    """
    groups: dict[Key, _Group] = {}
    for shard in directory.shards("probes"):
        for key, row in _rows(directory, shard):
            group = groups.setdefault(key, _Group())
            group.example = group.example or _example(row, key[3])
            group.readings += 1
    total: Counter[Cell] = Counter()
    for (model, task, *_), group in groups.items():
        total[model, task] += group.readings
    silent = {key[:2] for key in groups if key[2] != "answered"}
    for shard in directory.shards("probes"):
        _count_again(directory, shard, groups, silent)
    rows = [_row(key, group, total[key[:2]]) for key, group in groups.items() if key[:2] in silent]
    places = {cell: place for place, cell in enumerate(dict.fromkeys(key[:2] for key in groups))}
    rows.sort(key=lambda row: (places[str(row["model"]), str(row["task"])], row["state"] == "answered", -int(str(row["readings"]))))
    return pd.DataFrame(rows, columns=list(COLUMNS))


def _rows(directory: RunDirectory, shard: Shard) -> Iterator[tuple[Key, schema.Row]]:
    """Each reading of `shard` that a valid probe asks for, once, with its key."""
    asked = probes.load(directory, shard).select(["model", "task", "reading_id", "valid"]).to_pylist()
    cells = {row["reading_id"]: (row["model"], row["task"]) for row in asked if row["valid"]}
    names = ["id", "state", "reason", "continuation", "option_logprobs"]
    readings = {row["id"]: row for row in directory.load("readings", shard, names).to_pylist()}
    for name, row in readings.items():
        if name in cells:
            yield (*cells[name], row["state"], _NUMBER.sub("N", row["reason"])), row


def _count_again(directory: RunDirectory, shard: Shard, groups: dict[Key, _Group], silent: set[Cell]) -> None:
    """Add to `groups` how many readings of the `silent` cells each extractor reads."""
    keys = {row["id"]: key for key, row in _rows(directory, shard) if key[:2] in silent}
    for extractor in EXTRACTORS if keys else ():
        again = reextract.readings(directory, shard, Choices(extractor=extractor)).drop_duplicates("id", keep="last")
        for name, answer in zip(again["id"], again["answer"], strict=True):
            if name in keys and answer is not None:
                groups[keys[name]].read[extractor] += 1


def _example(row: schema.Row, reason: str) -> str:
    if row["state"] == "answered":
        return ""
    if row["reason"] != reason or row["option_logprobs"] or row["state"] == "error":
        return str(row["reason"])
    return row["continuation"] or EMPTY


def _row(key: Key, group: _Group, total: int) -> dict[str, object]:
    model, task, state, reason = key
    read = {extractor: group.read[extractor] for extractor in EXTRACTORS}
    counts = {"readings": group.readings, "of": total, "share": group.readings / total}
    return {"model": model, "task": task, "state": state, "reason": reason, **counts, **read, "example": group.example}
