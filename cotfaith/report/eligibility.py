"""Valid edits: how many passed their check, why the others failed it, and how many traces are included."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

import pandas as pd

from cotfaith import tables
from cotfaith.report import headline, titles
from cotfaith.report.markup import Element, element

METRICS = ("edit_valid", "edit_invalid", "included")

Row = Mapping[Any, Any]


def block(rows: pd.DataFrame, *, named: bool) -> list[Element]:
    """A list with a line for each model, task, strategy and kind; nothing where a measure has no rows of `METRICS`."""
    found = rows[rows["metric"].isin(METRICS)]
    if found.empty:
        return []
    several = len(headline.cells(rows, named=named)) > 1
    lines = []
    for cell, those in headline.cells(found, named=named).items():
        for what, said in _lines(those):
            place = ", ".join(part for part in (cell if several else "", what) if part)
            lines.append(element("li", f"{place}: {said}." if place else f"{said}."))
    return [element("h4", "Valid edits, and included traces"), element("ul", *lines, class_="took")]


def _lines(rows: pd.DataFrame) -> Iterator[tuple[str, str]]:
    """For each strategy, intervention and kind, its sentence."""
    places = list(rows.groupby(["strategy", "intervention", "kind"], sort=False))
    for (strategy, intervention, kind), those in places:
        parts = [_share(row, "edits passed their check") for row in those[those["metric"] == "edit_valid"].to_dict("records")]
        failed = those[(those["metric"] == "edit_invalid")].to_dict("records")
        if failed:
            parts.append("failed: " + ", ".join(f"{row['reason']} {titles.percent(row['value'])}" for row in failed))
        parts += [_share(row, "traces included") for row in those[those["metric"] == "included"].to_dict("records")]
        named = [
            strategy if tables.is_across(str(those.iloc[0]["measure"])) else "",
            intervention,
            kind or ("" if len(places) == 1 or intervention else "of no kind"),
        ]
        yield ", ".join(str(part) for part in named if part), "; ".join(parts)


def _share(row: Row, what: str) -> str:
    """A share with the number that it is of; where it is undefined, the reason."""
    if pd.isna(row["value"]):
        return f"{what}: {titles.UNDEFINED} ({row['note'] or 'no reason recorded'})"
    return f"{titles.percent(row['value'])} of {int(row['n']):,} {what}"
