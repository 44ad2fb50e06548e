"""The command line. Each command has a help text with an example. A command loads heavy libraries only when it needs them."""

import logging
import sys

import typer

from cotfaith.cli import listing, planning, results, running  # noqa: F401  each adds its commands
from cotfaith.cli.app import FAILED, INCOMPLETE, app
from cotfaith.errors import CotfaithError
from cotfaith.plugins.blame import blamed

__all__ = ["FAILED", "INCOMPLETE", "app", "main"]


def main() -> None:
    """Run the command line. A `CotfaithError`, or a failure in another package's plug-in, is printed as one sentence, with exit code 1."""
    console = logging.StreamHandler()
    console.setFormatter(logging.Formatter("cotfaith: %(message)s"))
    logging.getLogger("cotfaith").addHandler(console)
    try:
        app()
    except Exception as error:
        shown = error if isinstance(error, CotfaithError) else blamed(error)
        if shown is None:
            raise
        typer.echo(f"cotfaith: {shown}", err=True)
        sys.exit(FAILED)
