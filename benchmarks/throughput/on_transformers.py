"""The transformers engine against loops on its own model."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict
from typing import Any

import torch

from benchmarks.throughput import against_smart, peak, shapes, subjects, writing
from benchmarks.throughput.clock import LAST, NAIVE, ONE, OURS, LeftOut, Took, Way, clocked, growth, in_turn, side, times_faster
from benchmarks.throughput.loops import Loop
from benchmarks.throughput.shapes import Ids, Shape
from benchmarks.throughput.smart import SmartLoop
from benchmarks.throughput.writing import Writing

WAYS = (OURS, NAIVE, LAST, ONE)
TIMED_ON_CPU = 8_000  # tokens of a loop that are timed; on two cores some twenty seconds


def early(engine: Any, shape: Shape, *, repetitions: int, budget: float = float("inf")) -> dict[str, Any]:
    """Reading all cuts of the traces of one question: the engine's trees, and three loops."""
    model = engine.model
    loops = {NAIVE: Loop(model, budget=budget), LAST: Loop(model, last=True, budget=budget)}
    loops[ONE] = Loop(model, batch=1, last=True, budget=budget)
    questions = [shapes.trees(engine.tokenizer, shape, seed=seed) for seed in range(repetitions)]
    scored: list[Any] = []

    def score(repetition: int) -> Took:
        found, seconds = clocked(lambda: engine.score(questions[repetition]))
        scored[:] = found
        return Took(seconds, sum(one.tokens_computed for several in found for one in several))

    def run(loop: Loop) -> Way:
        return lambda repetition: loop(questions[repetition])

    took = in_turn({OURS: score, **{name: run(loop) for name, loop in loops.items()}}, repetitions)
    perfect = shapes.distinct(whole for tree in questions[0] for whole in shapes.sequences(tree))
    sides = {name: side(each, perfect) for name, each in took.items()}
    return {
        **asdict(shape), "samples": shapes.SAMPLES, "cue": shapes.product_cue(engine.tokenizer), "distinct_tokens": perfect,
        **sides, "times_faster": times_faster(sides), "largest_log_probability_gap": gap(scored, loops.values()),
    }  # fmt: skip


def gap(scored: Sequence[Any], loops: Any) -> float:
    """The largest difference between our log-probabilities and those of `loops`, over what these computed."""
    pairs = [(scored[t][b].logprobs, values) for loop in loops for (t, b), values in loop.found.items()]
    return max(abs(a - b) for ours, theirs in pairs for a, b in zip(ours, theirs, strict=True))


def sampling(engine: Any, wanted: Writing, *, repetitions: int) -> dict[str, Any]:
    """Our sampling against `generate` of the model itself."""
    writers = {OURS: writing.ours(engine, wanted), "bare_generate": bare(engine, wanted)}
    return writing.compare(wanted, writers, engine.tokenizer, repetitions=repetitions)


def bare(engine: Any, wanted: Writing) -> writing.Writer:
    """The model's own way: one batch, `num_return_sequences`, one random stream for all."""
    model = engine.model
    ends = sorted(engine.ends)

    def write(prompts: Sequence[Ids]) -> int:
        ids = torch.tensor(list(prompts), device=model.get_input_embeddings().weight.device)
        torch.manual_seed(0)
        with torch.inference_mode():
            made = model.generate(
                input_ids=ids, attention_mask=torch.ones_like(ids), do_sample=True, temperature=writing.TEMPERATURE,
                top_p=writing.TOP_P, top_k=0, max_new_tokens=wanted.new, num_return_sequences=wanted.samples, eos_token_id=ends or None,
                pad_token_id=0,
            )  # fmt: skip
        return sum(until_end(row, ends) for row in made[:, ids.shape[1] :].tolist())

    return write


def until_end(ids: Sequence[int], ends: Sequence[int]) -> int:
    """How many of `ids` were drawn before the row's end, the end token with them."""
    return next((i + 1 for i, token in enumerate(ids) if token in ends), len(ids))


def compare_smart(engine: Any, *, small: bool) -> list[dict[str, Any]]:
    """Ours against the smart loop, for each case."""
    found = []
    for shape, samples in against_smart.SMALL if small else against_smart.CASES:
        found.append(against_smart.compare(engine, shape, samples, repetitions=2 if small else 5))
        print(shape, samples, found[-1]["times_faster"], found[-1][OURS], flush=True)
    return found


def measure_smart(add: Callable[[Mapping[str, Any], Mapping[str, Any]], Any], *, small: bool) -> None:
    """Measure the comparison with the smart loop alone, for entries that have the rest."""
    device = subjects.gpu() or "cpu"
    for name in subjects.names(on_gpu=device != "cpu", small=small):
        engine = subjects.transformers_engine(name)
        warm(engine)
        found = compare_smart(engine, small=small)
        engine.close()
        add(
            {"engine": "transformers", "device": device, "model": name},
            {"against_smart": found, "threads": torch.get_num_threads()},
        )


def measure(*, small: bool, keep: Callable[[dict[str, Any]], Any]) -> None:
    """Measure every model, and keep an entry for each."""
    device = subjects.gpu()
    for name in subjects.names(on_gpu=bool(device), small=small):
        engine = subjects.transformers_engine(name)
        budget = float("inf") if device else TIMED_ON_CPU
        warm(engine)
        smart = compare_smart(engine, small=small)
        every = shapes.SMALL if small else shapes.SHAPES
        rows = []
        for shape in every:
            rows.append(early(engine, shape, repetitions=shapes.repetitions(shape, small=small), budget=budget))
            print(shape, rows[-1]["times_faster"], rows[-1][OURS], flush=True)
        wanted = writing.SMALL if small else writing.ON_GPU if device else writing.ON_CPU
        written = sampling(engine, wanted, repetitions=2 if small else 3)
        context, dtype = engine.info.context, engine.info.dtype
        engine.close()
        del engine
        memory = peak.by_length(name, every if small else shapes.BY_LENGTH)
        if not small:
            memory += peak.by_length(name, (shapes.LONGEST,), ways=(OURS,))
        keep(
            {
                "engine": "transformers", "device": device or "cpu", "model": name, "dtype": dtype, "context": context,
                "threads": torch.get_num_threads(), "against_smart": smart, "early_answering": rows, "growth_with_cuts": growth(shapes.alike(rows), WAYS),
                "sampling": written, "memory": memory,
            }
        )  # fmt: skip


def warm(engine: Any) -> None:
    """Everything that is done once: the engine's self-check, the first pass of each kind."""
    trees = shapes.trees(engine.tokenizer, shapes.SMALL[0], seed=99)
    for way in (engine.score, SmartLoop(engine.model), Loop(engine.model), Loop(engine.model, batch=1, last=True)):
        found = way(trees)
        if isinstance(found, LeftOut):
            raise SystemExit(f"This machine is too small for the benchmark: {found.reason}.")
