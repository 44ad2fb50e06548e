"""The generated tables of the reference pages: tasks, keys of a study, columns of tables, options of engines, parts of a question.

`docs.generate.pages` writes them. Every meaning comes from the code that it describes.
"""

from __future__ import annotations

import types
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import fields
from typing import Any, Literal, Union, get_args, get_origin, get_type_hints

import numpy as np
import pyarrow as pa
import typer
from pydantic.fields import FieldInfo

from cotfaith import cli
from cotfaith.analysis import estimate
from cotfaith.contracts import options
from cotfaith.contracts.importer import GivenTrace
from cotfaith.contracts.intervention import Reader
from cotfaith.contracts.measure import AbstractMeasure
from cotfaith.contracts.task import AbstractTask
from cotfaith.measures import MEASURES
from cotfaith.model_choices import KEYS, ROLES, ChannelTexts, ModelChoice, TraceFile
from cotfaith.plugins import registry
from cotfaith.stats import Estimate, Key
from cotfaith.storage import meanings, schema
from cotfaith.study_keys import FURTHER, StudyKeys, meaning
from cotfaith.tasks import columns
from docs.generate.facts import cell
from docs.generate.facts import meanings as told

Blocks = dict[str, str]

TASKS: registry.Group = "cotfaith.tasks"
ENGINES: registry.Group = "cotfaith.engines"
INTERVENTIONS: registry.Group = "cotfaith.interventions"
# Keys of a study whose option on the command line has another name.
OPTIONS: Mapping[str, str] = {
    "measures": "--measure", "judges": "--judge", "engine": "-M", "writer_engine": "-W", "judge_engine": "-J", "task_options": "-T",
    "strategy_options": "-S",
}  # fmt: skip
_WORDS: Mapping[Any, str] = {str: "text", int: "whole number", float: "number", bool: "true or false"}
_KINDS: Mapping[Any, str] = {
    ChannelTexts: "mapping",
    TraceFile: "text or mapping",
    ModelChoice: "mapping",
}  # of keys that hold keys
_ARROW = {pa.string(): "text", pa.int64(): "whole number", pa.float64(): "number", pa.bool_(): "true or false"}
_NUMPY = {"i": "whole number", "f": "number"}  # all other columns of estimates are text


def pages(ours: Sequence[str]) -> dict[str, Blocks]:
    """The blocks of each page, by its path in docs/. `ours` names the tasks."""
    return {
        "tasks.md": {"tasks": tasks(ours), "options": task_options(ours)},
        "questions.md": {"parts": parts()},
        "studies.md": {"keys": keys(), "inner keys": inner_keys()},
        "table.md": {
            "estimates": estimates(),
            **{name: stored(name) for name in ("questions", "traces", "probes", "readings", "verdicts")},
            "nested": nested(),
            "references": references(),
            "referred": referred(),
        },
        "python.md": {"given": given()},
        "models.md": {f"options of {name}": engine(name) for name in ("hf", "vllm", "scripted")},
    }


def rows(head: Sequence[str], body: Iterable[Sequence[str]]) -> str:
    """A Markdown table."""
    lines = [head, ["---"] * len(head), *body]
    return "\n".join(f"| {' | '.join(map(cell, line))} |" for line in lines)


# --- tasks ------------------------------------------------------------------------------------------------------------------


def tasks(names: Sequence[str]) -> str:
    """Every built-in task in one line."""
    found = {name: registry.load(TASKS, name) for name in names}
    return rows(
        ["Task", "Questions", "An answer", "What it asks"],
        ([f"`{name}`", size(cls), cls.answers, cls.summary] for name, cls in found.items()),
    )


def size(cls: type[AbstractTask]) -> str:
    """The number of questions of a task: those of a generated one are counted."""
    if cls.endless:
        return "endless"
    if any(name == "data" for name in options.own(cls)):
        return "those of its data"
    return str(sum(1 for _ in cls().questions()))


def task_options(names: Sequence[str]) -> str:
    """The options of every built-in task."""
    return rows(["Task", "Option", "Value", "Default", "Meaning"], (
        [f"`{name}`", *line] for name in names for line in _options(registry.load(TASKS, name))
    ))  # fmt: skip


