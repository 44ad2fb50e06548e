"""What took: how many edits did what their name says, why the others did not, and how many traces can enter."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

import pandas as pd

from cotfaith.report import headline, titles
from cotfaith.report.markup import Element, element

METRICS = ("took", "not_taken", "eligible")

Row = Mapping[Any, Any]


def block(rows: pd.DataFrame, *, named: bool) -> list[Element]:
    """A list with a line for each model, task, strategy and kind; nothing where a measure has no rows of `METRICS`."""
    found = rows[rows["metric"].isin(METRICS)]
    if found.empty:
        return []
    several = len(headline.cells(rows, named=named)) > 1
    lines = []
    for cell, those in headline.cells(found, named=named).items():
        for kind, said in _lines(those):
            what = ", ".join(part for part in (cell if several else "", kind) if part)
            lines.append(element("li", f"{what}: {said}." if what else f"{said}."))
    return [element("h4", "What took, and what can enter"), element("ul", *lines, class_="took")]


def _lines(rows: pd.DataFrame) -> Iterator[tuple[str, str]]:
    """For each kind, its sentence."""
    of = {metric: rows[rows["metric"] == metric].set_index("group").to_dict("index") for metric in METRICS}
    for kind in dict.fromkeys([*of["took"], *of["eligible"]]):
        parts = []
        if kind in of["took"]:
            parts.append(_share(of["took"][kind], "edits took"))
            lost = _reasons(of["not_taken"], str(kind), [str(one) for one in of["took"]])
            if lost:
                parts.append("not taken: " + ", ".join(f"{reason} {titles.percent(row['value'])}" for reason, row in lost.items()))
        if kind in of["eligible"]:
            parts.append(_share(of["eligible"][kind], "traces eligible"))
        lone = len({*of["took"], *of["eligible"]}) == 1
        yield str(kind) or ("" if lone else "of no kind"), "; ".join(parts)


def _reasons(rows: Mapping[Any, Row], kind: str, kinds: list[str]) -> dict[str, Row]:
    """The rows of `kind` by reason. With several kinds a group is "KIND: REASON", or the reason for the kind without a name."""
    if len(kinds) == 1:
        return {str(group): row for group, row in rows.items()}
    others = tuple(f"{one}: " for one in kinds if one)
    if not kind:
        return {str(group): row for group, row in rows.items() if not str(group).startswith(others)}
    return {str(group).removeprefix(f"{kind}: "): row for group, row in rows.items() if str(group).startswith(f"{kind}: ")}


def _share(row: Row, what: str) -> str:
    """A share with the number that it is of; where it is undefined, the reason."""
    if pd.isna(row["value"]):
        return f"{what}: {titles.UNDEFINED} ({row['reason'] or 'no reason recorded'})"
    return f"{titles.percent(row['value'])} of {int(row['n']):,} {what}"
