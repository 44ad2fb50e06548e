"""The vLLM engine against itself with prefix caching switched off, and its sampling against vLLM's own `generate`."""

from __future__ import annotations

import os
import tempfile
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import closing, contextmanager
from dataclasses import asdict
from pathlib import Path
from typing import Any

from benchmarks.throughput import shapes, subjects, writing
from benchmarks.throughput.clock import OFF, OURS, Took, clocked, growth, in_turn, side, times_faster
from benchmarks.throughput.shapes import Ids, Shape, every_kth, sequences
from benchmarks.throughput.writing import Writing
from cotfaith.types import PrefixTree

TIMED_ON_CPU = 5_000  # tokens of requests without cache that are timed; on two cores some ten seconds
TIMED_LARGER = 10_000  # the same for the larger model: one of the three reasoning traces of the reference shape, three minutes
DUMMY = {"load_format": "dummy"}  # vLLM draws the weights
ON_CPU = {"max_model_len": 8192, "enforce_eager": True}  # compiling takes two minutes an engine, and makes it no faster there
# Two engines stand on the card side by side.
ON_GPU = {"max_model_len": 8192, "dtype": "bfloat16", "gpu_memory_utilization": 0.42}


def early(
    cached: Any,
    off: Any,
    shape: Shape,
    *,
    repetitions: int,
    budget: float = float("inf"),
    fresh: Callable[[], Any] = int,
    cue: str = shapes.BRIEF,
) -> dict[str, Any]:
    """Reading all cuts of the traces of one question: engines that differ in their prefix caching only.

    `fresh` empties the cache, before each measurement of ours.
    """
    questions = [shapes.trees(cached.tokenizer, shape, seed=seed, cue=cue) for seed in range(repetitions)]
    before: dict[str, int] = asdict(cached.counts)
    values: dict[str, list[tuple[float, ...]]] = {}

    def score(engine: Any, trees: Sequence[PrefixTree], name: str) -> tuple[float, int]:
        found, seconds = clocked(lambda: engine.score(trees))
        values[name] = [one.logprobs for several in found for one in several]
        return seconds, sum(one.tokens_computed for several in found for one in several)

    def ours(repetition: int) -> Took:
        fresh()
        return Took(*score(cached, questions[repetition], OURS))

    def apart(repetition: int) -> Took:
        trees = questions[repetition]
        some, places = thin(trees, budget)
        total, timed = asked(trees), asked(some)
        seconds, computed = score(off, some, OFF)
        return Took(
            seconds * total / timed, round(computed * total / timed), len(places), sum(len(tree.branches) for tree in trees)
        )

    took = in_turn({OURS: ours, OFF: apart}, repetitions)
    perfect = shapes.distinct(whole for tree in questions[0] for whole in sequences(tree))
    sides = {name: side(each, perfect) for name, each in took.items()}
    _, places = thin(questions[0], budget)
    pairs = zip([values[OURS][i] for i in places], values[OFF], strict=True)
    return {
        **asdict(shape), "samples": shapes.SAMPLES, "cue": cue, "distinct_tokens": perfect,
        **sides, "times_faster": times_faster(sides), "counts": shared(before, asdict(cached.counts)),
        "largest_log_probability_gap": max(abs(a - b) for mine, theirs in pairs for a, b in zip(mine, theirs, strict=True)),
    }  # fmt: skip


def by_cue(cached: Any, off: Any, shape: Shape, *, budget: float) -> list[dict[str, Any]]:
    """The reference shape with a shorter and a longer cue: what follows each cut is computed again, cached or not."""
    return [
        early(cached, off, shape, repetitions=3, budget=budget, fresh=emptied(cached), cue=cue)
        for cue in (shapes.BRIEFEST, shapes.CUE)
    ]


def thin(trees: Sequence[PrefixTree], budget: float) -> tuple[list[PrefixTree], range]:
    """`trees`, or every k-th cut of the first one if all have more than `budget` tokens; and the places of the cuts that are there."""
    if asked(trees) <= budget:
        return list(trees), range(sum(len(tree.branches) for tree in trees))
    places = every_kth([len(whole) for whole in sequences(trees[0])], budget)
    return [PrefixTree(trees[0].trunk, tuple(trees[0].branches[i] for i in places))], places


def asked(trees: Sequence[PrefixTree]) -> int:
    """The tokens of all sequences of `trees`."""
    return sum(len(whole) for tree in trees for whole in sequences(tree))


def shared(before: Mapping[str, int], after: Mapping[str, int]) -> dict[str, Any]:
    """What the engine counted in between, and the share of the whole blocks that could be shared that came from its cache."""
    counted = {name: after[name] - before[name] for name in after}
    part = counted["shared"] / counted["shareable"] if counted["shareable"] else None
    return {**counted, "shared_over_shareable": None if part is None else round(part, 4)}


