"""Options that several commands share, and the parsing of their values."""

from __future__ import annotations

import math
from collections.abc import Sequence
from pathlib import Path
from typing import Annotated, Any

import typer
import yaml

from cotfaith import paths
from cotfaith.errors import UsageError
from cotfaith.plugins.yaml_file import MOST, count

COMMAS = 8  # in the name of a file or folder

StudyFile = Annotated[Path | None, typer.Argument(help="A study file (YAML). Options override its values.", show_default=False)]
Model = Annotated[
    str | None,
    typer.Option(
        "--model",
        "-m",
        help="hf/Org/Model, a folder, scripted/mixed, or an alias. Separate several with commas. A folder that exists may have commas in its name.",
    ),
]
TaskName = Annotated[
    str | None,
    typer.Option(
        "--task",
        "-t",
        help="A task, or a .jsonl file. Separate several with commas. A file that exists may have commas in its name.",
    ),
]
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
Limit = Annotated[int | None, typer.Option("--limit", "-n", help="Questions per task. Default: 20.")]
Samples = Annotated[int | None, typer.Option("--samples", "-s", help="Reasoning samples per question. Default: 1.")]
Seed = Annotated[int | None, typer.Option("--seed", help="Seed for all random draws. Default: 0.")]
Temperature = Annotated[
    float | None, typer.Option("--temperature", help="Sampling temperature of the reasoning; 0 is greedy. Default: 0.8.")
]
MaxTokens = Annotated[int | None, typer.Option("--max-tokens", help="Token limit of a reasoning trace. Default: 256.")]
Cut = Annotated[
    str | None,
    typer.Option(
        "--cut",
        help="How a reasoning trace that the token limit cut counts: keep (as any other), drop (left out) or bound (its answers are missing). "
        "Default: keep.",
    ),
]
Format = Annotated[str | None, typer.Option("--format", help="Prompt format: auto, chat, dialogue or thinking. Default: auto.")]
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
TemplateArgs = Annotated[
    list[str] | None,
    typer.Option(
        "--template",
        help="Variable of the chat template of every model, such as enable_thinking=true or reasoning_effort=high; values as in a "
        "study file. Repeatable.",
        metavar="KEY=VALUE",
    ),
]
TaskArgs = Annotated[list[str] | None, typer.Option("-T", help="Task option. Repeatable.", metavar="KEY=VALUE")]
Judges = Annotated[
    str | None,
    typer.Option(
        "--judge",
        help="What judges whether a reasoning trace acknowledges the hint or the mistake: lexical, or a model. Default: lexical. Separate several "
        "with commas.",
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
        "written). Default: auto.",
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
    """The names that commas separate; None without a text. A comma in the path of a file or folder that exists separates nothing."""
    if text is None:
        return None
    parts, found, start = text.split(","), list[str](), 0
    while start < len(parts):
        ends = range(min(len(parts), start + COMMAS + 1), start, -1)
        end = next(end for end in ends if end == start + 1 or paths.exists(",".join(parts[start:end]).strip()))
        found.append(",".join(parts[start:end]).strip())
        start = end
    return tuple(name for name in found if name)


def pairs(texts: Sequence[str] | None, option: str, example: str = "dtype=float32", *, last: bool = False) -> dict[str, str] | None:
    """`key=value` texts as a dictionary; None without texts. The key ends at the first equals sign, or at the `last`."""
    if not texts:
        return None
    parts = [text.rpartition("=") if last else text.partition("=") for text in texts]
    for text, (key, equals, _) in zip(texts, parts, strict=True):
        if not (key and equals):
            raise UsageError(f"Option {option} takes key=value, not {text!r}: for example {option} {example}.")
    return {key: value for key, _, value in parts}


def variables(texts: Sequence[str] | None) -> dict[str, Any] | None:
    """The template variables in `key=value` texts, with values as in a study file: true, 3, 0.5, high, [a, b]. None without texts."""
    given = pairs(texts, "--template", "enable_thinking=true")
    return None if given is None else {key: _value(text) for key, text in given.items()}


def _value(text: str) -> Any:
    try:
        value = yaml.safe_load(text)
        if count(value) > MOST:  # a list within itself
            return text
    except (yaml.YAMLError, ValueError, RecursionError):  # no YAML, an impossible date, a number of 5,000 digits
        return text
    nothing = value is None and bool(text.strip())  # refused, as in a study file
    return value if nothing or isinstance(value, (bool, int, float, list)) else text


def numbers(text: str | None, option: str) -> tuple[float, ...]:
    """The numbers that commas separate; empty without a text."""
    found = []
    for part in (text or "").split(","):
        if part.strip():
            try:
                value = float(part)
            except ValueError:
                value = math.nan
            if not math.isfinite(value):
                raise UsageError(f"Option {option} takes numbers separated by commas, not {part.strip()!r}.")
            found.append(value)
    return tuple(found)
