"""The power of a study like a finished run, by resampling its questions."""

from __future__ import annotations

from collections.abc import Sequence
from math import sqrt

import numpy as np
import pandas as pd

from cotfaith.analysis import estimate
from cotfaith.errors import UsageError
from cotfaith.stats import ClusterSums, Estimate, Ratio
from cotfaith.stats.keys import FIELDS as KEYS
from cotfaith.stats.power import power_sim
from cotfaith.storage.run_directory import RunDirectory
from cotfaith.study import Study
from cotfaith.tables import formats
from cotfaith.tables.estimates import at, cell_strategy

COLUMNS = ("model", "task", "measure", *KEYS, "value", "sd", "icc", "clusters", "questions", "power", "low", "high")  # fmt: skip
FACTORS = (0.5, 1, 2, 4, 8)  # default numbers of questions, in multiples of the pilot's


FEW = 20  # questions of a pilot below which a reader is warned


def pilot(
    directory: RunDirectory, study: Study, *, questions: Sequence[int] = (), margin: float | None = None, level: float = 0.95
) -> pd.DataFrame:
    """The power of each test in `directory` (except within strata) at several numbers of questions.

    The influences of the questions are resampled with replacement, as many times as the new study has questions (see
    `stats.power_sim`). The pilot's effect is taken as the true effect.

    Args:
        directory: a finished run.
        study: its study.
        questions: numbers of questions. The default is 0.5, 1, 2, 4 and 8 times the number in the pilot.
        margin: equivalence margin. If given, the power to show that the value lies within it.
        level: 0.95 for a test at 5 %.

    Returns:
        A row per test and number of questions: `value`, `sd` over questions, `icc` and `clusters` of the pilot, `power` and its
        interval.

    Raises:
        UsageError: the pilot has no test whose questions differ.
    """
    rows = []
    for (model, task, strategy, name), table in estimate.cells(directory, study).items():
        for e in estimate.estimates(study, name, table):
            if e.key.stratum or e.null is None or e.influence is None or not e.se > 0:
                continue
            about = {"model": model, "task": task, "measure": e.measure, **e.key._asdict(), "strategy": e.key.strategy or strategy}
            own = {
                "dose": np.nan if e.key.dose is None else e.key.dose,
                "value": e.value,
                "sd": e.se * sqrt(e.clusters),
                "icc": e.icc,
                "clusters": e.clusters,
            }
            sizes = questions or sorted({max(2, round(factor * e.clusters)) for factor in FACTORS})
            found = power_sim(_sums(e), Ratio("value", "n"), sizes, null=e.null, margin=margin, level=level)
            rows += [{**about, **own, **row} for row in found.to_dict("records")]
    if not rows:
        raise UsageError(
            f"The pilot {directory.path} has no test whose questions differ: give a run with a measure that tests a difference."
        )
    return pd.DataFrame(rows, columns=list(COLUMNS))


def _sums(e: Estimate) -> ClusterSums:
    values = e.pseudo_values()
    matrix = np.column_stack([values.to_numpy(dtype=np.float64), np.ones(len(values))])
    return ClusterSums(values.index, ("value", "n"), matrix)


def render(found: pd.DataFrame, margin: float | None = None) -> str:
    """The table of a pilot, in lines of at most 100 characters."""
    lines: list[str] = []
    for (measure, model, task, strategy), rows in found.groupby(["measure", "model", "task", cell_strategy(found)], sort=False):
        by = f", {strategy}" if strategy else ""
        lines += [f"{measure}: {model} on {task}{by}"]
        cells = [
            [row["metric"], at(row), *(formats.number(row[name]) for name in ("value", "sd")), "" if formats.undefined(row["icc"]) else formats.number(row["icc"]),
             f"{row['questions']}", f"{formats.number(row['power'])} {formats.interval(row['low'], row['high'])}"]
            for row in rows.to_dict("records")
        ]  # fmt: skip
        lines += [*formats.grid(["metric", "at", "value", "sd", "icc", "questions", "power"], cells, words=2), ""]
    claim = "to show a difference from the null" if margin is None else f"to show equivalence within {margin:g} of the null"
    least = int(found["clusters"].min())
    few = f"The pilot has {least} questions in its smallest test, so its values and its spread are hardly known: the power may be far off."
    return "\n".join([
        *lines,
        *([formats.paragraph(few)] if least < FEW else []),
        f"power {claim}, if all questions are like those of the pilot [interval of the",
        "simulation]. value, sd over questions and icc: of the pilot, whose value is taken as the true one.",
    ])  # fmt: skip
