"""The table of estimates as text."""

from __future__ import annotations

from collections.abc import Mapping
from textwrap import wrap
from typing import Any

import pandas as pd

from cotfaith.analysis import references
from cotfaith.measures import MEASURES
from cotfaith.tables import formats

DEFAULT = "cot"  # the strategy that headings omit

VALUE = "value: estimate [95 % interval, clustered by question]. n/q: traces or pairs included, and their questions."
MISSING = "missing: units without a readable answer or, for an accuracy, without a gold answer. In a table without this column nothing is missing."
WHOLE = "Nothing is missing: every unit has a readable answer."
BOUNDS = (
    "bounds: the lowest and the highest value if the answers of the missing units were known. The value leaves these units out, so it may "
    'lie outside. "in part": units of which some readings are missing.'
)
REFERENCES = references.NAMES  # headings of the columns of reference values
REFERENCE = (
    "reader, direct: what a model that only follows its reasoning, and one that never reads it, would score on these traces. Empty where nothing "
    "says what they would answer."
)
P_ADJ = "p adj: p-value against no effect, Holm-adjusted over the tests of the run (Benjamini-Hochberg within strata)."
AT = "at: what distinguishes the rows of a metric (writer, hint, kind, judge, arm), then the dose (1 is a filler as long as the reasoning)."
EQUIVALENCE = "p equiv: p-value against a difference of {:g} or more in either direction (two one-sided tests). A small value means equivalence."
NOTHING = "no question entered and none is missing"
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
    swept = estimates["dose"].notna() & estimates["dose"].ne(1) & (counted | with_whole_dose(estimates))
    well = counted & (value.eq(estimates["metric"].map(WELL)) | ((estimates["metric"] == "unanswered") & (estimates["n"] == 0)))
    return estimates[~swept & ~(counted & estimates["dose"].notna()) & ~well & ~curves(estimates) & ~strata(estimates)]


def with_whole_dose(estimates: pd.DataFrame) -> pd.Series[bool]:
    """Which estimates belong to a measure whose headline is reported at dose 1."""
    whole = set(estimates.loc[(estimates["role"] == "headline") & estimates["dose"].eq(1), "measure"])
    return estimates["measure"].isin(whole)


def names_strategies(estimates: pd.DataFrame) -> bool:
    """Whether a run has a strategy other than the default, so that headings name the strategy."""
    return bool(set(estimates["strategy"]) - {DEFAULT, ""})


def cell(model: str, task: str, strategy: str, *, named: bool) -> str:
    """The heading of a table: "MODEL on TASK", followed by the strategy where strategies are `named`."""
    return f"{model} on {task}" + (f", {strategy}" if named and strategy else "")


def terminal(estimates: pd.DataFrame) -> str:
    """Every estimate but the points of curves: a table for each measure of each model, task and strategy."""
    named = names_strategies(estimates)
    shown = estimates[~curves(estimates)]
    lines, entered = list[str](), list[pd.DataFrame]()
    for place, rows in shown.groupby(["model", "task", cell_strategy(shown), "measure"], sort=False):
        model, task, strategy, measure = map(str, place)
        lines += wrap(f"{measure}: {cell(model, task, strategy, named=named)}", formats.WIDTH)
        lines += wrap(about(measure), formats.WIDTH)
        empty = _none_entered(rows)
        lines += _grid(rows[~empty]) if not empty.all() else []
        lines += _nothing(rows[empty])
        lines.append("")
        entered.append(rows[~empty])
    return "\n".join([*lines, *undefined_notes(pd.concat(entered) if entered else shown), footer(estimates)])


def _nothing(rows: pd.DataFrame) -> list[str]:
    """A line for each reason why metrics of a measure have nothing to estimate."""
    return [
        line
        for reason, those in rows.groupby("note", sort=False)
        for line in wrap(
            f"Nothing to estimate: {', '.join(dict.fromkeys(those['metric']))}: {str(reason) or NOTHING}.", formats.WIDTH
        )
    ]


def _none_entered(rows: pd.DataFrame) -> pd.Series[bool]:
    """Which estimates are of a metric of which no row has a unit, read or missing, such as those of hints on questions without choices."""
    empty = rows["value"].isna() & (rows["n"] == 0) & (rows["missing"] == 0) & (rows["partial"] == 0)
    return empty.groupby(rows["metric"]).transform("all")