def _options(cls: type[Any]) -> Iterator[list[str]]:
    """The name, type, default and meaning of each option of a dataclass."""
    said = told(cls)
    kinds = options.described(cls)
    for name, field in options.own(cls).items():
        kind = kinds[name].partition(" (default ")[0]
        default = (
            "" if field.default in {None, ""} else str(field.default).lower() if isinstance(field.default, bool) else field.default
        )
        needed = field.default is field.default_factory  # both are missing
        yield [f"`{name}`", kind, "needed" if needed else f"`{default}`" if default != "" else "none", said[name]]


def parts() -> str:
    """The parts of a question in a file, with the columns in which each is found."""
    return rows(
        ["Part", "Type", "Meaning", "Found in the columns", "Required"],
        (
            [
                f"`{part}`",
                *columns.MEANINGS[part][:2],
                ", ".join(f"`{one}`" for one in names) or "none: name it in the map",
                _needed(part),
            ]
            for part, names in columns.ALIASES.items()
        ),
    )


def _needed(part: columns.Part) -> str:
    without = columns.MEANINGS[part][2]
    return "yes" if part == "question" else f"no; without it {without}"


def given() -> str:
    """The columns of a file of reasoning traces."""
    said, kinds = told(GivenTrace), get_type_hints(GivenTrace)
    return rows(
        ["Column", "Type", "Required", "Meaning"],
        (
            [f"`{one.name}`", _plain(kinds[one.name]), "yes" if one.default is one.default_factory else "no", said[one.name]]
            for one in fields(GivenTrace)
        ),
    )


def _plain(hint: Any) -> str:
    """The type of a column of JSON in words."""
    args = [one for one in get_args(hint) if one is not type(None)]
    if get_origin(hint) is Literal:
        return " or ".join(f"`{one}`" for one in args)
    if get_origin(hint) is tuple:
        return f"list of {_plain(args[0])}s"
    return _plain(args[0]) if args else _WORDS[hint]


# --- studies ----------------------------------------------------------------------------------------------------------------


def keys() -> str:
    """Every key of a study file."""
    known = [*StudyKeys.model_fields, *FURTHER]
    return rows(["Key", "Value", "Default", "Command line", "Meaning"], ([*key(name)] for name in known))


def key(name: str) -> Iterator[str]:
    """The cells of a key: its name, type, default, option of the command line and meaning."""
    other = f" or `{ROLES[name]}`" if name in ROLES else ""
    field = StudyKeys.model_fields.get(name)
    yield f"`{name}`{other}"
    yield "text" if name == "battery" else "mapping" if field is None else value(field)
    yield "none" if field is None else default(field)
    yield flag(name)
    yield meaning(name)


def value(field: FieldInfo) -> str:
    """The type of a key in words, with its bounds."""
    ends = {name: getattr(mark, name) for mark in field.metadata for name in ("ge", "gt", "le", "lt") if hasattr(mark, name)}
    lower = f" from {_short(ends['ge'])}" if "ge" in ends else f" above {_short(ends['gt'])}" if "gt" in ends else ""
    upper = f" to {_short(ends['le'])}" if "le" in ends else f" below {_short(ends['lt'])}" if "lt" in ends else ""
    return _kind(field.annotation) + lower + upper


def _kind(hint: Any) -> str:
    origin, args = get_origin(hint), get_args(hint)
    if origin in {Union, types.UnionType}:
        return _kind(next(one for one in args if one is not type(None)))
    if origin is tuple:
        return "name, or list of names"
    if origin is Literal:
        return ", ".join(f"`{one}`" for one in args)
    return _KINDS.get(hint) or _WORDS.get(hint, "mapping")


def _short(bound: float) -> str:
    """A bound as a person writes it."""
    if bound == 2**63:
        return "2^63"
    return f"{bound:,}" if isinstance(bound, int) else np.format_float_positional(bound, trim="-")


def default(field: FieldInfo) -> str:
    """The default of a key as a study file has it."""
    if field.is_required():
        return "needed"
    plain = field.default
    if plain in (None, (), {}):
        return "none"
    return f"`{', '.join(plain) if isinstance(plain, tuple) else plain}`"


def flag(name: str) -> str:
    """The option of `cotfaith run` that sets a key; empty without one."""
    known = {one for param in _run().params for one in param.opts}
    option = OPTIONS.get(name, f"--{name.replace('_', '-')}")
    return f"`{option}`" if option in known else ""


