"""The readings without an answer, as a table of the page: how many, why, an example, and what another extractor would read."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import pandas as pd

from cotfaith.report import titles

MOST = 5  # reasons of a model and task
LENGTH = 200  # characters of an example


@dataclass(frozen=True, slots=True)
class UnreadRow:
    """A state and its reason, the number and share of its readings, how many of them each extractor reads, and an example."""

    model: str
    task: str
    state: str
    reason: str
    readings: str
    share: str
    strict: str
    flexible: str
    example: str


def table(unread: pd.DataFrame) -> tuple[UnreadRow, ...]:
    """The commonest reasons of each model and task of `unread` (`Run.unread`), then its answered readings; empty without any."""
    found: list[UnreadRow] = []
    for _, rows in unread.groupby(["model", "task"], sort=False):
        answered = rows["state"] == "answered"
        silent = rows[~answered]
        found += map(_row, silent.head(MOST).to_dict("records"))
        rest = silent.iloc[MOST:]
        if len(rest):
            sums: Mapping[Any, Any] = {name: rest[name].sum() for name in ("readings", "share", "strict", "flexible")}
            found.append(
                _row({**rest.iloc[0].to_dict(), **sums, "state": "other", "reason": f"{len(rest)} more reasons", "example": ""})
            )
        found += map(_row, rows[answered].to_dict("records"))
    return tuple(found)


def _row(row: Mapping[Any, Any]) -> UnreadRow:
    example = str(row["example"])
    return UnreadRow(
        str(row["model"]),
        str(row["task"]),
        titles.title(str(row["state"])),
        str(row["reason"]),
        f"{row['readings']:,}",
        titles.percent(row["share"]),
        f"{row['strict']:,}",
        f"{row['flexible']:,}",
        example if len(example) <= LENGTH else f"{example[:LENGTH]}\N{HORIZONTAL ELLIPSIS}",
    )
