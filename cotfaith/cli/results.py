"""The commands over finished readings: estimate, compare, report and label."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from cotfaith.cli.app import app
from cotfaith.cli.options import FormatOfTable, RunArg, names, pairs
from cotfaith.errors import UsageError, unknown


@app.command()
def estimate(
    path: RunArg,
    extractor: Annotated[str | None, typer.Option("--extractor", help="What an answer is: standard, strict or flexible.")] = None,
    unparsed: Annotated[
        str | None,
        typer.Option("--unparsed", help="A reading without an answer is dropped, bounded or wrong: drop, bound or wrong."),
    ] = None,
    weight: Annotated[str | None, typer.Option("--weight", help="What counts once: trace or question.")] = None,
    level: Annotated[float | None, typer.Option("--level", help="The level of intervals, such as 0.9.")] = None,
    sensitivity: Annotated[bool, typer.Option("--sensitivity", help="Show how far each headline moves under each choice.")] = False,
    format: FormatOfTable = "table",  # noqa: A002  the name of the option
) -> None:
    """Estimate everything anew from the readings of a run, and print it. No model is needed.

    With choices the readings are read again, and the run's own estimates stay as they are.

    Example: cotfaith estimate runs/demo-smollm2-135m

    Example: cotfaith estimate runs/first --format latex > table.tex

    Example: cotfaith estimate runs/first --extractor strict --unparsed wrong --weight question --level 0.9

    Example: cotfaith estimate runs/first --sensitivity
    """
    from cotfaith import tables
    from cotfaith.runs import open_run

    if format not in tables.FORMATS:
        raise unknown("format of estimates", format, tables.FORMATS)
    given = {"extractor": extractor, "unparsed": unparsed, "weight": weight, "level": level}
    choices = {name: value for name, value in given.items() if value is not None}
    if sensitivity and choices:
        raise UsageError("--sensitivity makes each choice in turn: give it without --extractor, --unparsed, --weight and --level.")
    if sensitivity:
        typer.echo(tables.sensitivity.render(open_run(path).sensitivity(), format))
        return
    typer.echo(tables.render(open_run(path).estimate(**choices), format))
    if choices:
        said = ", ".join(f"{name} {value}" for name, value in choices.items())
        typer.echo(f"Read again with {said}; the run's own estimates are as they were.", err=True)


@app.command()
def compare(
    paths: Annotated[list[Path], typer.Argument(metavar="RUN...", help="Run directories.")],
    by: Annotated[str | None, typer.Option("--by", help="model, strategy, task or run; by default the first that differs.")] = None,
    x: Annotated[
        list[str] | None,
        typer.Option(
            "--x", help="The trend over scale: params, or NAME=7B for each; may be repeated.", metavar="params|NAME=NUMBER"
        ),
    ] = None,
    metric: Annotated[
        str | None, typer.Option("--metric", help="Metrics, commas between; by default each measure's headline.")
    ] = None,
    all_pairs: Annotated[bool, typer.Option("--all-pairs", help="Every two of them, not each with the first.")] = False,
    margin: Annotated[float | None, typer.Option("--margin", help="What counts as no difference; tests equivalence.")] = None,
    at: Annotated[
        str | None,
        typer.Option("--break", help="Where a peak or trough was expected beforehand, as parameters: 13B.", metavar="NUMBER"),
    ] = None,
    level: Annotated[float, typer.Option("--level", help="The level of intervals.")] = 0.95,
    format: FormatOfTable = "table",  # noqa: A002  the name of the option
) -> None:
    """Set runs, or the models, strategies or tasks in them, side by side: paired differences on common questions, and trends.

    Example: cotfaith compare runs/first --by model

    Example: cotfaith compare runs/small runs/large --x params

    Example: cotfaith compare runs/a runs/b runs/c --by run --x a=135M --x b=360M --x c=1.7B --break 360M
    """
    from cotfaith import runs, tables

    if format not in tables.FORMATS:
        raise unknown("format of estimates", format, tables.FORMATS)
    made = runs.compare(
        paths,
        by=by,
        x=_scale(x),
        metrics=names(metric) or (),
        all_pairs=all_pairs,
        margin=margin,
        at=at,
        level=level,
    )
    typer.echo(tables.comparison.render(made, format))


def _scale(texts: list[str] | None) -> dict[str, str] | str | None:
    if texts is None or texts == ["params"]:
        return texts[0] if texts else None
    return pairs(texts, "--x", "small=135M")


@app.command()
def report(path: RunArg) -> None:
    """Write the page of a run, report.html, and say where it is.

    Example: cotfaith report runs/demo-smollm2-135m
    """
    from cotfaith.runs import open_run

    typer.echo(open_run(path).report())


@app.command()
def label(
    path: RunArg,
    sheet: Annotated[Path, typer.Argument(metavar="SHEET", help="A CSV file: written if it is not there, read if it is.")],
) -> None:
    """Write a sheet for hand labels of what reasonings admit of a hint, or read it back, filled in, and correct the judges by it.

    Example: cotfaith label runs/hints labels.csv
    """
    from cotfaith.runs import open_run

    run = open_run(path)
    if sheet.exists():
        typer.echo(f"{run.read_labels(sheet)} labels read; the estimates and the next report have the corrected rates.")
    else:
        count = run.write_labels(sheet)
        typer.echo(f"{count} rows in {sheet}: fill in mentions and relies with yes or no, and give the same command again.")
