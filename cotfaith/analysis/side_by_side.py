"""Several runs side by side: their names, and their tables of estimates as one."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path

import pandas as pd

from cotfaith.errors import UsageError
from cotfaith.stats.keys import FIELDS
from cotfaith.storage.earlier import FOLDER as EARLIER


def named(paths: Sequence[Path]) -> dict[str, Path]:
    """The runs by the names of their folders, or by their paths if two folders have one name.

    Raises:
        UsageError: a run is given twice.
    """
    if len({path.resolve() for path in paths}) < len(paths):
        raise UsageError("A run is given twice: give each run once.")
    short = [_short(path.resolve()) for path in paths]
    return dict(zip(short if len(set(short)) == len(short) else map(str, paths), paths, strict=True))


def _short(path: Path) -> str:
    """The name of a run's folder; of what a run kept from earlier, with that of the run."""
    return f"{path.parent.parent.name}/{EARLIER}/{path.name}" if path.parent.name == EARLIER else path.name


def together(tables: Mapping[str, pd.DataFrame]) -> pd.DataFrame:
    """The tables of estimates of several runs as one. A model of which several runs have the same rows is named with its run."""
    every = pd.concat([table.assign(run=name) for name, table in tables.items()], ignore_index=True)
    twice = every.duplicated(["model", "task", "measure", *FIELDS], keep=False)
    models = set(every.loc[twice, "model"])
    with_run = every["model"] + " (" + every["run"] + ")"
    return every.assign(model=with_run.where(every["model"].isin(models), every["model"])).drop(columns="run")


def shared_chance(known: Sequence[Mapping[str, float]]) -> dict[str, float]:
    """For each task, the share of equal answers that random answering would give, if all runs that have the task agree on it."""
    found: dict[str, set[float]] = {}
    for one in known:
        for task, share in one.items():
            found.setdefault(task, set()).add(share)
    return {task: shares.pop() for task, shares in found.items() if len(shares) == 1}
