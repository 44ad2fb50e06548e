"""The table of how far headlines move, as text."""

from __future__ import annotations

from collections.abc import Callable, Mapping

import pandas as pd

from cotfaith.tables import forms
from cotfaith.tables.estimates import at, cell, names_strategies

FOOTER = forms.paragraph(
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
    for place, those in rows.groupby(["model", "task", "strategy", "measure"], sort=False):
        model, task, strategy, measure = map(str, place)
        lines += [f"{measure}: {cell(model, task, strategy, named=named)}", *forms.grid(_HEAD, _cells(those), words=3), ""]
    return "\n".join([*lines, FOOTER])


def _cells(rows: pd.DataFrame) -> list[list[str]]:
    found = []
    for row in rows.to_dict("records"):
        value = "undefined" if forms.undefined(row["value"]) else forms.number(row["value"])
        moves = "" if forms.undefined(row["shift"]) else f"{round(float(row['shift']), 3) + 0.0:+.3f}"
        shown = f"{value} {forms.interval(row['low'], row['high'])}".rstrip()
        found.append([str(row["metric"]), at(row), str(row["choice"]), shown, moves, str(row["n"]), str(row["missing"])])
    return found


def _words(rows: pd.DataFrame) -> tuple[list[str], list[list[str]]]:
    places = rows[["model", "task", "strategy", "measure"]].astype(str).to_numpy().tolist()
    return ["model", "task", "strategy", "measure", *_HEAD], [
        [*place, *cells] for place, cells in zip(places, _cells(rows), strict=True)
    ]


def _markdown(rows: pd.DataFrame) -> str:
    return forms.markdown(*_words(rows), words=7)


def _latex(rows: pd.DataFrame) -> str:
    return forms.latex(*_words(rows), words=7)


FORMATS: Mapping[str, Callable[[pd.DataFrame], str]] = {
    "table": _terminal,
    "csv": forms.csv,
    "json": forms.as_json,
    "markdown": _markdown,
    "latex": _latex,
}
