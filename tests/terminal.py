"""A real terminal for a command: a pseudo-terminal that it owns, with a width, in which keys can be pressed."""

from __future__ import annotations

import fcntl
import os
import pty
import re
import select
import struct
import subprocess
import sys
import termios
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

CTRL_C = b"\x03"
PYTHON = sys.executable
COTFAITH = [PYTHON, "-m", "cotfaith"]
# Makes its terminal the one that it owns, and becomes the command. No fork of this process is needed, which may have threads.
OWNING = [
    PYTHON, "-I", "-S", "-c",
    "import fcntl, os, sys, termios; fcntl.ioctl(0, termios.TIOCSCTTY, 0); os.execvp(sys.argv[1], sys.argv[1:])",
]  # fmt: skip

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
    ours, theirs = pty.openpty()
    fcntl.ioctl(ours, termios.TIOCSWINSZ, struct.pack("HHHH", 40, columns, 0, 0))
    own = {name: value for name, value in os.environ.items() if name not in {"COLUMNS", "CI"}}
    child = subprocess.Popen(
        [*OWNING, *command],
        stdin=theirs,
        stdout=theirs,
        stderr=theirs,
        cwd=folder,
        env={**own, "TERM": "xterm-256color", **(environment or {})},
        start_new_session=True,
    )
    os.close(theirs)
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
        child.kill()
    code = child.wait()
    os.close(ours)
    return Session(code, _CONTROL.sub("", seen.decode(errors="replace")))


def well(session: Session) -> bool:
    """Whether a command ended well, and said nothing that only a fault says."""
    return session.code == 0 and "Traceback" not in session.seen and "progress display failed" not in session.seen
