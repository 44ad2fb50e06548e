"""Readings to estimates: shard by shard into per-question sums, then one set of estimates for each cell and measure."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from cotfaith.analysis.probe_frame import ledgers
from cotfaith.analysis.reextract import PLAIN, Choices
from cotfaith.analysis.selection import read_by, say_unread
from cotfaith.measures.parts.strata import STRATA
from cotfaith.stats import ClusterSums, Estimate, adjust
from cotfaith.stats.families import Method
from cotfaith.storage.run_directory import RunDirectory
from cotfaith.study import Study

if TYPE_CHECKING:
    from cotfaith.measures import Measure

COLUMNS = ("measure", "metric", "group", "x", "value", "se", "low", "high", "level", "n", "clusters", "missing", "bound_low", "bound_high", "p", "p_adj", "family", "family_size", "null", "margin", "p_equivalence", "df", "icc", "deff", "method", "direction", "reason")  # fmt: skip

FAMILIES: tuple[tuple[str, Method], tuple[str, Method]] = (
    ("study", "holm"),
    ("strata", "fdr_bh"),
)  # of tests, and how they are adjusted

Cell = tuple[str, str, str, str]  # model, task, strategy, measure


@dataclass(frozen=True, slots=True)
class Found:
    """An estimate, and the cell that it is about."""

    model: str
    task: str
    strategy: str
    estimate: Estimate

    def row(self, margin: float | None = None) -> dict[str, Any]:
        """As a row of the table of estimates; what is undefined is NaN."""
        e, nan = self.estimate, float("nan")
        plain = {name: getattr(e, name) for name in COLUMNS if hasattr(e, name)}
        tested = margin is not None and e.null is not None
        return {
            "model": self.model,
            "task": self.task,
            "strategy": self.strategy,
            **plain,
            "x": nan if e.x is None else e.x,
            "bound_low": e.bounds[0],
            "bound_high": e.bounds[1],
            "margin": margin if tested else nan,
            "p_equivalence": e.equivalent(margin, around=e.null).p if margin is not None and e.null is not None else nan,
        }


def estimate(directory: RunDirectory, study: Study, choices: Choices = PLAIN) -> list[Found]:
    """Every estimate of every measure of `study`, over all that `directory` holds. Memory is bounded by a shard."""
    return [
        Found(model, task, strategy, one)
        for (model, task, strategy, name), table in cells(directory, study, choices).items()
        for one in estimates(study, name, table, choices)
    ]


def cells(directory: RunDirectory, study: Study, choices: Choices = PLAIN) -> dict[Cell, ClusterSums]:
    """The sums by question of each measure in each (model, task, strategy) that `directory` holds, in the order of the study."""
    reads = directory.manifest().get("reads", {})
    met: Counter[tuple[str, str]] = Counter()
    sums: dict[Cell, list[ClusterSums]] = {}
    for shard in directory.shards("probes"):
        for (model, task), ledger in ledgers(directory, shard, study, choices):
            met.update(zip(ledger["intervention"], ledger["spec"], strict=True))
            for name in study.measures:
                measure = study.measure(name)
                for strategy, rows in _by_strategy(read_by(ledger, reads.get(name, {})), across(measure)):
                    sums.setdefault((model, task, strategy, name), []).append(measure.columns(rows))
    say_unread(directory.path, reads, met)
    return {cell: ClusterSums.concat(sums[cell]) for cell in sorted(sums, key=lambda cell: _place(study, cell))}


def estimates(study: Study, name: str, table: ClusterSums, choices: Choices = PLAIN) -> list[Estimate]:
    """The estimates of the measure `name` from sums by question, as `choices` say."""
    measure = study.measure(name)
    if choices.weight is not None:
        measure = replace(measure, weight=choices.weight)  # type: ignore[type-var]  # every measure is a dataclass with a weight
    found = measure.estimates(table, level=choices.level or study.level, seed=study.seed)
    return [one.bounded() for one in found] if choices.unparsed == "bound" else found


def across(measure: Measure) -> bool:
    """Whether `measure` takes the rows of all strategies together, to set them side by side."""
    return bool(getattr(measure, "across", False))


def _by_strategy(rows: pd.DataFrame, together: bool) -> Iterator[tuple[str, pd.DataFrame]]:  # noqa: FBT001  a property of the measure
    """The rows of each strategy, or all of them under no strategy's name."""
    if together and len(rows):
        yield "", rows
    elif len(rows):
        yield from ((str(strategy), those) for strategy, those in rows.groupby("strategy", sort=False))


def table(found: list[Found], margin: float | None = None) -> pd.DataFrame:
    """The estimates as one tidy table.

    Its tests make two families, each over the whole run: those that the study asks for ("study"), adjusted by Holm, and the same again in
    strata ("strata"), which are exploration, by Benjamini and Hochberg. With a `margin`, tests have a p of equivalence to their null besides.
    """
    rows = pd.DataFrame([one.row(margin) for one in found], columns=["model", "task", "strategy", *COLUMNS])
    p = rows["p"].astype("float64")
    stratum = rows["group"].str.rpartition(": ")[2].isin(STRATA)
    rows["p"], rows["family"], rows["family_size"], rows["p_adj"] = p, "", 0, np.nan
    for (family, method), inside in ((FAMILIES[0], ~stratum), (FAMILIES[1], stratum)):
        tested = inside & p.notna()
        rows["family"] = rows["family"].mask(tested, family)
        rows["family_size"] = rows["family_size"].mask(tested, int(tested.sum()))
        rows["p_adj"] = rows["p_adj"].mask(tested, pd.Series(adjust(p.where(tested).to_numpy(), method), index=rows.index))
    return rows


def _place(study: Study, cell: Cell) -> tuple[int, ...]:
    names = (study.model, study.task, ("", *study.strategy), study.measures)
    return tuple(known.index(name) for known, name in zip(names, cell, strict=True))
