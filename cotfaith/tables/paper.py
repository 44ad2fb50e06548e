"""A table for a paper: a LaTeX table that floats, with caption and label, around the tabular of `formats.latex`."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from cotfaith.tables import formats
from cotfaith.tables.formats import escaped


def latex(head: Sequence[str], rows: formats.Cells, *, words: int, caption: str, label: str) -> str:
    r"""The table in a `table` environment. `\input` it, with booktabs loaded.

    Args:
        head: the header.
        rows: the cells as plain text, which is escaped.
        words: how many columns, from the left, hold words.
        caption: its caption as plain text, which is escaped.
        label: the name for `\ref`, as LaTeX takes it.
    """
    tabular = formats.latex(head, rows, words=words)
    lines = [
        r"\begin{table}[t]",
        r"\centering",
        r"\footnotesize",
        r"\setlength{\tabcolsep}{4pt}",
        rf"\caption{{{escaped(caption)}}}",
        rf"\label{{{label}}}",
        tabular,
        r"\end{table}",
    ]
    return "\n".join(lines) + "\n"


def text(head: Sequence[str], rows: formats.Cells, *, words: int) -> list[str]:
    """The lines of the table for a terminal. If its numbers have no room, they wrap like words."""
    widths = [max(map(len, column)) for column in zip(head, *rows, strict=True)]
    room = formats.WIDTH - formats.GAP * (len(head) - 1)
    return formats.grid(head, rows, words=words if sum(widths[words:]) < room / 2 else len(head))


def estimate(row: Mapping[Any, Any], digits: int = 2) -> str:
    """A value with its interval, from a row of the table of estimates: "0.44 [0.30, 0.58]"; "undefined" without a value, and "" without a row."""
    if not row:
        return ""
    if formats.undefined(row["value"]):
        return "undefined"
    ends = "" if formats.undefined(row["low"]) else f" [{row['low']:.{digits}f}, {row['high']:.{digits}f}]"
    return f"{row['value']:.{digits}f}{ends}"
