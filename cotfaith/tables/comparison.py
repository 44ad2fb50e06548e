"""The table of a comparison as text: differences, trends over model size, and which model has the largest and smallest value."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Mapping
from textwrap import wrap
from typing import Any

import pandas as pd

from cotfaith.analysis.compare import Comparison
from cotfaith.tables import formats
from cotfaith.tables.estimates import at

DIFFERENCES = (
    "difference [95 % interval]: clustered by question, paired on shared questions. q: number of shared questions (0: unpaired). "
    "p adj: p-value against no difference, Holm-adjusted over all differences shown here."
)
EQUIVALENCE = "p equiv: p-value against a difference of {:g} or more in either direction (two one-sided tests). A small value means equivalence."
HELD = "What each reading over model size holds fixed:"
TRENDS = (
    "slope [95 % interval]: change per tenfold increase in parameters. models of this size: models are the sample; a claim about model "
    "size rests on these rows, of which the first is unweighted. these checkpoints: questions are the sample. p adj: Holm-adjusted over "
    "the trends of one reading. largest, smallest: share of bootstrap draws of the questions in which the model has the largest or "
    "smallest value."
)

Rows = tuple[list[str], list[list[str]]]


def render(made: Comparison, form: str) -> str:
    """`made` in one of `FORMATS`."""
    return FORMATS[form](made)


def _terminal(made: Comparison) -> str:
    lines = [line for block in _blocks(made) for line in (*block, "")]
    lines += _undefined(made.differences, ["metric"]) + _undefined(made.trends, ["metric", "reading"])
    levels = sorted({*made.differences["level"], *made.trends["level"]})
    said = [DIFFERENCES, *_margins(made), *([TRENDS] if len(made.trends) else []), *made.notes]
    footer = "\n".join([*_held(made), *(formats.paragraph(sentence) for sentence in said)])
    lines.append(footer.replace("95 %", f"{100 * float(levels[0]):g} %") if levels else footer)
    return "\n".join(lines)


def _blocks(made: Comparison) -> Iterator[list[str]]:
    """For each metric of each measure: its differences, trends and extremes."""
    places = pd.concat([frame[_PLACE] for frame in (made.differences, made.trends)]).drop_duplicates()
    for about, measure, metric in places.itertuples(index=False):
        parts = []
        for frame, cells, words in (
            (made.differences, _differences, 2),
            (made.trends, _trends, 2),
            (made.extremes, _extremes(made.by), 2),
        ):
            those = frame[(frame[_PLACE] == [about, measure, metric]).all(axis=1)]
            if len(those):
                head, rows = cells(those)
                parts.append(_without_empty(head, rows, words))
        yield [*wrap(f"{metric} ({measure}) {about}", formats.WIDTH), *(line for part in parts for line in part)]


_PLACE = ["about", "measure", "metric"]


def _without_empty(head: list[str], rows: list[list[str]], words: int) -> list[str]:
    """The lines of a table, without the column "at" if it is empty."""
    if any(row[1] for row in rows):
        return formats.grid(head, rows, words=words)
    return formats.grid([head[0], *head[2:]], [[row[0], *row[2:]] for row in rows], words=words - 1)


def readings(trends: pd.DataFrame) -> pd.DataFrame:
    """Each reading of `trends` once, with what it holds fixed."""
    return trends[["reading", "held_fixed"]].drop_duplicates()


def _held(made: Comparison) -> list[str]:
    """The lines that say what each reading holds fixed; none without a trend."""
    rows = readings(made.trends).itertuples(index=False)
    lines = [
        line
        for name, held in rows
        for line in wrap(f"{name}: {held}", formats.WIDTH, initial_indent="  ", subsequent_indent="    ")
    ]
    return [HELD, *lines] if lines else []


def _undefined(rows: pd.DataFrame, names: list[str]) -> list[str]:
    """A sentence for each undefined row, which says its `names` and the reason."""
    said = rows.loc[rows["value"].isna() & rows["p"].isna() & (rows["note"] != ""), [*names, "note"]].drop_duplicates()
    notes = [f"Undefined: {', '.join(named)}: {reason}." for *named, reason in said.itertuples(index=False)]
    return [line for note in notes for line in wrap(note, formats.WIDTH, subsequent_indent="  ")]


def _margins(made: Comparison) -> list[str]:
    return [EQUIVALENCE.format(float(margin)) for margin in made.differences["margin"].dropna().unique()[:1]]


def _differences(rows: pd.DataFrame) -> Rows:
    margin = bool(rows["margin"].notna().any())
    head = ["difference of", "at", "", "a", "b", "q", "p adj", *(["p equiv"] if margin else [])]
    cells = [
        [
            f"{row['a']} - {row['b']}",
            at(row),
            _with_ends(row),
            _value(row["value_a"]),
            _value(row["value_b"]),
            str(row["common"]),
            formats.p_value(row["p_adj"]),
            *([formats.p_value(row["p_equivalence"])] if margin else []),
        ]
        for row in rows.to_dict("records")
    ]
    return head, cells


def _trends(rows: pd.DataFrame) -> Rows:
    head = ["slope, of", "at", "", "models", "q", "p", "p adj"]
    cells = []
    for row in rows.to_dict("records"):
        numbers = [str(row["models"]), str(row["questions"]), formats.p_value(row["p"]), formats.p_value(row["p_adj"])]
        cells.append([row["reading"], at(row), "" if _lacking(row) else _with_ends(row), *numbers])
    return head, cells


def _lacking(row: Mapping[Any, Any]) -> bool:
    """Whether a row has a test but no value by design, and is not undefined."""
    return formats.undefined(row["value"]) and not formats.undefined(row["p"])


def _extremes(by: str) -> Callable[[pd.DataFrame], Rows]:
    def cells(rows: pd.DataFrame) -> Rows:
        numbers = [
            [row["side"], at(row), f"{row['parameters']:.3g}", *(_value(row[name]) for name in ("value", "largest", "smallest"))]
            for row in rows.to_dict("records")
        ]
        return [by, "at", "parameters", "value", "largest", "smallest"], numbers

    return cells


def _with_ends(row: Mapping[Any, Any]) -> str:
    return f"{_value(row['value'])} {formats.interval(row['low'], row['high'])}".rstrip()


def _value(value: object) -> str:
    return "undefined" if formats.undefined(value) else formats.number(value)


def _csv(made: Comparison) -> str:
    """All three tables in one. The first column names the table."""
    tables = [frame.assign(table=name) for name, frame in _frames(made).items() if len(frame)]
    together = pd.concat(tables, ignore_index=True)
    return formats.csv(together[["table", *(name for name in together.columns if name != "table")]])


def _json(made: Comparison) -> str:
    whole = {
        "by": made.by,
        **{name: json.loads(formats.as_json(frame)) for name, frame in _frames(made).items()},
        "notes": list(made.notes),
    }
    return json.dumps(whole, indent=2, ensure_ascii=False, allow_nan=False)


def _frames(made: Comparison) -> dict[str, pd.DataFrame]:
    return {"differences": made.differences, "trends": made.trends, "extremes": made.extremes}


def _words(made: Comparison, form: Callable[..., str]) -> str:
    """Separate tables of differences, trends, readings and extremes. Every row names its metric, measure and cell, or its reading."""
    parts = []
    for frame, cells in ((made.differences, _differences), (made.trends, _trends), (made.extremes, _extremes(made.by))):
        if len(frame):
            head, rows = cells(frame)
            places = frame[_PLACE].astype(str).to_numpy().tolist()
            parts.append(form([*_PLACE, *head], [[*place, *row] for place, row in zip(places, rows, strict=True)], words=5))
    if len(made.trends):
        parts.append(form(["reading", "held fixed"], readings(made.trends).to_numpy().tolist(), words=2))
    return "\n\n".join(parts)


FORMATS: Mapping[str, Callable[[Comparison], str]] = {
    "table": _terminal,
    "csv": _csv,
    "json": _json,
    "markdown": lambda made: _words(made, formats.markdown),
    "latex": lambda made: _words(made, formats.latex),
}
