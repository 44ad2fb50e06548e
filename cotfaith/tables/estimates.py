"""The table of estimates as text."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from textwrap import wrap
from typing import Any

import pandas as pd

from cotfaith.measures import MEASURES
from cotfaith.tables import formats

NUMBERS = 7  # columns of a table of words that hold numbers
DEFAULT = "cot"  # the strategy that need not be named

FOOTER = "\n".join(
    formats.paragraph(sentence)
    for sentence in (
        (
            "value [95 % interval, clustered by question]; n/q: traces or pairs included, and their questions; missing: units without a readable "
            "answer; bounds: the estimate if all of them had counted as 0, and as 1;"
        ),
        "p adj: p-value against no effect, Holm-adjusted over the tests of the run (Benjamini-Hochberg over those in strata);",
        "at: what tells the rows of a metric apart (writer, hint, kind, judge, arm), then the dose (1 for a filler as long as the reasoning).",
    )
)
EQUIVALENCE = "p equiv: p-value against a difference of {:g} or more either way (two one-sided tests); small: equivalent."
WELL = {"included": 1.0, "edit_valid": 1.0, "unanswered": 0.0, "invalid": 0.0}  # counts that say that all is well


def curves(estimates: pd.DataFrame) -> pd.Series[bool]:
    """Which estimates are points of curves, for a figure and not for a table."""
    return estimates["role"] == "curve"


def strata(estimates: pd.DataFrame) -> pd.Series[bool]:
    """Which estimates are of some traces only, by whether the answer is right or by how long the reasoning is."""
    return estimates["stratum"] != ""


def headline(estimates: pd.DataFrame) -> pd.DataFrame:
    """The estimates that a person reads first.

    No points of curves and no strata; of several doses the whole one, 1, where there is one; and counts that only say that all is well (none
    unanswered or none read, all included, all edits valid, no verdict invalid) are left out.
    """
    counted, value = estimates["role"] == "count", estimates["value"]
    swept = estimates["dose"].notna() & estimates["dose"].ne(1) & (counted | _with_whole_dose(estimates))
    well = counted & (value.eq(estimates["metric"].map(WELL)) | ((estimates["metric"] == "unanswered") & (estimates["n"] == 0)))
    return estimates[~swept & ~(counted & estimates["dose"].notna()) & ~well & ~curves(estimates) & ~strata(estimates)]


def _with_whole_dose(estimates: pd.DataFrame) -> pd.Series[bool]:
    """Which estimates are of a metric that is reported at the whole dose, 1, too, and of a headline's measure."""
    whole = set(estimates.loc[(estimates["role"] == "headline") & estimates["dose"].eq(1), "measure"])
    return estimates["measure"].isin(whole)


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
    for place, rows in shown.groupby(["model", "task", cell_strategy(shown), "measure"], sort=False):
        model, task, strategy, measure = map(str, place)
        lines += wrap(f"{measure}: {cell(model, task, strategy, named=named)}", formats.WIDTH)
        lines += wrap(_about(measure), formats.WIDTH)
        lines += [*_grid(rows), ""]
    return "\n".join([*lines, *_undefined_notes(shown), _footer(estimates)])


def _about(measure: str) -> str:
    """What a larger value of a measure means, and what kind of thing it measures; empty for a measure that is not installed here."""
    known = MEASURES.get(measure)
    return f"{known.headline().larger} Construct: {known.construct}." if known else ""


def _grid(rows: pd.DataFrame) -> list[str]:
    """The lines of the table of one measure, without the columns of bounds and of tests where it has none."""
    head = ["metric", "at", "value", "n/q", "missing"]
    bounded, tested, margin = (
        bool((rows["missing"] > 0).any()),
        bool(rows["p_adj"].notna().any()),
        bool(rows["margin"].notna().any()),
    )
    head += ["bounds"] * bounded + ["p adj"] * tested + ["p equiv"] * margin
    body = []
    for row in rows.to_dict("records"):
        value, interval, n, clusters, missing, bounds, p = _numbers(row)
        cells = [row["metric"], at(row), f"{value} {interval}".rstrip(), f"{n}/{clusters}", missing]
        body.append(cells + [bounds] * bounded + [p] * tested + [formats.p_value(row["p_equivalence"])] * margin)
    return formats.grid(head, body, words=2)


