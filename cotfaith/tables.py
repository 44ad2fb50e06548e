"""The table of estimates as text: for a terminal, a spreadsheet, a program, a document or a paper."""

from __future__ import annotations

import json
import math
from collections.abc import Callable, Mapping
from io import StringIO
from textwrap import wrap
from typing import Any

import pandas as pd
from rich.console import Console
from rich.table import Table
from rich.text import Text

from cotfaith.measures import MEASURES
from cotfaith.measures.strata import STRATA

WIDTH = 100  # of a terminal that a table must fit
CURVES = frozenset({
    "same_answer", "probability_shift", "same_answer_after_mistake", "same_answer_after_control", "same_answer_paraphrased",
    "same_answer_paraphrase_control", "accuracy_paraphrased", "accuracy_paraphrase_control", "removal_changed", "hinted_option", "faithful_at_k",
})  # fmt: skip
NUMBERS = 6  # columns of a table of words that hold numbers
DEFAULT = "cot"  # the strategy that need not be named

FOOTER = (
    "value [95 % interval, clustered by question]; n/q: traces or pairs that entered, their questions;\n"
    "missing: those that could not enter; bounds: the value if these had all counted one way or other;\n"
    "at: writer, kind, stratum, reason, arm or strategy, and how much of it (1 for a filler as long as\n"
    "the reasoning)."
)
ADMITTED = "What is admitted of a hint: at HINT, JUDGE, CHANNEL, the last being the text that was judged."


def curves(estimates: pd.DataFrame) -> pd.Series[bool]:
    """Which estimates are points of curves, for a figure and not for a table."""
    return estimates["x"].notna() & estimates["metric"].str.removesuffix("_band").isin(CURVES)


def strata(estimates: pd.DataFrame) -> pd.Series[bool]:
    """Which estimates are of some traces only, by whether the answer is right or by how long the reasoning is."""
    return estimates["group"].str.rpartition(": ")[2].isin(STRATA)


def headline(estimates: pd.DataFrame) -> pd.DataFrame:
    """The estimates that a person reads first.

    No points of curves and no strata; of filler only what is as long as the reasoning; and shares that only say that all is well (none
    unanswered or none read, all eligible, all took, no verdict invalid) are left out.
    """
    metric, value = estimates["metric"], estimates["value"]
    read = metric == "unanswered"
    sweep = (estimates["measure"] == "filler_tokens") & (estimates["x"] != 1)
    once = estimates["x"].isna() | ~(read | sweep)
    well = (read & ((value == 0) | (estimates["n"] == 0))) | (metric.isin(["eligible", "took"]) & (value == 1))
    well |= (metric == "invalid") & (value == 0)
    return estimates[once & ~well & ~curves(estimates) & ~strata(estimates)]


def names_strategies(estimates: pd.DataFrame) -> bool:
    """Whether a run has a strategy other than the default, so that each must be told."""
    return bool(set(estimates["strategy"]) - {DEFAULT, ""})


def cell(model: str, task: str, strategy: str, *, named: bool) -> str:
    """What a table is about: "MODEL on TASK", with the strategy where strategies are `named`."""
    return f"{model} on {task}" + (f", {strategy}" if named and strategy else "")


def render(estimates: pd.DataFrame, form: str) -> str:
    """`estimates` in one of `FORMATS`."""
    return FORMATS[form](estimates)


def _terminal(estimates: pd.DataFrame) -> str:
    named = names_strategies(estimates)
    shown = estimates[~curves(estimates)]
    lines: list[str] = []
    for place, rows in shown.groupby(["model", "task", "strategy", "measure"], sort=False):
        model, task, strategy, measure = map(str, place)
        lines += wrap(f"{measure}: {cell(model, task, strategy, named=named)}", WIDTH)
        lines += wrap(_about(measure), WIDTH)
        lines += [*_grid(rows), ""]
    return "\n".join([*lines, *_undefined_notes(shown), _footer(estimates)])


def _about(measure: str) -> str:
    """What a larger value of a measure means, and what kind of thing it measures; empty for a measure that is not ours."""
    known = MEASURES.get(measure)
    return f"{known.direction} Construct: {known.construct}." if known else ""


def _grid(rows: pd.DataFrame) -> list[str]:
    """The lines of the table of one measure."""
    out = StringIO()
    table = Table(box=None, padding=(0, 2, 0, 0), pad_edge=False)
    for name in ("metric", "at"):
        table.add_column(name, overflow="fold")
    for name in ("value", "n/q", "missing", "bounds"):
        table.add_column(name, justify="right", no_wrap=True)
    for row in rows.to_dict("records"):
        value, interval, n, clusters, missing, bounds = _numbers(row)
        cells = (row["metric"], _at(row), f"{value} {interval}".rstrip(), f"{n}/{clusters}", missing, bounds)
        table.add_row(*map(Text, cells))  # as it is: a name may hold what rich takes for mark-up
    Console(file=out, width=WIDTH).print(table)
    return [line.rstrip() for line in out.getvalue().splitlines()]


