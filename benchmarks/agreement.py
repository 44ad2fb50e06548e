"""The same study on transformers and on vLLM, set side by side: `python -m benchmarks.agreement`, where vLLM is installed.

Reasoning traces are written greedily, so that both engines have the same ones up to ties in float32. Readings are matched by what was read:
question, sample, intervention and probe. Log-probabilities are compared where both engines read the same tokens.
"""

from __future__ import annotations

import os
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

import cotfaith
from benchmarks.results import write

MODEL, TASK, MEASURES = "smollm2-135m", "tracking", ("early_answering", "filler_tokens")
QUESTIONS, SAMPLES, TOKENS = 10, 2, 128
ENGINES = ("hf", "vllm")
TRACE = ["question_id", "sample", "strategy"]
PROBE = ["intervention", "arm", "kind", "dose", "site", "draw"]


def study(model: str, folder: str) -> cotfaith.Run:
    """The study on `model`, in `folder`."""
    return cotfaith.run(
        model=model,
        task=TASK,
        measures=MEASURES,
        limit=QUESTIONS,
        samples=SAMPLES,
        temperature=0.0,
        max_tokens=TOKENS,
        engine={"dtype": "float32"},
        out=folder,
        quiet=True,
    )


def readings(run: cotfaith.Run) -> pd.DataFrame:
    """A row for each probe of `run`, with what identifies it in any run, what the model answered, and the tokens it stands for."""
    traces = run.traces().set_index("id")[["sample", "strategy", "prompt_ids", "reasoning_ids"]]
    probes = run.probes().query("valid").join(traces, on="trace_id")
    answers = run.readings().set_index("id")[["state", "answer", "option_logprobs"]]
    found = probes.join(answers, on="reading_id", validate="many_to_one")
    found["tokens"] = [
        (*prompt, *reasoning[:keep], insert, ids if ids is None else tuple(ids))
        for prompt, reasoning, keep, insert, ids in found[
            ["prompt_ids", "reasoning_ids", "keep", "insert", "insert_ids"]
        ].itertuples(index=False)
    ]
    found["answer"] = found["answer"].fillna("")
    columns = [*TRACE, *PROBE, "state", "answer", "option_logprobs", "tokens"]
    return found[columns]


def agreement(one: cotfaith.Run, other: cotfaith.Run) -> dict[str, Any]:
    """How far two runs of one study agree; a reading that only one of them has counts as another answer.

    Log-probabilities are compared over the readings in which both models read the same tokens; infinite ones must be equal.

    Raises:
        pandas.errors.MergeError: two probes of a run have the same description.
    """
    both = readings(one).merge(
        readings(other), on=[*TRACE, *PROBE], how="outer", validate="one_to_one", suffixes=("_one", "_other")
    )
    same = (both["state_one"] == both["state_other"]) & (both["answer_one"] == both["answer_other"])
    alike = both[[a == b for a, b in zip(both["tokens_one"], both["tokens_other"], strict=True)]]
    gaps = [_gap(a, b) for a, b in zip(alike["option_logprobs_one"], alike["option_logprobs_other"], strict=True) if a is not None]
    areas = [_area(run) for run in (one, other)]
    return {
        "traces": len(one.traces()), "same_traces": _same_traces(one, other), "readings": len(both),
        "same_answers": int(same.sum()), "share_of_same_answers": round(float(same.mean()), 4), "aoc": areas,
        "aoc_gap": round(abs(areas[0] - areas[1]), 4), "readings_of_same_tokens": len(alike),
        "largest_log_probability_gap": float(max(gaps, default=np.nan)),
    }  # fmt: skip


def _gap(a: Any, b: Any) -> float:
    mine, theirs = np.asarray(a, dtype=float), np.asarray(b, dtype=float)
    return float(np.max(np.abs(np.where(mine == theirs, 0.0, mine - theirs)), initial=0.0))


def _same_traces(one: cotfaith.Run, other: cotfaith.Run) -> int:
    sides = [run.traces()[[*TRACE, "reasoning_ids"]] for run in (one, other)]
    both = sides[0].merge(sides[1], on=TRACE, validate="one_to_one")
    return sum(tuple(a) == tuple(b) for a, b in zip(both["reasoning_ids_x"], both["reasoning_ids_y"], strict=True))


def _area(run: cotfaith.Run) -> float:
    rows = run.estimates().query("measure == 'early_answering' and metric == 'aoc' and stratum == ''")
    return round(float(rows["value"].item()), 6)


def main() -> None:
    """Run the study on both engines, each in a process of its own, and keep how far they agree."""
    os.environ.setdefault("VLLM_CPU_KVCACHE_SPACE", "2")
    with tempfile.TemporaryDirectory() as folder:
        runs = []
        for engine in ENGINES:
            place = str(Path(folder, engine))
            subprocess.run([sys.executable, "-m", "benchmarks.agreement", f"{engine}/{MODEL}", place], check=True)
            runs.append(cotfaith.open_run(place))
        chosen = {
            "model": MODEL,
            "task": TASK,
            "measures": MEASURES,
            "questions": QUESTIONS,
            "samples": SAMPLES,
            "max_tokens": TOKENS,
        }
        subjects = {engine: run.manifest()["subjects"] for engine, run in zip(ENGINES, runs, strict=True)}
        write("agreement", {**chosen, "temperature": 0, **agreement(*runs), "engines": subjects})


if __name__ == "__main__":
    if sys.argv[1:]:
        study(*sys.argv[1:])
    else:
        main()
