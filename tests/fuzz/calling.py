"""The command line in this process: what it prints and returns, how it fails, and which files it touches."""

from __future__ import annotations

import io
import logging
import os
import resource
import signal
import sys
import tempfile
import time
import traceback
import unicodedata
import warnings
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, redirect_stderr, redirect_stdout
from dataclasses import dataclass
from pathlib import Path
from types import FrameType
from unittest.mock import patch

from cotfaith import cli
from cotfaith.errors import LONGEST

SECONDS = 10.0  # of computing, for one command
PATIENCE = 6  # times as long by the clock, should the machine be busy
ROOM = 6 << 30  # bytes of address space that a command may add
PACKAGES = ("cotfaith", "interventions")
CODES = (0, 1, 2, 3)
HIDES = {"Cc", "Cs"}  # categories of characters that a terminal acts on, or cannot show
TURNS = frozenset("\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069")  # turn the direction of what follows

_WRITES = os.O_WRONLY | os.O_RDWR | os.O_CREAT | os.O_TRUNC | os.O_APPEND
_CHANGES = {
    "os.mkdir": 0,
    "os.remove": 0,
    "os.rmdir": 0,
    "os.truncate": 0,
    "os.chmod": 0,
    "os.rename": 1,
    "os.link": 1,
    "os.symlink": 1,
    "shutil.rmtree": 0,
}


class Hang(BaseException):
    """A command took longer than it may. Not an `Exception`, so that nothing takes it for its own."""


@dataclass(frozen=True, slots=True)
class Done:
    """What a command did: its exit code, its two outputs, and its faults, each as (what, where)."""

    words: tuple[str, ...]
    code: int
    out: str
    err: str
    faults: tuple[tuple[str, str], ...]
    trace: str = ""
    seconds: float = 0.0


class _Watch:
    """The paths that Python opens for writing, makes, renames or removes while it is on. What native code opens is not seen."""

    def __init__(self) -> None:
        self.on = False
        self.paths: list[str] = []
        self._installed = False

    @contextmanager
    def watching(self) -> Iterator[list[str]]:
        if not self._installed:
            sys.addaudithook(self._hook)  # it can never be removed, and does nothing while it is off
            self._installed = True
        self.paths = []
        self.on = True
        try:
            yield self.paths
        finally:
            self.on = False

    def _hook(self, event: str, arguments: tuple[object, ...]) -> None:
        if not self.on:
            return
        if event == "open":
            path, _, flags = arguments
            if not (isinstance(flags, int) and flags & _WRITES):
                return
        elif event in _CHANGES:
            path = arguments[_CHANGES[event]]
        else:
            return
        if isinstance(path, (str, bytes, os.PathLike)):
            self.on = False  # what follows opens nothing, but must not be seen
            try:
                self.paths.append(os.path.abspath(os.fsdecode(path)))  # noqa: PTH100  without a look at the disk
            finally:
                self.on = True


_WATCH = _Watch()


def call(words: Sequence[str], folder: Path, *, seconds: float = SECONDS, own: Path | None = None) -> Done:
    """Run `cotfaith WORDS` in `folder`. It may write below `own`, by default `folder`."""
    tempfile.gettempdir()  # Python tries that folder with a file of its own when it is asked first: not the command's doing
    out, err = io.BytesIO(), io.BytesIO()
    stdout = io.TextIOWrapper(out, encoding="utf-8", write_through=True)
    stderr = io.TextIOWrapper(err, encoding="utf-8", errors="backslashreplace", write_through=True)
    faults: list[tuple[str, str]] = []
    code, trace, began = -1, "", time.monotonic()
    before = os.getcwd()  # noqa: PTH109  pathlib would do the same
    os.chdir(folder)
    try:
        with (
            patch.object(sys, "argv", ["cotfaith", *words]),
            redirect_stdout(stdout),
            redirect_stderr(stderr),
            _loggers_kept(),
            warnings.catch_warnings(record=True) as warned,
            _WATCH.watching() as touched,
            _limited(seconds),
        ):
            warnings.simplefilter("always")
            try:
                cli.main()
                code = 0
            except SystemExit as ended:
                code = ended.code if isinstance(ended.code, int) else 0 if ended.code is None else -1
            except BaseException as error:  # noqa: BLE001  each is a fault
                faults.append(("hang" if isinstance(error, Hang) else type(error).__name__, _place(error)))
                trace = "".join(traceback.format_exception(error))[-6000:]
    finally:
        os.chdir(before)
    took = time.monotonic() - began
    said, printed = err.getvalue().decode(), out.getvalue().decode()
    if not faults:
        faults += _said(code, printed, said)
    faults += [("warning", f"{Path(one.filename).name}: {one.category.__name__}") for one in warned if _ours(one.filename)]
    faults += [("wrote outside", path) for path in dict.fromkeys(touched) if not _allowed(path, own or folder)]
    return Done(tuple(words), code, printed, said, tuple(faults), trace, took)


