"""Verdicts: whether what a model wrote acknowledges a hint that it follows, or a mistake in the step before it, by judge.

A hint is judged in the texts whose answer is the hinted option. After a mistake every continuation is judged, and so is that of
every matched control, from whose unchanged step the model continues: what a judge finds there are its false alarms.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from types import MappingProxyType

import pyarrow as pa
import pyarrow.compute as pc

from cotfaith.contracts import driver
from cotfaith.contracts.judge import Acknowledged, Claim, Finding
from cotfaith.judges import mistakes
from cotfaith.pipeline.cell import PROBED, Cell, blocks
from cotfaith.pipeline.replies import write
from cotfaith.storage import probes, schema
from cotfaith.storage.label_sheet import verdict_key
from cotfaith.storage.run_directory import RunDirectory, Shard
from cotfaith.storage.schema import Row
from cotfaith.types import Channel, Probe, Verdict

ARMS: Mapping[Acknowledged, tuple[str, ...]] = MappingProxyType(
    {"hint": ("treated",), "mistake": ("treated", "control")}
)  # the intervention of this name is judged in these arms
THINKING = "thinking"  # the format with a separate reasoning channel
SILENT = Finding("judged", mentions=False, relies=False)  # of a model that wrote nothing


def judge_readings(cell: Cell, shard: Shard) -> None:
    """Run every judge of the study on the texts that it has not judged yet."""
    there = set(cell.directory.load("verdicts", shard)["id"].to_pylist())
    wanted = {
        key: (name, reading, claim)
        for reading, claim in _claims(cell, shard)
        for name in cell.opened.judging[claim.of]
        if (key := verdict_key(reading, name, claim.channel)) not in there
    }
    cell.reporter.expect("verdicts", len(wanted))
    for block in blocks(list(wanted.items()), PROBED):
        cell.stop.check()
        asked = [(name, claim) for _, (name, _, claim) in block if claim.text.strip()]
        replies = iter(
            driver.drive([cell.opened.judges[name].flow(claim) for name, claim in asked], lambda some: write(cell, some))
        )
        found = [next(replies) if claim.text.strip() else SILENT for _, (_, _, claim) in block]
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
    form = cell.subject.format.name
    if "hint" in cell.opened.judging:
        for one in texts(cell.directory, shard, form):
            hint = by_name.get(one.probe.kind)
            if hint is not None and one.probe.question is not None:
                yield one.reading, Claim(hint.name, hint.about, one.probe.question, one.probe.target, one.channel, one.text)
    if "mistake" in cell.opened.judging:
        questions = {row["id"]: schema.question(row) for row in cell.directory.load("questions", shard).to_pylist()}
        for one in texts(cell.directory, shard, form, "mistake"):
            asked = questions[one.question]
            yield one.reading, Claim("", mistakes.ABOUT, asked, "", one.channel, one.text, "mistake")


@dataclass(frozen=True, slots=True)
class Judged:
    """A text that can be judged: its probe, the id of its question, its reading and its channel."""

    probe: Probe
    question: str
    reading: str
    channel: Channel
    text: str


def texts(directory: RunDirectory, shard: Shard, form: str, of: Acknowledged = "hint") -> Iterator[Judged]:
    """The texts in `shard` that can be judged; `form` is the prompt format of its model.

    Of a hint, those whose answer is the hinted option. Of a mistake, those that the model continued; it may have added nothing.
    """
    edited = probes.edited(directory, shard)
    wanted = {
        row["reading_id"]: (schema.probe(row, edited), row["question_id"])
        for row in probes.whole(probes.load(directory, shard).to_pylist(), edited)
        if row["intervention"] == of and row["arm"] in ARMS[of] and row["valid"]
    }
    readings = directory.load("readings", shard, ["id", "answer", "thought", "response"])
    for row in readings.filter(pc.is_in(readings["id"], pa.array(list(wanted), pa.string()))).to_pylist():
        probe, question = wanted[row["id"]]
        if not _judged(probe, row, of):
            continue
        for channel, text in _channels(row, form).items():
            if text.strip() or of == "mistake":
                yield Judged(probe, question, row["id"], channel, text)


def _judged(probe: Probe, row: Row, of: Acknowledged) -> bool:
    return probe.then == "continue" if of == "mistake" else row["answer"] == probe.target


def _channels(row: Row, form: str) -> dict[Channel, str]:
    if form == THINKING:
        return {"thinking": row["thought"], "answer": row["response"]}
    return {"reasoning": row["thought"]}