def _undefined_notes(estimates: pd.DataFrame) -> list[str]:
    """A line for each reason why something is undefined, with all that it makes so."""
    undefined = estimates[estimates["value"].isna()]
    notes = [
        f"Undefined in {measure}: {', '.join(dict.fromkeys(rows['metric']))}: {reason}."
        for (measure, reason), rows in undefined.groupby(["measure", "note"], sort=False)
    ]
    return [line for note in notes for line in wrap(note, formats.WIDTH, subsequent_indent="  ")]


def _footer(estimates: pd.DataFrame) -> str:
    levels = estimates["level"].dropna().unique()
    said = FOOTER.replace("95 %", f"{100 * float(levels[0]):g} %") if len(levels) else FOOTER
    margins = estimates["margin"].dropna().unique()
    notes = [EQUIVALENCE.format(float(margins[0]))] if len(margins) else []
    return "\n".join([said, *notes])


def at(row: Mapping[Any, Any]) -> str:
    """What an estimate is of, in words: whatever tells it from the other estimates of its metric."""
    across = is_across(str(row["measure"]))
    strategy = f"{row['strategy']} - {row['versus']}" if across and row["versus"] else row["strategy"] if across else ""
    judge = f"{row['judge']} vs {row['versus']}" if row["judge"] and row["versus"] else row["judge"]
    named = [
        strategy,
        row["intervention"],
        row["kind"],
        judge,
        row["channel"],
        str(row["arm"]).replace("_", " "),
        row["stratum"],
        row["reason"],
    ]
    parts = [", ".join(str(part) for part in named if part), dose(row)]
    return " ".join(part for part in parts if part)


def dose(row: Mapping[Any, Any]) -> str:
    """The dose of an estimate as a number; empty where it has none."""
    return "" if formats.undefined(row["dose"]) else f"{row['dose']:g}"


def is_across(measure: str) -> bool:
    """Whether a measure compares strategies, so that its rows stand together."""
    known = MEASURES.get(measure)
    return known is not None and known.across


def cell_strategy(estimates: pd.DataFrame) -> pd.Series[str]:
    """The strategy by which rows are grouped: that of each row, and none for measures that compare strategies."""
    across = {measure for measure in set(estimates["measure"]) if is_across(str(measure))}
    return estimates["strategy"].mask(estimates["measure"].isin(across), "").rename("strategy")


def _numbers(row: Mapping[Any, Any]) -> tuple[str, str, str, str, str, str, str]:
    """Value, interval, n, questions, missing, bounds and the adjusted p, as a person reads them."""
    total = _whole(row["n"]) + _whole(row["missing"])
    missing, bounds = "0", ""
    if row["missing"]:
        missing = f"{row['missing']} ({100 * _whole(row['missing']) / total:.0f} %)"
        bounds = formats.interval(row["bound_low"], row["bound_high"])
    value = "undefined" if formats.undefined(row["value"]) else formats.number(row["value"])
    p = formats.p_value(row["p_adj"])
    return value, formats.interval(row["low"], row["high"]), f"{row['n']}", f"{row['clusters']}", missing, bounds, p


def _whole(value: object) -> int:
    return int(str(value))


def _cells(estimates: pd.DataFrame) -> tuple[list[str], list[list[str]]]:
    """The head and the rows of a table of words; strategies have a column where there are several."""
    several = ["strategy"] if len(set(estimates["strategy"]) - {""}) > 1 else []
    names = ["model", "task", *several, "measure", "metric"]
    head = [*names, "at", "value", "interval", "n", "questions", "missing", "bounds", "p adj"]
    rows = [[*(str(row[name]) for name in names), at(row), *_numbers(row)] for row in estimates.to_dict("records")]
    return head, rows


def _markdown(estimates: pd.DataFrame) -> str:
    head, rows = _cells(headline(estimates))
    return formats.markdown(head, rows, words=len(head) - NUMBERS)


def _latex(estimates: pd.DataFrame) -> str:
    head, rows = _cells(headline(estimates))
    return formats.latex(head, rows, words=len(head) - NUMBERS)


FORMATS: Mapping[str, Callable[[pd.DataFrame], str]] = {
    "table": _terminal,
    "csv": formats.csv,
    "json": formats.as_json,
    "markdown": _markdown,
    "latex": _latex,
}
