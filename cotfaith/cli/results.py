"""The commands on finished readings: estimate, compare, report and label."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from cotfaith.cli.app import app
from cotfaith.cli.options import FormatOfTable, RunArg, names, pairs
from cotfaith.cli.output import say
from cotfaith.errors import UsageError, unknown

if TYPE_CHECKING:
    import pandas as pd

    from cotfaith.runs import Comparison, Run

NONE = "There are no estimates: no reasoning trace with a reading enters, or the study names no measure of the rows of this run."


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
    cut: Annotated[
        str | None,
        typer.Option(
            "--cut",
            help="How a reasoning trace that the token limit cut counts: keep (as any other), drop (left out) or bound (its answers are missing).",
        ),
    ] = None,
    sensitivity: Annotated[
        bool, typer.Option("--sensitivity", help="Show how much each headline changes under each of these choices.")
    ] = False,
    full: Annotated[
        bool, typer.Option("--full", help="Show every estimate but the points of curves. Default: the headline of each measure.")
    ] = False,
    format: FormatOfTable = "table",  # noqa: A002  the name of the option
) -> None:
    """Print all estimates of a run. They are computed from its readings, unless nothing has changed since. No model is needed.

    With --extractor, --unparsed, --weight, --level or --cut, the printed estimates use that choice, and the stored estimates stay
    unchanged.

    Example: cotfaith estimate runs/demo-smollm2-135m

    Example: cotfaith estimate runs/first --full

    Example: cotfaith estimate runs/first --format latex > table.tex

    Example: cotfaith estimate runs/first --extractor strict --unparsed wrong --weight question --level 0.9

    Example: cotfaith estimate runs/first --sensitivity
    """
    from cotfaith import tables
    from cotfaith.runs import open_run

    if format not in tables.FORMATS:
        raise unknown("format of estimates", format, tables.FORMATS)
    given = {"extractor": extractor, "unparsed": unparsed, "weight": weight, "level": level, "cut": cut}
    choices = {name: value for name, value in given.items() if value is not None}
    if sensitivity and choices:
        raise UsageError(
            "--sensitivity varies each choice in turn: give it without --extractor, --unparsed, --weight, --level and --cut."
        )
    run = open_run(path)
    if sensitivity:
        say(tables.sensitivity.render(run.sensitivity(), format))
        say_unfinished(run)
        return
    found = run.estimate(**choices)
    if format == "table":
        show(run, found, extractor=extractor, cut=cut, full=full)
    else:
        say(tables.render(found, format, full=full))
        say_unfinished(run)
        if found.empty:
            say(f"cotfaith: {NONE}", err=True)
    if choices:
        listed = ", ".join(f"{name} {value}" for name, value in choices.items())
        say(f"Estimated with {listed}. The stored estimates of the run are unchanged.", err=True)


def say_unfinished(run: Run) -> None:
    """Say on the standard error what is not done, so that a table for a program stays one."""
    if unfinished := run.progress().sentence():
        say(f"cotfaith: {unfinished}", err=True)


def show(run: Run, found: pd.DataFrame, *, extractor: str | None = None, cut: str | None = None, full: bool = False) -> None:
    """Print the estimates `found` of `run`: above them what a reader should know first, below them the close and the unread readings."""
    from cotfaith import tables

    for sentence in run.caveats(found, cut=cut):
        say(tables.formats.paragraph(sentence) + "\n")
    if found.empty:
        say(tables.formats.paragraph(NONE))
        return
    say(tables.render(found, "table", full=full))
    if not full:
        say(f"All {len(found)} estimates: cotfaith estimate {run.path} --full, or --format csv.")
    for sentence in run.close_sentences():
        say(tables.formats.paragraph(sentence))
    silent = run.unread()
    if extractor in {None, "standard"}:
        lines = tables.unread.lines(silent)
    else:
        lines = tables.unread.under(silent, extractor) if extractor in silent else []
    for line in lines:
        say(line)


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
        typer.Option(
            "--break", help="Pre-registered break point of a two-line test, in parameters (e.g. 13B). Needs --x.", metavar="NUMBER"
        ),
    ] = None,
    adjust_for: Annotated[
        str,
        typer.Option(
            "--adjust-for",
            help="The accuracy that the trend at equal accuracy holds fixed: accuracy_full (with the full reasoning) or accuracy_no_reasoning.",
        ),
    ] = "accuracy_full",
    figure: Annotated[
        Path | None,
        typer.Option(
            "--figure",
            help="Also write the trends to this file (.pdf, .svg or .png), and their numbers to a CSV file beside it. Needs --x.",
        ),
    ] = None,
    level: Annotated[float, typer.Option("--level", help="Confidence level of the intervals.")] = 0.95,
    format: FormatOfTable = "table",  # noqa: A002  the name of the option
) -> None:
    """Compare runs, or the models, strategies or tasks within them: paired differences on shared questions, and trends over model size.

    With several tasks, the table also has their mean: a claim about these tasks, and a claim about tasks like these. Each trend has
    several readings. The table says what each claim and each reading holds fixed.

    Example: cotfaith compare runs/family --by model

    Example: cotfaith compare runs/small runs/large --x params

    Example: cotfaith compare runs/a runs/b runs/c --by model --x small=135M --x medium=360M --x large=1.7B --break 360M

    Example: cotfaith compare runs/family --x params --adjust-for accuracy_no_reasoning --figure scale.svg
    """
    from cotfaith import runs, tables

    if format not in tables.FORMATS:
        raise unknown("format of estimates", format, tables.FORMATS)
    for option, value in (("--figure", figure), ("--break", at)):
        if value is not None and not x:
            raise UsageError(f"{option} belongs to the trends over model size: give --x as well.")
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
    say(tables.comparison.render(made, format))
    if format not in {"table", "json"}:  # which have the notes
        for note in made.notes:
            say(note, err=True)
    if figure is not None:
        _draw(made, figure)


def _draw(made: Comparison, path: Path) -> None:
    """Write the figure of the trends, and say where on the standard error, so that the table can be piped."""
    from cotfaith import figures

    drawing = figures.scale_readings(made.trends, made.extremes)
    if drawing is None:
        raise UsageError("There is nothing to draw, since no model has a value: the table says why.")
    say(f"Figure: {figures.save(drawing, path, 'scale')}", err=True)


def _scale(texts: list[str] | None) -> dict[str, str] | str | None:
    if texts is None or texts == ["params"]:
        return texts[0] if texts else None
    return pairs(texts, "--x", "small=135M", last=True)  # names may contain equals signs, as in M enable_thinking=true


@app.command()
def report(
    paths: Annotated[list[Path], typer.Argument(metavar="RUN...", help="Run directories.")],
    out: Annotated[
        Path | None,
        typer.Option(
            "--out", "-o", help="The page of several runs. Default: side_by_side.html beside the first run.", show_default=False
        ),
    ] = None,
) -> None:
    """Write the HTML report of a run with its trace page, or one page of several runs side by side, and print its path.

    Example: cotfaith report runs/demo-smollm2-135m

    Example: cotfaith report runs/small runs/large --out family.html
    """
    from cotfaith import runs

    say(runs.report(paths, out=out))


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
    from cotfaith import paths
    from cotfaith.runs import open_run
    from cotfaith.storage.label_sheet import HAND

    run = open_run(path)
    if paths.exists(sheet):
        count, held = run.read_labels(sheet), int((run.verdicts()["judge"] == HAND).sum())
        others = f" {held - count} earlier labels stay in force, so {held} count." if held > count else ""
        say(f"Imported {count} labels.{others} The estimates and the next report contain the corrected rates.")
    else:
        count = run.write_labels(sheet)
        say(
            f"Wrote {count} rows to {sheet}. Fill in mentions (does the text name the hint?) and relies (does it say that its answer follows the "
            "hint?) with yes or no, then run the same command again. An empty row is not labelled."
        )
