"""Valid edits: how many passed their check, why the others failed, and how many traces are included."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

import pandas as pd

from cotfaith import tables
from cotfaith.measures.parts.edit_validity import INCLUDED, INVALID, VALID
from cotfaith.report import numbers, titles

METRICS = (VALID.name, INVALID.name, INCLUDED.name)

Row = Mapping[Any, Any]


def lines(rows: pd.DataFrame, *, named: bool) -> tuple[str, ...]:
    """A line for each model, task, strategy, intervention and kind; none where a measure has no rows of `METRICS`."""
    found = rows[rows["metric"].isin(METRICS)]
    several = len(numbers.cells(rows, named=named)) > 1
    made = []
    for cell, those in numbers.cells(found, named=named).items():
        for what, said in _lines(those):
            place = ", ".join(part for part in (cell if several else "", what) if part)
            made.append(f"{place}: {said}." if place else f"{said}.")
    return tuple(made)


def _lines(rows: pd.DataFrame) -> Iterator[tuple[str, str]]:
    """For each strategy, intervention and kind, its sentence."""
    places = list(rows.groupby(["strategy", "intervention", "kind"], sort=False))
    for (strategy, intervention, kind), those in places:
        parts = [_share(row, "edits passed their check") for row in _of(those, VALID.name)]
        failed = [f"{row['reason']} {titles.percent(row['value'])}" for row in _of(those, INVALID.name)]
        if failed:
            parts.append(f"failed: {', '.join(failed)}")
        parts += [_share(row, "traces included") for row in _of(those, INCLUDED.name)]
        named = [
            strategy if tables.is_across(str(those.iloc[0]["measure"])) else "",
            intervention,
            kind or ("" if len(places) == 1 or intervention else "of no kind"),
        ]
        yield ", ".join(str(part) for part in named if part), "; ".join(parts)


def _of(rows: pd.DataFrame, metric: str) -> list[dict[Any, Any]]:
    return rows[rows["metric"] == metric].to_dict("records")


def _share(row: Row, what: str) -> str:
    """A share with its denominator. If it is undefined, the reason."""
    if pd.isna(row["value"]):
        return f"{what}: {titles.UNDEFINED} ({row['note'] or 'no reason recorded'})"
    return f"{titles.percent(row['value'])} of {int(row['n']):,} {what}"
