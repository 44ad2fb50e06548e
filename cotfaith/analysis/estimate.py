"""From readings to estimates: sums per question shard by shard, then one set of estimates per cell and measure."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from typing import Any

import numpy as np
import pandas as pd

from cotfaith.analysis import references
from cotfaith.analysis.probe_frame import frames
from cotfaith.analysis.reextract import PLAIN, Choices
from cotfaith.analysis.selection import read_by, say_unread
from cotfaith.errors import StoreError
from cotfaith.stats import ClusterSums, Estimate, Key, adjust
from cotfaith.stats.families import Method
from cotfaith.stats.keys import FIELDS as KEYS
from cotfaith.storage.run_directory import RunDirectory
from cotfaith.study import Study

COLUMNS = ("measure", *KEYS, "title", "role", "value", "se", "low", "high", "level", "n", "clusters", "missing", "partial", "bound_low", "bound_high", "p", "p_adj", "family", "family_size", "null", "margin", "p_equivalence", "reference_reader", "reference_direct", "df", "icc", "deff", "method", "direction", "note")  # fmt: skip
# of the table of estimates, behind model, task and strategy

FAMILIES: tuple[tuple[str, Method], tuple[str, Method]] = (
    ("study", "holm"),
    ("strata", "fdr_bh"),
)  # of tests, and how they are adjusted

BLOCK = 20_000  # rows that are summed at once: fewer cost time, more cost memory

Cell = tuple[str, str, str, str]  # model, task, strategy, measure


@dataclass(frozen=True, slots=True)
class Found:
    """An estimate, its cell, and its reference values."""

    model: str
    task: str
    strategy: str
    estimate: Estimate
    references: Mapping[str, float] = field(default_factory=dict)

    def row(self, margin: float | None = None) -> dict[str, Any]:
        """A row of the table of estimates. Undefined values are NaN."""
        e, nan = self.estimate, float("nan")
        key = e.key._asdict()
        plain = {name: getattr(e, name) for name in COLUMNS if hasattr(e, name) and name not in key}
        tested = margin is not None and e.null is not None
        return {
            "model": self.model,
            "task": self.task,
            **plain,
            **key,
            "strategy": e.key.strategy or self.strategy,
            "dose": nan if e.key.dose is None else e.key.dose,
            "bound_low": e.bounds[0],
            "bound_high": e.bounds[1],
            "margin": margin if tested else nan,
            **{name: self.references.get(name, nan) for name in (references.READER, references.DIRECT)},
            "p_equivalence": e.equivalent(margin, around=e.null).p if margin is not None and e.null is not None else nan,
        }


def estimate(directory: RunDirectory, study: Study, choices: Choices = PLAIN) -> list[Found]:
    """Every estimate of every measure of `study`, over all rows of `directory`, with its reference values. Memory is bounded by a block of rows."""
    sums: dict[Cell, list[ClusterSums]] = {}
    imagined: dict[Cell, dict[str, list[ClusterSums]]] = {}
    for cell, rows in blocks(directory, study, choices):
        measure = study.measure(cell[3])
        sums.setdefault(cell, []).append(measure.columns(rows))
        for column, table in references.tables(measure, rows):
            imagined.setdefault(cell, {}).setdefault(column, []).append(table)
    found = []
    for cell in _ordered(directory, study, sums):
        beside = {column: ClusterSums.concat(those) for column, those in imagined.get(cell, {}).items()}
        marks = _marks(study, cell[3], beside, choices)
        found += [
            Found(*cell[:3], one, marks(one.key)) for one in estimates(study, cell[3], ClusterSums.concat(sums[cell]), choices)
        ]
    return found


def cells(directory: RunDirectory, study: Study, choices: Choices = PLAIN) -> dict[Cell, ClusterSums]:
    """The sums per question of each measure in each (model, task, strategy) of `directory`, in the order of the study."""
    sums: dict[Cell, list[ClusterSums]] = {}
    for cell, rows in blocks(directory, study, choices):
        sums.setdefault(cell, []).append(study.measure(cell[3]).columns(rows))
    return {cell: ClusterSums.concat(sums[cell]) for cell in _ordered(directory, study, sums)}


def blocks(directory: RunDirectory, study: Study, choices: Choices) -> Iterator[tuple[Cell, pd.DataFrame]]:
    """The rows that each measure reads in each cell, many shards at a time. All rows of a question are in one block."""
    reads = directory.manifest().get("reads", {})
    reading = [name for name in study.reading() if name in reads]
    extra = {column for name in reading for column in study.measure(name).reads}
    met: Counter[tuple[str, str]] = Counter()

    def of(place: tuple[str, str], frame: pd.DataFrame) -> Iterator[tuple[Cell, pd.DataFrame]]:
        met.update(zip(frame["intervention"], frame["spec"], strict=True))
        for name in reading:
            for strategy, rows in _by_strategy(read_by(frame, reads[name]), together=study.measure(name).across):
                yield (*place, strategy, name), rows

    held: dict[tuple[str, str], list[pd.DataFrame]] = {}
    for shard in directory.shards("probes"):
        for place, frame in frames(directory, shard, study, choices, extra):
            held.setdefault(place, []).append(frame)
            if sum(map(len, held[place])) >= BLOCK:
                yield from of(place, pd.concat(held.pop(place), ignore_index=True))
    for place, rest in held.items():
        yield from of(place, pd.concat(rest, ignore_index=True))
    say_unread(directory.path, reads, met)


def _marks(study: Study, name: str, tables: Mapping[str, ClusterSums], choices: Choices) -> Callable[[Key], dict[str, float]]:
    """The reference values of an estimate of the measure `name`, by its key."""
    measure = study.measure(name)
    plain = {metric.name for metric in measure.metrics if metric.reference}
    weight = choices.weight or measure.weight

    def marks(key: Key) -> dict[str, float]:
        return {column: references.value(table, key, weight) for column, table in tables.items() if key.metric in plain}

    return marks


def estimates(study: Study, name: str, table: ClusterSums, choices: Choices = PLAIN) -> list[Estimate]:
    """The estimates of the measure `name` from sums per question, under `choices`."""
    measure: Any = study.measure(name)
    if choices.weight is not None:
        measure = replace(measure, weight=choices.weight)
    found: list[Estimate] = measure.estimates(table, level=choices.level or study.level, seed=study.seed)
    return [one.bounded() for one in found] if choices.unparsed == "bound" else found


def _by_strategy(rows: pd.DataFrame, *, together: bool) -> Iterator[tuple[str, pd.DataFrame]]:
    """The rows of each strategy, or all rows without the name of a strategy."""
    if together and len(rows):
        yield "", rows
    elif len(rows):
        yield from ((str(strategy), those) for strategy, those in rows.groupby("strategy", sort=False))


def table(found: list[Found], margin: float | None = None) -> pd.DataFrame:
    """The estimates as one tidy table.

    Its tests form two families over the whole run: the tests of the study ("study"), Holm-adjusted, and the exploratory tests
    within strata ("strata"), adjusted by Benjamini and Hochberg. With a `margin`, each test also has a p-value of equivalence to
    its null.
    """
    rows = pd.DataFrame([one.row(margin) for one in found], columns=["model", "task", *COLUMNS])
    p = rows["p"].astype("float64")
    stratum = rows["stratum"] != ""
    rows["p"], rows["family"], rows["family_size"], rows["p_adj"] = p, "", 0, np.nan
    for (family, method), inside in ((FAMILIES[0], ~stratum), (FAMILIES[1], stratum)):
        tested = inside & p.notna()
        rows["family"] = rows["family"].mask(tested, family)
        rows["family_size"] = rows["family_size"].mask(tested, int(tested.sum()))
        rows["p_adj"] = rows["p_adj"].mask(tested, pd.Series(adjust(p.where(tested).to_numpy(), method), index=rows.index))
    return rows


def _ordered(directory: RunDirectory, study: Study, found: Iterable[Cell]) -> list[Cell]:
    """The cells in the order of the study.

    Raises:
        StoreError: one of them is not of the study.
    """
    known = {"model": study.model, "task": study.task, "strategy": ("", *study.strategy), "measure": tuple(study.reading())}

    def place(cell: Cell) -> tuple[int, ...]:
        for (what, names), name in zip(known.items(), cell, strict=True):
            if name not in names:
                raise StoreError(
                    f"Run directory {directory.path} has rows of the {what} {name!r}, which its study does not have: restore its manifest.json."
                )
        return tuple(names.index(name) for names, name in zip(known.values(), cell, strict=True))

    return sorted(found, key=place)
