"""The probes of a shard, and their edited questions."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

import pyarrow as pa

from cotfaith.storage import schema
from cotfaith.storage.run_directory import RunDirectory, Shard
from cotfaith.storage.schema import Row
from cotfaith.types import Probe, Question


def append(directory: RunDirectory, shard: Shard, rows: Sequence[Row], probes: Iterable[Probe], there: set[str]) -> None:
    """Commit `rows`, which are the rows of `probes`. Their edited questions are written first, each once.

    `there` are the digests of the edited questions in `shard`; new ones are added to it.
    """
    posed = dict.fromkeys(probe.question for probe in probes if probe.question is not None)
    edited = {row["digest"]: row for row in map(schema.edited_row, posed) if row["digest"] not in there}
    directory.append("edited_questions", shard, list(edited.values()))
    directory.append("probes", shard, rows)
    there.update(edited)


def edited(directory: RunDirectory, shard: Shard) -> dict[str, Question]:
    """The edited questions of `shard` by digest."""
    return {row["digest"]: schema.question(row) for row in directory.load("edited_questions", shard).to_pylist()}


def whole(rows: Iterable[Row], known: dict[str, Question]) -> list[Row]:
    """The `rows` whose edited question, if any, is in `known`. The other rows lost their question with a part, and are made again."""
    return [row for row in rows if row["question"] is None or row["question"] in known]


def load(directory: RunDirectory, shard: Shard) -> pa.Table:
    """The valid rows of `probes` in `shard`: the last ones, if an intervention probed a trace again from other pools."""
    table = directory.load("probes", shard)
    rows = table.select(["trace_id", "spec", "donor_pool", "example_pool"]).to_pylist()
    places = [((row["trace_id"], row["spec"]), (row["donor_pool"], row["example_pool"])) for row in rows]
    last = dict(places)
    return table.filter(pa.array([last[place] == pools for place, pools in places], pa.bool_()))