def _said(code: int, out: str, err: str) -> Iterator[tuple[str, str]]:
    """What is wrong with what a command said."""
    if code not in CODES:
        yield "exit code", str(code)
    if "Traceback (most recent call last)" in err or "Exception ignored" in err:
        yield "traceback", "on the standard error"
    for name, text in (("stdout", out), ("stderr", err)):
        if odd := next(
            (sign for sign in text if sign not in "\n\t" and (unicodedata.category(sign) in HIDES or sign in TURNS)), ""
        ):
            yield "unprintable", f"{odd!r} on {name}"
    lines = err.strip().splitlines() or [""]
    if code == 1 and not lines[-1].startswith("cotfaith: "):
        yield "no sentence", "exit code 1"
    if code == 1 and len(lines[-1]) > LONGEST + len("cotfaith: "):
        yield "long message", lines[-1][:60]


def _ours(file: str) -> bool:
    return any(part in PACKAGES for part in Path(file).parts) and "site-packages" not in file


def _place(error: BaseException) -> str:
    """The innermost place in our own code."""
    frames = [frame for frame in traceback.extract_tb(error.__traceback__) if _ours(frame.filename)]
    return f"{Path(frames[-1].filename).stem}.{frames[-1].name}" if frames else "elsewhere"


def _allowed(path: str, own: Path) -> bool:
    """Whether a command may touch `path`: below `own`, what Python and libraries keep, or a file without a name in the folder for these."""
    if path == tempfile.gettempdir():
        return True
    kept = any(name in path for name in ("__pycache__", "matplotlib", "torchinductor"))
    return kept or path == str(own) or path.startswith((f"{own}{os.sep}", "/dev/"))


@contextmanager
def _loggers_kept() -> Iterator[None]:
    """Each command adds a handler of its own, as a process has one."""
    logger = logging.getLogger("cotfaith")
    handlers = list(logger.handlers)
    try:
        yield
    finally:
        logger.handlers[:] = handlers


@contextmanager
def _limited(seconds: float) -> Iterator[None]:
    """A limit of time and of memory. An alarm that somebody else has set goes on afterwards."""

    began, computed = time.monotonic(), time.process_time()

    def late(number: int, frame: FrameType | None) -> None:
        if time.process_time() - computed >= seconds or time.monotonic() - began >= PATIENCE * seconds:
            raise Hang

    handler = signal.signal(signal.SIGALRM, late)
    left, interval = signal.setitimer(signal.ITIMER_REAL, seconds, seconds / 10)  # again and again, should anything swallow it
    soft, hard = resource.getrlimit(resource.RLIMIT_AS)
    resource.setrlimit(resource.RLIMIT_AS, (_used() + ROOM, hard))
    try:
        yield
    finally:
        signal.setitimer(signal.ITIMER_REAL, 0)
        resource.setrlimit(resource.RLIMIT_AS, (soft, hard))
        signal.signal(signal.SIGALRM, handler)
        if left:
            signal.setitimer(signal.ITIMER_REAL, max(0.1, left - (time.monotonic() - began)), interval)


def _used() -> int:
    """The address space of this process, in bytes."""
    return int(Path("/proc/self/statm").read_text().split()[0]) * resource.getpagesize()
