"""What ends vLLM's processes when cotfaith is killed and cannot: they would stay, and hold the memory of the device.

`python -m cotfaith.engines.vllm.guard PID ...` is a process of its own. Its standard input stays open as long as cotfaith lives.
"""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Sequence
from contextlib import suppress


class Guard:
    """A process that kills those of `pids`, and what they started, once this one is gone.

    It lives in a session of its own, where no Ctrl-C of a terminal reaches it.
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
        """The guard's own process."""
        return self._process.pid

    def close(self) -> int:
        """End the guard, and what is left of the processes; its exit status."""
        self._process.communicate()
        return self._process.returncode


def main() -> None:
    """Wait for the end of the standard input, then kill what is left of the processes that the arguments name."""
    import psutil  # noqa: PLC0415  it comes with vLLM, and is needed in this process alone

    watched = []
    for pid in map(int, sys.argv[1:]):
        with suppress(psutil.NoSuchProcess):
            first = psutil.Process(pid)
            watched += [first, *first.children(recursive=True)]
    sys.stdin.buffer.read()
    for process in watched:
        with suppress(psutil.NoSuchProcess):  # nor is another one killed that has got the same number since
            process.kill()


if __name__ == "__main__":
    main()
