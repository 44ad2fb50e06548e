"""What engines say while they work (a slower way taken, memory that ran out and what was done) goes into the run's log."""

from __future__ import annotations

import logging
from collections.abc import Iterator
from contextlib import contextmanager

from cotfaith.storage.run_directory import RunDirectory


class _ToLog(logging.Handler):
    def __init__(self, directory: RunDirectory) -> None:
        super().__init__(logging.WARNING)
        self._directory = directory

    def emit(self, record: logging.LogRecord) -> None:
        """One line of the run's log."""
        self._directory.log("note", level=record.levelname.lower(), message=record.getMessage())


@contextmanager
def noting(directory: RunDirectory) -> Iterator[None]:
    """Keep the warnings of cotfaith's logger in the log of `directory` as well, for the length of a run."""
    logger, handler = logging.getLogger("cotfaith"), _ToLog(directory)
    logger.addHandler(handler)
    try:
        yield
    finally:
        logger.removeHandler(handler)
