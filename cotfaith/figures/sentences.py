"""What captions say about points: how much they come from, which have no value and why, and the level of their intervals."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    import pandas as pd


def sample(rows: pd.DataFrame, unit: str) -> str:
    """How much the points of `rows` come from: "38 to 40 traces of 20 questions"."""
    known = rows[rows["value"].notna()]
    return f"{_span(known['n'])} {unit} of {_span(known['clusters'])} questions"


def gaps(rows: pd.DataFrame, where: str) -> str:
    """A sentence that names the points without a value; empty when every point has one."""
    lost = rows[rows["value"].isna()]
    if lost.empty:
        return ""
    if len(lost) == len(rows):
        return f"{where} has no values ({_reasons(lost)})."
    places = ", ".join(f"{x:g}" for x in sorted(set(lost["dose"])))
    return f"{where} has no value at x = {places} and a gap there ({_reasons(lost)})."


def percent(rows: pd.DataFrame) -> str:
    """The level of the intervals in `rows`: "95 %"; "their own level" if they differ."""
    levels = sorted(set(rows["level"].dropna()))
    return f"{100 * levels[0]:g} %" if len(levels) == 1 else "their own level"


def per_point(points: pd.DataFrame, unit: str, by: Sequence[str]) -> Iterator[str]:
    """For each group of points by the columns `by` ("line" and "task" first): how much a point comes from, and which points have no value.

    A point without a value is named by its column `point`.
    """
    for place, rows in points.groupby(list(by), sort=False):
        where = f"{place[0]} on {place[1]}" + "".join(f", {part}" for part in place[2:] if part)
        if rows["value"].notna().any():
            yield f"{where}: {sample(rows, unit)} per point."
        for row in rows[rows["value"].isna()].to_dict("records"):
            yield f"{where}, {row['point']} has no value ({row['note'] or 'no reason recorded'})."


def _reasons(lost: pd.DataFrame) -> str:
    return "; ".join(dict.fromkeys(str(reason) for reason in lost["note"] if reason)) or "no reason recorded"


def _span(counts: pd.Series[Any]) -> str:
    low, high = int(counts.min()), int(counts.max())
    return f"{low}" if low == high else f"{low} to {high}"
