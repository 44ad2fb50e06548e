"""The Typer application. Each command module adds its commands to it."""

from typing import Annotated

import typer

from cotfaith.cli.output import say
from cotfaith.version import __version__

FAILED, INCOMPLETE = 1, 3  # exit codes; 0 is success, and Typer uses 2 for wrong usage

app = typer.Typer(
    name="cotfaith",
    help="Measure how faithful a language model's stated chain of thought is.\n\nStart with: cotfaith demo",
    no_args_is_help=True,
    add_completion=False,
    rich_markup_mode=None,
    pretty_exceptions_enable=False,
    context_settings={"help_option_names": ["-h", "--help"]},
)


@app.callback(invoke_without_command=True)
def _root(version: Annotated[bool, typer.Option("--version", help="Show the version.")] = False) -> None:
    if version:
        say(f"cotfaith {__version__}")
        raise typer.Exit
