"""Peak memory by the length of the reasoning, each in a process of its own: `python -m benchmarks.throughput.peak WAY MODEL ...`.

On a CPU it is what the operating system says of the process, the loaded model in it; on a GPU what torch allocated at most. Both begin
again once the model is there. For the loop the longest batch alone is run: it needs the most.
"""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Sequence
from dataclasses import asdict
from pathlib import Path
from typing import Any

from benchmarks.throughput import shapes, subjects
from benchmarks.throughput.clock import LAST, NAIVE, OURS, LeftOut
from benchmarks.throughput.shapes import Shape
from cotfaith.types import PrefixTree

WAYS = (OURS, NAIVE, LAST)


def by_length(model: str, every: Sequence[Shape], ways: Sequence[str] = WAYS) -> list[dict[str, Any]]:
    """For each shape, the MiB of each of `ways` at its peak, and after the model was loaded."""
    return [{**asdict(shape), **{way: _child(way, model, shape) for way in ways}} for shape in every]


def _child(way: str, model: str, shape: Shape) -> dict[str, Any]:
    asked = [sys.executable, "-m", "benchmarks.throughput.peak", way, model, *map(str, (shape.prompt, shape.reasoning, shape.cuts))]
    done = subprocess.run(asked, check=True, stdout=subprocess.PIPE, text=True)
    found: dict[str, Any] = json.loads(done.stdout.splitlines()[-1])
    return found


def inside(engine: Any, way: str, shape: Shape) -> dict[str, Any]:
    """The process that is measured: its numbers."""
    trees = shapes.trees(engine.tokenizer, shape, seed=0)
    engine.score(shapes.trees(engine.tokenizer, shapes.SMALL[0], seed=99))  # weights are read from their file when first used
    loaded = mebibytes(engine, reset=True)
    if way == OURS:
        engine.score(trees)
    else:
        from benchmarks.throughput.loops import Loop  # noqa: PLC0415  with torch, in the measured process alone

        loop = Loop(engine.model, last=way == LAST)
        found = loop([longest(trees[0], loop.batch)])
        if isinstance(found, LeftOut):
            return {"left_out": found.reason}
    peak = mebibytes(engine)
    return {"loaded_mib": round(loaded, 1), "peak_mib": round(peak, 1), "above_loaded_mib": round(peak - loaded, 1)}


def longest(tree: PrefixTree, cuts: int) -> PrefixTree:
    """`tree` with its last `cuts` branches only."""
    return PrefixTree(tree.trunk, tree.branches[-cuts:])


def mebibytes(engine: Any, *, reset: bool = False) -> float:
    """The peak so far; of a GPU, since the last reset."""
    import torch  # noqa: PLC0415  in the measured process alone

    if engine.info.device.startswith("cuda"):
        if reset:
            torch.cuda.reset_peak_memory_stats()
        return torch.cuda.max_memory_allocated() / 2**20
    if reset:
        Path("/proc/self/clear_refs").write_text("5", encoding="ascii")  # proc(5): resets the peak resident set size
    status = dict(line.split(":", 1) for line in Path("/proc/self/status").read_text(encoding="ascii").splitlines())
    return int(status["VmHWM"].split()[0]) / 1024  # not ru_maxrss, which also counts the process that started this one


def main() -> None:
    """Measure one way and shape, and print the numbers."""
    way, model, *sizes = sys.argv[1:]
    print(json.dumps(inside(subjects.transformers_engine(model), way, Shape(*map(int, sizes)))))


if __name__ == "__main__":
    main()
