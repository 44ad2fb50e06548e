"""Options that several commands share, and the parsing of their values."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Annotated

import typer

from cotfaith.errors import UsageError

StudyFile = Annotated[Path | None, typer.Argument(help="A study file (YAML). Options override its values.", show_default=False)]
Model = Annotated[
    str | None,
    typer.Option("--model", "-m", help="hf/Org/Model, a folder, scripted/mixed, or an alias. Separate several with commas."),
]
TaskName = Annotated[str | None, typer.Option("--task", "-t", help="A task, or a .jsonl file. Separate several with commas.")]
MeasureNames = Annotated[
    str | None,
    typer.Option("--measure", help="Measures, separated by commas. Default: early_answering,filler_tokens,reasoning_gain."),
]
Battery = Annotated[
    str | None,
    typer.Option(
        "--battery",
        help="The settings of a paper, such as lanham2023 (see cotfaith list batteries), or your own YAML file. Other options override "
        "them.",
    ),
]
Strategy = Annotated[
    str | None, typer.Option("--strategy", help="How the reasoning is elicited. Default: cot. Separate several with commas.")
]
Writer = Annotated[
    str | None,
    typer.Option(
        "--writer",
        help="The model that writes edits of reasoning traces (default: the evaluated model itself), or rules. Separate several with commas.",
    ),
]
Limit = Annotated[int | None, typer.Option("--limit", "-n", help="Questions per task.")]
Samples = Annotated[int | None, typer.Option("--samples", "-s", help="Reasoning samples per question.")]
Seed = Annotated[int | None, typer.Option("--seed", help="Seed for all random draws.")]
Temperature = Annotated[float | None, typer.Option("--temperature", help="Sampling temperature of the reasoning; 0 is greedy.")]
MaxTokens = Annotated[int | None, typer.Option("--max-tokens", help="Token limit of a reasoning trace.")]
Format = Annotated[str | None, typer.Option("--format", help="Prompt format: auto, chat, dialogue or thinking.")]
TaskData = Annotated[str | None, typer.Option("--task-data", help="A local folder or file that holds the task's questions.")]
Traces = Annotated[
    str | None,
    typer.Option("--traces", help="File of existing reasoning traces to use in place of sampling: JSON lines, or see --importer."),
]
Importer = Annotated[
    str | None, typer.Option("--importer", help="Importer that reads the --traces file (see cotfaith list importers).")
]
ModelArgs = Annotated[
    list[str] | None,
    typer.Option("-M", help="Engine option for every model (see cotfaith list engines). Repeatable.", metavar="KEY=VALUE"),
]
TaskArgs = Annotated[list[str] | None, typer.Option("-T", help="Task option. Repeatable.", metavar="KEY=VALUE")]
Judges = Annotated[
    str | None,
    typer.Option(
        "--judge",
        help="What judges whether a reasoning trace acknowledges the hint or the mistake: lexical, or a model. Separate several with commas.",
    ),
]
StrategyArgs = Annotated[list[str] | None, typer.Option("-S", help="Strategy option. Repeatable.", metavar="KEY=VALUE")]
WriterArgs = Annotated[
    list[str] | None,
    typer.Option("-W", help="Engine option for every writer. Repeatable.", metavar="KEY=VALUE"),
]
JudgeArgs = Annotated[
    list[str] | None,
    typer.Option("-J", help="Engine option for every model that judges. Repeatable.", metavar="KEY=VALUE"),
]
Answers = Annotated[
    str | None,
    typer.Option(
        "--answers",
        help="How multiple-choice answers are read: logprobs, written, sampled or auto (logprobs if the engine supports them, else "
        "written).",
    ),
]
Out = Annotated[
    Path | None,
    typer.Option("--out", "-o", help="The run directory. Default: a folder under runs/, named after the study or the choices."),
]
Quiet = Annotated[bool, typer.Option("--quiet", "-q", help="Do not show progress.")]
FormatOfTable = Annotated[str, typer.Option("--format", "-f", help="Output format: table, csv, json, markdown or latex.")]
RunArg = Annotated[Path, typer.Argument(metavar="RUN", help="A run directory.")]


def names(text: str | None) -> tuple[str, ...] | None:
    """The names that commas separate; None without a text."""
    return None if text is None else tuple(part.strip() for part in text.split(",") if part.strip())


def pairs(texts: Sequence[str] | None, option: str, example: str = "dtype=float32") -> dict[str, str] | None:
    """`key=value` texts as a dictionary; None without texts."""
    if not texts:
        return None
    parts = [text.partition("=") for text in texts]
    for key, equals, _ in parts:
        if not (key and equals):
            raise UsageError(f"Option {option} takes key=value, not {key!r}: for example {option} {example}.")
    return {key: value for key, _, value in parts}


def numbers(text: str | None, option: str) -> tuple[float, ...]:
    """The numbers that commas separate; empty without a text."""
    found = []
    for part in (text or "").split(","):
        if part.strip():
            try:
                found.append(float(part))
            except ValueError:
                raise UsageError(f"Option {option} takes numbers separated by commas, not {part.strip()!r}.") from None
    return tuple(found)