def flags() -> set[str]:
    """The options of `cotfaith run` that set a key of a study."""
    return {flag(name).strip("`") for name in [*StudyKeys.model_fields, *FURTHER]} - {""}


def _run() -> Any:
    return typer.main.get_command(cli.app).commands["run"]  # type: ignore[attr-defined]  # it is a group


def inner_keys() -> str:
    """The keys within keys: of an entry in place of a name, of a channel, and of a file of traces."""
    entries = [(f"an entry of `{'`, `'.join(ROLES)}`", name, said) for name, said in KEYS.items()]
    for owner, cls in (("channel", ChannelTexts), ("traces", TraceFile)):
        entries += [(f"`{owner}`", name, field.description or "") for name, field in cls.model_fields.items()]
    return rows(["In", "Key", "Meaning"], ([where, f"`{name}`", said] for where, name, said in entries))


# --- tables -----------------------------------------------------------------------------------------------------------------


def estimates() -> str:
    """The columns of the table of estimates, with the types that a row has."""
    one = Estimate("m", Key("x", dose=1.0), 0.5, 0.1, 0.3, 0.7, 0.95, "", 4, 2, 0, 1.0, (0.4, 0.6), p=0.5, null=0.0)
    frame = estimate.table([estimate.Found("model", "task", "cot", one)], 0.1)
    kinds = {name: _NUMPY.get(frame[name].dtype.kind, "text") for name in frame.columns}
    return rows(["Column", "Type", "Meaning"], ([f"`{name}`", kind, meanings.ESTIMATES[name]] for name, kind in kinds.items()))


def stored(name: str) -> str:
    """The columns of a stored table."""
    said = meanings.TABLES[name]
    return rows(["Column", "Type", "Meaning"], ([f"`{one.name}`", arrow(one.type), said[one.name]] for one in schema.SCHEMAS[name]))


def arrow(kind: pa.DataType) -> str:
    """The type of a column in words."""
    if pa.types.is_list(kind):
        return f"list of {arrow(kind.value_type)}s" if not pa.types.is_struct(kind.value_type) else "list of records"
    return _ARROW[kind]


def nested() -> str:
    """The parts of the columns that hold records."""
    parts = [(f"`{column}`", of) for column, of in (("turns", meanings.TURN), ("steps", meanings.STEP))]
    return rows(["Column", "Part", "Meaning"], ([column, f"`{name}`", said] for column, of in parts for name, said in of.items()))


ANSWERS: Mapping[Reader, str] = {
    "": "",
    "guess": "a guess: each option with the same chance; a free answer never agrees",
    "own": "the answer of the trace",
    "other": "an answer other than that of the trace",
    "donor": "the answer of the donor",
}  # what the reader gives where the reasoning is edited


def references() -> str:
    """What the two imagined models of the reference values answer under each intervention."""
    found = {name: registry.load(INTERVENTIONS, name).about for name in registry.names(INTERVENTIONS)}
    return rows(
        ["Intervention", "A reader that only follows its reasoning", "A model that never reads it"],
        (
            [f"`{name}`", ANSWERS[about.reader] or "not defined", ANSWERS["own"] if about.edits_reasoning else "not defined"]
            for name, about in found.items()
        ),
    )


def referred() -> str:
    """The measures with reference values, and those without."""
    return rows(
        ["Measure", "Reader", "Direct"],
        ([f"`{name}`", *_referred(measure)] for name, measure in MEASURES.items()),
    )


def _referred(measure: AbstractMeasure) -> tuple[str, str]:
    """Whether the headline of a measure has the value of a reader, and that of a model that never reads."""
    if not measure.headline().reference:
        return "no", "no"
    if not measure.requires:
        return ("as its intervention",) * 2
    found = [registry.load(INTERVENTIONS, name).about for name in measure.requires]
    words = {True: "yes", False: "no"}
    return words[all(about.reader for about in found)], words[all(about.edits_reasoning for about in found)]


# --- engines ----------------------------------------------------------------------------------------------------------------


def engine(name: str) -> str:
    """The options of an engine."""
    return rows(["Option", "Value", "Default", "Meaning"], _options(registry.load(ENGINES, name)))
