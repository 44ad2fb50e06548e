"""Options that commands share, and how their texts are read."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Annotated

import typer

from cotfaith.errors import UsageError

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
    typer.Option(
        "--battery",
        help="A paper's settings, such as lanham2023 (cotfaith list batteries), or a YAML file of your own; other options change them.",
    ),
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
Traces = Annotated[
    str | None,
    typer.Option(
        "--traces", help="A file of reasoning traces from elsewhere, which are then not sampled: JSON lines, or see --importer."
    ),
]
Importer = Annotated[str | None, typer.Option("--importer", help="What reads the file of --traces (cotfaith list importers).")]
ModelArgs = Annotated[
    list[str] | None,
    typer.Option(
        "-M", help="An engine option of every model (cotfaith list engines), key=value; may be repeated.", metavar="KEY=VALUE"
    ),
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
    typer.Option("-W", help="An engine option of every writer, key=value; may be repeated.", metavar="KEY=VALUE"),
]
JudgeArgs = Annotated[
    list[str] | None,
    typer.Option("-J", help="An engine option of every judge that is a model, key=value; may be repeated.", metavar="KEY=VALUE"),
]
Answers = Annotated[
    str | None,
    typer.Option(
        "--answers",
        help="How multiple choice is read: logprobs, written, sampled; auto is logprobs where the engine has them, else written.",
    ),
]
Out = Annotated[
    Path | None,
    typer.Option("--out", "-o", help="The run directory; by default one under runs/, named after the study or the choices."),
]
Quiet = Annotated[bool, typer.Option("--quiet", "-q", help="Show no progress.")]
FormatOfTable = Annotated[str, typer.Option("--format", "-f", help="table, csv, json, markdown or latex.")]
RunArg = Annotated[Path, typer.Argument(metavar="RUN", help="A run directory.")]


def names(text: str | None) -> tuple[str, ...] | None:
    """The names between commas; None when none were given."""
    return None if text is None else tuple(part.strip() for part in text.split(",") if part.strip())


def pairs(texts: Sequence[str] | None, option: str, example: str = "dtype=float32") -> dict[str, str] | None:
    """`key=value` texts as a dictionary; None when there are none."""
    if not texts:
        return None
    parts = [text.partition("=") for text in texts]
    for key, equals, _ in parts:
        if not (key and equals):
            raise UsageError(f"Option {option} takes key=value, not {key!r}: for example {option} {example}.")
    return {key: value for key, _, value in parts}


def numbers(text: str | None, option: str) -> tuple[float, ...]:
    """The numbers between commas; none when none were given."""
    found = []
    for part in (text or "").split(","):
        if part.strip():
            try:
                found.append(float(part))
            except ValueError:
                raise UsageError(f"Option {option} takes numbers with commas between, not {part.strip()!r}.") from None
    return tuple(found)
