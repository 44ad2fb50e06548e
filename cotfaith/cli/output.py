"""What the command line prints: text in which nothing acts on a terminal, and one sentence where it cannot be written."""

from __future__ import annotations

import errno
import logging
import os
import sys
from contextlib import suppress

import typer

from cotfaith.errors import legible, one_line


def say(text: object, *, err: bool = False) -> None:
    """Print `text` and the end of a line, on the standard error if `err`."""
    typer.echo(legible(str(text)), err=err)


class Formatter(logging.Formatter):
    """A line of the log as a line of the terminal."""

    def format(self, record: logging.LogRecord) -> str:
        """The message, with what a terminal would act on as its escape sequence."""
        return legible(super().format(record))


def flushed(code: int) -> int:
    """`code`, once all output is written. If it cannot be written, the reason is said and the code is 1.

    A reader that has gone, such as `head`, is no failure worth a word.
    """
    try:
        sys.stdout.flush()
    except OSError as error:
        return unwritten(error)
    return code


def unwritten(error: OSError) -> int:
    """Say that the output cannot be written, unless its reader has gone, and write no more of it. Return the exit code."""
    _drop_the_rest()
    if error.errno != errno.EPIPE:
        failed(
            f"The output cannot be written ({error.strerror or error}): send it to a place with room, and give the command again."
        )
    return 1


def failed(sentence: object) -> None:
    """Say why a command failed."""
    with suppress(OSError):  # nobody can be told
        say(f"cotfaith: {one_line(str(sentence))}", err=True)


def _drop_the_rest() -> None:
    """Send what is still buffered nowhere, so that the interpreter does not try again when it ends."""
    with suppress(OSError, ValueError):  # not a file
        nowhere = os.open(os.devnull, os.O_WRONLY)
        os.dup2(nowhere, sys.stdout.fileno())
        os.close(nowhere)
