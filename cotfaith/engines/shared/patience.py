"""A limit of time for code that came with a model, such as its chat template."""

from __future__ import annotations

import ctypes
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager

from cotfaith.errors import TimeLimitError

SECONDS = 5.0  # of computing; a chat template needs a thousandth of that


class _Late(Exception):  # noqa: N818  a signal
    """The time is over."""


@contextmanager
def limited(what: str, seconds: float | None = None) -> Iterator[None]:
    """Interrupt what is done inside after some seconds of computing, by default `SECONDS`. `what` begins the sentence about it.

    Any loop of Python code is interrupted, in any thread. One operation of the interpreter or of a library, such as a power with millions
    of digits, is not: nothing within a process can.

    Raises:
        TimeLimitError: it took longer.
    """
    most = SECONDS if seconds is None else seconds
    thread, lock, done, clock = threading.get_ident(), threading.Lock(), threading.Event(), _clock()
    began = clock()

    def watch() -> None:
        left = most
        while left > 0:
            if done.wait(left):
                return
            left = most - (clock() - began)  # a busy machine takes longer than the code
        with lock:
            if not done.is_set():
                ctypes.pythonapi.PyThreadState_SetAsyncExc(ctypes.c_ulong(thread), ctypes.py_object(_Late))

    threading.Thread(target=watch, daemon=True).start()
    try:
        try:
            yield
        finally:
            with lock:
                done.set()
    except _Late:
        raise TimeLimitError(f"{what} took more than {most:g} s, so it may never end: correct it, or use another model.") from None


def _clock() -> Callable[[], float]:
    """The time that this thread has computed, in seconds, to be read by any thread; where the system does not tell it, the time of day."""
    if not hasattr(time, "pthread_getcpuclockid"):
        return time.monotonic
    of_thread = time.pthread_getcpuclockid(threading.get_ident())
    return lambda: time.clock_gettime(of_thread)
