"""The trace page of a run: one self-contained file beside the report, in which up to 2,000 traces can be read step by step.

The file holds a small index, then the traces in packed blocks. A browser parses the index at once, and unpacks a block when one of
its traces is opened. The page is written block by block, so that neither the traces nor the page are ever in memory as a whole.
"""

from __future__ import annotations

import base64
import gzip
import hashlib
import json
import tempfile
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import IO, Any

from markupsafe import Markup

from cotfaith.report import TRACES, rendering, titles, traces
from cotfaith.report.flags import FILTERS
from cotfaith.report.trace_choice import Choice, choose
from cotfaith.storage.run_directory import RunDirectory
from cotfaith.storage.whole_files import saying

BLOCK = 50  # traces in a block
BYTES = 48 * 1024 * 1024  # of all blocks, packed
START = 160  # characters of a question in the index
SCRIPTS = ("elements", "data", "list", "trace", "chart", "panel", "moving")
STYLES = ("base.css", "traces.css")


@dataclass(frozen=True, slots=True)
class Counted:
    """A filter with the number of traces that it holds for."""

    name: str
    title: str
    said: str
    count: int


@dataclass(frozen=True, slots=True)
class Written:
    """How many traces the page shows of how many there are, and the filters that hold for some of them."""

    shown: int
    total: int
    filters: tuple[Counted, ...]


@dataclass(slots=True)
class _Index:
    """What the page's script knows of all traces before it unpacks one."""

    questions: dict[tuple[str, str], int] = field(default_factory=dict)
    starts: list[dict[str, str]] = field(default_factory=list)
    entries: list[dict[str, Any]] = field(default_factory=list)
    counts: Counter[str] = field(default_factory=Counter)
    blocks: int = 0

    def place(self, shown: traces.Shown) -> int:
        """The number of the question of a trace."""
        key = shown.task, shown.question.id
        if key not in self.questions:
            self.questions[key] = len(self.starts)
            start = " ".join(shown.question.text[: 2 * START].split())[:START]
            self.starts.append({"id": shown.question.id, "task": shown.task, "start": start})
        return self.questions[key]

    def add(self, shown: traces.Shown, place: int) -> None:
        """Add a trace that stands at `place` of the next block."""
        last = shown.data["points"][-1]
        self.counts.update(shown.flags)
        self.entries.append(
            {
                "question": self.place(shown),
                "model": shown.trace.model,
                "strategy": shown.trace.strategy,
                "sample": shown.trace.sample,
                "answer": last["answer"] if last["given"] == 1.0 else None,
                "flags": shown.flags,
                "block": self.blocks,
                "place": place,
            }
        )

    def payload(self) -> dict[str, Any]:
        """The index as data for the page's script, by question."""
        ordered = sorted(self.entries, key=lambda one: (one["question"], one["model"], one["strategy"], one["sample"]))
        filters = [{"name": one.name, "title": one.title, "said": one.said, "count": one.count} for one in self.filters()]
        return {"questions": self.starts, "traces": ordered, "filters": filters, "blocks": self.blocks}

    def filters(self) -> tuple[Counted, ...]:
        """The filters that hold for some trace."""
        return tuple(Counted(one.name, one.title, one.said, self.counts[one.name]) for one in FILTERS if self.counts[one.name])


def write(directory: RunDirectory, subject: str, key: str = "") -> Written:
    """Write the trace page into the run directory; `key` stands for all that it shows. Return what it shows.

    Raises:
        StoreError: a file of the run cannot be read or written.
    """
    choice = choose(directory)
    with saying("write", directory.path / TRACES), tempfile.TemporaryFile() as blocks:
        index = _blocks(directory, choice, blocks)
        blocks.seek(0)
        script = Markup("\n").join(rendering.asset(f"viewer/{name}.js") for name in SCRIPTS)
        pieces = rendering.pieces(
            "traces.html",
            subject=subject,
            shown=said(len(index.entries), choice.total),
            style=Markup("\n").join(map(rendering.asset, STYLES)),
            script=script,
            digest=base64.b64encode(hashlib.sha256(script.encode()).digest()).decode(),
            index=index.payload(),
            blocks=(line.decode().rstrip() for line in blocks),
        )
        directory.write_pieces(TRACES, pieces, key)
    return Written(len(index.entries), choice.total, index.filters())


def said(shown: int, total: int) -> str:
    """How many of the traces the page shows."""
    if shown < total:
        return f"{shown:,} of {total:,} traces; the tables of the run have all of them."
    return f"{'All ' * (total > 1)}{titles.several(total, 'trace')}."


def _blocks(directory: RunDirectory, choice: Choice, out: IO[bytes]) -> _Index:
    """Write the chosen traces to `out`, one packed block a line, and return their index. Each cell has an equal part of what is left of `BYTES`."""
    index, left = _Index(), BYTES
    for place, cell in enumerate(choice.cells):
        budget = left // (len(choice.cells) - place)
        for block in _gathered(shown for shard, names in cell.items() for shown in traces.of_shard(directory, shard, names)):
            packed = _packed(block, index)
            if len(packed) > budget:
                break
            for i, shown in enumerate(block):
                index.add(shown, i)
            out.write(packed + b"\n")
            index.blocks += 1
            budget -= len(packed)
            left -= len(packed)
    return index


def _gathered(found: Iterator[traces.Shown]) -> Iterator[list[traces.Shown]]:
    """The traces in blocks."""
    block: list[traces.Shown] = []
    for shown in found:
        block.append(shown)
        if len(block) == BLOCK:
            yield block
            block = []
    if block:
        yield block


def _packed(block: list[traces.Shown], index: _Index) -> bytes:
    """The traces of a block with their questions, as JSON, compressed, in base64."""
    asked = {index.place(shown): traces.question_payload(shown.question) for shown in block}
    data = {"questions": asked, "traces": [shown.data for shown in block]}
    text = json.dumps(data, allow_nan=False, separators=(",", ":"))
    return base64.b64encode(gzip.compress(text.encode(), 6, mtime=0))
