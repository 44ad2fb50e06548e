"""The keys of a study: type, default and meaning of each. Documents and errors take the meanings from here."""

from __future__ import annotations

from collections.abc import Mapping
from reprlib import Repr
from typing import Annotated, Literal

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, ValidationError

from cotfaith.errors import UsageError
from cotfaith.model_choices import ChannelTexts, ModelChoice, TraceFile
from cotfaith.types import Scalar

Several = Annotated[
    tuple[str, ...],
    BeforeValidator(lambda value: (value,) if isinstance(value, str) else tuple(value) if isinstance(value, list) else value),
]
Names = Annotated[Several, Field(min_length=1)]
Options = Mapping[str, Scalar | list[Scalar]]
Answers = Literal["auto", "logprobs", "written", "sampled"]
Cut = Literal["keep", "drop", "bound"]
Given = Annotated[TraceFile | None, BeforeValidator(lambda value: {"path": value} if isinstance(value, str) else value)]


class StudyKeys(BaseModel):
    """The keys of a study. Each description is a noun phrase, which errors show behind the key."""

    model_config = ConfigDict(extra="forbid", frozen=True, strict=True)

    model: Names = Field(description="the evaluated models: an alias, a folder, a hub id, or ENGINE/NAME")
    task: Names = Field(description="the tasks, by name or as a file of questions")
    measures: Names = Field(
        default=("early_answering", "filler_tokens", "reasoning_gain"), description="the measures that the run reports"
    )
    limit: int = Field(default=20, ge=1, le=10**9, description="the number of questions per task")
    samples: int = Field(default=1, ge=1, le=65536, description="the number of reasoning traces per question")
    seed: int = Field(default=0, ge=0, lt=2**63, description="the seed of all random draws of the run, but not of the questions")
    temperature: float = Field(default=0.8, ge=0, le=2, description="the sampling temperature of the reasoning, 0 for greedy")
    top_p: float = Field(default=0.95, gt=0, le=1, description="the probability mass of the likeliest tokens to sample from")
    max_tokens: int = Field(default=256, ge=1, le=10**7, description="the token limit of a reasoning trace")
    format: str = Field(default="auto", description="the prompt format, or auto for the one that fits the chat template")
    channel: ChannelTexts | None = Field(
        default=None, description="the texts that open and close the reasoning channel, for the format thinking"
    )
    strategy: Names = Field(default=("cot",), description="the ways in which the reasoning is elicited")
    writer: Several = Field(default=(), description="the models that write edits, or rules; the evaluated model if there is none")
    judges: Several = Field(
        default=(),
        description="the judges that say whether a text acknowledges a hint or a mistake: lexical, or models; lexical if there is none",
    )
    similarity: str = Field(default="words", description="the similarity of two steps, for interventions that compare steps")
    steps: str = Field(default="sentence", description="the rule that cuts a reasoning trace into steps")
    min_option_mass: float = Field(
        default=0.1, ge=0, le=1, description="the probability that the options must have together for an answer to count"
    )
    level: float = Field(default=0.95, ge=1e-6, le=1 - 1e-9, description="the confidence level of the intervals")
    margin: float | None = Field(
        default=None, ge=1e-6, le=1, description="the equivalence margin, within which a difference counts as none"
    )
    power: float = Field(default=0.8, gt=0.5, lt=1, description="the power for which a dry run plans, if there is a margin")
    cut: Cut = Field(
        default="keep",
        description="the way in which reasoning traces that the token limit cut count: like the others, not at all, or with missing answers",
    )
    interventions: Mapping[str, Options] = Field(
        default={}, description="the parameters of interventions by name; one that is named here always runs"
    )
    answers: Answers = Field(default="auto", description="the way in which answers to multiple-choice questions are read")
    engines: Mapping[str, ModelChoice] = Field(
        default={}, description="the models behind names, as a run directory stores them; a file has entries instead"
    )
    strategy_options: Options = Field(default={}, description="the options of the strategies")
    task_options: Options = Field(default={}, description="the options of the tasks")
    task_data: str | None = Field(default=None, description="the local file or folder with the questions of the task")
    traces: Given = Field(default=None, description="the file of existing reasoning traces to use in place of sampling")


FURTHER: Mapping[str, str] = {
    "battery": "the settings of a paper under one name, which the other keys override",
    "engine": "the engine options of every model",
    "template": "the variables of the chat template of every model",
    "writer_engine": "the engine options of every writer",
    "judge_engine": "the engine options of every judge that is a model",
}  # keys of a study file that become others when it is read, with their meanings


def meaning(key: str) -> str:
    """The meaning of a key of a study; empty for an unknown key."""
    field = StudyKeys.model_fields.get(key)
    return FURTHER.get(key, "") if field is None else field.description or ""


_SHORT = Repr()  # of a wrong value
_SHORT.maxstring = _SHORT.maxother = _SHORT.maxlong = 80


def refused(error: ValidationError, where: str) -> UsageError:
    """The first thing that is wrong with a study, as one sentence with the meaning of its key."""
    first = error.errors()[0]
    path = [str(part) for part in first["loc"]]
    what = meaning(path[0]) if path else ""
    key = ".".join(path) or "study"
    reason = "it is not a number" if first["input"] != first["input"] else first["msg"][0].lower() + first["msg"][1:]
    return UsageError(f"{where}: {key}{f' ({what})' if what else ''} is {_SHORT.repr(first['input'])}: {reason}.")
