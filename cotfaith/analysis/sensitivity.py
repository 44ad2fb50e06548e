"""Sensitivity: how much each headline changes when the same readings are extracted, counted or weighted differently."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from types import MappingProxyType
from typing import Any, get_args

import numpy as np
import pandas as pd

from cotfaith.analysis import estimate
from cotfaith.analysis.progress import counts
from cotfaith.analysis.reextract import PLAIN, Choices
from cotfaith.contracts.measure import Weight, headline
from cotfaith.stats import ClusterSums, Estimate
from cotfaith.stats.keys import FIELDS as KEYS
from cotfaith.storage.run_directory import RunDirectory
from cotfaith.study import Study

BASE = "as it is"
CHOICES: Mapping[str, Choices] = MappingProxyType({
    BASE: PLAIN,
    "extractor strict": Choices(extractor="strict"),
    "extractor flexible": Choices(extractor="flexible"),
    "unparsed wrong": Choices(unparsed="wrong"),
    "unparsed bound": Choices(unparsed="bound"),
    "cut drop": Choices(cut="drop"),
    "cut bound": Choices(cut="bound"),
    **{f"weight {weight}": Choices(weight=weight) for weight in get_args(Weight)},
})  # fmt: skip
COLUMNS = ("model", "task", "measure", *KEYS, "choice", "value", "low", "high", "shift", "n", "missing", "p", "note")  # fmt: skip

Cell = estimate.Cell


def sensitivity(directory: RunDirectory, study: Study) -> pd.DataFrame:
    """For the headline of each measure in each cell, a row per choice: the value, its interval and its change.

    Choices vary one at a time. `shift` is the value minus the value of the run itself (NaN if either is undefined). The default
    weight of a measure is not listed as a choice, and neither are the choices on cut traces where none was cut.
    """
    any_cut = bool(counts(directory)["cut"].sum())
    read: dict[tuple[str, str, str | None], dict[Cell, ClusterSums]] = {}
    found: dict[Cell, dict[str, list[Estimate]]] = {}
    for name, choices in CHOICES.items():
        if choices.cut == study.cut or (choices.cut and not any_cut):
            continue
        how = (choices.extractor, choices.unparsed if choices.unparsed == "wrong" else "drop", choices.cut)
        if how not in read:
            read[how] = estimate.cells(directory, study, choices)
        for cell, table in read[how].items():
            measure = study.measure(cell[3])
            if choices.weight is None or choices.weight != measure.weight:
                found.setdefault(cell, {})[name] = headline(estimate.estimates(study, cell[3], table, choices))
    return pd.DataFrame([row for cell, by in found.items() for row in _rows(cell, by)], columns=list(COLUMNS))


def _rows(cell: Cell, by: Mapping[str, list[Estimate]]) -> Iterator[dict[str, Any]]:
    model, task, strategy, measure = cell
    for base in by[BASE]:
        for choice, estimates in by.items():
            one = next((e for e in estimates if e.key == base.key), None)
            if one is None:
                continue
            yield {
                "model": model,
                "task": task,
                "measure": measure,
                **one.key._asdict(),
                "strategy": one.key.strategy or strategy,
                "dose": np.nan if one.key.dose is None else one.key.dose,
                "choice": choice,
                "value": one.value,
                "low": one.low,
                "high": one.high,
                "shift": one.value - base.value,
                "n": one.n,
                "missing": one.missing,
                "p": np.nan if one.p is None else one.p,
                "note": one.note,
            }
