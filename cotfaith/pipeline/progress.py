"""What a person sees of long work, and how they stop it: rates and time left on a terminal, silence elsewhere."""

from __future__ import annotations

import logging
import signal
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from types import FrameType
from typing import Protocol

from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, Task, TaskID, TextColumn, TimeElapsedColumn, TimeRemainingColumn

LOG = logging.getLogger("cotfaith")


class Stopped(Exception):  # noqa: N818  not an error: the user asked for it
    """The user stopped the run between two batches."""


class Reporter(Protocol):
    """Told of every piece of work as it is found and done."""

    def expect(self, kind: str, count: int) -> None:
        """`count` more of `kind` are to be done."""

    def done(self, kind: str, count: int) -> None:
        """`count` more of `kind` are done."""


class Quiet:
    """Says nothing; counts what was done."""

    def __init__(self) -> None:
        self.counts: dict[str, int] = {}

    def expect(self, kind: str, count: int) -> None:
        """Nothing to say."""

    def done(self, kind: str, count: int) -> None:
        """Count."""
        self.counts[kind] = self.counts.get(kind, 0) + count


class Bars(Quiet):
    """A bar for each kind of work, with its rate and the time left. A display that fails is given up, and the run goes on."""

    def __init__(self, progress: Progress) -> None:
        super().__init__()
        self._progress = progress
        self._bars: dict[str, TaskID] = {}
        self._broken = False

    def expect(self, kind: str, count: int) -> None:
        """Make the bar of `kind`, or lengthen it."""
        self._show(kind, expected=count, done=0)

    def done(self, kind: str, count: int) -> None:
        """Move the bar of `kind` on; work that nobody expected lengthens it first."""
        super().done(kind, count)
        self._show(kind, expected=0, done=count)

    def _show(self, kind: str, *, expected: int, done: int) -> None:
        if self._broken:
            return
        try:
            task = self._task(kind)
            completed = task.completed + done
            total = max((task.total or 0) + expected, completed)
            rate = f"{completed / task.elapsed:.1f}/s" if completed and task.elapsed else ""
            self._progress.update(task.id, total=total, completed=completed, rate=rate)
        except Exception as error:  # noqa: BLE001  a display must never stop a run
            self._broken = True
            LOG.warning("the progress display failed and is off (%s: %s)", type(error).__name__, error)

    def _task(self, kind: str) -> Task:
        """The bar of `kind`, made when it is first needed."""
        if kind not in self._bars:
            self._bars[kind] = self._progress.add_task(kind, total=0, rate="")
        bar = self._bars[kind]
        return next(task for task in self._progress.tasks if task.id == bar)


@contextmanager
def reporting(*, quiet: bool) -> Iterator[Quiet]:
    """A reporter for the length of a run: bars on a terminal, otherwise quiet."""
    console = Console(stderr=True)
    if quiet or not console.is_terminal:
        yield Quiet()
        return
    columns = (TextColumn("{task.description:>9}"), BarColumn(), MofNCompleteColumn(), TextColumn("{task.fields[rate]}"))
    progress = Progress(*columns, TimeElapsedColumn(), TimeRemainingColumn(), console=console, transient=True)
    with suppress(OSError):  # a terminal that is gone
        progress.start()
    try:
        yield Bars(progress)
    finally:
        with suppress(OSError):
            progress.stop()


class Stop:
    """Whether the user asked to stop. The first Ctrl-C lets the batch in hand finish, the second ends at once."""

    def __init__(self) -> None:
        self.asked = False

    def check(self) -> None:
        """Leave, if asked to.

        Raises:
            Stopped: if the user asked.
        """
        if self.asked:
            raise Stopped

    def _ask(self, number: int, frame: FrameType | None) -> None:  # noqa: ARG002  the signature of signal handlers
        if self.asked:
            raise KeyboardInterrupt
        self.asked = True
        with suppress(OSError):  # a terminal that is gone
            Console(stderr=True).print("Stopping after the batch in hand; press Ctrl-C again to stop at once.")

    @contextmanager
    def listening(self) -> Iterator[None]:
        """Take Ctrl-C for the length of a run (in the main thread; elsewhere it stays as it is)."""
        if threading.current_thread() is not threading.main_thread():
            yield
            return
        before = signal.signal(signal.SIGINT, self._ask)
        try:
            yield
        finally:
            signal.signal(signal.SIGINT, before)
