"""The commands that run models: run and demo."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Any

import typer

from cotfaith.cli.app import INCOMPLETE, app
from cotfaith.cli.options import (
    Answers,
    Battery,
    Format,
    Importer,
    JudgeArgs,
    Judges,
    Limit,
    MaxTokens,
    MeasureNames,
    Model,
    ModelArgs,
    Out,
    Quiet,
    Samples,
    Seed,
    Strategy,
    StrategyArgs,
    StudyFile,
    TaskArgs,
    TaskData,
    TaskName,
    Temperature,
    Traces,
    Writer,
    WriterArgs,
    names,
    pairs,
)
from cotfaith.errors import UsageError


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
    traces: Traces = None,
    importer: Importer = None,
    model_args: ModelArgs = None,
    task_args: TaskArgs = None,
    strategy_args: StrategyArgs = None,
    writer_args: WriterArgs = None,
    judge_args: JudgeArgs = None,
    answers: Answers = None,
    out: Out = None,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Check every choice and print the plan, without running it.")] = False,
    quiet: Quiet = False,
) -> None:
    """Sample reasoning, intervene, read answers and estimate.

    The same command resumes a stopped run. The same command with a larger --limit or --samples extends a run.

    Example: cotfaith run --model smollm2-135m --task addition --limit 20 --samples 2

    Example: cotfaith run study.yaml --limit 100 --out runs/first

    Example: cotfaith run --battery lanham2023 --model smollm2-135m --task addition --limit 20 --samples 2
    """
    plain = {
        "model": names(model),
        "task": names(task),
        "battery": battery,
        "measures": names(measure),
        "strategy": names(strategy),
        "writer": names(writer),
        "judges": names(judge),
        "limit": limit,
        "samples": samples,
        "seed": seed,
        "temperature": temperature,
        "max_tokens": max_tokens,
        "format": format,
        "task_data": task_data,
        "engine": pairs(model_args, "-M"),
        "task_options": pairs(task_args, "-T"),
        "strategy_options": pairs(strategy_args, "-S"),
        "writer_engine": pairs(writer_args, "-W"),
        "judge_engine": pairs(judge_args, "-J"),
        "answers": answers,
        "traces": _traces(traces, importer),
    }
    _run(study, {name: value for name, value in plain.items() if value is not None}, out, dry_run=dry_run, quiet=quiet)


def _traces(path: str | None, importer: str | None) -> dict[str, str] | None:
    """The choice of --traces and --importer."""
    if path is None:
        if importer is not None:
            raise UsageError(f"--importer {importer} has no file to read: give --traces FILE.")
        return None
    return {"path": path, **({"importer": importer} if importer else {})}


@app.command()
def demo(
    model: Annotated[str, typer.Option("--model", "-m", help="The model.")] = "smollm2-135m",
    limit: Annotated[int, typer.Option("--limit", "-n", help="Number of questions.")] = 20,
    samples: Annotated[int, typer.Option("--samples", "-s", help="Reasoning samples per question.")] = 2,
    out: Out = None,
    quiet: Quiet = False,
) -> None:
    """Run all stages with a small model: addition questions, early answering, filler tokens, reasoning gain and the report.

    Example: cotfaith demo

    Example: cotfaith demo --model scripted/mixed
    """
    choices = {"model": (model,), "task": ("addition",), "limit": limit, "samples": samples, "max_tokens": 160}
    name = Path("runs") / f"demo-{model.replace('/', '-')}"
    _run(None, choices, out or name, dry_run=False, quiet=quiet)


def _run(study: Path | None, choices: dict[str, Any], out: Path | None, *, dry_run: bool, quiet: bool) -> None:
    from cotfaith import runs, tables

    asked = runs.resolve(study, choices)
    path = out or runs.place(study, asked)
    if dry_run:
        typer.echo("\n".join([*runs.dry(asked, path), f"output: {path}"]))
        return
    try:
        done = runs.run(asked, out=path, quiet=quiet)
    except KeyboardInterrupt:
        done = runs.Run(path, complete=False)
    if not done.complete:
        typer.echo(f"Stopped. All finished work is in {path}. Run the same command again to resume.", err=True)
        raise typer.Exit(INCOMPLETE)
    typer.echo(tables.render(tables.headline(done.estimates()), "table"))
    cut, traces = done.cut()
    if cut:
        typer.echo(f"The limit of {asked.max_tokens} tokens cut {cut} of {traces} reasoning traces. All numbers include them.")
    typer.echo(f"\nRun:    {path}\nReport: {done.report()}")
