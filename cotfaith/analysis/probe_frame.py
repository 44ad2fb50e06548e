"""The probe frame: every probe of a shard with the data of its trace, its question and its reading.

Columns that only some measures need are added if a measure requests them (`AbstractMeasure.reads`), as `EXTRA` lists.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping
from dataclasses import replace
from typing import Any

import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc

from cotfaith.analysis import reextract
from cotfaith.analysis.reextract import PLAIN, Choices
from cotfaith.errors import unknown
from cotfaith.pipeline.open_study import open_strategies
from cotfaith.plugins import registry
from cotfaith.storage import losses, probes, schema
from cotfaith.storage.run_directory import RunDirectory, Shard
from cotfaith.study import Study
from cotfaith.text import numbers, steps
from cotfaith.text.similarity import Similarity

EDIT_INVALID = "edit_invalid"  # state of a probe without a reading, since its edit failed its check

EXTRA: Mapping[str, str] = {
    "thought": "what the model added to the reasoning",
    "response": "the model's response after it closed its reasoning channel",
    "donor_answer": "the answer of the donor's full reading; None without a donor",
    "similar": "the similarity of the first step that the model added to the step at the probe's site, 1 for equal text; NaN if it added none",
    "verdicts": "the verdicts on the reading: by (judge, channel), whether the text acknowledges the hint or the mistake; None without a usable verdict",
    "by_answer": "whether the hint of the probe points at an option other than the trace's own plain answer",
}  # additional columns that a measure may read

_PROBES = [
    "id", "model", "task", "trace_id", "question_id", "reading_id", "intervention", "spec", "arm", "dose", "site", "kind", "note", "draw",
    "valid", "then", "donor", "target",
]  # fmt: skip
_READINGS: Mapping[str, str] = {  # as columns of the ledger
    "id": "reading_id",
    "state": "state",
    "answer": "answer",
    "option_logprobs": "logprobs",
    "option_mass": "mass",
}


def frames(
    directory: RunDirectory, shard: Shard, study: Study, choices: Choices = PLAIN, extra: Collection[str] = ()
) -> Iterator[tuple[tuple[str, str], pd.DataFrame]]:
    """One frame per model and task in `shard`, one row per probe, with the answers under `choices` and the columns `extra` of `EXTRA`.

    What was not read yet, since the run was stopped, is not missing: a trace enters the rows of an intervention once all of its probes
    have been read.

    Raises:
        UsageError: there is no such column.
        StoreError: the question of a probe is lost.
    """
    for column in extra:
        if column not in EXTRA:
            raise unknown("column that a measure reads", column, EXTRA)
    frame, questions = _frame(probes.load(directory, shard).select(_PROBES)), _questions(directory, shard)
    losses.check_asked(frame["question_id"], questions["question_id"], directory.path)
    for known, key in ((_traces(directory, shard), "trace_id"), (questions, "question_id")):
        frame = frame.merge(known.drop_duplicates(key), on=key, validate="many_to_one")
    read = reextract.readings(directory, shard, choices).rename(columns=_READINGS).drop_duplicates("reading_id")
    frame = frame.merge(read, on="reading_id", how="left", validate="many_to_one")
    frame = _read_whole(frame)
    frame["state"] = frame["state"].where(frame["valid"], EDIT_INVALID)
    free = (frame["n_options"] == 0) & frame["gold"].notna()
    stated = frame["gold"].copy()  # with its unit
    frame.loc[free, "gold"] = stated[free].map(numbers.gold_value)  # as the answers are
    read_earlier = (frame["n_options"] == 0) & frame["answer"].notna()  # perhaps by a version with another spelling
    frame.loc[read_earlier, "answer"] = frame.loc[read_earlier, "answer"].map(numbers.canonical)
    numeric = frame["gold"].map(lambda gold: isinstance(gold, str) and numbers.is_number(gold))
    of_number = read_earlier & free & numeric.astype(bool)  # the type of an empty column is not known
    frame.loc[of_number, "answer"] = [  # "18 km" was read as text; with another unit than the gold's it stays text
        numbers.answer_value(answer, gold) for answer, gold in zip(frame.loc[of_number, "answer"], stated[of_number], strict=True)
    ]
    if {"thought", "response", "similar"} & set(extra):
        said = _frame(directory.load("readings", shard, ["id", "thought", "response"])).drop_duplicates("id")
        frame = frame.merge(said.rename(columns={"id": "reading_id"}), on="reading_id", how="left", validate="many_to_one")
    if "donor_answer" in extra:
        frame["donor_answer"] = _donor_answers(directory, shard, frame, choices)
    if "similar" in extra:
        frame["similar"] = _similar(directory, shard, frame, study)
    if "verdicts" in extra:
        frame["verdicts"] = _verdicts(directory, shard, frame)
    if "by_answer" in extra:
        frame["by_answer"] = _by_answer(directory, frame)
    frame = reextract.counted(frame, choices, choices.cut or study.cut)
    for (model, task), rows in frame.drop_duplicates("id").groupby(["model", "task"], sort=False):
        yield (str(model), str(task)), rows


def _read_whole(frame: pd.DataFrame) -> pd.DataFrame:
    """The rows of the traces and interventions all of whose valid probes have a reading."""
    unread = frame["valid"] & frame["state"].isna()
    if not unread.any():
        return frame
    owed = unread.groupby([frame["trace_id"], frame["spec"]]).transform("any")
    return frame[~owed].reset_index(drop=True)


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


# --- what some measures need besides ----------------------------------------------------------------------------------------


def _donor_answers(directory: RunDirectory, shard: Shard, frame: pd.DataFrame, choices: Choices) -> pd.Series[str]:
    """For each row with a donor, the answer of the donor's full reading; None without a donor or without an answer."""
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
    """For each treated probe that the model continued at a step, the similarity of its first added step to that step; NaN elsewhere."""
    inside = (frame["site"] >= 1) & (frame["site"] <= frame["n_steps"]) & frame["thought"].notna()
    draws = frame[(frame["then"] == "continue") & (frame["arm"] == "treated") & frame["valid"] & inside]
    found = pd.Series(float("nan"), index=frame.index)
    if draws.empty:
        return found
    alike: Similarity = registry.function("cotfaith.similarities", study.similarity)
    cutters = {name: made.steps or study.steps for name, made in open_strategies(study).items()}
    traces = {row["id"]: schema.trace(row) for row in directory.load("traces", shard).to_pylist()}
    for place, row in zip(draws.index, draws.to_dict("records"), strict=True):
        original = traces[row["trace_id"]].step_text(row["site"] - 1)
        found[place] = alike(original, _first(row["thought"], original, cutters[row["strategy"]]))
    return found


