"""`python -m benchmarks.throughput [transformers|vllm|all] [--small] [--smart] [--out FILE]`: each engine in a process of its own."""

import argparse
import importlib.util
import subprocess
import sys
from pathlib import Path

from benchmarks.throughput.keeping import RESULTS, keep

ENGINES = ("transformers", "vllm")


def main() -> None:
    """Measure what is asked for."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.throughput", description="Speed and memory against the plain ways.")
    parser.add_argument("engine", nargs="?", choices=(*ENGINES, "all"), default="all")
    parser.add_argument("--small", action="store_true", help="tiny shapes, to see whether it works")
    parser.add_argument("--smart", action="store_true", help="the smart loop alone, added to an entry that has the rest")
    parser.add_argument("--out", type=Path, default=RESULTS, help="the file that keeps the entries")
    asked = parser.parse_args()
    if asked.small and asked.out == RESULTS:
        parser.error("--small says nothing about speed: give --out FILE, so that it does not replace a result")
    if asked.engine != "transformers" and not importlib.util.find_spec("vllm"):
        parser.error("vLLM is not installed: run `make vllm` (on a GPU, pip install vllm), or ask for transformers alone")
    if asked.engine == "all":
        more = ["--small"] if asked.small else []
        for engine in ENGINES:
            subprocess.run([sys.executable, "-m", "benchmarks.throughput", engine, *more, "--out", str(asked.out)], check=True)
        return
    if asked.smart:
        from benchmarks.throughput.keeping import add  # noqa: PLC0415  as below
        from benchmarks.throughput.on_transformers import measure_smart  # noqa: PLC0415  as below

        measure_smart(lambda key, part: add(key, part, asked.out), small=asked.small)
        return
    if asked.engine == "transformers":
        from benchmarks.throughput.on_transformers import measure  # noqa: PLC0415  each engine's libraries in its own process
    else:
        from benchmarks.throughput.on_vllm import measure  # noqa: PLC0415  likewise
    measure(small=asked.small, keep=lambda entry: keep(entry, asked.out))


if __name__ == "__main__":
    main()
