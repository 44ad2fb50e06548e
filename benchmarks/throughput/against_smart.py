"""Early answering against the smart loop, and both against the machine's own matrix product."""

from __future__ import annotations

import statistics
from collections.abc import Mapping, Sequence
from dataclasses import asdict
from typing import Any

import torch

from benchmarks.throughput import operations, profile, roofline, shapes
from benchmarks.throughput.clock import BATCHED, OURS, SMART, LeftOut, Took, clocked, in_turn, side, times_faster
from benchmarks.throughput.shapes import LONG, REFERENCE, Shape
from benchmarks.throughput.smart import SmartLoop, Values

CASES = ((REFERENCE, 1), (REFERENCE, shapes.SAMPLES), (LONG, 1))  # shapes, and how many reasoning traces of each
SMALL = ((shapes.SMALL[0], 1), (shapes.SMALL[0], 2))
GAP = 2e-5  # the largest difference of log-probabilities in float32: absolute up to a size of 1, and relative beyond


def compare(engine: Any, shape: Shape, samples: int, *, repetitions: int) -> dict[str, Any]:
    """The engine and the smart loop on the same traces in turn, with the peak of the machine between them.

    On a GPU the loop that batches its cuts is measured as well.

    Raises:
        RuntimeError: in float32, values of the two differ by more than `GAP`.
    """
    loops = {SMART: SmartLoop(engine.model)}
    if engine.info.device.startswith("cuda"):
        loops[BATCHED] = SmartLoop(engine.model, batched=True)
    questions = [shapes.trees(engine.tokenizer, shape, seed=seed, samples=samples) for seed in range(repetitions)]
    values: list[Values] = [{}]
    peaks: list[float] = []

    def score(repetition: int) -> Took:
        peaks.append(roofline.peak(engine.model))
        found, seconds = clocked(lambda: engine.score(questions[repetition]))
        values[0] = {(t, b): list(one.logprobs) for t, several in enumerate(found) for b, one in enumerate(several)}
        return Took(seconds, sum(one.tokens_computed for several in found for one in several))

    ways = {OURS: score, **{name: lambda repetition, loop=loop: loop(questions[repetition]) for name, loop in loops.items()}}
    took = in_turn(ways, repetitions)
    gaps = {name: largest(values[0], loop.found) for name, loop in loops.items()}
    check(gaps, engine.info.dtype)
    sizes = operations.sizes(engine.model.config)
    work = {name: (operations.ours if name == OURS else operations.smart)(questions[0]) for name in ways}
    perfect = shapes.distinct(whole for tree in questions[0] for whole in shapes.sequences(tree))
    sides = {name: side(each, perfect) | counted(each, sizes.all(work[name]), max(peaks)) for name, each in took.items()}
    return {
        **asdict(shape), "samples": samples, "cue": shapes.product_cue(engine.tokenizer),
        "cue_tokens": len(questions[0][0].branches[0].suffix), "distinct_tokens": perfect,
        "peak_gflops": round(max(peaks) / 1e9, 1), "peak_gflops_each": [round(one / 1e9, 1) for one in peaks], **sides,
        "attention_alone_share_of_peak": round(roofline.attention(engine.model, sizes, shape.prompt + shape.reasoning) / max(peaks), 4),
        "times_faster": times_faster(sides), "largest_gap": gaps,
        "profile": profile.parts(lambda: engine.score(questions[-1]), sizes, work[OURS], max(peaks)),
    }  # fmt: skip


def counted(took: Sequence[Took | LeftOut], needed: int, peak: float) -> dict[str, Any]:
    """The operations of a way, and the share of `peak` (operations per second) that they reach in the median and at the ends."""
    seconds = [one.seconds for one in took if isinstance(one, Took)]
    middle, lowest, highest = (needed / each / peak for each in (statistics.median(seconds), max(seconds), min(seconds)))
    return {
        "operations": needed,
        "share_of_peak": round(middle, 4),
        "share_of_peak_range": [round(lowest, 4), round(highest, 4)],
    }


def largest(ours: Values, theirs: Values) -> float:
    """The largest difference of two ways' log-probabilities, relative where they are beyond -1; both read the same cuts."""
    if ours.keys() != theirs.keys():
        raise RuntimeError(f"The ways read different cuts: {len(ours)} and {len(theirs)}.")
    return max(abs(a - b) / max(1.0, abs(b)) for place, values in ours.items() for a, b in zip(values, theirs[place], strict=True))


def check(gaps: Mapping[str, float], dtype: str) -> None:
    """Refuse values in float32 that differ by more than rounding."""
    for name, gap in gaps.items():
        if dtype == str(torch.float32).removeprefix("torch.") and not gap <= GAP:
            raise RuntimeError(f"The values of {name} differ from ours by {gap:.1e}, more than {GAP:.0e}: one of them is wrong.")
