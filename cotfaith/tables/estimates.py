"""The table of estimates as text."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from textwrap import wrap
from typing import Any

import pandas as pd

from cotfaith.measures import MEASURES
from cotfaith.tables import formats

NUMBERS = 7  # numeric columns of a document table
DEFAULT = "cot"  # the strategy that headings omit

FOOTER = "\n".join(
    formats.paragraph(sentence)
    for sentence in (
        (
            "value: estimate [95 % interval, clustered by question]. n/q: traces or pairs included, and their questions. missing: units "
            "without a readable answer. bounds: the estimate if every missing unit counts as 0, and if every one counts as 1."
        ),
        "p adj: p-value against no effect, Holm-adjusted over the tests of the run (Benjamini-Hochberg within strata).",
        (
            "at: what distinguishes the rows of a metric (writer, hint, kind, judge, arm), then the dose (1 is a filler as long as the "
            "reasoning)."
        ),
    )
)
EQUIVALENCE = "p equiv: p-value against a difference of {:g} or more in either direction (two one-sided tests). A small value means equivalence."
WELL = {"included": 1.0, "edit_valid": 1.0, "unanswered": 0.0, "invalid": 0.0}  # values of counts that need no attention


def curves(estimates: pd.DataFrame) -> pd.Series[bool]:
    """Which estimates are points of a curve. A figure shows them and a table does not."""
    return estimates["role"] == "curve"


def strata(estimates: pd.DataFrame) -> pd.Series[bool]:
    """Which estimates cover only one stratum, by correctness of the answer or by length of the reasoning."""
    return estimates["stratum"] != ""


def headline(estimates: pd.DataFrame) -> pd.DataFrame:
    """The estimates that a person reads first.

    It leaves out points of curves and strata. Where a metric has several doses and one of them is 1, it keeps only that dose. It
    leaves out counts that need no attention: none unanswered or none read, all included, all edits valid, no verdict invalid.
    """
    counted, value = estimates["role"] == "count", estimates["value"]
    swept = estimates["dose"].notna() & estimates["dose"].ne(1) & (counted | _with_whole_dose(estimates))
    well = counted & (value.eq(estimates["metric"].map(WELL)) | ((estimates["metric"] == "unanswered") & (estimates["n"] == 0)))
    return estimates[~swept & ~(counted & estimates["dose"].notna()) & ~well & ~curves(estimates) & ~strata(estimates)]


def _with_whole_dose(estimates: pd.DataFrame) -> pd.Series[bool]:
    """Which estimates belong to a measure whose headline is reported at dose 1."""
    whole = set(estimates.loc[(estimates["role"] == "headline") & estimates["dose"].eq(1), "measure"])
    return estimates["measure"].isin(whole)


def names_strategies(estimates: pd.DataFrame) -> bool:
    """Whether a run has a strategy other than the default, so that headings name the strategy."""
    return bool(set(estimates["strategy"]) - {DEFAULT, ""})


def cell(model: str, task: str, strategy: str, *, named: bool) -> str:
    """The heading of a table: "MODEL on TASK", followed by the strategy where strategies are `named`."""
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
    """What a larger value of a measure means, and its construct. Empty for a measure that is not installed."""
    known = MEASURES.get(measure)
    return f"{known.headline().larger} Construct: {known.construct}." if known else ""


def _grid(rows: pd.DataFrame) -> list[str]:
    """The lines of the table of one measure. It omits the columns of bounds and of tests if they are empty."""
    head = ["metric", "at", "value", "n/q", "missing"]
    bounded, tested, margin = (
        bool(((rows["missing"] > 0) | (rows["partial"] > 0)).any()),
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
    """One line per reason for undefined estimates, with the metrics that it concerns."""
    undefined = estimates[estimates["value"].isna()]
    notes = [
        f"Undefined in {measure}: {', '.join(dict.fromkeys(rows['metric']))}: {reason}."
        for (measure, reason), rows in undefined.groupby(["measure", "note"], sort=False)
    ]
    return [line for note in notes for line in wrap(note, formats.WIDTH, subsequent_indent="  ")]


def _footer(estimates: pd.DataFrame) -> str:
    levels = estimates["level"].dropna().unique()
    footer = FOOTER.replace("95 %", f"{100 * float(levels[0]):g} %") if len(levels) else FOOTER
    margins = estimates["margin"].dropna().unique()
    notes = [EQUIVALENCE.format(float(margins[0]))] if len(margins) else []
    return "\n".join([footer, *notes])


def at(row: Mapping[Any, Any]) -> str:
    """What distinguishes an estimate from the other estimates of its metric, in words."""
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
    """The dose of an estimate as text; empty without a dose."""
    return "" if formats.undefined(row["dose"]) else f"{row['dose']:g}"


def is_across(measure: str) -> bool:
    """Whether a measure compares strategies, so that its rows form one table."""
    known = MEASURES.get(measure)
    return known is not None and known.across


def cell_strategy(estimates: pd.DataFrame) -> pd.Series[str]:
    """The strategy by which rows are grouped: the strategy of the row, or "" for measures that compare strategies."""
    across = {measure for measure in set(estimates["measure"]) if is_across(str(measure))}
    return estimates["strategy"].mask(estimates["measure"].isin(across), "").rename("strategy")


def _numbers(row: Mapping[Any, Any]) -> tuple[str, str, str, str, str, str, str]:
    """Value, interval, n, questions, missing, bounds and adjusted p, formatted."""
    total = _whole(row["n"]) + _whole(row["missing"])
    missing, bounds = "0", ""
    if row["missing"]:
        missing = f"{row['missing']} ({100 * _whole(row['missing']) / total:.0f} %)"
    if row["partial"]:
        missing += f", {row['partial']} in part"
    if row["missing"] or row["partial"]:
        bounds = formats.interval(row["bound_low"], row["bound_high"])
    value = "undefined" if formats.undefined(row["value"]) else formats.number(row["value"])
    p = formats.p_value(row["p_adj"])
    return value, formats.interval(row["low"], row["high"]), f"{row['n']}", f"{row['clusters']}", missing, bounds, p


def _whole(value: object) -> int:
    return int(str(value))


def _cells(estimates: pd.DataFrame) -> tuple[list[str], list[list[str]]]:
    """The header and rows of a document table. It has a strategy column where there are several strategies."""
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
