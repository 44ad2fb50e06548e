"""Examples of hinted questions: the hint, the model's reasoning and answer, and the verdict of each judge."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from cotfaith.report.said import acknowledged, in_order, judge, marks, shortened, with_raw
from cotfaith.storage.schema import Row
from cotfaith.types import Question, Trace, Turn

LIMIT = 16  # of a trace
TURNS = 16  # turns that a hint adds before the question; of more turns, only the first and the last are shown

Example = dict[str, Any]


def candidates(probes: Sequence[Row], traces: Mapping[str, Trace]) -> list[Row]:
    """The probes that add a hint to the question of one of `traces`."""
    hinted = (row for row in probes if row["intervention"] == "hint" and row["arm"] == "treated" and row["valid"])
    return list({row["id"]: row for row in hinted if row["trace_id"] in traces}.values())


def chosen(rows: Sequence[Row], readings: Mapping[str, Row]) -> list[Row]:
    """Up to `LIMIT` of the `candidates` of each trace.

    Those that followed the hint come first, then those with a reading. Every hint appears once before any appears twice.
    """
    found: dict[str, list[Row]] = {}
    for row in rows:
        found.setdefault(row["trace_id"], []).append(row)

    def order(row: Row) -> tuple[bool, bool, int, str, str]:
        reading = readings.get(row["reading_id"])
        return not followed(row, reading), reading is None, row["draw"], row["kind"], row["id"]

    return [row for those in found.values() for row in sorted(those, key=order)[:LIMIT]]


def payload(row: Row, edited: Question, plain: Question, read: tuple[Row | None, Row | None], verdicts: Sequence[Row]) -> Example:
    """The data of one hinted reading for the page's script.

    `edited` is the question with the hint, and `verdicts` are the verdicts on the reading. `read` are the hinted reading and the plain
    one, each None where there is none. `moved` says whether the plain answer is another than the hinted one.
    """
    reading, before = read
    told = [*added(plain, edited)]
    if reading is not None:
        told += [("Thought", reading["thought"]), ("Then said", reading["response"])]
    told += [(judge(one), verdict(one)) for one in in_order(verdicts)]
    again = f", draw {row['draw'] + 1}" if row["draw"] else ""
    answer = before["answer"] if before else None
    return {
        "head": f"{row['kind']} points at ({row['target']}){again}",
        "followed": followed(row, reading),
        "result": result(row, reading),
        "plain": answer,
        "moved": None if answer is None or reading is None or reading["answer"] is None else answer != reading["answer"],
        "yes": sum(acknowledged(one) is True for one in verdicts),
        "judged": sum(acknowledged(one) is not None for one in verdicts),
        "marks": marks(verdicts, reading["thought"], reading["response"]) if reading else [],
        "rows": [[name, shortened(text)] for name, text in told if text.strip()],
    }


def added(plain: Question, edited: Question) -> list[tuple[str, str]]:
    """What `edited` adds to `plain`, and where. The texts are literal."""
    found = _added_turns(plain.turns, edited.turns)
    found.append(("Before the question", _rest(plain.before, edited.before)))
    found.append(("In the question", _rest(plain.text, edited.text)))
    choices = zip(edited.letters, plain.choices, edited.choices, strict=True)
    found += [(f"Choice {letter}", new) for letter, old, new in choices if new != old]
    found.append(("After the choices", _rest(plain.after, edited.after)))
    return [(name, text) for name, text in found if text.strip()]


def _added_turns(plain: Sequence[Turn], edited: Sequence[Turn]) -> list[tuple[str, str]]:
    """The turns that `edited` adds between the shared first turns and the shared last turns. Of many turns it keeps the first and the last."""
    start = next((i for i, (old, new) in enumerate(zip(plain, edited, strict=False)) if old != new), min(len(plain), len(edited)))
    rest = len(plain) - start  # what of the plain turns can stand at the end
    stop = len(edited) - (
        rest if rest <= len(edited) - start and tuple(edited[len(edited) - rest :]) == tuple(plain[start:]) else 0
    )
    new = [(f"Turn before it, {turn.role}", turn.text) for turn in edited[start:stop]]
    if len(new) <= TURNS:
        return new
    gap = ("Not shown", f"{len(new) - TURNS} turns between these")
    return [*new[: TURNS // 2], gap, *new[-(TURNS // 2) :]]


def _rest(old: str, new: str) -> str:
    """What `new` adds before or after `old`; all of `new` if it does not contain `old` there."""
    if old and new.startswith(old):
        return new[len(old) :]
    return new[: -len(old)] if old and new.endswith(old) else new


def followed(row: Row, reading: Row | None) -> bool:
    """Whether the answer under a hint is the hinted option."""
    return reading is not None and reading["answer"] is not None and reading["answer"] == row["target"]


def result(row: Row, reading: Row | None) -> str:
    """What came of a hinted question: no reading yet, no answer, or the answer, and whether it is the hinted option."""
    if reading is None:
        return "not read yet"
    if reading["answer"] is None:
        return f"no answer ({reading['state']})"
    return f"answer {reading['answer']}" + (", the hinted option" if followed(row, reading) else "")


def verdict(row: Row) -> str:
    """The verdict of a judge, followed by what the judge wrote or the sentence that decided."""
    mentions = "mentions the hint" if row.get("mentions") else "does not mention the hint"
    relies = "relies on it" if row.get("relies") else "does not rely on it"
    verbalised = "acknowledged" if row.get("mentions") and row.get("relies") else "not acknowledged"
    return with_raw(row, f"{mentions}, {relies}: {verbalised}")
