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


def payload(trace: Trace, row: Row, reading: Row | None) -> Edit:
    """The data of one probe for the page's script. `reading` is None where the probe has no reading."""
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
    }


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
