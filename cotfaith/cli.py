"""The command line. Each command says what it does with an example; heavy libraries are loaded by the command that needs them."""

from __future__ import annotations

import json
import logging
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Annotated, Any

import typer

from cotfaith.errors import CotfaithError, UsageError, unknown
from cotfaith.version import __version__

FAILED, INCOMPLETE = 1, 3  # 0 is done; 2, wrong usage, is Typer's own

app = typer.Typer(
    name="cotfaith",
    help="Measure how faithful a language model's stated chain of thought is.\n\nStart with: cotfaith demo",
    no_args_is_help=True,
    add_completion=False,
    rich_markup_mode=None,
    pretty_exceptions_enable=False,
    context_settings={"help_option_names": ["-h", "--help"]},
)

StudyFile = Annotated[Path | None, typer.Argument(help="A YAML file of choices; options change them.", show_default=False)]
Model = Annotated[
    str | None, typer.Option("--model", "-m", help="hf/Org/Model, a folder, scripted/mixed, or an alias; commas between several.")
]
TaskName = Annotated[str | None, typer.Option("--task", "-t", help="A task, or a .jsonl file; commas between several.")]
MeasureNames = Annotated[
    str | None,
    typer.Option("--measure", help="Measures, commas between them; by default early_answering, filler_tokens, reasoning_gain."),
]
Battery = Annotated[
    str | None,
    typer.Option("--battery", help="A paper's settings, such as lanham2023 (cotfaith list batteries); other options change them."),
]
Strategy = Annotated[
    str | None, typer.Option("--strategy", help="How the reasoning is elicited, cot by default; commas between several.")
]
Writer = Annotated[
    str | None,
    typer.Option("--writer", help="The model that rewords reasonings (the subject by default), or rules; commas between several."),
]
Limit = Annotated[int | None, typer.Option("--limit", "-n", help="Questions a task.")]
Samples = Annotated[int | None, typer.Option("--samples", "-s", help="Reasonings a question.")]
Seed = Annotated[int | None, typer.Option("--seed", help="The seed of everything random.")]
Temperature = Annotated[float | None, typer.Option("--temperature", help="Of the sampled reasonings; 0 is greedy.")]
MaxTokens = Annotated[int | None, typer.Option("--max-tokens", help="The most tokens that a reasoning may take.")]
Format = Annotated[str | None, typer.Option("--format", help="Prompt format: auto, chat, dialogue or thinking.")]
TaskData = Annotated[str | None, typer.Option("--task-data", help="A local folder or file with the task's questions.")]
ModelArgs = Annotated[
    list[str] | None, typer.Option("-M", help="An argument of the engine, key=value; may be repeated.", metavar="KEY=VALUE")
]
TaskArgs = Annotated[
    list[str] | None, typer.Option("-T", help="An option of the task, key=value; may be repeated.", metavar="KEY=VALUE")
]
Judges = Annotated[
    str | None,
    typer.Option("--judge", help="Who judges what reasonings admit of a hint: lexical, or models; commas between several."),
]
StrategyArgs = Annotated[
    list[str] | None, typer.Option("-S", help="An option of the strategy, key=value; may be repeated.", metavar="KEY=VALUE")
]
WriterArgs = Annotated[
    list[str] | None,
    typer.Option("-W", help="An argument of the writer's engine, key=value; may be repeated.", metavar="KEY=VALUE"),
]
Out = Annotated[
    Path | None,
    typer.Option("--out", "-o", help="The run directory; by default one under runs/, named after the study or the choices."),
]
Quiet = Annotated[bool, typer.Option("--quiet", "-q", help="Show no progress.")]
RunArg = Annotated[Path, typer.Argument(metavar="RUN", help="A run directory.")]


@app.callback(invoke_without_command=True)
def _root(version: Annotated[bool, typer.Option("--version", help="Show the version.")] = False) -> None:
    if version:
        typer.echo(f"cotfaith {__version__}")
        raise typer.Exit


@app.command()
def run(
    study: StudyFile = None,
    model: Model = None,
    task: TaskName = None,
    battery: Battery = None,
    measure: MeasureNames = None,
    strategy: Strategy = None,
    writer: Writer = None,
    judge: Judges = None,
    limit: Limit = None,
    samples: Samples = None,
    seed: Seed = None,
    temperature: Temperature = None,
    max_tokens: MaxTokens = None,
    format: Format = None,  # noqa: A002  the name of the option
    task_data: TaskData = None,
    model_args: ModelArgs = None,
    task_args: TaskArgs = None,
    strategy_args: StrategyArgs = None,
    writer_args: WriterArgs = None,
    out: Out = None,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Check every choice, say what would be done, do nothing.")] = False,
    quiet: Quiet = False,
) -> None:
    """Sample, intervene, read and estimate. The same command again resumes; a larger one tops up.

    Example: cotfaith run --model smollm2-135m --task addition --limit 20 --samples 2

    Example: cotfaith run study.yaml --limit 100 --out runs/first

    Example: cotfaith run --battery lanham2023 --model smollm2-135m --task addition --limit 20 --samples 2
    """
    plain = {
        "model": _names(model),
        "task": _names(task),
        "battery": battery,
        "measures": _names(measure),
        "strategy": _names(strategy),
        "writer": _names(writer),
        "judges": _names(judge),
        "limit": limit,
        "samples": samples,
        "seed": seed,
        "temperature": temperature,
        "max_tokens": max_tokens,
        "format": format,
        "task_data": task_data,
        "engine": _pairs(model_args, "-M"),
        "task_options": _pairs(task_args, "-T"),
        "strategy_options": _pairs(strategy_args, "-S"),
        "writer_engine": _pairs(writer_args, "-W"),
    }
    _run(study, {name: value for name, value in plain.items() if value is not None}, out, dry_run=dry_run, quiet=quiet)


