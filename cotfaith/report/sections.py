"""A section of the page for each measure of the run: what it does, valid edits, numbers, folded tables and figures."""

from __future__ import annotations

from dataclasses import dataclass

import pandas as pd

from cotfaith import tables
from cotfaith.contracts.metric import Metric
from cotfaith.measures import MEASURES
from cotfaith.measures.parts.verbalisation_rates import INVALID
from cotfaith.report import judges, numbers, plots, titles, validity
from cotfaith.report.judges import Judged
from cotfaith.report.numbers import Table

STRATA = "By correctness of the answer, and by number of steps"
REST = "The rest"


@dataclass(frozen=True, slots=True)
class Block:
    """A table under a heading. If `folded` is set, the page folds the block: "strata", or "cell" for a model, task and strategy.

    A block of a cell contains further blocks in place of a table.
    """

    title: str = ""
    table: Table | None = None
    folded: str = ""
    judged: Judged | None = None
    blocks: tuple[Block, ...] = ()


@dataclass(frozen=True, slots=True)
class Section:
    """The section of a measure.

    `asked` says what the measure does and names its paper, `larger` says what a larger value means, and `construct` is its
    construct. `asked` and `construct` are empty for a measure that is not installed.
    """

    place: str
    title: str
    asked: str
    larger: str
    construct: str
    validity: tuple[str, ...]
    blocks: tuple[Block, ...]
    figures: tuple[plots.Shown, ...]


def sections(estimates: pd.DataFrame, chance: dict[str, float]) -> list[Section]:
    """The sections of the measures in `estimates`, in the order of the table."""
    drawn = plots.plots(estimates, chance)
    named = tables.names_strategies(estimates)
    return [
        _section(name, estimates[estimates["measure"] == name], [plot for plot in drawn if plot.measure == name], named=named)
        for name in dict.fromkeys(estimates["measure"])
    ]


def place(measure: str) -> str:
    """The place of a measure's section on the page."""
    return measure.replace("_", "-")


def title(measure: str) -> str:
    """The title of a measure; made from its name if it is not installed."""
    known = MEASURES.get(measure)
    return known.title if known else titles.title(measure)


def _section(name: str, rows: pd.DataFrame, drawn: list[plots.Plot], *, named: bool) -> Section:
    known = MEASURES.get(name)
    heading = title(name)
    larger = known.headline().larger if known else str(rows.iloc[0]["direction"])
    return Section(
        place=place(name),
        title=heading,
        asked=f"{known.summary[:1].upper()}{known.summary[1:]} ({known.paper})." if known else "",
        larger=larger,
        construct=known.construct if known else "",
        validity=validity.lines(rows, named=named),
        blocks=_blocks(rows[~rows["metric"].isin(validity.METRICS)], heading, larger, named=named),
        figures=tuple(plots.shown(plot) for plot in drawn),
    )


def _blocks(rows: pd.DataFrame, title: str, larger: str, *, named: bool) -> tuple[Block, ...]:
    """The numbers of a measure. With several models, tasks or strategies: the headlines side by side, then each of them folded."""
    cells = numbers.cells(rows, named=named)
    if len(cells) == 1:
        return _whole(rows, title, larger)
    first = numbers.beside(rows, named=named)
    together = [Block(table=numbers.table(first, f"{title}, side by side", said=larger))] if len(first) else []
    folded = [Block(cell, folded="cell", blocks=_whole(those, f"{title}: {cell}", larger)) for cell, those in cells.items()]
    return (*together, *folded)


def _whole(rows: pd.DataFrame, title: str, larger: str) -> tuple[Block, ...]:
    """The numbers of one model, task and strategy that a person reads first, then the folded tables, including the strata."""
    blocks = _parted(rows, title, larger)
    strata = rows[tables.strata(rows) & ~tables.curves(rows)]
    if len(strata):
        blocks.append(Block(STRATA, numbers.table(strata, f"{title} by stratum", said=larger), folded="strata"))
    return (*blocks, *_folded_curves(rows, title, larger))


def _parted(rows: pd.DataFrame, title: str, larger: str) -> list[Block]:
    """The headline numbers, under the headings that the measure declares. The judges are named below the heading of the verdicts."""
    shown, metrics = tables.headline(rows), _metrics(rows)
    headings = {name: metric.section for name, metric in metrics.items() if metric.role != "curve"}
    if not any(headings.values()):
        return [Block(table=numbers.table(shown, title, said=larger))]
    folded = {metric.section for metric in metrics.values() if metric.folded}
    found: list[Block] = []
    for heading in sorted(dict.fromkeys(headings.values()), key=lambda one: (not one, one in folded)):
        those = shown[shown["metric"].map(headings).fillna("") == heading]
        judged = judges.judged(rows) if headings.get(INVALID.name) == heading else None
        if len(those) or judged:
            table = numbers.table(those, f"{title}: {heading or REST}", said=larger)
            found.append(Block(heading or REST, table, "strata" if heading in folded else "", judged))
    return found


def _folded_curves(rows: pd.DataFrame, title: str, larger: str) -> list[Block]:
    """Curves under a folded heading of a measure, for which there is no figure. A single point is not a curve."""
    metrics = _metrics(rows)
    found = []
    for name, metric in metrics.items():
        those = rows[(rows["metric"] == name) & ~tables.strata(rows)]
        if metric.role == "curve" and metric.folded and len(set(those["dose"])) > 1:
            table = numbers.table(those, f"{title}: {metric.title}", said=larger)
            found.append(Block(metric.section, table, folded="strata"))
    return found


def _metrics(rows: pd.DataFrame) -> dict[str, Metric]:
    """The metrics of the one measure in `rows` that have rows, in declared order. Empty for a measure that is not installed."""
    known = MEASURES.get(str(rows.iloc[0]["measure"])) if len(rows) else None
    return {metric.name: metric for metric in known.metrics if (rows["metric"] == metric.name).any()} if known else {}
