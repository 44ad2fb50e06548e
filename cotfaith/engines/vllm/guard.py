"""A guard that ends vLLM's processes if cotfaith is killed. Otherwise they would survive and keep the device's memory.

`python -m cotfaith.engines.vllm.guard PID ...` is a separate process. Its standard input stays open as long as cotfaith lives.
"""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Sequence
from contextlib import suppress


class Guard:
    """A process that kills the processes `pids` and their children after the end of this process.

    It runs in its own session, so a Ctrl-C in the terminal does not reach it.
    """

    def __init__(self, pids: Sequence[int]) -> None:
        self._process = subprocess.Popen(  # noqa: S603  our own module, and numbers
            [sys.executable, "-m", __name__, *map(str, pids)],
            stdin=subprocess.PIPE,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            start_new_session=True,
        )

    @property
    def pid(self) -> int:
        """The process of the guard."""
        return self._process.pid

    def close(self) -> int:
        """End the guard and the remaining processes; return the guard's exit status."""
        self._process.communicate()
        return self._process.returncode


def main() -> None:
    """Wait for the end of the standard input, then kill the remaining processes of those in the arguments."""
    import psutil  # noqa: PLC0415  it comes with vLLM, and is needed in this process alone

    watched = []
    for pid in map(int, sys.argv[1:]):
        with suppress(psutil.NoSuchProcess):
            first = psutil.Process(pid)
            watched += [first, *first.children(recursive=True)]
    sys.stdin.buffer.read()
    for process in watched:
        with suppress(psutil.NoSuchProcess):  # another process that got the same number since is not killed
            process.kill()


if __name__ == "__main__":
    main()
