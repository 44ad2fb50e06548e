"""Verdicts: whether each reasoning trace whose answer follows a hint acknowledges the hint, by judge."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from cotfaith.contracts import driver
from cotfaith.contracts.judge import Claim, Finding
from cotfaith.pipeline.cell import PROBED, Cell, blocks
from cotfaith.pipeline.replies import write
from cotfaith.storage import probes, schema
from cotfaith.storage.label_sheet import verdict_key
from cotfaith.storage.run_directory import RunDirectory, Shard
from cotfaith.storage.schema import Row
from cotfaith.types import Channel, Probe, Verdict

HINT = "hint"  # the intervention whose readings are judged
THINKING = "thinking"  # the format with a separate reasoning channel


def judge_readings(cell: Cell, shard: Shard) -> None:
    """Run every judge of the study on the texts that it has not judged yet."""
    there = set(cell.directory.load("verdicts", shard)["id"].to_pylist())
    wanted = {
        key: (name, reading, claim)
        for reading, claim in _claims(cell, shard)
        for name in cell.opened.judges
        if (key := verdict_key(reading, name, claim.channel)) not in there
    }
    cell.reporter.expect("verdicts", len(wanted))
    for block in blocks(list(wanted.items()), PROBED):
        cell.stop.check()
        flows = [cell.opened.judges[name].flow(claim) for _, (name, _, claim) in block]
        found = driver.drive(flows, lambda requests: write(cell, requests))
        rows = [
            schema.verdict_row(_verdict(key, name, reading, claim, finding), cell.subject.name, cell.task)
            for (key, (name, reading, claim)), finding in zip(block, found, strict=True)
        ]
        cell.directory.append("verdicts", shard, rows)
        cell.reporter.done("verdicts", len(rows))


def _verdict(key: str, judge: str, reading: str, claim: Claim, finding: Finding) -> Verdict:
    parts = (finding.state, finding.mentions, finding.relies, finding.raw)
    return Verdict(key, reading, judge, claim.channel, claim.hint, *parts)


def _claims(cell: Cell, shard: Shard) -> Iterator[tuple[str, Claim]]:
    """A text to judge, with its reading."""
    by_name = {made.name: made for made in cell.opened.hints.values()}
    for one in texts(cell.directory, shard, cell.subject.format.name):
        hint = by_name.get(one.probe.kind)
        if hint is not None and one.probe.question is not None:
            yield one.reading, Claim(hint.name, hint.about, one.probe.question, one.probe.target, one.channel, one.text)


@dataclass(frozen=True, slots=True)
class Hinted:
    """A text that the model wrote under a hint and whose answer is the hinted option: its channel, its reading and its probe."""

    probe: Probe
    reading: str
    channel: Channel
    text: str


def texts(directory: RunDirectory, shard: Shard, form: str) -> Iterator[Hinted]:
    """The texts in `shard` that can be judged; `form` is the prompt format of its model."""
    edited = probes.edited(directory, shard)
    hinted = {
        row["reading_id"]: schema.probe(row, edited)
        for row in probes.whole(probes.load(directory, shard).to_pylist(), edited)
        if row["intervention"] == HINT and row["arm"] == "treated" and row["valid"]
    }
    for row in directory.load("readings", shard).to_pylist() if hinted else []:
        probe = hinted.get(row["id"])
        if probe is not None and row["answer"] == probe.target:
            yield from (Hinted(probe, row["id"], channel, text) for channel, text in _channels(row, form).items() if text.strip())


def _channels(row: Row, form: str) -> dict[Channel, str]:
    if form == THINKING:
        return {"thinking": row["thought"], "answer": row["response"]}
    return {"reasoning": row["thought"]}
