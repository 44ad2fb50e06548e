"""The ledger: every probe of a shard beside what is known of its trace, its question and its reading."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import replace
from typing import Any

import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc

from cotfaith.analysis import reextract
from cotfaith.analysis.reextract import PLAIN, Choices
from cotfaith.pipeline.open_study import open_strategies
from cotfaith.plugins import registry
from cotfaith.storage import probes, schema
from cotfaith.storage.run_directory import RunDirectory, Shard
from cotfaith.study import Study
from cotfaith.text import numbers, steps
from cotfaith.text.similarity import Similarity

NOT_TAKEN = "not_taken"  # the state of a probe that was not read, since its intervention did not take

_PROBES = [
    "id", "model", "task", "trace_id", "question_id", "reading_id", "intervention", "spec", "arm", "dose", "site", "kind", "note", "draw",
    "took", "then", "donor", "target",
]  # fmt: skip
_READINGS: Mapping[str, str] = {  # as columns of the ledger
    "id": "reading_id",
    "state": "state",
    "answer": "answer",
    "option_logprobs": "logprobs",
    "option_mass": "mass",
}


def ledgers(
    directory: RunDirectory, shard: Shard, study: Study, choices: Choices = PLAIN
) -> Iterator[tuple[tuple[str, str], pd.DataFrame]]:
    """One frame for each model and task in `shard`, one row a probe, with the answers that `choices` find.

    A probe that was asked and not yet read, since the run was stopped, has the state "error": it is missing, not left out.
    """
    frame = _frame(probes.load(directory, shard).select(_PROBES))
    for known, key in ((_traces(directory, shard), "trace_id"), (_questions(directory, shard), "question_id")):
        frame = frame.merge(known.drop_duplicates(key), on=key, validate="many_to_one")
    read = reextract.readings(directory, shard, choices).rename(columns=_READINGS).drop_duplicates("reading_id")
    frame = frame.merge(read, on="reading_id", how="left", validate="many_to_one")
    frame["state"] = frame["state"].fillna("error").where(frame["took"], NOT_TAKEN)
    free = (frame["n_options"] == 0) & frame["gold"].notna()
    frame.loc[free, "gold"] = frame.loc[free, "gold"].map(numbers.canonical)  # as the answers are
    frame["donor_answer"] = _donor_answers(directory, shard, frame, choices)
    frame["similar"] = _similar(directory, shard, frame, study)
    frame["mentioned"] = _mentioned(directory, shard, frame)
    frame["verdicts"] = _verdicts(directory, shard, frame)
    frame = reextract.counted(frame, choices)
    for (model, task), rows in frame.drop_duplicates("id").groupby(["model", "task"], sort=False):
        yield (str(model), str(task)), rows


def _traces(directory: RunDirectory, shard: Shard) -> pd.DataFrame:
    traces = directory.load("traces", shard)
    shape = {
        "trace_id": traces["id"],
        "strategy": traces["strategy"],
        "sample": traces["sample"],
        "finish": traces["finish"],
        "n_steps": pc.list_value_length(traces["steps"]),
        "n_tokens": pc.list_value_length(traces["reasoning_ids"]),
    }
    return _frame(pa.table(shape))


def _questions(directory: RunDirectory, shard: Shard) -> pd.DataFrame:
    questions = directory.load("questions", shard)
    known = {"question_id": questions["id"], "gold": questions["gold"], "n_options": pc.list_value_length(questions["choices"])}
    return _frame(pa.table(known))


# --- what some interventions need besides -----------------------------------------------------------------------------------


def _donor_answers(directory: RunDirectory, shard: Shard, frame: pd.DataFrame, choices: Choices) -> pd.Series[str]:
    """For each row that has a donor, the answer of the donor's full reading; None elsewhere, and where it has none."""
    wanted = set(frame["donor"]) - {""}
    if not wanted:
        return pd.Series(None, index=frame.index, dtype=object)
    known = _full_answers(frame)
    places = [replace(shard, index=shard.index - 1)] if shard.index else []
    places += [other for other in directory.shards("probes") if other.index == shard.index and other.cell != shard.cell]
    for place in places:
        if wanted <= known.keys():
            break
        rows = _frame(probes.load(directory, place).select(["trace_id", "arm", "reading_id"]))
        read = reextract.readings(directory, place, choices)[["id", "answer"]].rename(columns={"id": "reading_id"})
        known |= _full_answers(rows.merge(read.drop_duplicates("reading_id"), on="reading_id"))
    return frame["donor"].map(known.get).astype(object)


