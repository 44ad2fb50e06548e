"""From readings to estimates: sums per question shard by shard, then one set of estimates per cell and measure."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
import pandas as pd

from cotfaith.analysis.probe_frame import frames
from cotfaith.analysis.reextract import PLAIN, Choices
from cotfaith.analysis.selection import read_by, say_unread
from cotfaith.stats import ClusterSums, Estimate, adjust
from cotfaith.stats.families import Method
from cotfaith.stats.keys import FIELDS as KEYS
from cotfaith.storage.run_directory import RunDirectory
from cotfaith.study import Study

COLUMNS = ("measure", *KEYS, "title", "role", "value", "se", "low", "high", "level", "n", "clusters", "missing", "partial", "bound_low", "bound_high", "p", "p_adj", "family", "family_size", "null", "margin", "p_equivalence", "df", "icc", "deff", "method", "direction", "note")  # fmt: skip
# of the table of estimates, behind model, task and strategy

FAMILIES: tuple[tuple[str, Method], tuple[str, Method]] = (
    ("study", "holm"),
    ("strata", "fdr_bh"),
)  # of tests, and how they are adjusted

Cell = tuple[str, str, str, str]  # model, task, strategy, measure


@dataclass(frozen=True, slots=True)
class Found:
    """An estimate and its cell."""

    model: str
    task: str
    strategy: str
    estimate: Estimate

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
            "p_equivalence": e.equivalent(margin, around=e.null).p if margin is not None and e.null is not None else nan,
        }


def estimate(directory: RunDirectory, study: Study, choices: Choices = PLAIN) -> list[Found]:
    """Every estimate of every measure of `study`, over all rows of `directory`. Memory is bounded by one shard."""
    return [
        Found(model, task, strategy, one)
        for (model, task, strategy, name), table in cells(directory, study, choices).items()
        for one in estimates(study, name, table, choices)
    ]


def cells(directory: RunDirectory, study: Study, choices: Choices = PLAIN) -> dict[Cell, ClusterSums]:
    """The sums per question of each measure in each (model, task, strategy) of `directory`, in the order of the study."""
    reads = directory.manifest().get("reads", {})
    reading = [name for name in study.reading() if name in reads]
    extra = {column for name in reading for column in study.measure(name).reads}
    met: Counter[tuple[str, str]] = Counter()
    sums: dict[Cell, list[ClusterSums]] = {}
    for shard in directory.shards("probes"):
        for (model, task), frame in frames(directory, shard, study, choices, extra):
            met.update(zip(frame["intervention"], frame["spec"], strict=True))
            for name in reading:
                for strategy, rows in _by_strategy(read_by(frame, reads[name]), together=study.measure(name).across):
                    sums.setdefault((model, task, strategy, name), []).append(study.measure(name).columns(rows))
    say_unread(directory.path, reads, met)
    return {cell: ClusterSums.concat(sums[cell]) for cell in sorted(sums, key=lambda cell: _place(study, cell))}


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


def _place(study: Study, cell: Cell) -> tuple[int, ...]:
    names = (study.model, study.task, ("", *study.strategy), tuple(study.reading()))
    return tuple(known.index(name) for known, name in zip(names, cell, strict=True))
