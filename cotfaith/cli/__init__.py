"""The command line. Each command has a help text with an example. A command loads heavy libraries only when it needs them."""

import logging
import sys

import typer

from cotfaith.cli import listing, planning, results, running  # noqa: F401  each adds its commands
from cotfaith.cli.app import FAILED, INCOMPLETE, app
from cotfaith.errors import CotfaithError

__all__ = ["FAILED", "INCOMPLETE", "app", "main"]


def main() -> None:
    """Run the command line. A `CotfaithError` is printed as one sentence on standard error, with exit code 1."""
    console = logging.StreamHandler()
    console.setFormatter(logging.Formatter("cotfaith: %(message)s"))
    logging.getLogger("cotfaith").addHandler(console)
    try:
        app()
    except CotfaithError as error:
        typer.echo(f"cotfaith: {error}", err=True)
        sys.exit(FAILED)
