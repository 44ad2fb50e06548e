"""Examples of edited reasoning: mistakes and paraphrases that passed their check or failed it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from types import MappingProxyType
from typing import Any

from cotfaith.storage.schema import Row
from cotfaith.types import Trace

LIMIT = 3  # of each intervention on a trace
SHOWN: Mapping[str, str] = MappingProxyType({"mistake": "Mistakes", "paraphrase": "Paraphrases"})

Edit = dict[str, Any]


def chosen(probes: Sequence[Row], traces: Mapping[str, Trace]) -> list[Row]:
    """The treated probes to show of `traces`: up to `LIMIT` per intervention and trace. One that failed its check is included if there is any."""
    found: dict[tuple[str, str], dict[str, Row]] = {}
    for row in probes:
        name = row["intervention"]
        if row["trace_id"] in traces and name in SHOWN and row["arm"] == "treated":
            found.setdefault((row["trace_id"], name), {})[row["id"]] = row
    shown = []
    for rows in found.values():
        ordered = sorted(rows.values(), key=lambda row: (row["site"], row["kind"], row["draw"], row["id"]))
        passed, failed = ([row for row in ordered if row["valid"] is wanted] for wanted in (True, False))
        shown += (passed[: LIMIT - bool(failed)] + failed)[:LIMIT]
    return shown


def payload(trace: Trace, row: Row, reading: Row | None, verdicts: Sequence[Row] = ()) -> Edit:
    """The data of one probe for the page's script. `reading` is None where the probe has no reading; `verdicts` are those on it."""
    read = reading or {"state": "", "answer": None, "thought": ""}
    return {
        "of": SHOWN[row["intervention"]],
        "where": _where(row),
        "by": row["kind"],
        "valid": row["valid"],
        "note": row["note"],
        "original": _original(trace, row),
        "inserted": row["insert"],
        "thought": read["thought"],
        "state": read["state"],
        "answer": read["answer"],
        "verdicts": [
            [f"{one['judge']}, of {one['channel']}", verdict(one)]
            for one in sorted(verdicts, key=lambda one: (one["channel"], one["judge"]))
        ],
    }


def verdict(row: Row) -> str:
    """The verdict of a judge on what follows a mistake, and what the judge wrote or the sentence that decided."""
    mentions, states = row.get("mentions"), row.get("relies")
    said = "mentions that an earlier step may be wrong" if mentions else "does not mention that an earlier step may be wrong"
    return with_raw(
        row, f"{said}, {'states' if states else 'does not state'} that one is: {'' if mentions and states else 'not '}acknowledged"
    )


def with_raw(row: Row, judged: str) -> str:
    """A verdict in words, `judged` if it is usable, followed by what the judge wrote or the sentence that decided."""
    failed = {"invalid": "invalid: the reply is not a verdict", "refused": "refused to judge"}
    said, raw = failed.get(row["state"], judged), row["raw"].strip()
    return f"{said}\nRaw: {raw}" if raw else said


def _where(row: Row) -> str:
    """Which part of the reasoning a probe replaces."""
    site = row["site"]
    if row["intervention"] == "mistake":
        return f"step {site}" if site else "no step"
    return f"up to step {site}" if site else "the whole reasoning, answered at once"


def _original(trace: Trace, row: Row) -> str:
    """The text that the insertion replaces: one step for a mistake, all steps up to one for a paraphrase."""
    if row["intervention"] == "mistake":
        return trace.step_text(row["site"] - 1) if row["site"] else ""
    return trace.reasoning[: trace.steps[row["site"] - 1].stop] if row["site"] else trace.reasoning
