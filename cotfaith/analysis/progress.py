"""How much of its study a run has done: the reasoning traces that it has of those that it needs, and the answers that are not read yet."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass

import pandas as pd

from cotfaith.storage import manifests, probes
from cotfaith.storage.run_directory import RunDirectory, Shard
from cotfaith.study import Study

COLUMNS = ("model", "task", "traces", "cut", "too_long", "unread", "gone")


@dataclass(frozen=True, slots=True)
class Counts:
    """What a run holds.

    `traces` are its reasoning traces, of which the token limit cut `cut`; `unread` are answers that probes ask for and that are not
    read yet; `gone` are traces that are not there, though there are probes of them. `too_long` are traces of questions that fill the
    context of the model, so that it could write nothing.
    """

    traces: int = 0
    cut: int = 0
    unread: int = 0
    gone: int = 0
    too_long: int = 0


@dataclass(frozen=True, slots=True)
class Progress:
    """How much is done. The study needs `of` traces: at most, if `limit` is more than the questions that a task was seen to have.

    `all_cut` names the models and tasks all of whose traces the token limit cut. `by_hand` is whether somebody changed the manifest,
    which names the study, on purpose.
    """

    counts: Counts
    of: int
    complete: bool
    all_cut: tuple[str, ...] = ()
    by_hand: bool = False

    def sentence(self) -> str:
        """What is not done, and whether the study was changed by hand, in words; empty for a complete run of its own study."""
        held = self.counts
        said = []
        if not self.complete:
            some = f"{held.traces:,} of up to {self.of:,} reasoning traces are there"
            answers = f", and {_several(held.unread, 'answer')} not read yet" if held.unread else ""
            said.append(f"The run is not complete: {some}{answers}. Give its command again to go on.")
        if held.gone:
            said.append(f"The probes of {held.gone:,} lost reasoning trace{'s' if held.gone != 1 else ''} do not enter.")
        if self.by_hand:
            said.append(
                "The file manifest.json was changed by hand (it has no digest): the numbers are of the study that it now names."
            )
        return " ".join(said)


def counts(directory: RunDirectory) -> pd.DataFrame:
    """What `directory` holds of each model and task: a row each, with `COLUMNS`, as in `Counts`."""
    found = directory.table("traces", ["id", "finish", "model", "task"]).to_pylist()
    finish = {row["id"]: row["finish"] for row in found}
    cells = {row["id"]: (row["model"], row["task"]) for row in found}
    traces = Counter(cells.values())
    cut, too_long = (Counter(cells[name] for name, how in finish.items() if how == one) for one in ("length", "too_long"))
    unread, gone = Counter[tuple[str, str]](), set[tuple[tuple[str, str], str]]()
    for shard in directory.shards("probes"):
        cell, missing, lost = _of_shard(directory, shard, finish)
        unread[cell] += missing
        gone |= {(cell, trace) for trace in lost}
    lost_by = Counter(cell for cell, _ in gone)
    every = dict.fromkeys([*traces, *unread])
    rows = [(*cell, traces[cell], cut[cell], too_long[cell], unread[cell], lost_by[cell]) for cell in every]
    return pd.DataFrame(rows, columns=list(COLUMNS))


def progress(found: pd.DataFrame, directory: RunDirectory, study: Study) -> Progress:
    """The progress of `directory`, whose study is `study` and whose `counts` were `found`."""
    held = Counts(**{name: int(found[name].sum()) for name in Counts.__dataclass_fields__})
    manifest = directory.manifest()
    sizes = manifest.get("sizes", {})
    questions = sum(min(study.limit, sizes.get(task, study.limit)) for task in study.task)
    wanted = questions * len(study.model) * len(study.strategy) * study.samples
    whole = found[(found["cut"] == found["traces"]) & (found["traces"] > 0)]
    all_cut = tuple(f"{row['model']} on {row['task']}" for row in whole.to_dict("records"))
    done = bool(manifest.get("complete", False)) and not held.unread and held.traces >= wanted
    return Progress(held, wanted, done, all_cut, by_hand=manifests.is_changed(manifest))


def _of_shard(directory: RunDirectory, shard: Shard, traces: dict[str, str]) -> tuple[tuple[str, str], int, set[str]]:
    """The model and task of `shard`, the number of its answers that are not read yet, and its traces that are gone."""
    asked = probes.load(directory, shard).select(["trace_id", "reading_id", "valid", "model", "task"]).to_pylist()
    there = {row["reading_id"] for row in asked if row["valid"] and row["trace_id"] in traces}
    read = set(directory.load("readings", shard, ["id"])["id"].to_pylist())
    cell = (asked[0]["model"], asked[0]["task"]) if asked else ("", "")
    return cell, len(there - read), {row["trace_id"] for row in asked} - traces.keys()


def _several(n: int, what: str) -> str:
    return f"{n:,} {what} is" if n == 1 else f"{n:,} {what}s are"