def sampling(engine: Any, wanted: Writing, *, repetitions: int) -> dict[str, Any]:
    """Our sampling against vLLM's own, without seeds and with those that ours has; the cache is emptied before each."""
    llm = engine.core.llm
    writers = {
        OURS: writing.ours(engine, wanted),
        "bare_generate": bare(llm, wanted, seeded=False),
        "bare_generate_seeded": bare(llm, wanted, seeded=True),
    }
    return writing.compare(wanted, writers, engine.tokenizer, repetitions=repetitions, fresh=emptied(engine))


def emptied(engine: Any) -> Callable[[], None]:
    """What empties the cache of `engine`."""

    def empty() -> None:
        if not engine.core.llm.reset_prefix_cache():
            raise RuntimeError("vLLM did not empty its prefix cache: a request still holds blocks.")

    return empty


def bare(llm: Any, wanted: Writing, *, seeded: bool) -> writing.Writer:
    """The own way of vLLM: one request a prompt, with all its samples."""
    from vllm import SamplingParams  # noqa: PLC0415  heavy, and only where it is installed

    def write(prompts: Sequence[Ids]) -> int:
        parameters = [
            SamplingParams(
                n=wanted.samples, temperature=writing.TEMPERATURE, top_p=writing.TOP_P, max_tokens=wanted.new,
                seed=1000 * i if seeded else None,
            )
            for i in range(len(prompts))
        ]  # fmt: skip
        made = llm.generate([{"prompt_token_ids": list(ids)} for ids in prompts], parameters, use_tqdm=False)
        return sum(len(output.token_ids) for one in made for output in one.outputs)

    return write


def measure(*, small: bool, keep: Callable[[dict[str, Any]], Any]) -> None:
    """Measure every model, and keep an entry for each; on a CPU, with the reference shape on a larger model beside it."""
    device = subjects.gpu()
    os.environ.setdefault("VLLM_CPU_KVCACHE_SPACE", "1")
    for name in subjects.names(on_gpu=bool(device), small=small):
        entry = _entry(name, device, small=small)
        if not device and not small:
            entry["larger_model"] = larger(shapes.REFERENCE)
        keep(entry)


@contextmanager
def _engines(name: str, arguments: Mapping[str, Any], shape: Shape) -> Iterator[tuple[Any, Any]]:
    """The engines of a model with and without its cache, after a first reasoning of `shape`, for which memory is taken once."""
    from cotfaith.engines.vllm import VllmEngine  # noqa: PLC0415  heavy, and only where it is installed

    with tempfile.TemporaryDirectory() as parent:
        source = subjects.folder(name, Path(parent))
        with (
            closing(VllmEngine(source, **arguments)) as cached,
            closing(VllmEngine(source, enable_prefix_caching=False, **arguments)) as off,
        ):
            for engine in (cached, off):
                engine.score(shapes.trees(engine.tokenizer, shape, seed=99, samples=1))
            yield cached, off


def _entry(name: str, device: str, *, small: bool) -> dict[str, Any]:
    arguments = ON_GPU | DUMMY if device else ON_CPU
    budget = float("inf") if device else TIMED_ON_CPU
    first = shapes.SMALL[0] if small else shapes.REFERENCE
    with _engines(name, arguments, first) as (cached, off):
        rows = []
        for shape in shapes.SMALL if small else shapes.SHAPES:
            repetitions = shapes.repetitions(shape, small=small)
            timed = float("inf") if shape == shapes.REFERENCE else budget  # all of it, since figures are promised there
            rows.append(early(cached, off, shape, repetitions=repetitions, budget=timed, fresh=emptied(cached)))
            print(shape, rows[-1]["times_faster"], rows[-1][OURS], rows[-1]["counts"], flush=True)
        cues = by_cue(cached, off, first, budget=budget)
        wanted = writing.SMALL if small else writing.ON_GPU if device else writing.ON_CPU
        written = sampling(cached, wanted, repetitions=2 if small else 4)
        return {
            "engine": "vllm", "device": device or "cpu", "model": name, "dtype": cached.info.dtype, "context": cached.info.context,
            "arguments": dict(cached.info.arguments), "early_answering": rows, "by_cue": cues, "growth_with_cuts": growth(shapes.alike(rows), (OURS, OFF)),
            "sampling": written, "memory": {"left_out": "vLLM takes its memory when it starts, however long the traces are"},
        }  # fmt: skip


def larger(shape: Shape) -> dict[str, Any]:
    """`shape` on a model of a size that people measure: the smaller a model, the more of its time goes into attention.

    What a cut attends to is not shared, so a small model gains less time from the tokens that are.
    """
    with _engines(subjects.LARGER, ON_CPU | DUMMY | {"dtype": "float32"}, shape) as (cached, off):
        row = early(cached, off, shape, repetitions=3, budget=TIMED_LARGER, fresh=emptied(cached))
        return {"model": subjects.LARGER, "dtype": cached.info.dtype, **row}
