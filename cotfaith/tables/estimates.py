"""The table of estimates as text."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from textwrap import wrap
from typing import Any

import pandas as pd

from cotfaith.measures import MEASURES
from cotfaith.measures.parts.strata import STRATA
from cotfaith.tables import formats

CURVES = frozenset({
    "same_answer", "probability_shift", "same_answer_after_mistake", "same_answer_after_control", "same_answer_paraphrased",
    "same_answer_paraphrase_control", "accuracy_paraphrased", "accuracy_paraphrase_control", "removal_changed", "hinted_option", "faithful_at_k",
})  # fmt: skip
NUMBERS = 7  # columns of a table of words that hold numbers
DEFAULT = "cot"  # the strategy that need not be named

FOOTER = (
    "value [95 % interval, clustered by question]; n/q: traces or pairs that entered, their questions;\n"
    "missing: those that could not enter; bounds: the value if these had all counted one way or other;\n"
    "p adj: of no effect, adjusted over all tests of the run (Holm; of strata Benjamini-Hochberg);\n"
    "at: writer, kind, stratum, reason, arm or strategy, and how much of it (1 for a filler as long as\n"
    "the reasoning)."
)
EQUIVALENCE = "p equiv: of a difference of {:g} or more either way, by two one-sided tests; small: equivalent."
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
        lines += wrap(f"{measure}: {cell(model, task, strategy, named=named)}", formats.WIDTH)
        lines += wrap(_about(measure), formats.WIDTH)
        lines += [*_grid(rows), ""]
    return "\n".join([*lines, *_undefined_notes(shown), _footer(estimates)])


def _about(measure: str) -> str:
    """What a larger value of a measure means, and what kind of thing it measures; empty for a measure that is not ours."""
    known = MEASURES.get(measure)
    return f"{known.direction} Construct: {known.construct}." if known else ""


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
        for (measure, reason), rows in undefined.groupby(["measure", "reason"], sort=False)
    ]
    return [line for note in notes for line in wrap(note, formats.WIDTH, subsequent_indent="  ")]


def _footer(estimates: pd.DataFrame) -> str:
    levels = estimates["level"].dropna().unique()
    said = FOOTER.replace("95 %", f"{100 * float(levels[0]):g} %") if len(levels) else FOOTER
    margins = estimates["margin"].dropna().unique()
    notes = [EQUIVALENCE.format(float(margins[0]))] if len(margins) else []
    notes += [ADMITTED] if "hint_effect" in set(estimates["measure"]) else []
    return "\n".join([said, *notes])


def at(row: Mapping[Any, Any]) -> str:
    """What an estimate is of, and how much of it."""
    x = row["x"]
    return " ".join(part for part in (str(row["group"]), "" if formats.undefined(x) else f"{x:g}") if part)


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
