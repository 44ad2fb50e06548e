"""Hand labels of a run: the sheet to fill in, and its labels as verdicts."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from cotfaith.errors import StoreError, UsageError
from cotfaith.pipeline.judge import Judged, texts
from cotfaith.prompts import posed
from cotfaith.storage import label_sheet, schema
from cotfaith.storage.run_directory import RunDirectory, Shard
from cotfaith.types import Verdict


def write_sheet(directory: RunDirectory, path: Path) -> int:
    """Write a row for every text of the run that can be labelled. Return the number of rows.

    Raises:
        UsageError: there is no such text, or the sheet cannot be written.
        StoreError: the manifest does not say what the format of a model was.
    """
    items = [_item(one) for _, one in _texts(directory)]
    if not items:
        raise UsageError(
            f"Run {directory.path} has no text to label, since no answer followed a hint: run the measure hint_effect first."
        )
    label_sheet.write_sheet(items, path)
    return len(items)


def read_sheet(directory: RunDirectory, path: Path) -> int:
    """Store the labels of the sheet `path`, replacing earlier labels of the same texts. Return the number of labels.

    Raises:
        DataError: the file is not a sheet, or a row does not belong to the run.
        UsageError: no row is filled in.
    """
    places = {(one.reading, one.channel): (shard, one.probe.kind) for shard, one in _texts(directory)}
    verdicts = label_sheet.read_sheet(path, {key: hint for key, (_, hint) in places.items()})
    if not verdicts:
        raise UsageError(f"No row of {path} is filled in: write yes or no in the columns mentions and relies.")
    by_shard: dict[Shard, list[Verdict]] = {}
    for verdict in verdicts:
        by_shard.setdefault(places[verdict.reading_id, verdict.channel][0], []).append(verdict)
    for shard, those in by_shard.items():
        model, task = _cell(directory, shard)
        directory.append("verdicts", shard, [schema.verdict_row(verdict, model, task) for verdict in those])
    return len(verdicts)


def _texts(directory: RunDirectory) -> Iterator[tuple[Shard, Judged]]:
    subjects = directory.manifest().get("subjects", {})
    for shard in directory.shards("probes"):
        model, _ = _cell(directory, shard)
        form = subjects.get(model, {}).get("fingerprint", {}).get("format")
        if form is None:
            raise StoreError(f"The manifest.json of {directory.path} has no prompt format of {model}: restore it from a copy.")
        yield from ((shard, one) for one in texts(directory, shard, form))


def _cell(directory: RunDirectory, shard: Shard) -> tuple[str, str]:
    row = directory.load("probes", shard, ["model", "task"]).slice(0, 1).to_pylist()[0]
    return row["model"], row["task"]


def _item(one: Judged) -> label_sheet.Item:
    question = one.probe.question
    asked = "" if question is None else "\n\n".join([*(turn.text for turn in question.turns), posed(question)])
    return label_sheet.Item(one.reading, one.channel, one.probe.kind, one.probe.target, asked, one.text)
