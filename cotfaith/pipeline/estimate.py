"""Readings to estimates: shard by shard into per-question sums, then one set of estimates for each cell and measure."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import pandas as pd

from cotfaith import intervention, stats
from cotfaith.pipeline.ledger import ledgers
from cotfaith.stats import Estimate
from cotfaith.store import RunDirectory
from cotfaith.study import Study, uses

if TYPE_CHECKING:
    from cotfaith.measures import Measure

COLUMNS = ("measure", "metric", "group", "x", "value", "se", "low", "high", "level", "n", "clusters", "missing", "bound_low", "bound_high", "p", "null", "df", "method", "direction", "reason")  # fmt: skip

Cell = tuple[str, str, str, str]  # model, task, strategy, measure


@dataclass(frozen=True, slots=True)
class Found:
    """An estimate, and the cell that it is about."""

    model: str
    task: str
    strategy: str
    estimate: Estimate

    def row(self) -> dict[str, Any]:
        """As a row of the table of estimates; what is undefined is NaN."""
        e = self.estimate
        plain = {name: getattr(e, name) for name in COLUMNS if hasattr(e, name)}
        x = float("nan") if e.x is None else e.x
        return {
            "model": self.model,
            "task": self.task,
            "strategy": self.strategy,
            **plain,
            "x": x,
            "bound_low": e.bounds[0],
            "bound_high": e.bounds[1],
        }


def estimate(directory: RunDirectory, study: Study) -> list[Found]:
    """Every estimate of every measure of `study`, over all that `directory` holds. Memory is bounded by a shard."""
    specs = {name: intervention.describe(made) for name, made in study.probing().items()}
    sums: dict[Cell, list[stats.ClusterSums]] = {}
    for shard in directory.shards("probes"):
        for (model, task), ledger in ledgers(directory, shard, study):
            for name in study.measures:
                measure = study.measure(name)
                wanted = [specs[one] for one in (*measure.requires, *uses(measure)) if one in specs]
                for strategy, rows in _by_strategy(ledger[ledger["spec"].isin(wanted)], across(measure)):
                    sums.setdefault((model, task, strategy, name), []).append(measure.columns(rows))
    return [
        Found(model, task, strategy, one)
        for (model, task, strategy, name), parts in sorted(sums.items(), key=lambda item: _place(study, item[0]))
        for one in _estimates(study.measure(name), parts, study)
    ]


def across(measure: Measure) -> bool:
    """Whether `measure` takes the rows of all strategies together, to set them side by side."""
    return bool(getattr(measure, "across", False))


def _by_strategy(rows: pd.DataFrame, together: bool) -> Iterator[tuple[str, pd.DataFrame]]:  # noqa: FBT001  a property of the measure
    """The rows of each strategy, or all of them under no strategy's name."""
    if together and len(rows):
        yield "", rows
    elif len(rows):
        yield from ((str(strategy), those) for strategy, those in rows.groupby("strategy", sort=False))


def table(found: list[Found]) -> pd.DataFrame:
    """The estimates as one tidy table."""
    return pd.DataFrame([one.row() for one in found], columns=["model", "task", "strategy", *COLUMNS])


def _estimates(measure: Measure, parts: list[stats.ClusterSums], study: Study) -> list[Estimate]:
    return measure.estimates(stats.ClusterSums.concat(parts), level=study.level, seed=study.seed)


def _place(study: Study, cell: Cell) -> tuple[int, ...]:
    names = (study.model, study.task, ("", *study.strategy), study.measures)
    return tuple(known.index(name) for known, name in zip(names, cell, strict=True))
