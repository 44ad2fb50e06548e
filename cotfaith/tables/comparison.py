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
    "difference [95 % interval]: left minus right, clustered by question, paired on shared questions. The columns after it are the values of "
    "the two. q: number of shared questions (0: unpaired). missing: units of either side without a readable answer, which no value includes. "
    "p adj: p-value against no difference, Holm-adjusted over all differences shown here."
)
EQUIVALENCE = "p equiv: p-value against a difference of {:g} or more in either direction (two one-sided tests). A small value means equivalence."
HELD = "What each reading over model size holds fixed:"
CLAIMS = "What each claim over tasks holds fixed:"
OVER_TASKS = (
    "over tasks [95 % interval]: the mean of the tasks, or of their differences. p adj: Holm-adjusted over the tests of one claim. i2: share of "
    "the variance of the tasks' values that lies between tasks."
)
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
    lines = [line for sentence in made.caveats for line in (*wrap(sentence, formats.WIDTH), "")]
    lines += [line for block in _blocks(made) for line in (*block, "")]
    for rows, names in (
        (made.differences, ["metric"]),
        (made.over_tasks, ["metric", "of", "claim"]),
        (made.trends, ["metric", "reading"]),
    ):
        lines += [*_undefined(rows, names), *_alone(rows, names)]
    levels = sorted({*made.differences["level"], *made.trends["level"]})
    said = [DIFFERENCES, *_margins(made), *([OVER_TASKS] if len(made.over_tasks) else []), *([TRENDS] if len(made.trends) else [])]
    held = [*_held(CLAIMS, claims(made.over_tasks)), *_held(HELD, readings(made.trends))]
    footer = "\n".join([*held, *(formats.paragraph(sentence) for sentence in (*said, *made.notes))])
    lines.append(footer.replace("95 %", f"{100 * float(levels[0]):g} %") if levels else footer)
    return "\n".join(lines)


