"""What cotfaith costs outside the engine: `python -m benchmarks.overhead [scripted|smollm2]`.

Runs early answering and filler tokens end to end, once with the scripted engine (2,000 traces) and once with SmolLM2-135M on the
processor (20 questions with 2 samples each), and tells where the time goes. Time inside the engine's `generate` and `score` is the
engine's; all else that makes the readings counts as outside, the tokenizer (encoding, decoding, chat templates) included. Apart stand
opening (the weights are loaded once for all that runs) and the estimates, which are worked out at the end from what was stored. Every stage has its own time alone, without that of
the stages that it calls; beside the clock stands the processor's time, which other work on the machine disturbs less. Each study first runs once on two questions, so that what Python loads only when it is used is there.
"""

import json
import sys
import tempfile
import time
from collections import defaultdict
from collections.abc import Callable, Mapping
from contextlib import ExitStack
from functools import wraps
from pathlib import Path
from typing import Any
from unittest.mock import patch

import cotfaith
from benchmarks.results import FOLDER, write
from cotfaith import seeds
from cotfaith.analysis import estimate
from cotfaith.contracts import driver
from cotfaith.pipeline import read, replies, run
from cotfaith.pipeline.open_model import OpenModel
from cotfaith.prompts.chat import Chat
from cotfaith.prompts.dialogue import Dialogue
from cotfaith.storage import schema
from cotfaith.storage.run_directory import RunDirectory

STUDIES: dict[str, dict[str, Any]] = {
    "scripted": {"model": "scripted/mixed", "limit": 400, "samples": 5},
    "smollm2": {"model": "smollm2-135m", "limit": 20, "samples": 2},
}
STAGES: tuple[tuple[Any, str, str], ...] = (  # whose function it is, its name, and the stage that its time is counted to
    (run, "open_study", "opening"),
    (run, "store_questions", "sampling"),
    (run, "sample_traces", "sampling"),
    (run, "read_traces", "reading"),
    (run, "judge_readings", "judging"),
    (run, "finish", "estimates"),
    (estimate, "frames", "estimates"),
    (read, "_probe", "probes"),
    (driver, "probes", "interventions"),
    (replies.text, "steps", "steps"),
    (seeds, "key", "keys"),
    (seeds, "digest", "keys"),
    (schema, "table", "storing"),
    (RunDirectory, "append", "storing"),
    (RunDirectory, "load", "loading"),
    *((form, name, "rendering") for form in (Chat, Dialogue) for name in ("prompt_ids", "answer_text", "stop_ids")),
)
APART = ("opening", "engine", "estimates")  # what does not count as outside


class Clock:
    """Seconds (on the clock, and of the processor) and calls by stage; a stage's time stops while one that it calls runs, and nothing inside the engine is told apart."""

    def __init__(self) -> None:
        self.seconds: defaultdict[str, float] = defaultdict(float)
        self.processor: defaultdict[str, float] = defaultdict(float)
        self.calls: defaultdict[str, int] = defaultdict(int)
        self._stack = ["other"]
        self._since = time.perf_counter(), time.process_time()

    def switch(self) -> None:
        """Count the time since the last switch to the stage that runs."""
        now = time.perf_counter(), time.process_time()
        self.seconds[self._stack[-1]] += now[0] - self._since[0]
        self.processor[self._stack[-1]] += now[1] - self._since[1]
        self._since = now

    def timed(self, function: Callable[..., Any], stage: str) -> Callable[..., Any]:
        """`function`, with its time counted to `stage`."""

        @wraps(function)
        def inner(*args: Any, **named: Any) -> Any:
            if self._stack[-1] == "engine":
                return function(*args, **named)
            self.switch()
            self.calls[stage] += 1
            self._stack.append(stage)
            try:
                return function(*args, **named)
            finally:
                self.switch()
                self._stack.pop()

        return inner

    def opened(self, opening: Callable[..., OpenModel]) -> Callable[..., OpenModel]:
        """`opening`, with every engine that it opens under this clock."""

        @wraps(opening)
        def inner(*args: Any, **named: Any) -> OpenModel:
            subject = self.timed(opening, "opening")(*args, **named)
            for owner, names, stage in (
                (subject.engine, ("generate", "score"), "engine"),
                (subject.engine.tokenizer, ("encode", "decode", "ends", "render"), "tokenizer"),
            ):
                for name in names:
                    setattr(owner, name, self.timed(getattr(owner, name), stage))
            return subject

        return inner


def measured(study: dict[str, Any], folder: Path) -> dict[str, Any]:
    """Run `study` in `folder` under a clock; the numbers."""
    clock = Clock()
    with ExitStack() as patches:
        patches.enter_context(patch.object(run, "open_subject", clock.opened(run.open_subject)))
        for owner, name, stage in STAGES:
            found = vars(owner)[name]
            new = property(clock.timed(found.fget, stage)) if isinstance(found, property) else clock.timed(found, stage)
            patches.enter_context(patch.object(owner, name, new))
        made = cotfaith.run(**study, task="addition", measures=["early_answering", "filler_tokens"], out=folder, quiet=True)
        clock.switch()
    sizes = {"traces": len(made.traces()), "probes": len(made.probes()), "readings": len(made.readings())}
    calls = {stage: round(clock.calls[stage] / sizes["readings"], 3) for stage in ("keys", "tokenizer", "rendering")}
    sides = {"clock": shares(clock.seconds, sizes["readings"]), "processor": shares(clock.processor, sizes["readings"])}
    return {"study": study, **sizes, **sides, "calls_per_reading": calls}


def shares(seconds: Mapping[str, float], readings: int) -> dict[str, Any]:
    """What is outside the engine, as a whole and by stage."""
    outside = {stage: spent for stage, spent in seconds.items() if stage not in APART}
    total = sum(outside.values())
    order = sorted(outside, key=outside.__getitem__, reverse=True)
    return {
        "seconds": {**{stage: round(seconds[stage], 3) for stage in APART}, "outside": round(total, 3)},
        "outside_ms_per_reading": round(1000 * total / readings, 4),
        "with_estimates_ms_per_reading": round(1000 * (total + seconds["estimates"]) / readings, 4),
        "outside_share": round(total / (total + seconds["engine"]), 4),
        "with_estimates_share": round(1 - seconds["engine"] / (total + seconds["estimates"] + seconds["engine"]), 4),
        "ms_per_reading": {stage: round(1000 * outside[stage] / readings, 4) for stage in order},
    }


def main() -> None:
    """Measure what is asked for, and keep the result beside that of the other study."""
    kept = FOLDER / "overhead.json"
    found = json.loads(kept.read_text(encoding="utf-8")) if kept.exists() else {}
    found = {name: found[name] for name in STUDIES if name in found}
    for name in sys.argv[1:] or STUDIES:
        with tempfile.TemporaryDirectory() as folder:
            measured(STUDIES[name] | {"limit": 2, "samples": 1}, Path(folder, "first"))
            found[name] = measured(STUDIES[name], Path(folder, "run"))
    write("overhead", found)


if __name__ == "__main__":
    main()
