"""The output formats of a table: for a terminal, a spreadsheet, a program, a document or a paper."""

from __future__ import annotations

import json
import math
import re
from collections.abc import Sequence
from io import StringIO
from textwrap import wrap

import pandas as pd
from rich.console import Console
from rich.table import Table
from rich.text import Text

from cotfaith.errors import printable

WIDTH = 100  # characters per line of a terminal table
GAP = 2  # between two columns
SMALLEST = 0.001  # smaller p-values are shown as less than this

Cells = Sequence[Sequence[str]]


def grid(head: Sequence[str], rows: Cells, *, words: int) -> list[str]:
    """The lines of a table for a terminal. The first `words` columns wrap between words; the others hold numbers."""
    out = StringIO()
    rows = [[printable(cell) for cell in row] for row in rows]  # a name may hold anything
    table = Table(box=None, padding=(0, GAP, 0, 0), pad_edge=False)
    widths = _widths([list(map(str, column)) for column in zip(head, *rows, strict=True)], words)
    for name, width in zip(head[:words], widths, strict=False):
        table.add_column("\n".join(_folded(name, width)))
    for name in head[words:]:
        table.add_column(name, justify="right", no_wrap=True)
    for row in rows:
        folded = ["\n".join(_folded(cell, width)) for cell, width in zip(row, widths, strict=False)]
        table.add_row(*map(Text, [*folded, *row[words:]]))  # plain text, since a name may contain rich mark-up
    Console(file=out, width=WIDTH).print(table)
    return [line.rstrip() for line in out.getvalue().splitlines()]


def _widths(columns: Sequence[Sequence[str]], words: int) -> list[int]:
    """The widths of the first `words` columns. The widest column shrinks first, to its longest word, then to the longest part of a word."""
    widths = [max(map(len, column)) for column in columns]
    room = WIDTH - sum(widths[words:]) - GAP * (len(columns) - 1)
    cells = columns[:words]
    longest = [max(len(word) for cell in column for word in cell.split(" ")) for column in cells]
    parts = [max(len(part) for cell in column for part in _parts(cell)) for column in cells]
    for least in (longest, parts, [1] * words):
        while sum(widths[:words]) > room and (free := [i for i in range(words) if widths[i] > least[i]]):
            widths[max(free, key=widths.__getitem__)] -= 1
    return widths[:words]


def _folded(cell: str, width: int) -> list[str]:
    """The lines of a cell, broken at spaces. A word that is too long breaks after an underscore, a slash or a hyphen if it has one."""
    lines = [""]
    for word in cell.split(" "):
        if lines[-1] and len(lines[-1]) + 1 + len(word) <= width:
            lines[-1] += f" {word}"
            continue
        if lines[-1]:
            lines.append("")
        for part in _parts(word) if len(word) > width else [word]:
            if len(lines[-1]) + len(part) > width and lines[-1]:
                lines.append("")
            pieces = [part[i : i + width] for i in range(0, len(part), width)] or [""]
            lines[-1] += pieces[0]
            lines += pieces[1:]
    return lines


def _parts(cell: str) -> list[str]:
    """The parts of a cell between which a line may break."""
    return re.split(r"(?<=[ _/-])", cell)


def short(text: str, most: int = 60) -> str:
    """The beginning of a text of a model in quotation marks, in one line and printable."""
    cut = printable(text[: 4 * most])
    return f"\u201c{cut}\u201d" if len(cut) <= most and len(text) <= 4 * most else f"\u201c{cut[:most]}\u2026\u201d"


def paragraph(text: str) -> str:
    """`text` in lines that fit a terminal."""
    return "\n".join(wrap(text, WIDTH))


def csv(frame: pd.DataFrame) -> str:
    """Every row and column, with all digits."""
    return frame.to_csv(index=False).rstrip("\n")


def as_json(frame: pd.DataFrame) -> str:
    """Every row as an object. Undefined values are null."""
    rows = [{key: None if undefined(value) else value for key, value in row.items()} for row in frame.to_dict("records")]
    return json.dumps(rows, indent=2, ensure_ascii=False, allow_nan=False)


def markdown(head: Sequence[str], rows: Cells, *, words: int) -> str:
    """A Markdown table. The columns after the first `words` are right-aligned."""
    lines = [head, ["---"] * words + ["---:"] * (len(head) - words), *rows]
    return "\n".join("| " + " | ".join(cell.replace("|", "\\|") for cell in line) + " |" for line in lines)


def latex(head: Sequence[str], rows: Cells, *, words: int) -> str:
    """A LaTeX tabular with the rules of the package booktabs. The columns after the first `words` are right-aligned."""
    body = [" & ".join(escaped(cell) for cell in line) + r" \\" for line in (head, *rows)]
    columns = "l" * words + "r" * (len(head) - words)
    top = [r"% needs \usepackage{booktabs}", rf"\begin{{tabular}}{{{columns}}}", r"\toprule"]
    return "\n".join([*top, body[0], r"\midrule", *body[1:], r"\bottomrule", r"\end{tabular}"])


_LATEX = {
    "\\": r"\textbackslash{}", "^": r"\textasciicircum{}", "~": r"\textasciitilde{}", "<": r"\textless{}", ">": r"\textgreater{}",
    "|": r"\textbar{}", "_": r"\_", "%": r"\%", "&": r"\&", "#": r"\#", "$": r"\$", "{": r"\{", "}": r"\}",
}  # fmt: skip


def escaped(cell: str) -> str:
    """`cell` escaped for LaTeX. LaTeX would read an opening bracket at its start as an option of the line before."""
    plain = "".join(_LATEX.get(sign, sign) for sign in cell)
    return f"{{}}{plain}" if plain.startswith(("[", "*")) else plain


def interval(low: object, high: object) -> str:
    """The two ends in brackets; empty if one is undefined."""
    return "" if undefined(low) or undefined(high) else f"[{number(low)}, {number(high)}]"


def number(value: object) -> str:
    """A number with three decimals."""
    return f"{round(float(str(value)), 3) + 0.0:.3f}"  # adding 0.0 removes the sign of a zero


def p_value(value: object) -> str:
    """A p-value with three decimals; empty without one."""
    if undefined(value):
        return ""
    return f"<{SMALLEST}" if float(str(value)) < SMALLEST else number(value)


def undefined(value: object) -> bool:
    """Whether a value is missing."""
    return value is None or (isinstance(value, float) and math.isnan(value))
