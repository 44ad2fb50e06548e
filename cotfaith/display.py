"""The notebook display of values: small HTML tables in which every text is escaped."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from html import escape
from typing import TYPE_CHECKING, Any

from cotfaith.tables import at, formats

if TYPE_CHECKING:
    import pandas as pd


def note(text: str) -> str:
    """A line of text."""
    return f"<p>{escape(text)}</p>"


def grid(head: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    """A table."""
    top = "".join(f"<th>{escape(name)}</th>" for name in head)
    body = "".join("<tr>" + "".join(f"<td>{escape(cell)}</td>" for cell in row) + "</tr>" for row in rows)
    return f"<table><thead><tr>{top}</tr></thead><tbody>{body}</tbody></table>"


def estimates(rows: pd.DataFrame) -> str:
    """Estimates as a table: identity, value, interval and sample size of each."""
    head = ("model", "task", "measure", "metric", "at", "value", "interval", "n/q", "missing")
    return grid(head, map(_estimate, rows.to_dict("records")))


def _estimate(row: Mapping[Any, Any]) -> list[str]:
    value = "undefined" if formats.undefined(row["value"]) else formats.number(row["value"])
    named = [str(row[name]) for name in ("model", "task", "measure", "metric")]
    return [*named, at(row), value, formats.interval(row["low"], row["high"]), f"{row['n']}/{row['clusters']}", str(row["missing"])]
