"""The tables of estimates on the page: value, interval, sample and what is missing, one row an estimate."""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping
from itertools import groupby
from typing import Any

import pandas as pd

from cotfaith import measures, tables
from cotfaith.report import titles
from cotfaith.report.markup import Child, Element, download, element

Row = Mapping[str, Any]


def cells(estimates: pd.DataFrame, *, named: bool) -> dict[str, pd.DataFrame]:
    """The estimates of each model, task and strategy, by what a heading calls them; strategies are told where they are `named`."""
    found = estimates.groupby(["model", "task", tables.cell_strategy(estimates)], sort=False)
    return {tables.cell(*map(str, place), named=named): rows for place, rows in found}


def beside(estimates: pd.DataFrame, *, named: bool) -> pd.DataFrame:
    """The first estimate of a measure for each model, task and strategy, to be set side by side; `cell` says which."""
    shown = tables.headline(estimates)
    first = shown[shown["role"] == "headline"]
    places = zip(first["model"], first["task"], tables.cell_strategy(first), strict=True)
    return first.assign(cell=[tables.cell(*place, named=named) for place in places])


def numbers(rows: pd.DataFrame, title: str, *, said: str) -> list[Element]:
    """The table of the estimates in `rows` by metric, the first one on top, with what limits all of them below it.

    A direction that was just `said` is not said again.
    """
    if rows.empty:
        return [element("p", "No estimate.", class_="note")]
    order = list(dict.fromkeys(rows["metric"]))
    records = sorted(_records(rows), key=lambda row: (row["role"] != "headline", order.index(row["metric"])))
    common = _common(records)
    table = _table([row | {"note": ""} for row in records] if common else records, title, said=said)
    return [table, *([element("p", f"For every estimate here: {common}.", class_="note")] if common else [])]


def _records(rows: pd.DataFrame) -> list[dict[str, Any]]:
    return [{str(name): value for name, value in row.items()} for row in rows.to_dict("records")]


def _common(rows: list[dict[str, Any]]) -> str:
    """What limits every estimate in `rows` alike, to be said once; empty where they differ, or one is undefined."""
    reasons = {str(row["note"]) for row in rows}
    return reasons.pop() if len(reasons) == 1 and not any(_undefined(row["value"]) for row in rows) else ""


def link(estimates: pd.DataFrame) -> Element:
    """A link to all estimates, points of curves included, as CSV."""
    href = download(estimates.to_csv(index=False), "text/csv")
    return element("a", f"All {len(estimates)} estimates as CSV", href=href, download="estimates.csv")


def _table(rows: list[dict[str, Any]], title: str, *, said: str = "") -> Element:
    """The estimates in `rows`, in groups by metric. A direction that was just `said` is not said again."""
    level = {row["level"] for row in rows if not _undefined(row["level"])}
    share = f"{100 * level.pop():g} % interval" if len(level) == 1 else "Interval"
    names = ["Estimate", "Value", share, "n", "Questions", "Missing", "Bounds", "Method"]
    head = element("tr", *(element("th", name, scope="col", role="columnheader") for name in names), role="row")
    caption = element("caption", title, class_="hidden")
    table = element("table", caption, element("thead", head, role="rowgroup"), class_="numbers cards", role="table")
    for _, group in groupby(rows, key=lambda row: (str(row["measure"]), str(row["metric"]))):
        those = list(group)
        table.append(_group(those, names, said))
        said = str(those[0]["direction"])
    return table


def _group(rows: list[dict[str, Any]], names: list[str], said: str) -> Element:
    """The estimates of one metric; if they are of several kinds or lengths, below a row that names it. `said` is not said again."""
    metric, direction = str(rows[0]["metric"]), str(rows[0]["direction"])
    about: list[Child] = [str(rows[0]["title"]), element("code", metric)]
    if direction and direction != said:
        about.append(element("small", direction))
    made = element("tbody", role="rowgroup")
    if any(map(_place, rows)):
        head = element("th", *about, colspan=str(len(names)), scope="rowgroup", role="rowheader")
        made.append(element("tr", head, role="row", class_="group"))
        made.extend(_row(row, [_place(row) or "overall"], names) for row in rows)
    else:
        made.extend(_row(row, about, names) for row in rows)
    return made


def _row(row: Row, about: list[Child], names: list[str]) -> Element:
    name = element("th", *about, scope="row", role="rowheader")
    cells = zip(names[1:], _cells(row), ("value", "interval", "", "", "", "", "method"), strict=True)
    return element("tr", name, *(_cell(label, list(children), kind) for label, children, kind in cells), role="row")


def _cell(label: str, children: list[Child], kind: str) -> Element:
    cell = element("td", *children, data_label=label, role="cell")
    if kind:
        cell.set("class", kind)
    return cell


def _cells(row: Row) -> Iterator[list[Child]]:
    """The contents of the cells of one estimate."""
    total = int(row["n"]) + int(row["missing"])
    if _undefined(row["value"]):
        yield [titles.UNDEFINED]
    else:
        yield [element("data", titles.number(row["value"]), value=repr(float(row["value"])))]
    yield [titles.interval(row["low"], row["high"])]
    yield [f"{int(row['n']):,}"]
    yield [f"{int(row['clusters']):,}"]
    yield [titles.part(int(row["missing"]), total) if row["missing"] else "none"]
    yield [titles.interval(row["bound_low"], row["bound_high"]) if row["missing"] else "\N{EN DASH}"]
    yield [_how(row)]


def _place(row: Row) -> str:
    """Which model and task, kind, arm or amount an estimate is of; empty when the table is about it alone."""
    metric = measures.metric(str(row["measure"]), str(row["metric"]))
    dose = (metric.dose if metric and metric.dose else "at {:g}").format(row["dose"]) if not _undefined(row["dose"]) else ""
    return ", ".join(part for part in (row.get("cell", ""), tables.at({**row, "dose": None}), dose) if part)


def _how(row: Row) -> str:
    """The method of an estimate with its test; where something is undefined, the reason."""
    parts = [str(row["method"])]
    if _undefined(row["value"]):
        parts = [str(row["note"]) or "no reason recorded"]
    elif row["note"]:
        parts.append(str(row["note"]))
    if not _undefined(row["p"]):
        among = f" ({_p(row['p_adj'])} adjusted over {row['family_size']} tests)" if row["family_size"] > 1 else ""
        parts.append(f"{_p(row['p'])} against {titles.number(row['null'])}{among}")
    if not _undefined(row["p_equivalence"]):
        parts.append(f"{_p(row['p_equivalence'])} that it lies within {row['margin']:g} of that")
    return "; ".join(parts)


def _p(value: Any) -> str:
    return "p < 0.001" if float(value) < 0.001 else f"p = {float(value):.3f}"


def _undefined(value: Any) -> bool:
    return value is None or (isinstance(value, float) and math.isnan(value))
