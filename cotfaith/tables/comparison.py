"""The table of a comparison as text: differences, trends over scale, and which model is the extreme one."""

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
    "difference [95 % interval]: by question, paired where both sides have it; q: questions in common (0: unpaired); p adj: of no difference, by Holm "
    "over all differences here."
)
EQUIVALENCE = "p equiv: of a difference of {:g} or more either way, by two one-sided tests; small: equivalent."
TRENDS = (
    "slope [95 % interval]: per tenfold of parameters. models of this size: models are the sample, t(K-2), on which a claim about scale rests; these "
    "checkpoints: questions are the sample, and nothing is said of other models. by rank: z of Page's test; curvature: of the square; p adj: by Holm "
    "over the trends of one reading. largest, smallest: the share of draws of the questions in which the model is that."
)

Rows = tuple[list[str], list[list[str]]]


def render(made: Comparison, form: str) -> str:
    """`made` in one of `FORMATS`."""
    return FORMATS[form](made)


def _terminal(made: Comparison) -> str:
    lines = [line for block in _blocks(made) for line in (*block, "")]
    lines += _undefined(made.differences) + _undefined(made.trends)
    levels = sorted({*made.differences["level"], *made.trends["level"]})
    said = [DIFFERENCES, *_margins(made), *([TRENDS] if len(made.trends) else []), *made.notes]
    footer = "\n".join(formats.paragraph(sentence) for sentence in said)
    lines.append(footer.replace("95 %", f"{100 * float(levels[0]):g} %") if levels else footer)
    return "\n".join(lines)


def _blocks(made: Comparison) -> Iterator[list[str]]:
    """For each metric of each measure: its differences, its trends, and its extremes."""
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
    """The lines of a table without the column "at" where it is empty."""
    if any(row[1] for row in rows):
        return formats.grid(head, rows, words=words)
    return formats.grid([head[0], *head[2:]], [[row[0], *row[2:]] for row in rows], words=words - 1)


def _undefined(rows: pd.DataFrame) -> list[str]:
    said = rows.loc[rows["value"].isna() & rows["p"].isna() & (rows["note"] != ""), ["metric", "note"]].drop_duplicates()
    notes = [f"Undefined: {metric}: {reason}." for metric, reason in said.itertuples(index=False)]
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
    """Whether a row is a test without a value, and not one that is undefined."""
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
    """All three tables in one, told apart by their first column."""
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
    """A table each of differences, trends and extremes, in which every row says what it is about."""
    parts = []
    for frame, cells in ((made.differences, _differences), (made.trends, _trends), (made.extremes, _extremes(made.by))):
        if len(frame):
            head, rows = cells(frame)
            places = frame[_PLACE].astype(str).to_numpy().tolist()
            parts.append(form([*_PLACE, *head], [[*place, *row] for place, row in zip(places, rows, strict=True)], words=5))
    return "\n\n".join(parts)


FORMATS: Mapping[str, Callable[[Comparison], str]] = {
    "table": _terminal,
    "csv": _csv,
    "json": _json,
    "markdown": lambda made: _words(made, formats.markdown),
    "latex": lambda made: _words(made, formats.latex),
}
