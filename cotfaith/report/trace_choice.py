"""Which traces the trace page shows: all of them, or the first samples of as many questions as there is room for."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from itertools import islice, zip_longest

from cotfaith.storage.run_directory import RunDirectory, Shard

LIMIT = 2000  # traces on the page


@dataclass(frozen=True, slots=True)
class Choice:
    """The ids of the traces to show by shard, for each cell (a model on a task) in turn, and the number of all traces."""

    cells: tuple[Mapping[Shard, frozenset[str]], ...]
    total: int


def choose(directory: RunDirectory, limit: int = LIMIT) -> Choice:
    """The traces to show of a run: up to `limit`, shared equally among the cells. A small cell leaves its share to the others."""
    cells: dict[str, dict[str, list[tuple[int, str, Shard]]]] = {}
    for shard in directory.shards("traces"):
        questions = cells.setdefault(shard.cell, {})
        rows = directory.load("traces", shard, ["id", "question_id", "sample"]).to_pylist()
        for row in {row["id"]: row for row in rows}.values():
            questions.setdefault(row["question_id"], []).append((row["sample"], row["id"], shard))
    sizes = {cell: sum(map(len, questions.values())) for cell, questions in cells.items()}
    budgets = shared(sizes, limit)
    return Choice(tuple(_first(questions, budgets[cell]) for cell, questions in cells.items()), sum(sizes.values()))


def shared(sizes: Mapping[str, int], limit: int) -> dict[str, int]:
    """`limit` shared equally among parts of these sizes, none of which gets more than it has."""
    found: dict[str, int] = {}
    left = limit
    for place, (name, size) in enumerate(sorted(sizes.items(), key=lambda one: (one[1], one[0]))):
        found[name] = min(size, left // (len(sizes) - place))
        left -= found[name]
    return found


def _first(questions: Mapping[str, list[tuple[int, str, Shard]]], budget: int) -> dict[Shard, frozenset[str]]:
    """Up to `budget` traces: the first sample of every question, then the second, and so on."""
    rounds = zip_longest(*(sorted(those, key=lambda one: one[:2]) for those in questions.values()))
    chosen: dict[Shard, set[str]] = {}
    for _, name, shard in islice((one for those in rounds for one in those if one is not None), budget):
        chosen.setdefault(shard, set()).add(name)
    return {shard: frozenset(names) for shard, names in sorted(chosen.items(), key=lambda one: one[0].index)}
