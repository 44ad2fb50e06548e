"""A real terminal for a command: a pseudo-terminal that it owns, with a width, in which keys can be pressed."""

from __future__ import annotations

import contextlib
import fcntl
import os
import pty
import re
import select
import struct
import sys
import termios
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

CTRL_C = b"\x03"
PYTHON = sys.executable
COTFAITH = [PYTHON, "-m", "cotfaith"]

_CONTROL = re.compile(r"\x1b(?:\[[0-9;?]*[A-Za-z]|\][^\x07]*\x07|[()][A-Z0-9])")


@dataclass(frozen=True)
class Session:
    """What came of a command: its exit code, and all that the terminal was sent, without control sequences."""

    code: int
    seen: str


def run(
    command: Sequence[str | Path],
    folder: Path,
    *,
    columns: int = 100,
    press: Mapping[str, bytes] | None = None,
    environment: Mapping[str, str] | None = None,
    seconds: float = 240,
) -> Session:
    """`command` in a terminal of its own; each key of `press` is pressed once its text has been seen."""
    child, ours = pty.fork()
    if child == 0:  # pragma: no cover  the command
        os.chdir(folder)
        os.environ.update({"TERM": "xterm-256color", **(environment or {})})
        os.environ.pop("COLUMNS", None)
        os.environ.pop("CI", None)
        os.execvp(str(command[0]), [str(part) for part in command])
    fcntl.ioctl(ours, termios.TIOCSWINSZ, struct.pack("HHHH", 40, columns, 0, 0))
    waiting, seen, until = dict(press or {}), b"", time.monotonic() + seconds
    while time.monotonic() < until:
        if not select.select([ours], [], [], 0.2)[0]:
            continue
        try:
            part = os.read(ours, 65536)
        except OSError:  # the last writer is gone
            break
        if not part:
            break
        seen += part
        for text in [text for text in waiting if text.encode() in seen]:
            os.write(ours, waiting.pop(text))
    else:
        with contextlib.suppress(ProcessLookupError):
            os.kill(child, 9)
    _, status = os.waitpid(child, 0)
    os.close(ours)
    return Session(os.waitstatus_to_exitcode(status), _CONTROL.sub("", seen.decode(errors="replace")))
