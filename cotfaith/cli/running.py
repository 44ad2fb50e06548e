"""The commands that run models: run and demo."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Any

import typer

from cotfaith.cli.app import INCOMPLETE, app
from cotfaith.cli.options import (
    Answers,
    Battery,
    Cut,
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
    TemplateArgs,
    Traces,
    Writer,
    WriterArgs,
    names,
    pairs,
    variables,
)
from cotfaith.cli.output import say
from cotfaith.cli.results import show
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
    cut: Cut = None,
    format: Format = None,  # noqa: A002  the name of the option
    task_data: TaskData = None,
    traces: Traces = None,
    importer: Importer = None,
    model_args: ModelArgs = None,
    template: TemplateArgs = None,
    task_args: TaskArgs = None,
    strategy_args: StrategyArgs = None,
    writer_args: WriterArgs = None,
    judge_args: JudgeArgs = None,
    answers: Answers = None,
    out: Out = None,
    accept_changes: Annotated[
        bool,
        typer.Option(
            "--accept-changes",
            help="If the run directory holds rows that differ from what is asked now, keep the run as it is in RUN/earlier and make these rows again. "
            "Default: refuse.",
        ),
    ] = False,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Check every choice and print the plan, without running it.")] = False,
    quiet: Quiet = False,
) -> None:
    """Sample reasoning, intervene, read answers and estimate.

    The same command resumes a stopped run. The same command with a larger --limit or --samples extends a run.

    Example: cotfaith run --model smollm2-135m --task addition --limit 20 --samples 2

    Example: cotfaith run studies/lanham.yaml --limit 100 --out runs/lanham

    Example: cotfaith run --model hf/Qwen/Qwen3-4B --task addition --template enable_thinking=false

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
        "cut": cut,
        "format": format,
        "task_data": task_data,
        "engine": pairs(model_args, "-M"),
        "template": variables(template),
        "task_options": pairs(task_args, "-T"),
        "strategy_options": pairs(strategy_args, "-S"),
        "writer_engine": pairs(writer_args, "-W"),
        "judge_engine": pairs(judge_args, "-J"),
        "answers": answers,
        "traces": _traces(traces, importer),
    }
    _run(
        study,
        {name: value for name, value in plain.items() if value is not None},
        out,
        dry_run=dry_run,
        quiet=quiet,
        accept=accept_changes,
    )


def _traces(path: str | None, importer: str | None) -> dict[str, str] | None:
    """The choice of --traces and --importer."""
    if path is None:
        if importer is not None:
            raise UsageError(f"--importer {importer} has no file to read: give --traces FILE.")
        return None
    return {"path": path, **({"importer": importer} if importer else {})}


# What a small model does better with its reasoning than without.
DEMO = {
    "task": ("addition",),
    "task_options": {"operands": 3, "digits": 1, "form": "free", "examples": 4},
    "temperature": 0.5,
    "max_tokens": 96,
}


@app.command()
def demo(
    model: Annotated[str, typer.Option("--model", "-m", help="The model.")] = "smollm2-135m",
    limit: Annotated[int, typer.Option("--limit", "-n", help="Number of questions.")] = 20,
    samples: Annotated[int, typer.Option("--samples", "-s", help="Reasoning samples per question.")] = 2,
    out: Out = None,
    quiet: Quiet = False,
) -> None:
    """Run all stages with a small model: short sums after four worked examples, early answering, filler tokens, reasoning gain, the report.

    Example: cotfaith demo

    Example: cotfaith demo --model scripted/mixed
    """
    choices = {"model": (model,), **DEMO, "limit": limit, "samples": samples}
    name = Path("runs") / f"demo-{model.replace('/', '-')}"
    _run(None, choices, out or name, quiet=quiet)


def _run(
    study: Path | None, choices: dict[str, Any], out: Path | None, *, dry_run: bool = False, quiet: bool, accept: bool = False
) -> None:
    from cotfaith import runs

    asked = runs.resolve(study, choices)
    path = out or runs.place(study, asked)
    if dry_run:
        say("\n".join([*runs.dry(asked, path, accept_changes=accept), f"output: {path}"]))
        return
    try:
        done = runs.run(asked, out=path, quiet=quiet, accept_changes=accept)
    except KeyboardInterrupt:
        done = runs.Run(path, stopped=True)
    if done.stopped:
        say(f"Stopped. All finished work is in {path}. Run the same command again to resume.", err=True)
        raise typer.Exit(INCOMPLETE)
    if beyond := done.study.beyond(asked):
        say(f"The run directory holds more than this command asks for ({beyond}), and the numbers are of all of it.\n")
    show(done, done.estimates())
    say(f"\nRun:    {path}\nReport: {done.report()}")
