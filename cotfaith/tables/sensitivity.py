"""The table of how far headlines move, as text."""

from __future__ import annotations

from collections.abc import Callable, Mapping

import pandas as pd

from cotfaith.tables import formats
from cotfaith.tables.estimates import at, cell, cell_strategy, names_strategies

FOOTER = formats.paragraph(
    "Each headline as the run has it, then with one choice changed at a time; moves: by how much the value does. extractor strict takes only what is "
    "said outright, flexible whatever there is; unparsed wrong counts a reading without an answer as an answer of its own, bound widens the interval "
    "to hold whatever it is; weight: traces, or questions, count once each. n: what entered; missing: what could not."
)
_HEAD = ("metric", "at", "choice", "value", "moves", "n", "missing")


def render(rows: pd.DataFrame, form: str) -> str:
    """`rows` in one of `FORMATS`."""
    return FORMATS[form](rows)


def _terminal(rows: pd.DataFrame) -> str:
    named = names_strategies(rows)
    lines: list[str] = []
    for place, those in rows.groupby(["model", "task", cell_strategy(rows), "measure"], sort=False):
        model, task, strategy, measure = map(str, place)
        lines += [f"{measure}: {cell(model, task, strategy, named=named)}", *formats.grid(_HEAD, _cells(those), words=3), ""]
    return "\n".join([*lines, FOOTER])


def _cells(rows: pd.DataFrame) -> list[list[str]]:
    found = []
    for row in rows.to_dict("records"):
        value = "undefined" if formats.undefined(row["value"]) else formats.number(row["value"])
        moves = "" if formats.undefined(row["shift"]) else f"{round(float(row['shift']), 3) + 0.0:+.3f}"
        shown = f"{value} {formats.interval(row['low'], row['high'])}".rstrip()
        found.append([str(row["metric"]), at(row), str(row["choice"]), shown, moves, str(row["n"]), str(row["missing"])])
    return found


def _words(rows: pd.DataFrame) -> tuple[list[str], list[list[str]]]:
    places = rows[["model", "task", "strategy", "measure"]].astype(str).to_numpy().tolist()
    return ["model", "task", "strategy", "measure", *_HEAD], [
        [*place, *cells] for place, cells in zip(places, _cells(rows), strict=True)
    ]


def _markdown(rows: pd.DataFrame) -> str:
    return formats.markdown(*_words(rows), words=7)


def _latex(rows: pd.DataFrame) -> str:
    return formats.latex(*_words(rows), words=7)


FORMATS: Mapping[str, Callable[[pd.DataFrame], str]] = {
    "table": _terminal,
    "csv": formats.csv,
    "json": formats.as_json,
    "markdown": _markdown,
    "latex": _latex,
}
