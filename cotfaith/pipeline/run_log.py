"""Warnings of engines go into the run's log, for example on a slower method, or on memory that ran out and the response."""

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
    """Also write the warnings of cotfaith's logger to the log of `directory`, for the length of a run."""
    logger, handler = logging.getLogger("cotfaith"), _ToLog(directory)
    logger.addHandler(handler)
    try:
        yield
    finally:
        logger.removeHandler(handler)