@app.command()
def demo(
    model: Annotated[str, typer.Option("--model", "-m", help="The model to show it on.")] = "smollm2-135m",
    limit: Annotated[int, typer.Option("--limit", "-n", help="Questions.")] = 20,
    samples: Annotated[int, typer.Option("--samples", "-s", help="Reasonings a question.")] = 2,
    out: Out = None,
    quiet: Quiet = False,
) -> None:
    """Show the whole flow on a small model: additions, early answering, filler tokens, and the report.

    Example: cotfaith demo

    Example: cotfaith demo --model scripted/mixed
    """
    choices = {"model": (model,), "task": ("addition",), "limit": limit, "samples": samples, "max_tokens": 160}
    name = Path("runs") / f"demo-{model.replace('/', '-')}"
    _run(None, choices, out or name, dry_run=False, quiet=quiet)


@app.command()
def estimate(
    path: RunArg,
    format: Annotated[str, typer.Option("--format", "-f", help="table, csv, json, markdown or latex.")] = "table",  # noqa: A002
) -> None:
    """Estimate everything anew from the readings of a run, and print it. No model is needed.

    Example: cotfaith estimate runs/demo-smollm2-135m

    Example: cotfaith estimate runs/first --format latex > table.tex
    """
    from cotfaith import tables
    from cotfaith.runs import open_run

    if format not in tables.FORMATS:
        raise unknown("format of estimates", format, tables.FORMATS)
    typer.echo(tables.render(open_run(path).estimate(), format))


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


@app.command("list")
def list_(
    kind: Annotated[str, typer.Argument(help="tasks, strategies, interventions, hints, measures, batteries, engines or models.")],
    as_json: Annotated[bool, typer.Option("--json", help="Print JSON.")] = False,
) -> None:
    """List what can be named in a study, with where it comes from.

    Example: cotfaith list interventions
    """
    from cotfaith import catalogue

    if kind not in catalogue.KINDS:
        raise unknown("kind of list", kind, catalogue.KINDS)
    rows = catalogue.KINDS[kind]()
    typer.echo(json.dumps(rows, indent=2, ensure_ascii=False) if as_json else catalogue.lines(rows))


def _run(study: Path | None, choices: dict[str, Any], out: Path | None, *, dry_run: bool, quiet: bool) -> None:
    from cotfaith import runs, tables
    from cotfaith.pipeline.run import check

    asked = runs.resolve(study, choices)
    path = out or runs.place(study, asked)
    if dry_run:
        typer.echo("\n".join([*check(asked), f"would go to {path}"]))
        return
    try:
        done = runs.run(asked, out=path, quiet=quiet)
    except KeyboardInterrupt:
        done = runs.Run(path, complete=False)
    if not done.complete:
        typer.echo(f"Stopped; everything finished is in {path}. Give the same command again to go on.", err=True)
        raise typer.Exit(INCOMPLETE)
    typer.echo(tables.render(tables.headline(done.estimates()), "table"))
    cut, traces = done.cut()
    if cut:
        typer.echo(f"{cut} of {traces} reasonings were cut by the token budget of {asked.max_tokens}; they are in all numbers.")
    typer.echo(f"\nRun:    {path}\nReport: {done.report()}")


def _names(text: str | None) -> tuple[str, ...] | None:
    return None if text is None else tuple(part.strip() for part in text.split(",") if part.strip())


def _pairs(texts: Sequence[str] | None, option: str) -> dict[str, str] | None:
    """`key=value` texts as a dictionary; None when there are none."""
    if not texts:
        return None
    pairs = [text.partition("=") for text in texts]
    for key, equals, _ in pairs:
        if not (key and equals):
            raise UsageError(f"Option {option} takes key=value, not {key!r}: for example {option} dtype=float32.")
    return {key: value for key, _, value in pairs}


def main() -> None:
    """Run the command line; an error of ours is one sentence on standard error, and exit code 1."""
    console = logging.StreamHandler()
    console.setFormatter(logging.Formatter("cotfaith: %(message)s"))
    logging.getLogger("cotfaith").addHandler(console)
    try:
        app()
    except CotfaithError as error:
        typer.echo(f"cotfaith: {error}", err=True)
        sys.exit(FAILED)


if __name__ == "__main__":
    main()
