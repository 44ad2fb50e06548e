"""How long a command takes that has nothing to compute: `python -m benchmarks.startup`.

Beside a bare interpreter stand `cotfaith --help`, and the command and the estimates of a finished run of 20,000 traces.
"""

import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from benchmarks.results import write

RUNS = 11
BARE = [sys.executable, "-c", "pass"]
COTFAITH = [sys.executable, "-m", "cotfaith"]
QUESTIONS, SAMPLES = 10_000, 2
STUDY = ["-m", "scripted/mixed", "-t", "addition", "-n", str(QUESTIONS), "-s", str(SAMPLES), "--measure", "early_answering", "-q"]


def seconds(command: list[str]) -> float:
    """One run of `command`, from start to end."""
    began = time.perf_counter()
    subprocess.run(command, check=True, capture_output=True)
    return time.perf_counter() - began


def main() -> None:
    """Run each in turn, and keep the medians."""
    with tempfile.TemporaryDirectory() as folder:
        out = str(Path(folder, "run"))
        again = [*COTFAITH, "run", *STUDY, "--out", out]
        subprocess.run(again, check=True, capture_output=True)
        commands = {
            "python": BARE,
            "cotfaith --help": [*COTFAITH, "--help"],
            "cotfaith run, finished": again,
            "cotfaith estimate, finished": [*COTFAITH, "estimate", out],
        }
        times = [{name: seconds(command) for name, command in commands.items()} for _ in range(RUNS)]
    medians = {name: round(statistics.median(one[name] for one in times), 3) for name in commands}
    write("startup", {"runs": RUNS, "traces": QUESTIONS * SAMPLES, "median_seconds": medians})


if __name__ == "__main__":
    main()
