"""What the scripts of papers share: tables of estimates as text, a row for each model and task."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

import pandas as pd

from cotfaith.contracts.figure_set import Material, Part, Sheet
from cotfaith.figures.points import chosen
from cotfaith.tables import paper

Cell = tuple[str, str]  # measure and metric
Row = dict[Any, Any]


def kinds(estimates: pd.DataFrame, cells: Mapping[str, Cell]) -> Iterator[tuple[tuple[str, str, str], dict[str, Row]]]:
    """For each model (and strategy), task and kind: the rows of the `cells`, by their names. Rows without a kind stand with every kind."""
    found = {name: chosen(estimates, measure, [metric]) for name, (measure, metric) in cells.items()}
    every = pd.concat(found.values()) if found else pd.DataFrame()
    for place, rows in every.groupby(["line", "task"], sort=False):
        named = list(dict.fromkeys(kind for kind in rows["kind"] if kind)) or [""]
        for kind in named:
            yield (str(place[0]), str(place[1]), str(kind)), {name: _row(those, place, kind) for name, those in found.items()}


def _row(rows: pd.DataFrame, place: tuple[Any, ...], kind: str) -> Row:
    own = rows[
        (rows["line"] == place[0])
        & (rows["task"] == place[1])
        & rows["kind"].isin(["", kind])
        & (rows["dose"].isna() | (rows["dose"] == 1))
    ]
    return dict(own.to_dict("records")[0]) if len(own) else {}


def table(
    name: str,
    made_of: Material,
    cells: Mapping[str, Cell],
    caption: str,
    *,
    kind: str = "",
    digits: int = 2,
    published: Sequence[Sequence[str]] = (),
) -> Part:
    """A table with a row for each model, task and kind (`kind` names that column; "" leaves it out, and tells writers by name), a column for each of the `cells`, and published rows."""
    every = list(kinds(made_of.estimates, cells))
    several = {place for place, count in Counter(place[:2] for place, _ in every).items() if count > 1}
    rows = [
        [
            line,
            f"{task}, by {one}" if not kind and (line, task) in several else task,
            *([one] if kind else []),
            *(paper.estimate(row, digits) for row in those.values()),
        ]
        for (line, task, one), those in every
    ]
    if not rows:
        measures = ", ".join(dict.fromkeys(measure for measure, _ in cells.values()))
        return Part(name, None, f"this run has no estimates of {measures}")
    head = ["model", "task", *([kind] if kind else []), *cells]
    intervals = " Brackets: intervals at the level of the run, clustered by question."
    return Part(name, Sheet(head, [*rows, *published], len(head) - len(cells), caption + intervals))
