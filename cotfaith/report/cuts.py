"""The readings of a trace with its reasoning cut at increasing places, and how much each step moves the answer."""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from cotfaith.storage.schema import Row
from cotfaith.types import Question, Trace

Point = dict[str, Any]
Effect = dict[str, Any]


def rows(probes: Iterable[Row]) -> dict[str, dict[float, Row]]:
    """For each trace the probes that cut its own reasoning, by the share of the reasoning that they keep."""
    found: dict[str, dict[float, Row]] = {}
    for row in probes:
        if _is_cut(row):
            found.setdefault(row["trace_id"], {}).setdefault(_given(row), row)
    return found


def points(trace: Trace, cuts: Mapping[float, Row], readings: Mapping[str, Row]) -> list[Point]:
    """The `cuts` of `trace` that were read, from none of the reasoning to all of it."""
    read = ((given, row) for given, row in sorted(cuts.items()) if row["reading_id"] in readings)
    return [point(trace, row, given, readings[row["reading_id"]]) for given, row in read]


def point(trace: Trace, row: Row, given: float, reading: Row) -> Point:
    """One cut: how much of the reasoning it gives, and what the reading of it says.

    `at` is the place in steps: 2 is after the second step, 2.5 is halfway through the third, by tokens.
    """
    keep, tail = row["keep"], row["insert"]
    whole = sum(step.tokens <= keep and (step.tail == "" or step.tokens < keep or step.tail == tail) for step in trace.steps)
    if row["arm"] != "treated":
        whole = len(trace.steps) if row["arm"] == "full" else 0
    covered = trace.steps[whole - 1].tokens if whole else 0
    inside = row["arm"] == "treated" and keep > covered and whole < len(trace.steps)
    part = (keep - covered) / max(1, trace.steps[whole].tokens - covered) if inside else 0.0
    shares, mass = option_shares(reading["option_logprobs"] or ())
    return {
        "given": round(given, 6),
        "at": round(whole + min(part, 1.0), 6) if trace.steps else given,
        "steps": whole,
        "inside": inside,
        "state": reading["state"],
        "answer": reading["answer"],
        "reason": reading["reason"],
        "said": reading["continuation"],
        "shares": shares,
        "mass": mass,
    }


def option_shares(logprobs: Iterable[float]) -> tuple[list[float] | None, float | None]:
    """The probability of each option among the options, and that of all options together; None without log-probabilities."""
    chances = [math.exp(logprob) for logprob in logprobs]
    mass = math.fsum(chances)
    if not mass > 0:
        return None, None
    return [round(chance / mass, 6) for chance in chances], round(mass, 6)


def final(points: Sequence[Point]) -> Point | None:
    """The reading with all of the reasoning, if there is one."""
    return points[-1] if points and points[-1]["given"] == 1.0 else None


def effects(question: Question, trace: Trace, points: Sequence[Point]) -> list[Effect]:
    """What each step of `trace` does to the answer, from the nearest cut before it to the nearest cut after it.

    `before` and `after` are the places of the two cuts in `points`. `change` is the change of the final answer's probability among
    the options, and `moves` says whether the answer differs. Each is None where it is not known.
    """
    last = final(points)
    place = question.letters.index(last["answer"]) if last and last["answer"] in question.letters else None
    found: list[Effect] = []
    for number in range(1, len(trace.steps) + 1):
        before = max((i for i, one in enumerate(points) if one["at"] <= number - 1), default=None)
        after = min((i for i, one in enumerate(points) if one["at"] >= number), default=None)
        effect: Effect = {"before": before, "after": after, "change": None, "moves": None}
        if before is not None and after is not None:
            effect |= _between(points[before], points[after], place)
        found.append(effect)
    return found


def _between(one: Point, other: Point, place: int | None) -> Effect:
    scored = place is not None and one["shares"] and other["shares"]
    change = round(other["shares"][place] - one["shares"][place], 6) if scored else None
    answers = one["answer"], other["answer"]
    return {"change": change, "moves": None if None in answers else answers[0] != answers[1]}


def _is_cut(row: Row) -> bool:
    """Whether a probe truncates the trace's own reasoning on its own question, and the model answers at once."""
    cut = row["arm"] in {"no_reasoning", "full"} or (row["arm"] == "treated" and row["intervention"] == "truncation")
    return cut and row["question"] is None and row["then"] == "answer"


def _given(row: Row) -> float:
    """The share of the reasoning that a probe keeps."""
    ends = {"no_reasoning": 0.0, "full": 1.0}
    return ends[row["arm"]] if row["arm"] in ends else 1.0 - float(row["dose"])