def _blocks(made: Comparison) -> Iterator[list[str]]:
    """For each metric of each measure: its differences, numbers over tasks, trends and extremes."""
    places = pd.concat([frame[_PLACE] for frame in (made.differences, made.over_tasks, made.trends)]).drop_duplicates()
    for about, measure, metric in places.itertuples(index=False):
        parts = []
        for frame, cells, words in (
            (made.differences, _differences, 2),
            (made.over_tasks, _over_tasks, 3),
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


def claims(over_tasks: pd.DataFrame) -> pd.DataFrame:
    """Each claim of `over_tasks` once, with what it holds fixed."""
    return over_tasks[["claim", "held_fixed"]].drop_duplicates()


def _held(heading: str, rows: pd.DataFrame) -> list[str]:
    """The lines that say what each of `rows` (name, what it holds fixed) holds fixed, with a heading; none without rows."""
    lines = [
        line
        for name, held in rows.itertuples(index=False)
        for line in wrap(f"{name}: {held}", formats.WIDTH, initial_indent="  ", subsequent_indent="    ")
    ]
    return [heading, *lines] if lines else []


def _undefined(rows: pd.DataFrame, names: list[str]) -> list[str]:
    """A sentence for each undefined row, which says its `names` and the reason."""
    return _reasons("Undefined", rows[rows["value"].isna() & rows["p"].isna()], names)


def _alone(rows: pd.DataFrame, names: list[str]) -> list[str]:
    """A sentence for each value without an interval, which says its `names` and the reason."""
    return _reasons("No interval", rows[rows["value"].notna() & rows["low"].isna()], names)


def _reasons(what: str, rows: pd.DataFrame, names: list[str]) -> list[str]:
    said = rows.loc[rows["note"] != "", [*names, "note"]].drop_duplicates()
    notes = [f"{what}: {', '.join(filter(None, named))}: {reason}." for *named, reason in said.itertuples(index=False)]
    return [line for note in notes for line in wrap(note, formats.WIDTH, subsequent_indent="  ")]


def _margins(made: Comparison) -> list[str]:
    return [EQUIVALENCE.format(float(margin)) for margin in made.differences["margin"].dropna().unique()[:1]]


def _differences(rows: pd.DataFrame) -> Rows:
    missing = bool(rows["missing"].gt(0).any())
    margin, sides = bool(rows["margin"].notna().any()), rows[["a", "b"]].drop_duplicates()
    of_sides = list(sides.iloc[0]) if len(sides) == 1 else ["left", "right"]
    head = [
        "left - right",
        "at",
        f"difference {_level(rows)}",
        *of_sides,
        "q",
        *(["missing"] if missing else []),
        "p adj",
        *(["p equiv"] if margin else []),
    ]
    cells = [
        [
            f"{row['a']} - {row['b']}",
            at(row),
            _with_ends(row),
            _value(row["value_a"]),
            _value(row["value_b"]),
            str(row["common"]),
            *([str(row["missing"])] if missing else []),
            formats.p_value(row["p_adj"]),
            *([formats.p_value(row["p_equivalence"])] if margin else []),
        ]
        for row in rows.to_dict("records")
    ]
    return head, cells


def _over_tasks(rows: pd.DataFrame) -> Rows:
    head = ["over tasks", "at", "claim", f"value {_level(rows)}", "tasks", "q", "p", "p adj", "i2"]
    cells = [
        [
            row["of"] or "mean",
            at(row),
            row["claim"],
            _with_ends(row),
            str(row["tasks"]),
            str(row["questions"]),
            formats.p_value(row["p"]),
            formats.p_value(row["p_adj"]),
            "" if formats.undefined(row["i2"]) else formats.number(row["i2"]),
        ]
        for row in rows.to_dict("records")
    ]
    return head, cells


def _trends(rows: pd.DataFrame) -> Rows:
    head = ["reading", "at", f"slope {_level(rows)}", "models", "q", "p", "p adj"]
    cells = []
    for row in rows.to_dict("records"):
        numbers = [str(row["models"]), str(row["questions"]), formats.p_value(row["p"]), formats.p_value(row["p_adj"])]
        cells.append([row["reading"], at(row), "" if _lacking(row) else _with_ends(row), *numbers])
    return head, cells


def _level(rows: pd.DataFrame) -> str:
    """The level of the intervals, such as "[95 %]"."""
    levels = rows["level"].dropna()
    return f"[{100 * float(levels.iloc[0]):g} %]" if len(levels) else ""


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
        "caveats": list(made.caveats),
    }
    return json.dumps(whole, indent=2, ensure_ascii=False, allow_nan=False)


def _frames(made: Comparison) -> dict[str, pd.DataFrame]:
    return {"differences": made.differences, "over_tasks": made.over_tasks, "trends": made.trends, "extremes": made.extremes}


def _words(made: Comparison, form: Callable[..., str]) -> str:
    """Separate tables of differences, numbers over tasks, trends, extremes, claims and readings. Every row names its metric, measure and cell."""
    parts = []
    for frame, cells, words in (
        (made.differences, _differences, 5),
        (made.over_tasks, _over_tasks, 6),
        (made.trends, _trends, 5),
        (made.extremes, _extremes(made.by), 5),
    ):
        if len(frame):
            head, rows = cells(frame)
            places = frame[_PLACE].astype(str).to_numpy().tolist()
            parts.append(form([*_PLACE, *head], [[*place, *row] for place, row in zip(places, rows, strict=True)], words=words))
    for name, those in (("claim", claims(made.over_tasks)), ("reading", readings(made.trends))):
        if len(those):
            parts.append(form([name, "held fixed"], those.to_numpy().tolist(), words=2))
    return "\n\n".join(parts)


FORMATS: Mapping[str, Callable[[Comparison], str]] = {
    "table": _terminal,
    "csv": _csv,
    "json": _json,
    "markdown": lambda made: _words(made, formats.markdown),
    "latex": lambda made: _words(made, formats.latex),
}
