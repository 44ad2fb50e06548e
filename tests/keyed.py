"""Rows of the table of estimates, found by what they are of."""

import math

import pandas as pd

from cotfaith import measures
from cotfaith.stats.keys import FIELDS

FREE = {"metric", "strategy", "dose"}  # a row always has the first two


def of(table: pd.DataFrame, **where: object) -> pd.DataFrame:
    """The rows whose columns are as in `where`, and of which nothing else is told: no kind, stratum, arm, judge, ..., and no dose."""
    found = table
    for name, value in ({name: "" for name in FIELDS if name not in FREE} | where).items():
        found = found[found[name] == value]
    return found if "dose" in where else found[found["dose"].isna()]


def told(rows: pd.DataFrame) -> pd.Series:
    """Whether a row is of a part of what its metric is over, its dose apart."""
    return rows[[name for name in FIELDS if name not in FREE]].ne("").any(axis=1)


def blank(measure: str, metric: str) -> dict[str, object]:
    """The columns that say what an estimate is of, with nothing told but its metric; its title and role are those that the measure declares."""
    known = measures.metric(measure, metric)
    named = {"title": known.title, "role": known.role} if known else {"title": metric, "role": "component"}
    return {
        **dict.fromkeys(FIELDS, ""),
        "measure": measure,
        "metric": metric,
        "strategy": "cot",
        "dose": math.nan,
        "note": "",
        **named,
    }