def _full_answers(rows: pd.DataFrame) -> dict[str, str | None]:
    full = rows[(rows["arm"] == "full") & rows["answer"].notna()]
    return dict(zip(full["trace_id"], full["answer"], strict=True))


def _similar(directory: RunDirectory, shard: Shard, frame: pd.DataFrame, study: Study) -> pd.Series[float]:
    """For each draw of a resampled step, how alike the first step that the model thought up is to the original; NaN elsewhere."""
    draws = frame[(frame["intervention"] == "resampling") & (frame["arm"] == "treated") & frame["took"]]
    found = pd.Series(float("nan"), index=frame.index)
    if draws.empty:
        return found
    alike: Similarity = registry.function("cotfaith.similarities", study.similarity)
    cutters = {name: made.steps or study.steps for name, made in open_strategies(study).items()}
    traces = {row["id"]: schema.trace(row) for row in directory.load("traces", shard).to_pylist()}
    readings = directory.load("readings", shard)
    thought = dict(zip(readings["id"].to_pylist(), readings["thought"].to_pylist(), strict=True))
    for place, row in zip(draws.index, draws.to_dict("records"), strict=True):
        if row["reading_id"] in thought:
            original = traces[row["trace_id"]].step_text(row["site"] - 1)
            found[place] = alike(original, _first(thought[row["reading_id"]], original, cutters[row["strategy"]]))
    return found


def _mentioned(directory: RunDirectory, shard: Shard, frame: pd.DataFrame) -> pd.Series[float]:
    """For each reading of an inserted word, whether what the model wrote has the word; NaN elsewhere."""
    rows = frame[(frame["intervention"] == "insertion") & (frame["arm"] == "treated") & (frame["state"] == "answered")]
    found = pd.Series(float("nan"), index=frame.index)
    if rows.empty:
        return found
    thoughts = directory.load("readings", shard).select(["id", "thought", "response"])
    said = {row["id"]: f"{row['thought']} {row['response']}" for row in thoughts.to_pylist()}
    for place, word, reading in zip(rows.index, rows["kind"], rows["reading_id"], strict=True):
        found[place] = float(re.search(rf"\b{re.escape(word)}\b", said[reading], re.IGNORECASE) is not None)
    return found


def _verdicts(directory: RunDirectory, shard: Shard, frame: pd.DataFrame) -> pd.Series[Any]:
    """For each row, what judges said of its reading: {(judge, channel): whether it verbalises the hint, or None}."""
    known: dict[str, dict[tuple[str, str], bool | None]] = {}
    for row in directory.load("verdicts", shard).to_pylist():  # in the order of writing: a later label stands for an earlier one
        judged = None if row["state"] != "judged" else row["mentions"] and row["relies"]
        known.setdefault(row["reading_id"], {})[row["judge"], row["channel"]] = judged
    hinted = (frame["intervention"] == "hint") & (frame["arm"] == "treated") & frame["took"]
    rows = [known.get(reading, {}) if here else {} for here, reading in zip(hinted, frame["reading_id"], strict=True)]
    return pd.Series(rows, index=frame.index, dtype=object)


def _first(said: str, original: str, cutter: str) -> str:
    """The first step of `said`; where steps are numbers of tokens, as many characters as the original has."""
    if cutter.startswith("tokens:"):
        return said[: len(original)]
    return steps.split(said, cutter)[0] if said else ""


def _frame(table: pa.Table) -> pd.DataFrame:
    frame: pd.DataFrame = table.to_pandas()
    return frame