def about(measure: str) -> str:
    """What a larger value of a measure means, and its construct. Empty for a measure that is not installed."""
    known = MEASURES.get(measure)
    return f"{known.headline().larger} Construct: {known.construct}." if known else ""


def _grid(rows: pd.DataFrame) -> list[str]:
    """The lines of the table of one measure. It omits the columns of bounds and of tests if they are empty."""
    records = rows.to_dict("records")
    columns = {"metric": [str(row["metric"]) for row in records], "at": list(map(at, records)), **number_columns(rows)}
    return formats.grid(list(columns), list(zip(*columns.values(), strict=True)), words=2)


def number_columns(rows: pd.DataFrame) -> dict[str, list[str]]:
    """The columns of numbers of a table, by their headings. Missing units, bounds, references and tests are left out where there are none."""
    records = rows.to_dict("records")
    columns = {
        "value": [f"{_value(row)} {formats.interval(row['low'], row['high'])}".rstrip() for row in records],
        "n/q": [f"{row['n']}/{row['clusters']}" for row in records],
    }
    if _bounded(rows):
        columns |= {"missing": list(map(_missing, records)), "bounds": [_bounds(row) for row in records]}
    if _referred(rows):
        columns |= {heading: [_reference(row[name]) for row in records] for heading, name in REFERENCES.items()}
    for heading, name in (("p adj", "p_adj"), ("p equiv", "p_equivalence")):
        if rows[name].notna().any():
            columns[heading] = [formats.p_value(row[name]) for row in records]
    return columns


def undefined_notes(estimates: pd.DataFrame) -> list[str]:
    """One sentence per reason for undefined estimates, with the metrics that it concerns."""
    undefined = estimates[estimates["value"].isna()]
    notes = [
        f"Undefined in {measure}: {', '.join(dict.fromkeys(rows['metric']))}: {reason}."
        for (measure, reason), rows in undefined.groupby(["measure", "note"], sort=False)
    ]
    return [line for note in notes for line in wrap(note, formats.WIDTH, subsequent_indent="  ")]


def footer(estimates: pd.DataFrame, place: str = AT) -> str:
    """What the columns mean that the table has. `place` says it of the column that tells the rows of a metric apart."""
    levels, margins = estimates["level"].dropna().unique(), estimates["margin"].dropna().unique()
    said = [
        VALUE.replace("95 %", f"{100 * float(levels[0]):g} %") if len(levels) else VALUE,
        *([MISSING, BOUNDS] if _bounded(estimates) else [WHOLE]),
        *[REFERENCE] * _referred(estimates),
        *[P_ADJ] * bool(estimates["p_adj"].notna().any()),
        *[place] * any(map(at, estimates.to_dict("records"))),
        *([EQUIVALENCE.format(float(margins[0]))] if len(margins) else []),
    ]
    return "\n".join(formats.paragraph(sentence) for sentence in said)


def _bounded(rows: pd.DataFrame) -> bool:
    """Whether any estimate has missing units, and so bounds that differ from its value."""
    return bool(((rows["missing"] > 0) | (rows["partial"] > 0)).any())


def _referred(rows: pd.DataFrame) -> bool:
    """Whether any estimate has a reference value."""
    return any(name in rows and bool(rows[name].notna().any()) for name in REFERENCES.values())


def _reference(value: object) -> str:
    return "" if formats.undefined(value) else formats.number(value)


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


def of(row: Mapping[Any, Any]) -> str:
    """What distinguishes an estimate, without its dose."""
    return at({**row, "dose": None})


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


def _value(row: Mapping[Any, Any]) -> str:
    return "undefined" if formats.undefined(row["value"]) else formats.number(row["value"])


def _missing(row: Mapping[Any, Any]) -> str:
    """The number and share of missing units, and the number of those that are missing in part."""
    n, missing = _whole(row["n"]), _whole(row["missing"])
    said = f"{missing} ({100 * missing / (n + missing):.0f} %)" if missing else "0"
    return f"{said}, {row['partial']} in part" if row["partial"] else said


def _bounds(row: Mapping[Any, Any]) -> str:
    return formats.interval(row["bound_low"], row["bound_high"]) if row["missing"] or row["partial"] else ""


def _whole(value: object) -> int:
    return int(str(value))
