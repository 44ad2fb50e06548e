"""The points of figures, out of the table of estimates. Values and intervals are copied; nothing is estimated here."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

import pandas as pd

from cotfaith.contracts.metric import BAND
from cotfaith.measures.parts import lengths

PLACE = ("model", "strategy", "task", "line")  # the first columns of every table of points
NUMBERS = ("value", "low", "high", "level", "n", "clusters", "missing", "note")  # its last ones
_CURVE = ["model", "strategy", "task", "kind", "metric", "dose"]

if TYPE_CHECKING:
    from pandas import Series


def labelled(points: pd.DataFrame) -> pd.DataFrame:
    """The points with a column `line`, which names the model, and the strategy if there are several."""
    several = len(set(points["strategy"])) > 1
    return points.assign(line=points["model"] + ", " + points["strategy"] if several else points["model"])


def chosen(estimates: pd.DataFrame, measure: str, metrics: Sequence[str]) -> pd.DataFrame:
    """The rows of these metrics of a measure, over all traces and not in strata, with `line`."""
    rows = estimates[(estimates["measure"] == measure) & estimates["metric"].isin(list(metrics))]
    return labelled(rows[text(rows, "stratum") == ""])


def curve(estimates: pd.DataFrame, metrics: Sequence[str]) -> pd.DataFrame:
    """The points of these curves, with `line`, the pointwise interval, and the simultaneous one as `band_low` and `band_high` where the table has it."""
    rows = estimates[estimates["metric"].isin(list(metrics)) & estimates["dose"].notna() & (text(estimates, "stratum") == "")]
    bands = {f"{metric}{BAND}": metric for metric in metrics}
    band = estimates[estimates["metric"].isin(list(bands)) & estimates["dose"].notna()]
    band = band.assign(metric=band["metric"].map(bands))[[*_CURVE, "low", "high"]]
    band = band.rename(columns={"low": "band_low", "high": "band_high"})
    return labelled(rows.merge(band, on=_CURVE, how="left", validate="one_to_one")).reset_index(drop=True)


def by_length(estimates: pd.DataFrame) -> pd.DataFrame:
    """The rows of traces with one exact number of steps, as rows of a task of its own for each: "addition, 3 steps"."""
    rows = estimates[text(estimates, "stratum").isin(lengths.STRATA)]
    return rows.assign(task=rows["task"] + ", " + rows["stratum"], stratum="")


def text(rows: pd.DataFrame, name: str) -> Series[str]:
    """The column `name` as text; empty texts if the table has no such column."""
    return rows[name].fillna("").astype(str) if name in rows else pd.Series("", index=rows.index, dtype="str")


def number(rows: pd.DataFrame, name: str) -> Series[float]:
    """The column `name` as numbers; NaN if the table has no such column."""
    return rows[name].astype("float64") if name in rows else pd.Series(float("nan"), index=rows.index)


def survives(rows: pd.DataFrame) -> Series[str]:
    """For each row "rejected" if its test survives adjustment (`p_adj` below 1 - `level`), else "kept"; "untested" without a test."""
    p = number(rows, "p_adj")
    return (p < 1 - rows["level"]).map({True: "rejected", False: "kept"}).mask(p.isna(), "untested")


def beside(rows: pd.DataFrame, pairs: Mapping[str, str], on: Sequence[str]) -> pd.DataFrame:
    """Rows of the second metric of `pairs` with value and interval of the first as `x`, `x_low` and `x_high`, matched by the columns `on`.

    `pairs` has one entry: the metric of the horizontal axis, and that of the vertical one.
    """
    ((across, up),) = pairs.items()
    first = rows[rows["metric"] == across][[*on, "value", "low", "high"]]
    first = first.rename(columns={"value": "x", "low": "x_low", "high": "x_high"}).drop_duplicates(list(on))
    return rows[rows["metric"] == up].merge(first, on=list(on), how="left").reset_index(drop=True)


def differs(rows: pd.DataFrame, name: str = "kind") -> bool:
    """Whether the column `name` tells rows of one model, strategy, task and metric apart, so that it must be said (each model may be its own writer)."""
    place = [*PLACE[:3], "measure", "metric"]
    return bool(rows[[*place, name]].drop_duplicates().duplicated(place).any())
