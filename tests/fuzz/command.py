"""The command of a campaign. Its inputs are tried in a process of their own: what ends it is a failure too, and the campaign goes on."""

from __future__ import annotations

import argparse
import json
import math
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from fuzz.campaign import LAST, TALLY, Tally, campaign, killed

ROOT = Path(__file__).parent.parent.parent


def main() -> None:
    """The campaign of the command line."""
    parser = argparse.ArgumentParser(
        prog="python -m tests.fuzz",
        description="Try inputs that people, editors, disks and chance could make. The counts go to benchmarks/results/fuzz.json, and each new failure to tests/data/hostile.",
    )
    parser.add_argument("--inputs", type=int, default=2000, help="how many inputs to try")
    parser.add_argument("--seconds", type=float, default=math.inf, help="stop after this time")
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--first", type=int, default=0, help="the number of the first input")
    parser.add_argument("--no-result", action="store_true", help="write no results file")
    parser.add_argument("--worker", type=Path, help=argparse.SUPPRESS)
    asked = parser.parse_args()
    if asked.worker is not None:
        _work(asked)
        return
    tally = _supervised(asked)
    if not asked.no_result:
        from benchmarks.results import write

        write("fuzz", tally.as_json())
    sys.exit(1 if tally.failed else 0)


def _work(asked: argparse.Namespace) -> None:
    def say(text: str) -> None:
        sys.stderr.write(f"{text}\n")
        sys.stderr.flush()

    def enough(tried: int, seconds: float) -> bool:
        return tried >= asked.inputs or seconds > asked.seconds

    campaign(asked.worker, seed=asked.seed, first=asked.first, enough=enough, say=say)


def _supervised(asked: argparse.Namespace) -> Tally:
    """The campaign in as many processes as it takes, one after another."""
    began, tally, first = time.monotonic(), Tally(asked.seed), asked.first
    while tally.tried.total() < asked.inputs and time.monotonic() - began < asked.seconds:
        left = str(asked.inputs - tally.tried.total()), str(asked.seconds - (time.monotonic() - began))
        with tempfile.TemporaryDirectory(prefix="cotfaith-fuzz-") as folder:
            words = [
                "--worker",
                folder,
                "--seed",
                str(asked.seed),
                "--first",
                str(first),
                "--inputs",
                left[0],
                "--seconds",
                left[1],
            ]
            done = subprocess.run([sys.executable, "-m", "tests.fuzz", *words], cwd=ROOT, check=False)
            if not (Path(folder) / LAST).exists():
                sys.exit("The campaign could not begin.")
            number, told = (
                killed(Path(folder), f"code {done.returncode}")
                if done.returncode
                else (0, json.loads((Path(folder) / TALLY).read_text(encoding="utf-8")))
            )
        first = number + 1
        tally.add(told)
        if not done.returncode:
            break
    tally.seconds = time.monotonic() - began
    return tally
