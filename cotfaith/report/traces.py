"""The traces that the page shows step by step: a spread over questions, with the answer after every cut, and examples of edits and hints."""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping, Sequence
from itertools import islice, zip_longest
from typing import Any

from cotfaith.report import edits, hints
from cotfaith.storage import losses, schema
from cotfaith.storage import probes as stored_probes
from cotfaith.storage.run_directory import RunDirectory, Shard
from cotfaith.storage.schema import Row
from cotfaith.types import Question, Trace

LIMIT = 60  # traces on a page

Point = dict[str, Any]
Found = dict[str, list[dict[str, Any]]]  # the `points`, `edits` and `hints` of a trace


def payload(directory: RunDirectory) -> dict[str, Any]:
    """The data for the page's script: `traces` with their points, and their `questions`. It reads only a few shards."""
    cells: dict[str, list[Shard]] = {}
    for shard in directory.shards("traces"):
        cells.setdefault(shard.cell, []).append(shard)
    budget = max(1, LIMIT // max(1, len(cells)))
    questions: dict[tuple[str, str], Question] = {}
    traces: list[dict[str, Any]] = []
    for shards in islice(cells.values(), LIMIT):
        for shard, chosen in _choose(directory, shards, budget).items():
            task, known = _questions(directory, shard)
            read = _read(directory, shard, {trace.id: trace for trace in chosen}, known)
            for trace in chosen:
                if read[trace.id]["points"]:
                    questions.setdefault((task, trace.question_id), losses.asked(known, trace.question_id, directory.path))
                    place = list(questions).index((task, trace.question_id))
                    traces.append(_trace(trace, task, place) | read[trace.id])
    traces.sort(key=lambda one: (one["model"], one["task"], one["strategy"], one["question"], one["sample"]))
    return {"questions": [_question(question) for question in questions.values()], "traces": traces}


def _choose(directory: RunDirectory, shards: Sequence[Shard], budget: int) -> dict[Shard, list[Trace]]:
    """Up to `budget` traces of one cell: the first trace of every question, then the second, and so on."""
    by_question: dict[str, list[tuple[Shard, Trace]]] = {}
    for shard in shards:
        for row in directory.load("traces", shard).to_pylist():
            by_question.setdefault(row["question_id"], []).append((shard, schema.trace(row)))
        if len(by_question) >= budget:
            break
    for those in by_question.values():
        those.sort(key=lambda one: one[1].sample)
    rounds = (one for those in zip_longest(*by_question.values()) for one in those if one is not None)
    chosen: dict[Shard, list[Trace]] = {}
    for shard, trace in islice(rounds, budget):
        chosen.setdefault(shard, []).append(trace)
    return chosen


def _questions(directory: RunDirectory, shard: Shard) -> tuple[str, dict[str, Question]]:
    """The task that `shard` belongs to, and its questions by id."""
    questions = map(schema.question, directory.load("questions", shard).to_pylist())
    return directory.load("traces", shard)["task"][0].as_py(), {question.id: question for question in questions}


def _read(
    directory: RunDirectory, shard: Shard, traces: Mapping[str, Trace], questions: Mapping[str, Question]
) -> dict[str, Found]:
    """For each of `traces`: the readings with its reasoning cut at increasing places (from none to all), its edits and its hints."""
    edited = stored_probes.edited(directory, shard)
    rows = stored_probes.whole(stored_probes.load(directory, shard).to_pylist(), edited)
    probes = [row for row in rows if row["trace_id"] in traces]
    cuts: dict[tuple[str, float], Row] = {}
    for row in probes:
        if _is_cut(row):
            cuts.setdefault((row["trace_id"], _given(row)), row)
    shown, hinted = edits.chosen(probes, traces), hints.candidates(probes, traces)
    ids = {row["reading_id"] for row in (*cuts.values(), *shown, *hinted)}
    readings = {row["id"]: row for row in directory.load("readings", shard).to_pylist() if row["id"] in ids}
    read: dict[str, Found] = {name: {"points": [], "edits": [], "hints": []} for name in traces}
    for (name, given), row in sorted(cuts.items()):
        if row["reading_id"] in readings:
            read[name]["points"].append(point(traces[name], row, given, readings[row["reading_id"]]))
    verdicts = _verdicts(directory, shard) if hinted or shown else {}
    for row in shown:
        key = row["reading_id"]
        read[row["trace_id"]]["edits"].append(edits.payload(traces[row["trace_id"]], row, readings.get(key), verdicts.get(key, [])))
    for row in hints.chosen(hinted, readings):
        name, key = row["trace_id"], row["reading_id"]
        plain = losses.asked(questions, traces[name].question_id, directory.path)
        read[name]["hints"].append(
            hints.payload(row, edited.get(row["question"], plain), plain, readings.get(key), verdicts.get(key, []))
        )
    return read


def _verdicts(directory: RunDirectory, shard: Shard) -> dict[str, list[Row]]:
    """The verdicts of judges, by reading."""
    found: dict[str, dict[str, Row]] = {}
    for row in directory.load("verdicts", shard).to_pylist():
        found.setdefault(row["reading_id"], {})[row["id"]] = row
    return {key: list(rows.values()) for key, rows in found.items()}


def _is_cut(row: Row) -> bool:
    """Whether a probe truncates the trace's own reasoning on its own question, and the model answers at once."""
    cut = row["arm"] in {"no_reasoning", "full"} or (row["arm"] == "treated" and row["intervention"] == "truncation")
    return cut and row["question"] is None and row["then"] == "answer"


def _given(row: Row) -> float:
    """The share of the reasoning that a probe keeps."""
    ends = {"no_reasoning": 0.0, "full": 1.0}
    return ends[row["arm"]] if row["arm"] in ends else 1.0 - float(row["dose"])


def point(trace: Trace, row: Row, given: float, reading: Row) -> Point:
    """One place of the slider: how much of the reasoning a probe gives, and what the reading of it says."""
    keep, tail = row["keep"], row["insert"]
    whole = sum(step.tokens <= keep and (step.tail == "" or step.tokens < keep or step.tail == tail) for step in trace.steps)
    if row["arm"] != "treated":
        whole = len(trace.steps) if row["arm"] == "full" else 0
    covered = trace.steps[whole - 1].tokens if whole else 0
    shares, mass = _shares(reading["option_logprobs"] or ())
    return {
        "given": round(given, 6),
        "steps": whole,
        "inside": row["arm"] == "treated" and keep > covered,
        "state": reading["state"],
        "answer": reading["answer"],
        "reason": reading["reason"],
        "said": reading["continuation"],
        "shares": shares,
        "mass": mass,
    }


def _shares(logprobs: Iterable[float]) -> tuple[list[float] | None, float | None]:
    """The probability of each option among the options, and that of all options together; None without log-probabilities."""
    chances = [math.exp(logprob) for logprob in logprobs]
    mass = math.fsum(chances)
    if not mass > 0:
        return None, None
    return [round(chance / mass, 6) for chance in chances], round(mass, 6)


def _question(question: Question) -> dict[str, Any]:
    turns = [{"role": turn.role, "text": turn.text} for turn in question.turns]
    plain = {"id": question.id, "text": question.text, "choices": list(question.choices), "letters": list(question.letters)}
    return plain | {"gold": question.gold, "turns": turns, "before": question.before, "after": question.after}


def _trace(trace: Trace, task: str, question: int) -> dict[str, Any]:
    steps = [trace.step_text(i) for i in range(len(trace.steps))]
    plain = {
        "id": trace.id,
        "model": trace.model,
        "task": task,
        "question": question,
        "sample": trace.sample,
        "strategy": trace.strategy,
    }
    return plain | {"finish": trace.finish, "response": trace.response, "steps": steps}
