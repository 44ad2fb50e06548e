"""Counts of what a run holds. They are made shard by shard, so that memory is bounded by one shard."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field

from cotfaith.prompts import stray_tags
from cotfaith.report import titles
from cotfaith.storage import losses, probes
from cotfaith.storage.run_directory import RunDirectory, Shard
from cotfaith.storage.schema import Row

STATES = ("answered", "unparsed", "truncated", "refused", "error")
UNREAD = "not read yet"
FAILED = "failed check"  # of a probe whose edit failed its check: it is never read
ARMS = ("no_reasoning", "treated", "control", "full")

Cell = tuple[str, str, str]  # model, task, strategy


@dataclass(slots=True)
class Counts:
    """Questions and traces by cell, probes by (model, task, intervention, spec, arm) and state, option counts by task.

    `cut` counts the traces that the token limit cut, and `tagged` those with what looks like a tag of a channel that their format does
    not use. `changed` describes the parameters of each spec that differ from the defaults.
    """

    questions: Counter[Cell] = field(default_factory=Counter)
    traces: Counter[Cell] = field(default_factory=Counter)
    cut: Counter[Cell] = field(default_factory=Counter)
    tagged: Counter[Cell] = field(default_factory=Counter)
    probes: dict[tuple[str, str, str, str, str], Counter[str]] = field(default_factory=dict)
    changed: dict[str, str] = field(default_factory=dict)
    options: dict[str, Counter[int]] = field(default_factory=dict)

    def chance(self) -> dict[str, float]:
        """For each task whose questions all have options, the share of equal answers that random answering would give."""
        known = {task: sizes for task, sizes in self.options.items() if 0 not in sizes}
        return {task: sum(n / k for k, n in sizes.items()) / sizes.total() for task, sizes in known.items()}


def count(directory: RunDirectory) -> Counts:
    """The counts of all that `directory` holds."""
    manifest = directory.manifest()
    identities = manifest.get("identities", {})
    forms = {name: subject.get("fingerprint", {}).get("format", "") for name, subject in manifest.get("subjects", {}).items()}
    counts = Counts(changed={spec: _changed(identity) for spec, identity in identities.items()})
    for shard in directory.shards("traces"):
        _count_traces(directory, shard, counts, forms)
        _count_probes(directory, shard, counts)
    return counts


def _changed(identity: Row) -> str:
    return ", ".join(f"{name}={value}" for name, value in identity["parameters"].items())


def _count_traces(directory: RunDirectory, shard: Shard, counts: Counts, forms: Mapping[str, str]) -> None:
    sizes = {row["id"]: len(row["choices"]) for row in directory.load("questions", shard, ["id", "choices"]).to_pylist()}
    names = ["id", "model", "task", "strategy", "question_id", "finish", "reasoning"]
    rows = directory.load("traces", shard, names).to_pylist()
    for row in {row["id"]: row for row in rows}.values():
        counts.traces[_cell(row)] += 1
        counts.cut[_cell(row)] += row["finish"] == "length"
        counts.tagged[_cell(row)] += bool(stray_tags(forms.get(row["model"], ""), row["reasoning"]))
    for cell, question in {(_cell(row), row["question_id"]) for row in rows}:
        counts.questions[cell] += 1
        counts.options.setdefault(cell[1], Counter())[losses.asked(sizes, question, directory.path)] += 1


def _cell(row: Row) -> Cell:
    return row["model"], row["task"], row["strategy"]


def _count_probes(directory: RunDirectory, shard: Shard, counts: Counts) -> None:
    readings = directory.load("readings", shard, ["id", "state"]).to_pylist()
    states = {row["id"]: row["state"] for row in readings}
    names = ["id", "model", "task", "intervention", "spec", "arm", "valid", "reading_id"]
    rows = probes.load(directory, shard).select(names).to_pylist()
    for row in {row["id"]: row for row in rows}.values():
        found = counts.probes.setdefault((row["model"], row["task"], row["intervention"], row["spec"], row["arm"]), Counter())
        found[states.get(row["reading_id"], UNREAD) if row["valid"] else FAILED] += 1


@dataclass(frozen=True, slots=True)
class States:
    """A table of readings by arm and state: its text columns, its count columns, and its rows."""

    words: tuple[str, ...]
    counted: tuple[str, ...]
    rows: tuple[StatesRow, ...]


@dataclass(frozen=True, slots=True)
class StatesRow:
    """The cell and intervention, the arm, and the number of readings in each state."""

    about: tuple[str, ...]
    arm: str
    counts: tuple[str, ...]


def table(counts: Counts) -> States:
    """The number of readings in each state, by arm. The last column counts edits that failed their check, which have no reading."""
    met = {state for found in counts.probes.values() for state in found}
    states = [*STATES, *(state for state in (UNREAD, FAILED) if state in met)]
    single = len({(model, task) for model, task, _ in counts.traces}) == 1
    specs = Counter(name for name, _ in {(name, spec) for _, _, name, spec, _ in counts.probes})
    rows = []
    for (model, task, name, spec, arm), found in sorted(counts.probes.items(), key=_place):
        shown = f"{name}({counts.changed.get(spec, spec)})" if specs[name] > 1 else name
        numbers = (found.total() - found[FAILED], *(found[state] for state in states))
        about = (shown,) if single else (model, task, shown)
        rows.append(StatesRow(about, arm.replace("_", " "), tuple(f"{n:,}" for n in numbers)))
    words = ("Intervention", "Arm") if single else ("Model", "Task", "Intervention", "Arm")
    return States(words, ("Readings", *map(titles.title, states)), tuple(rows))


def _place(item: tuple[tuple[str, str, str, str, str], Counter[str]]) -> tuple[str, str, str, str, int]:
    model, task, name, spec, arm = item[0]
    return model, task, name, spec, ARMS.index(arm)
