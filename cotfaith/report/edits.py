"""What each intervention did to a trace: where it acted, what it put there, what the model wrote after it, and the answer beside its control's."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from types import MappingProxyType
from typing import Any

from cotfaith.report import titles
from cotfaith.report.cuts import option_shares
from cotfaith.report.hints import added
from cotfaith.report.said import in_order, judge, marks, shortened, with_raw
from cotfaith.storage.schema import Row
from cotfaith.types import Question, Trace

SITE = 4  # edits of one intervention at one step of a trace
TRACE = 160  # edits of a trace
PREFIX = frozenset({"paraphrase"})  # whose site is the last of the steps that they replace
WHOLE = frozenset(
    {"filler", "last_steps", "mediation", "weak_evidence", "reversed_question", "option_order", "insertion"}
)  # whose site is not a step
ELSEWHERE = frozenset({"truncation", "hint"})  # shown as the curve, and as hints
NAMES: Mapping[str, str] = MappingProxyType(
    {"mistake": "Mistake", "paraphrase": "Paraphrase", "removal": "Step left out", "filler": "Filler tokens"}
)

Edit = dict[str, Any]
Control = tuple[str, str, int, int]  # trace, intervention, site, draw


@dataclass(frozen=True, slots=True)
class Read:
    """The reading of an edit and that which it is compared with; None where there is none.

    `own` says whether that is its matched control. An edit without one is compared with the full reasoning.
    """

    treated: Row | None
    control: Row | None
    own: bool


@dataclass(frozen=True, slots=True)
class Chosen:
    """The treated probes to show of each trace, and how many more there are by trace."""

    rows: dict[str, list[Row]]
    left_out: dict[str, int]


def chosen(probes: Iterable[Row], traces: Mapping[str, Trace]) -> Chosen:
    """The treated probes to show of `traces`: up to `SITE` per intervention and site, and `TRACE` in all.

    One that failed its check is among them if there is any.
    """
    found: dict[str, dict[tuple[str, int], dict[str, Row]]] = {}
    for row in probes:
        if row["trace_id"] in traces and row["arm"] == "treated" and row["intervention"] not in ELSEWHERE:
            found.setdefault(row["trace_id"], {}).setdefault((row["intervention"], row["site"]), {})[row["id"]] = row
    rows: dict[str, list[Row]] = {}
    left_out: dict[str, int] = {}
    for name, places in found.items():
        kept = [row for _, those in sorted(places.items()) for row in _few(list(those.values()))]
        rows[name] = kept[:TRACE]
        left_out[name] = sum(map(len, places.values())) - len(rows[name])
    return Chosen(rows, left_out)


def _few(rows: list[Row]) -> list[Row]:
    ordered = sorted(rows, key=lambda row: (row["draw"], row["kind"], row["id"]))
    passed, failed = ([row for row in ordered if row["valid"] is wanted] for wanted in (True, False))
    return (passed[: SITE - bool(failed)] + failed)[:SITE]


def controls(probes: Iterable[Row], traces: Mapping[str, Trace]) -> dict[Control, Row]:
    """The matched control of each edit of `traces`."""
    return {_matched(row): row for row in probes if row["trace_id"] in traces and row["arm"] == "control"}


def control(found: Mapping[Control, Row], row: Row) -> Row | None:
    """The matched control of the treated probe `row`: at the same site, with the same draw."""
    return found.get(_matched(row))


def _matched(row: Row) -> Control:
    return row["trace_id"], row["intervention"], row["site"], row["draw"]


def payload(
    trace: Trace, plain: Question, row: Row, read: Read, *, edited: Question | None = None, verdicts: Sequence[Row] = ()
) -> Edit:
    """The data of one edit for the page's script.

    `edited` is the question of the probe if that is not the trace's own. `verdicts` are those on its reading.
    """
    other, site = read.control, _site(trace, row)
    inserted, rest = _inserted(trace, row, site)
    answers = [one["answer"] if one else None for one in (read.treated, other)]
    said = read.treated or {
        "state": "",
        "answer": None,
        "reason": "",
        "thought": "",
        "response": "",
        "continuation": "",
        "option_logprobs": (),
    }
    return {
        "of": NAMES.get(row["intervention"], titles.title(row["intervention"])),
        "site": site,
        "where": _where(row, site),
        "by": row["kind"],
        "draw": row["draw"],
        "valid": row["valid"],
        "note": row["note"],
        "original": shortened(_original(trace, row, site)),
        "inserted": shortened(inserted),
        "rest": rest,
        "asked": [[name, shortened(text)] for name, text in _asked(plain, edited)],
        "thought": shortened(said["thought"]),
        "then": [shortened(said[name]) for name in ("response", "continuation")],
        "state": said["state"],
        "answer": said["answer"],
        "reason": said["reason"],
        "shares": option_shares(said["option_logprobs"] or ())[0],
        "control": {"state": other["state"], "answer": other["answer"], "own": read.own} if other else None,
        "changed": None if None in answers else answers[0] != answers[1],
        "verdicts": [[judge(one), verdict(one)] for one in in_order(verdicts)],
        "marks": marks(verdicts, said["thought"], said["response"]),
    }


def verdict(row: Row) -> str:
    """The verdict of a judge on what follows a mistake, and what the judge wrote or the sentence that decided."""
    mentions, states = row.get("mentions"), row.get("relies")
    said = "mentions that an earlier step may be wrong" if mentions else "does not mention that an earlier step may be wrong"
    return with_raw(
        row, f"{said}, {'states' if states else 'does not state'} that one is: {'' if mentions and states else 'not '}acknowledged"
    )


def _site(trace: Trace, row: Row) -> int:
    """The number of the step that an edit acts on; 0 if it acts on the whole reasoning or on the question."""
    whole = row["intervention"] in WHOLE or row["question"] is not None
    return 0 if whole or not 1 <= row["site"] <= len(trace.steps) else int(row["site"])


def _where(row: Row, site: int) -> str:
    """Which part of the reasoning or of the question an edit changes."""
    if row["question"] is not None:
        return "the question"
    if not site:
        return "the whole reasoning"
    return f"steps 1 to {site}" if row["intervention"] in PREFIX and site > 1 else f"step {site}"


def _original(trace: Trace, row: Row, site: int) -> str:
    """The text that the insertion replaces: one step, or all steps up to one. The whole reasoning is not repeated."""
    if not site:
        return ""
    return trace.reasoning[: trace.steps[site - 1].stop] if row["intervention"] in PREFIX else trace.step_text(site - 1)


def _inserted(trace: Trace, row: Row, site: int) -> tuple[str, bool]:
    """What an edit puts in, and whether the later steps follow it unchanged, which are then not repeated."""
    text = str(row["insert"])
    later = trace.reasoning[trace.steps[site - 1].stop :] if site else ""
    if row["then"] == "answer" and later.strip() and text.endswith(later):
        return text[: len(text) - len(later)], True
    return text, False


def _asked(plain: Question, edited: Question | None) -> list[tuple[str, str]]:
    """What the question of a probe adds to the plain one; its text and choices where they are others."""
    if edited is None:
        return []
    if len(edited.choices) == len(plain.choices):
        return added(plain, edited)
    choices = [(f"Choice {letter}", text) for letter, text in zip(edited.letters, edited.choices, strict=True)]
    return [("Question", edited.text), *choices]
