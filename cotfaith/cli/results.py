"""The commands on finished readings: estimate, compare, report and label."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from cotfaith.cli.app import app
from cotfaith.cli.options import FormatOfTable, RunArg, names, pairs
from cotfaith.errors import UsageError, unknown

if TYPE_CHECKING:
    from cotfaith.runs import Comparison


@app.command()
def estimate(
    path: RunArg,
    extractor: Annotated[
        str | None, typer.Option("--extractor", help="How an answer is extracted: standard, strict or flexible.")
    ] = None,
    unparsed: Annotated[
        str | None,
        typer.Option(
            "--unparsed", help="How a reading without an answer counts: drop (excluded), bound (worst-case bounds) or wrong."
        ),
    ] = None,
    weight: Annotated[str | None, typer.Option("--weight", help="The unit that has equal weight: trace or question.")] = None,
    level: Annotated[float | None, typer.Option("--level", help="Confidence level of the intervals, such as 0.9.")] = None,
    sensitivity: Annotated[
        bool, typer.Option("--sensitivity", help="Show how much each headline changes under each of these choices.")
    ] = False,
    format: FormatOfTable = "table",  # noqa: A002  the name of the option
) -> None:
    """Compute all estimates again from the readings of a run, and print them. No model is needed.

    With --extractor, --unparsed, --weight or --level, the printed estimates use that choice, and the stored estimates stay
    unchanged.

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
        raise UsageError("--sensitivity varies each choice in turn: give it without --extractor, --unparsed, --weight and --level.")
    if sensitivity:
        typer.echo(tables.sensitivity.render(open_run(path).sensitivity(), format))
        return
    typer.echo(tables.render(open_run(path).estimate(**choices), format))
    if choices:
        listed = ", ".join(f"{name} {value}" for name, value in choices.items())
        typer.echo(f"Estimated with {listed}. The stored estimates of the run are unchanged.", err=True)


@app.command()
def compare(
    paths: Annotated[list[Path], typer.Argument(metavar="RUN...", help="Run directories.")],
    by: Annotated[
        str | None,
        typer.Option("--by", help="What to compare: model, strategy, task or run. Default: the first of these that differs."),
    ] = None,
    x: Annotated[
        list[str] | None,
        typer.Option(
            "--x",
            help="Estimate the trend over model size: params, or NAME=7B for each model. Repeatable.",
            metavar="params|NAME=NUMBER",
        ),
    ] = None,
    metric: Annotated[
        str | None, typer.Option("--metric", help="Metrics, separated by commas. Default: the headline of each measure.")
    ] = None,
    all_pairs: Annotated[bool, typer.Option("--all-pairs", help="Compare every pair, not only each with the first.")] = False,
    margin: Annotated[
        float | None, typer.Option("--margin", help="Equivalence margin: also test whether each difference lies within it.")
    ] = None,
    at: Annotated[
        str | None,
        typer.Option("--break", help="Pre-registered break point of a two-line test, in parameters (e.g. 13B).", metavar="NUMBER"),
    ] = None,
    adjust_for: Annotated[
        str,
        typer.Option(
            "--adjust-for",
            help="The accuracy that the trend at equal accuracy holds fixed: accuracy_full (with the full reasoning) or accuracy_no_reasoning.",
        ),
    ] = "accuracy_full",
    figure: Annotated[Path | None, typer.Option("--figure", help="Also write the trends to this SVG file. Needs --x.")] = None,
    level: Annotated[float, typer.Option("--level", help="Confidence level of the intervals.")] = 0.95,
    format: FormatOfTable = "table",  # noqa: A002  the name of the option
) -> None:
    """Compare runs, or the models, strategies or tasks within them: paired differences on shared questions, and trends over model size.

    Each trend has several readings, and the table says what each of them holds fixed.

    Example: cotfaith compare runs/first --by model

    Example: cotfaith compare runs/small runs/large --x params

    Example: cotfaith compare runs/a runs/b runs/c --by run --x a=135M --x b=360M --x c=1.7B --break 360M

    Example: cotfaith compare runs/family --x params --adjust-for accuracy_no_reasoning --figure scale.svg
    """
    from cotfaith import runs, tables

    if format not in tables.FORMATS:
        raise unknown("format of estimates", format, tables.FORMATS)
    if figure is not None and not x:
        raise UsageError("--figure draws trends over model size: give --x as well.")
    made = runs.compare(
        paths,
        by=by,
        x=_scale(x),
        metrics=names(metric) or (),
        all_pairs=all_pairs,
        margin=margin,
        at=at,
        level=level,
        adjust_for=adjust_for,
    )
    typer.echo(tables.comparison.render(made, format))
    if figure is not None:
        _draw(made, figure)


def _draw(made: Comparison, path: Path) -> None:
    """Write the figure of the trends, and say where on the standard error, so that the table can be piped."""
    from cotfaith import figures

    drawing = figures.scale_readings(made.trends, made.extremes)
    if drawing is None:
        raise UsageError("There is nothing to draw, since no model has a value: the table says why.")
    typer.echo(f"Figure: {figures.save(drawing.figure, path, 'scale')}", err=True)


def _scale(texts: list[str] | None) -> dict[str, str] | str | None:
    if texts is None or texts == ["params"]:
        return texts[0] if texts else None
    return pairs(texts, "--x", "small=135M")


@app.command()
def report(path: RunArg) -> None:
    """Write the HTML report of a run and print its path.

    Example: cotfaith report runs/demo-smollm2-135m
    """
    from cotfaith.runs import open_run

    typer.echo(open_run(path).report())


@app.command()
def label(
    path: RunArg,
    sheet: Annotated[
        Path, typer.Argument(metavar="SHEET", help="A CSV file. It is written if it does not exist, and imported if it does.")
    ],
) -> None:
    """Export a CSV to label by hand whether each reasoning trace acknowledges the hint.

    Run the command again with the filled-in file to import it and correct the judges' rates.

    Example: cotfaith label runs/hints labels.csv
    """
    from cotfaith.runs import open_run

    run = open_run(path)
    if sheet.exists():
        typer.echo(f"Imported {run.read_labels(sheet)} labels. The estimates and the next report contain the corrected rates.")
    else:
        count = run.write_labels(sheet)
        typer.echo(f"Wrote {count} rows to {sheet}. Fill in mentions and relies with yes or no, then run the same command again.")
