"""Verdicts: what each judge says of the reasonings whose answer is the one that a hint points at."""

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
THINKING = "thinking"  # the format whose reasoning stands in a channel of its own


def judge_readings(cell: Cell, shard: Shard) -> None:
    """Have every judge of the study judge what it has not judged yet."""
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
    """What there is to judge, with the reading that it is of."""
    by_name = {made.name: made for made in cell.opened.hints.values()}
    for one in texts(cell.directory, shard, cell.subject.format.name):
        hint = by_name.get(one.probe.kind)
        if hint is not None and one.probe.question is not None:
            yield one.reading, Claim(hint.name, hint.about, one.probe.question, one.probe.target, one.channel, one.text)


@dataclass(frozen=True, slots=True)
class Hinted:
    """A text that was written under a hint and answered with its target: where it stood, and the reading and probe that it is of."""

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