def _by_answer(directory: RunDirectory, frame: pd.DataFrame) -> pd.Series[bool]:
    """For each row, whether the target of its hint was drawn among the options other than the trace's own plain answer."""
    other = {
        (spec, hint["name"])
        for spec, made in directory.manifest().get("identities", {}).items()
        for hint in made.get("hints", {}).values()
        if hint["about"]["target"] == "other"
    }
    return pd.Series([pair in other for pair in zip(frame["spec"], frame["kind"], strict=True)], index=frame.index, dtype=bool)


def _verdicts(directory: RunDirectory, shard: Shard, frame: pd.DataFrame) -> pd.Series[Any]:
    """For each row, the verdicts on its reading."""
    known: dict[str, dict[tuple[str, str], bool | None]] = {}
    for row in directory.load("verdicts", shard).to_pylist():  # in the order of writing: a later label replaces an earlier one
        judged = None if row["state"] != "judged" else row["mentions"] and row["relies"]
        known.setdefault(row["reading_id"], {})[row["judge"], row["channel"]] = judged
    return pd.Series([known.get(reading, {}) for reading in frame["reading_id"]], index=frame.index, dtype=object)


def _first(said: str, original: str, cutter: str) -> str:
    """The first step of `said`. If steps are numbers of tokens, as many characters as the original step has."""
    if cutter.startswith("tokens:"):
        return said[: len(original)]
    return steps.split(said, cutter)[0] if said else ""


def _frame(table: pa.Table) -> pd.DataFrame:
    frame: pd.DataFrame = table.to_pandas(use_threads=False)
    return frame
