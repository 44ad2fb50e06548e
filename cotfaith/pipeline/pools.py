"""What an intervention may draw from besides its own trace: donors and examples.

A pool holds everything that the directory currently has for it. A probe stores the digest of the pool that it was drawn from. When
a run is extended and the pool has grown, its probes are made again from the new pool, so that the result does not depend on how the
run reached its size. Unchanged readings are shared.
"""

from __future__ import annotations

from collections.abc import Sequence

from cotfaith import seeds
from cotfaith.pipeline.cell import Cell, cell_name
from cotfaith.pipeline.few_shot import examples
from cotfaith.storage import schema
from cotfaith.storage.run_directory import Shard
from cotfaith.types import Question, Trace


def donors(cell: Cell, shard: Shard, traces: Sequence[Trace], model: str = "") -> list[Trace]:
    """The possible donors by key: the model's own traces in `shard` (and in the shard before, if it has only one question), or another model's.

    `traces` are the traces of the current model.
    """
    if model == cell.subject.name:
        return []
    if model:
        pool = stored(cell, Shard(cell_name(model, cell.task), shard.index))
    else:
        pool = [*stored(cell, shard), *traces]
        if shard.index and len({trace.question_id for trace in pool}) == 1:
            pool += stored(cell, Shard(shard.cell, shard.index - 1))
    return sorted({trace.id: trace for trace in pool}.values(), key=lambda trace: (trace.stream, trace.id))


def donor_digests(cell: Cell, shard: Shard, traces: Sequence[Trace], model: str = "") -> dict[str, str]:
    """The digest of the donors of each strategy."""
    pool = donors(cell, shard, traces, model)
    strategies = dict.fromkeys(trace.strategy for trace in (*pool, *traces))
    return {name: seeds.key("donors", [trace.id for trace in pool if trace.strategy == name]) for name in strategies}


def shown(cell: Cell) -> tuple[Question, ...]:
    """The questions that few-shot prompts may show. No run of this directory asks any of them."""
    limit = cell.directory.manifest().get("study", {}).get("limit", 0)
    return examples(cell.opened.tasks[cell.task], max(limit, cell.study.limit))


def example_digest(cell: Cell) -> str:
    """The digest of `shown`."""
    return seeds.key("examples", [schema.digest(question) for question in shown(cell)])


def stored(cell: Cell, shard: Shard) -> list[Trace]:
    """The traces of `shard` that are on disk."""
    return [schema.trace(row) for row in cell.directory.load("traces", shard).to_pylist()]
