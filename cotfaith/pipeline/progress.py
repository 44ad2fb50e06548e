"""Progress of long work, and how to stop it: rates and remaining time on a terminal and in a notebook, lines alone elsewhere."""

from __future__ import annotations

import logging
import signal
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from types import FrameType

from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, Task, TaskID, TextColumn, TimeElapsedColumn, TimeRemainingColumn

from cotfaith.pipeline import notebook
from cotfaith.pipeline.counting import Quiet, Reporter

__all__ = ["Bars", "Lines", "Quiet", "Reporter", "Stop", "Stopped", "reporting"]

LOG = logging.getLogger("cotfaith")

EVERY = 30.0  # seconds between two lines on progress where there are no bars


class Stopped(Exception):  # noqa: N818  not an error: the user requested it
    """The user stopped the run between two batches."""


class Lines(Quiet):
    """Prints lines about the run, and now and then how far it is, for a log. No bars."""

    def __init__(self, console: Console) -> None:
        super().__init__()
        self._console = console
        self._next = time.monotonic()

    def done(self, kind: str, count: int) -> None:
        """Count, and say how far the run is: at first, and then once in `EVERY` seconds."""
        super().done(kind, count)
        if time.monotonic() >= self._next:
            self._next = time.monotonic() + EVERY
            self.say("; ".join(f"{name} {n:,} of {self.total(name):,}" for name, n in self.counts.items()))

    def say(self, text: str) -> None:
        """Print the line, as it is."""
        with suppress(OSError):  # nobody reads any more
            self._console.print(text, markup=False, highlight=False, soft_wrap=True)


class Bars(Quiet):
    """A bar per kind of work, with its rate and the remaining time. A display that fails is turned off, and the run continues."""

    def __init__(self, progress: Progress) -> None:
        super().__init__()
        self._progress = progress
        self._bars: dict[str, TaskID] = {}
        self._broken = False

    def expect(self, kind: str, count: int) -> None:
        """Make the bar of `kind`, or lengthen it."""
        self._show(kind, expected=count, done=0)

    def done(self, kind: str, count: int) -> None:
        """Advance the bar of `kind`. Unannounced work first lengthens it."""
        super().done(kind, count)
        self._show(kind, expected=0, done=count)

    def say(self, text: str) -> None:
        """Print the line above the bars, as it is."""
        if not self._broken:
            with suppress(OSError):  # a terminal that is gone
                self._progress.console.print(text, markup=False, highlight=False, soft_wrap=True)

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
        """The bar of `kind`, made on first use."""
        if kind not in self._bars:
            self._bars[kind] = self._progress.add_task(kind, total=0, rate="")
        bar = self._bars[kind]
        return next(task for task in self._progress.tasks if task.id == bar)


@contextmanager
def reporting(*, quiet: bool) -> Iterator[Quiet]:
    """A reporter for the length of a run: bars and lines on a terminal and in a notebook, lines alone elsewhere; nothing if `quiet`."""
    console = Console(stderr=True)
    if not quiet and notebook.kernel():
        shown = notebook.Notebook()
        try:
            yield shown
        finally:
            shown.close()
        return
    if quiet or not console.is_terminal:
        yield Quiet() if quiet else Lines(console)
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
    """Whether the user asked to stop. The first Ctrl-C lets the current batch finish, the second stops at once."""

    def __init__(self) -> None:
        self.asked = False

    def check(self) -> None:
        """Stop if the user asked to.

        Raises:
            Stopped: the user asked to stop.
        """
        if self.asked:
            raise Stopped

    def _ask(self, number: int, frame: FrameType | None) -> None:  # noqa: ARG002  the signature of signal handlers
        if self.asked:
            raise KeyboardInterrupt
        self.asked = True
        with suppress(OSError):  # a terminal that is gone
            Console(stderr=True).print("Stopping after the current batch. Press Ctrl-C again to stop at once.")

    @contextmanager
    def listening(self) -> Iterator[None]:
        """Handle Ctrl-C for the length of a run, in the main thread. In other threads its handling is unchanged."""
        if threading.current_thread() is not threading.main_thread():
            yield
            return
        before = signal.signal(signal.SIGINT, self._ask)
        try:
            yield
        finally:
            signal.signal(signal.SIGINT, before)
