"""The tables of estimates on the page: value, interval, sample size and missing units, one row per estimate."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import groupby
from typing import Any

import pandas as pd

from cotfaith import measures, tables
from cotfaith.report import titles

Row = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Line:
    """The cells of one estimate.

    `exact` is its value with all digits, or empty if it is undefined. `references` are those of a reader and of a model that never
    reads; there are none in a table without any.
    """

    name: str
    value: str
    exact: str
    interval: str
    n: str
    questions: str
    missing: str
    bounds: str
    references: tuple[str, ...]
    method: str


@dataclass(frozen=True, slots=True)
class Group:
    """The estimates of one metric. Where they differ in kind, judge, dose or the like, a row above them names the metric (`headed`).

    `larger` says what a larger value means. It is empty where the page has just said so.
    """

    title: str
    metric: str
    larger: str
    lines: tuple[Line, ...]
    headed: bool


@dataclass(frozen=True, slots=True)
class Table:
    """A table of estimates: its title, its column names, its groups, and the method that all of them share."""

    title: str
    names: tuple[str, ...]
    groups: tuple[Group, ...]
    common: str


def cells(estimates: pd.DataFrame, *, named: bool) -> dict[str, pd.DataFrame]:
    """The estimates of each model, task and strategy, by heading. The heading names the strategy where strategies are `named`."""
    found = estimates.groupby(["model", "task", tables.cell_strategy(estimates)], sort=False)
    return {tables.cell(*map(str, place), named=named): rows for place, rows in found}


def beside(estimates: pd.DataFrame, *, named: bool) -> pd.DataFrame:
    """The headline of a measure for each model, task and strategy, side by side. The column `cell` names them."""
    shown = tables.headline(estimates)
    first = shown[shown["role"] == "headline"]
    places = zip(first["model"], first["task"], tables.cell_strategy(first), strict=True)
    return first.assign(cell=[tables.cell(*place, named=named) for place in places])


def table(rows: pd.DataFrame, title: str, *, said: str) -> Table:
    """The estimates in `rows` by metric, the headline first. The meaning of a larger value is not repeated where it was just `said`."""
    order = list(dict.fromkeys(rows["metric"]))
    records = sorted(_records(rows), key=lambda row: (row["role"] != "headline", order.index(row["metric"])))
    level = {row["level"] for row in records if not _undefined(row["level"])}
    share = f"{100 * level.pop():g} % interval" if len(level) == 1 else "Interval"
    marks = _marks(records)
    names = ("Estimate", "Value", share, "n", "Questions", "Missing", "Bounds", *map(str.capitalize, marks), "Method")
    common = _common(records)
    groups = []
    for _, group in groupby(records, key=lambda row: (str(row["measure"]), str(row["metric"]))):
        those = [row | {"note": ""} if common else row for row in group]
        groups.append(_group(those, said, tuple(marks.values())))
        said = str(those[0]["direction"])
    return Table(title, names, tuple(groups), common)


def _records(rows: pd.DataFrame) -> list[dict[str, Any]]:
    return [{str(name): value for name, value in row.items()} for row in rows.to_dict("records")]


def _common(rows: list[dict[str, Any]]) -> str:
    """The method that every estimate in `rows` shares, shown once. Empty where they differ, or where one is undefined."""
    reasons = {str(row["note"]) for row in rows}
    return reasons.pop() if len(reasons) == 1 and not any(_undefined(row["value"]) for row in rows) else ""


def _marks(rows: Sequence[Row]) -> Mapping[str, str]:
    """The columns of reference values by their headings; none where no estimate has one."""
    found = tables.REFERENCES
    return found if any(not _undefined(row.get(name)) for row in rows for name in found.values()) else {}


def _group(rows: list[dict[str, Any]], said: str, marks: tuple[str, ...]) -> Group:
    larger, headed = str(rows[0]["direction"]), any(map(_place, rows))
    lines = tuple(_line(row, _place(row) or "overall", marks) for row in rows)
    return Group(str(rows[0]["title"]), str(rows[0]["metric"]), "" if larger == said else larger, lines, headed)


def _line(row: Row, name: str, marks: tuple[str, ...]) -> Line:
    total = int(row["n"]) + int(row["missing"])
    undefined = _undefined(row["value"])
    return Line(
        name,
        titles.UNDEFINED if undefined else titles.number(row["value"]),
        "" if undefined else repr(float(row["value"])),
        titles.interval(row["low"], row["high"]),
        f"{int(row['n']):,}",
        f"{int(row['clusters']):,}",
        _missing(row, total),
        titles.interval(row["bound_low"], row["bound_high"]) if row["missing"] or row["partial"] else "\N{EN DASH}",
        tuple("\N{EN DASH}" if _undefined(row[mark]) else titles.number(row[mark]) for mark in marks),
        _how(row),
    )


def _missing(row: Row, total: int) -> str:
    """How many units are missing, and how many are known in part only."""
    parts = [
        titles.part(int(row["missing"]), total) if row["missing"] else "",
        f"{row['partial']:,} in part" if row["partial"] else "",
    ]
    return ", ".join(part for part in parts if part) or "none"


def _place(row: Row) -> str:
    """What distinguishes an estimate from the others of its metric: the cell (side by side), kind, judge, arm, dose and the like."""
    metric = measures.metric(str(row["measure"]), str(row["metric"]))
    dose = (metric.dose if metric and metric.dose else "at {:g}").format(row["dose"]) if not _undefined(row["dose"]) else ""
    return ", ".join(part for part in (row.get("cell", ""), tables.at({**row, "dose": None}), dose) if part)


def _how(row: Row) -> str:
    """The method of an estimate with its test. If a value is undefined, the reason."""
    parts = [str(row["method"])]
    if _undefined(row["value"]):
        parts = [str(row["note"]) or "no reason recorded"]
    elif row["note"]:
        parts.append(str(row["note"]))
    if not _undefined(row["p"]):
        among = f" ({_p(row['p_adj'])} adjusted over {row['family_size']} tests)" if row["family_size"] > 1 else ""
        parts.append(f"{_p(row['p'])} against {titles.number(row['null'])}{among}")
    if not _undefined(row["p_equivalence"]):
        parts.append(f"{_p(row['p_equivalence'])} for equivalence within {row['margin']:g} of that")
    return "; ".join(parts)


def _p(value: Any) -> str:
    return "p < 0.001" if float(value) < 0.001 else f"p = {float(value):.3f}"


def _undefined(value: Any) -> bool:
    return value is None or (isinstance(value, float) and math.isnan(value))
