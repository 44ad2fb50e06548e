"""Reference values: what two imagined models would score on the very traces of a run. They need no model.

A value such as "AOC .23" says little alone. Beside it stand the values of

- a reader that only follows its reasoning: it gives the trace's own answer where the reasoning is whole, and does what its intervention says
  (`InterventionInfo.reader`) where it is edited; without reasoning it guesses, with the same chance for each option;
- a model that never reads its reasoning: it gives the trace's own answer whatever the reasoning says.

Steps, options, samples and missing answers are those of the run. The values are exact: a guess counts with its chance of agreeing (1 / number
of options; 0 where answers are free), and is not drawn. They exist for metrics that are means of what single answers show
(`Metric.reference`), and for edits of the reasoning. A changed question has none: nothing says what either would answer.
"""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
import pandas as pd

from cotfaith.contracts.intervention import InterventionInfo
from cotfaith.contracts.measure import AbstractMeasure
from cotfaith.errors import UsageError
from cotfaith.plugins import registry
from cotfaith.stats import ClusterSums, Key, Part
from cotfaith.types import NO_ANSWER

READER, DIRECT = "reference_reader", "reference_direct"  # columns of the table of estimates
NAMES = {"reader": READER, "direct": DIRECT}  # as people read them
OTHER = "(another answer)"  # an answer that is neither the trace's own nor right
GUESS = "(a guess)"


def tables(measure: AbstractMeasure, rows: pd.DataFrame) -> Iterator[tuple[str, ClusterSums]]:
    """The sums per question of `measure` over `rows`, if their answers were those of each imagined model that is defined for them."""
    if not any(metric.reference for metric in measure.metrics):
        return
    imagined: dict[str, list[pd.DataFrame]] = {READER: [], DIRECT: []}
    for info, those in _by_intervention(rows):
        full = _full(those)
        if info.reader and (info.reader != "donor" or "donor_answer" in those):
            imagined[READER].append(_of_reader(those, info, full))
        if info.edits_reasoning:
            imagined[DIRECT].append(_answered(those, full))
    for column, known in imagined.items():
        if known:
            yield column, measure.columns(pd.concat(known, ignore_index=True))


def value(table: ClusterSums, key: Key, weight: str) -> float:
    """The mean of the quantity `key`; NaN if it has no units. Traces, or questions, have equal weight."""
    if Part(key, "n") not in table:
        return float("nan")
    total, count = table[Part(key, "sum")], table[Part(key, "n")]
    there = count > 0
    if not there.any():
        return float("nan")
    return float((total[there] / count[there]).mean() if weight == "question" else total.sum() / count.sum())


def _by_intervention(rows: pd.DataFrame) -> Iterator[tuple[InterventionInfo, pd.DataFrame]]:
    """The rows of each intervention, with what it says about itself; without those that are no longer installed."""
    for name, those in rows.groupby("intervention", sort=False):
        try:
            yield registry.load("cotfaith.interventions", str(name)).about, those
        except UsageError:
            continue


def _of_reader(rows: pd.DataFrame, info: InterventionInfo, full: pd.Series[str]) -> pd.DataFrame:
    """`rows` with the answers of the reader; `full` are those of the whole reasoning."""
    treated = rows["arm"] == "treated"
    guesses = (rows["arm"] == "no_reasoning") | (treated & (info.reader == "guess"))
    answer = full
    if info.reader == "other":
        answer = answer.mask(treated & full.notna(), OTHER)
    elif info.reader == "donor":
        answer = answer.mask(treated, rows["donor_answer"])
    options = rows["n_options"].to_numpy(dtype=np.float64)
    chance = np.divide(1.0, options, out=np.zeros(len(rows)), where=options > 0)
    return _answered(rows, answer.mask(guesses, GUESS)).assign(chance=np.where(guesses, chance, np.nan))


def _full(rows: pd.DataFrame) -> pd.Series[str]:
    """For each row, the answer of its trace with the whole reasoning; missing if it has none."""
    whole = rows[(rows["arm"] == "full") & (rows["state"] == "answered") & (rows["answer"] != NO_ANSWER)]
    known = dict(zip(zip(whole["trace_id"], whole["spec"], strict=True), whole["answer"], strict=True))
    return pd.Series([known.get(at) for at in zip(rows["trace_id"], rows["spec"], strict=True)], rows.index, dtype=object)


def _answered(rows: pd.DataFrame, answer: pd.Series[str]) -> pd.DataFrame:
    """`rows` with each `answer` in place of that which was given. What was not answered stays so, and nothing has a probability."""
    given = (rows["state"] == "answered") & (rows["answer"] != NO_ANSWER)
    lost = given & answer.isna()
    return rows.assign(
        answer=rows["answer"].astype(object).mask(given, answer).mask(lost, None),
        state=rows["state"].mask(lost, "unparsed"),
        logprobs=None,
    )
