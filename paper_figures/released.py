"""What papers released, recomputed by `benchmarks.published`, as tables of estimates with the printed values beside them (column `published`)."""

from __future__ import annotations

import argparse
import importlib
from collections.abc import Iterable, Mapping
from functools import cache
from typing import Any

import pandas as pd

from cotfaith.errors import CotfaithError
from cotfaith.figures.dumbbells import PUBLISHED

LEVEL = 0.95  # of the intervals of `benchmarks.published`
ABSENT = "the released outputs are in the repository and not in the installed package: run it from a clone"


@cache
def recomputed(name: str) -> tuple[Any, str]:
    """What `benchmarks.published.NAME` computes from the repository's released files; None with the reason if they are not here."""
    try:
        module = importlib.import_module(f"benchmarks.published.{name}")
        folder = importlib.import_module("benchmarks.published.released").FOLDER / name
    except ImportError:
        return None, ABSENT
    if not folder.is_dir():
        return None, ABSENT
    try:
        return module.compute(argparse.Namespace(data=folder, questions=None)), ""
    except CotfaithError as error:
        return None, str(error).rstrip(".")


def estimates(rows: Iterable[Mapping[str, Any]]) -> pd.DataFrame:
    """Rows as a table of estimates: values in percent become shares, and what they do not say is empty."""
    plain = {"strategy": "", "kind": "", "stratum": "", "dose": float("nan"), "level": LEVEL, "note": "", "role": "component"}
    made = pd.DataFrame([{**plain, **row} for row in rows])
    percent = ["value", "low", "high", PUBLISHED]
    return made.assign(**{name: made[name] / 100 for name in percent})
