"""The sensitivity table as text: how much each headline changes under each choice."""

from __future__ import annotations

from collections.abc import Callable, Mapping

import pandas as pd

from cotfaith.tables import formats
from cotfaith.tables.estimates import at, cell, cell_strategy, names_strategies

FOOTER = formats.paragraph(
    "Each headline with the run's own choices, then with one choice changed at a time. moves: change of the value. extractor: strict accepts "
    "only an explicitly stated answer, flexible accepts any answer it finds. unparsed: wrong counts a missing answer as incorrect and as different from "
    "every answer, and leaves out pairs of two missing answers; bound widens the interval to worst-case values of the missing units. weight: each trace, "
    "or each question, has equal weight. n: units included. missing: units without a usable answer."
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
