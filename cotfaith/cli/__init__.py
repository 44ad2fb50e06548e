"""The command line. Each command has a help text with an example. A command loads heavy libraries only when it needs them."""

import logging
import sys

from cotfaith import invocation
from cotfaith.cli import figures, listing, planning, results, running  # noqa: F401  each adds its commands
from cotfaith.cli.app import FAILED, INCOMPLETE, app
from cotfaith.cli.output import Formatter, failed, flushed, unwritten
from cotfaith.errors import CotfaithError

__all__ = ["FAILED", "INCOMPLETE", "app", "main"]


class Once(logging.Filter):
    """Lets each sentence through once. A task is read several times in a run, and would say the same each time."""

    def __init__(self) -> None:
        super().__init__()
        self._said: set[str] = set()

    def filter(self, record: logging.LogRecord) -> bool:
        """Whether `record` says something new."""
        message = record.getMessage()
        new = message not in self._said
        self._said.add(message)
        return new


def main() -> None:
    """Run the command line. A `CotfaithError`, a failure in another package's plug-in or of the operating system is one sentence, with exit code 1."""
    console = logging.StreamHandler()
    console.setFormatter(Formatter("cotfaith: %(message)s"))
    console.addFilter(Once())
    logging.getLogger("cotfaith").addHandler(console)
    sys.exit(flushed(_carried_out()))


def _carried_out() -> int:
    """Carry out the command line. Return the exit code."""
    try:
        with invocation.typed(["cotfaith", *sys.argv[1:]]):
            app()
    except SystemExit as done:  # typer ends each command so
        return done.code if isinstance(done.code, int) else 0
    except Exception as error:
        from cotfaith.plugins.blame import blamed

        shown = error if isinstance(error, CotfaithError) else blamed(error) or _of_the_system(error)
        if shown is None:
            if isinstance(error, OSError):
                return unwritten(error)
            raise
        failed(shown)
        return FAILED
    return 0


def _of_the_system(error: Exception) -> str | None:
    """What the operating system refuses, as a sentence; None for any other failure, and where it names no file: then it is the output."""
    if isinstance(error, MemoryError):
        return "Memory ran out: use a smaller model, fewer questions or a smaller file, or free memory, and give the command again."
    if isinstance(error, OSError) and error.filename is not None:
        return f"{error.filename} cannot be used ({error.strerror or error}): correct the cause, and give the command again."
    return None