def _undefined_notes(estimates: pd.DataFrame) -> list[str]:
    """A line for each reason why something is undefined, with all that it makes so."""
    undefined = estimates[estimates["value"].isna()]
    notes = [
        f"Undefined in {measure}: {', '.join(dict.fromkeys(rows['metric']))}: {reason}."
        for (measure, reason), rows in undefined.groupby(["measure", "reason"], sort=False)
    ]
    return [line for note in notes for line in wrap(note, WIDTH, subsequent_indent="  ")]


def _footer(estimates: pd.DataFrame) -> str:
    levels = estimates["level"].dropna().unique()
    said = FOOTER.replace("95 %", f"{100 * float(levels[0]):g} %") if len(levels) else FOOTER
    return f"{said}\n{ADMITTED}" if "hint_effect" in set(estimates["measure"]) else said


def _at(row: Mapping[Any, Any]) -> str:
    x = row["x"]
    return " ".join(part for part in (str(row["group"]), "" if _undefined(x) else f"{x:g}") if part)


def _numbers(row: Mapping[Any, Any]) -> tuple[str, str, str, str, str, str]:
    """Value, interval, n, questions, missing, bounds, as a person reads them."""
    total = _whole(row["n"]) + _whole(row["missing"])
    missing, bounds = "0", ""
    if row["missing"]:
        missing = f"{row['missing']} ({100 * _whole(row['missing']) / total:.0f} %)"
        bounds = _interval(row["bound_low"], row["bound_high"])
    value = "undefined" if _undefined(row["value"]) else _number(row["value"])
    return value, _interval(row["low"], row["high"]), f"{row['n']}", f"{row['clusters']}", missing, bounds


def _interval(low: object, high: object) -> str:
    return "" if _undefined(low) or _undefined(high) else f"[{_number(low)}, {_number(high)}]"


def _number(value: object) -> str:
    return f"{round(float(str(value)), 3) + 0.0:.3f}"  # adding 0.0 takes the sign off a zero


def _undefined(value: object) -> bool:
    return value is None or (isinstance(value, float) and math.isnan(value))


def _whole(value: object) -> int:
    return int(str(value))


def _csv(estimates: pd.DataFrame) -> str:
    return estimates.to_csv(index=False).rstrip("\n")


def _json(estimates: pd.DataFrame) -> str:
    rows = [{key: None if _undefined(value) else value for key, value in row.items()} for row in estimates.to_dict("records")]
    return json.dumps(rows, indent=2, ensure_ascii=False, allow_nan=False)


def _cells(estimates: pd.DataFrame) -> list[list[str]]:
    """The rows of a table of words, its head first; strategies have a column where there are several."""
    several = ["strategy"] if len(set(estimates["strategy"]) - {""}) > 1 else []
    names = ["model", "task", *several, "measure", "metric"]
    head = [*names, "at", "value", "interval", "n", "questions", "missing", "bounds"]
    rows = [[*(str(row[name]) for name in names), _at(row), *_numbers(row)] for row in estimates.to_dict("records")]
    return [head, *rows]


def _markdown(estimates: pd.DataFrame) -> str:
    head, *rows = _cells(headline(estimates))
    lines = [head, ["---"] * (len(head) - NUMBERS) + ["---:"] * NUMBERS, *rows]
    return "\n".join("| " + " | ".join(cell.replace("|", "\\|") for cell in line) + " |" for line in lines)


_LATEX = str.maketrans({"_": r"\_", "%": r"\%", "&": r"\&", "#": r"\#", "$": r"\$", "{": r"\{", "}": r"\}"})


def _latex(estimates: pd.DataFrame) -> str:
    head, *rows = _cells(headline(estimates))
    body = [" & ".join(cell.translate(_LATEX) for cell in line) + r" \\" for line in (head, *rows)]
    columns = "l" * (len(head) - NUMBERS) + "r" * NUMBERS
    top, bottom = rf"\begin{{tabular}}{{{columns}}}" + "\n" + r"\hline", r"\hline" + "\n" + r"\end{tabular}"
    return "\n".join([top, body[0], r"\hline", *body[1:], bottom])


FORMATS: Mapping[str, Callable[[pd.DataFrame], str]] = {
    "table": _terminal,
    "csv": _csv,
    "json": _json,
    "markdown": _markdown,
    "latex": _latex,
}
