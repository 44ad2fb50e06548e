"""The command `list`: what a study can name."""

from __future__ import annotations

import json
from typing import Annotated

import typer

from cotfaith.cli.app import app
from cotfaith.cli.output import say
from cotfaith.errors import unknown

KINDS = (
    "tasks, strategies, interventions, hints, judges, measures, extractors, formats, cutters, similarities, figures, figure_sets, importers, "
    "batteries (or presets), engines or models."
)


@app.command("list")
def list_(
    kind: Annotated[str, typer.Argument(help=KINDS)],
    as_json: Annotated[bool, typer.Option("--json", help="Print JSON.")] = False,
) -> None:
    """List available tasks, measures, interventions and so on, and the package that provides each.

    Example: cotfaith list interventions
    """
    from cotfaith import catalogue

    if kind not in catalogue.KINDS:
        raise unknown("kind of list", kind, catalogue.KINDS)
    rows = catalogue.KINDS[kind]()
    say(json.dumps(rows, indent=2, ensure_ascii=False) if as_json else catalogue.lines(rows))
