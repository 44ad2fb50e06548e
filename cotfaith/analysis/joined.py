"""Every probe with its question, its reasoning trace and its reading: one row per answer that a measure may read."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

import pandas as pd

from cotfaith.errors import UsageError
from cotfaith.pipeline.formats import formats_at_hand
from cotfaith.pipeline.open_study import Opened, open_study
from cotfaith.prompts import AbstractFormat
from cotfaith.storage import probes, schema
from cotfaith.storage.run_directory import RunDirectory, Shard
from cotfaith.study import Study
from cotfaith.types import Probe, Question, Trace

OF_PROBE = ("intervention", "arm", "kind", "dose", "site", "draw", "valid", "note", "target", "trace_id", "reading_id")
OF_READING = ("state", "answer", "reason", "option_logprobs", "option_mass", "continuation", "thought", "response")
COLUMNS = ("model", "task", "question_id", "question", "choices", "gold", "strategy", "sample", *OF_PROBE, *OF_READING)

Given = Callable[[Probe, Trace, Question], str]


def joined(directory: RunDirectory, study: Study, *, prompts: bool = False) -> pd.DataFrame:
    """One row per probe, with `COLUMNS`: the question as it was posed, what was done to the reasoning, and the reading.

    A reading that several probes share is in each of their rows. The state of an edit that failed its check is "edit_invalid", and that of a
    probe without a reading is empty. With `prompts` the column `prompt` has the text that the model was given before it answered or
    continued. Nothing is loaded but tokenizers.

    Raises:
        UsageError: `prompts`, and the tokenizer of a model is not on this machine.
    """
    given = _given(study) if prompts else {}
    rows = [row for shard in directory.shards("probes") for row in _of_shard(directory, shard, given)]
    return pd.DataFrame(rows, columns=[*COLUMNS, *(["prompt"] if prompts else [])])


def trace_prompts(directory: RunDirectory, study: Study) -> list[str]:
    """The text before the reasoning of each row of the traces, as the model was given it.

    Raises:
        UsageError: the tokenizer of a model is not on this machine.
    """
    forms = _formats(study, open_study(study))
    rows = directory.frame("traces")[["model", "prompt_ids"]].to_dict("records")
    return [forms[row["model"]].tokenizer.decode([int(one) for one in row["prompt_ids"]]) for row in rows]


def _of_shard(directory: RunDirectory, shard: Shard, given: Mapping[str, Given]) -> list[dict[str, Any]]:
    edited = probes.edited(directory, shard)
    questions = {row["id"]: schema.question(row) for row in directory.load("questions", shard).to_pylist()}
    traces = {row["id"]: schema.trace(row) for row in directory.load("traces", shard).to_pylist()}
    readings = {row["id"]: row for row in directory.load("readings", shard).to_pylist()}
    found = {row["id"]: row for row in probes.whole(probes.load(directory, shard).to_pylist(), edited)}
    made = []
    for row in found.values():
        trace = traces.get(row["trace_id"])
        if trace is None or trace.question_id not in questions:
            continue
        probe, own = schema.probe(row, edited), questions[trace.question_id]
        posed = probe.question or own
        of_question = {"question_id": own.id, "question": posed.text, "choices": list(posed.choices), "gold": posed.gold}
        of_trace = {"model": row["model"], "task": row["task"], "strategy": trace.strategy, "sample": trace.sample}
        read = readings.get(row["reading_id"], {"state": "" if probe.valid else "edit_invalid"})
        prompt = {"prompt": given[row["model"]](probe, trace, own) if probe.valid else ""} if given else {}
        one = {name: row[name] for name in OF_PROBE} | {name: read.get(name) for name in OF_READING}
        made.append(of_trace | of_question | one | prompt)
    return made


def _formats(study: Study, opened: Opened) -> dict[str, AbstractFormat]:
    found = {}
    for name, at_hand in formats_at_hand(study, opened).items():
        if at_hand is not None:
            found[name] = at_hand.format
        elif name in study.model:
            raise UsageError(
                f"The prompts of {name} cannot be shown, since its tokenizer is not on this machine: run on the machine that has it."
            )
    return found


def _given(study: Study) -> dict[str, Given]:
    opened = open_study(study)
    return {name: _of_model(form, opened) for name, form in _formats(study, opened).items()}


def _of_model(form: AbstractFormat, opened: Opened) -> Given:
    """The text that the model with the prompt format `form` is given with a probe."""

    def given(probe: Probe, trace: Trace, question: Question) -> str:
        strategy, tokenizer = opened.strategies[trace.strategy], form.tokenizer
        posed = strategy.pose(probe.question or question)
        start = trace.prompt_ids if probe.question is None else form.prompt_ids(posed)
        insert = tokenizer.encode(probe.insert) if probe.insert_ids is None else probe.insert_ids
        reasoning = trace.reasoning_ids[: probe.keep] + insert
        text = tokenizer.decode(start + reasoning)
        if probe.then == "continue" and strategy.reasons:
            return text
        return text + form.following(form.answer_text(posed), reasoning)

    return given
