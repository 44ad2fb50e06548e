"""Opening what a model string names, and what of it must stay the same within one run directory."""

from __future__ import annotations

from collections.abc import Mapping
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path
from typing import Any, cast

from cotfaith import prompts, seeds
from cotfaith.contracts.intervention import AbstractIntervention
from cotfaith.engines.shared.aliases import ALIASES
from cotfaith.errors import StoreError, UsageError, unknown
from cotfaith.pipeline.open_study import Opened
from cotfaith.plugins import registry
from cotfaith.study import Study
from cotfaith.types import Engine, Scalar

ENGINES: registry.Group = "cotfaith.engines"
RULES = "rules"  # the writer that is no model
WRITER = "writer"  # what an intervention needs that rewords


@dataclass(frozen=True, slots=True)
class Subject:
    """A model under study: the string that named it, its engine, its prompt format."""

    name: str
    engine: Engine
    format: prompts.AbstractFormat

    def fingerprint(self) -> dict[str, Any]:
        """All that decides a number besides the prompt: it goes into the manifest, and its hash into every key."""
        info = self.engine.info
        return {
            "model": info.model,
            "revision": info.revision,
            "engine": info.engine,
            "version": info.version,
            "dtype": info.dtype,
            "format": self.format.name,
            "template": prompts.template_hash(self.engine.tokenizer),
        }

    def tag(self) -> str:
        """The fingerprint, hashed."""
        return seeds.key("subject", self.fingerprint())


def engine_of(model: str) -> tuple[str, str]:
    """The engine that a model string names, and the model within it: `vllm/Org/Model` -> ("vllm", "Org/Model").

    An alias, a local folder and a bare hub id belong to the transformers engine.

    Raises:
        UsageError: if it names nothing known.
    """
    known = registry.names(ENGINES)
    prefix, slash, rest = model.partition("/")
    if slash and prefix in known and rest:
        return prefix, rest
    if model in ALIASES or Path(model).is_dir() or (slash and rest and "/" not in rest):
        return "hf", model
    hint = f"Write a model as ENGINE/NAME with an engine of {', '.join(sorted(known))}, a folder, a hub id Org/Model, or an alias."
    raise unknown("model", model, [*ALIASES, "scripted/faithful", "scripted/mixed", "scripted/post-hoc"], hint)


def open_subject(model: str, format_name: str, arguments: Mapping[str, Scalar]) -> Subject:
    """The model, loaded and ready."""
    engine_name, name = engine_of(model)
    engine = cast("Engine", registry.load(ENGINES, engine_name)(name, **arguments))
    return Subject(model, engine, prompts.choose(format_name, engine.tokenizer))


def check_needs(subject: Subject, needs: Mapping[str, frozenset[str]]) -> None:
    """Refuse, before anything is spent, what the engine cannot do. `needs` maps who needs to the capabilities needed."""
    for who, wanted in needs.items():
        lacking = sorted(wanted - {WRITER} - subject.engine.info.capabilities)
        if lacking:
            raise UsageError(
                f"{who} needs {', '.join(lacking)}, which the engine of {subject.name} has not: choose another engine or leave it out."
            )


def writes(study: Study, interventions: Mapping[str, AbstractIntervention]) -> bool:
    """Whether anything in the study is written by a writer.

    Raises:
        UsageError: if nothing is, and the study names a writer all the same.
    """
    wanted = any(WRITER in made.about.needs for made in interventions.values())
    if study.writer and not wanted:
        raise UsageError(
            f"Study key writer is {', '.join(study.writer)}, but nothing in the study is written by one "
            f"(its interventions are {', '.join(interventions)}): add adding_mistakes or paraphrasing, or take it out."
        )
    return wanted


def open_writers(
    opened: Opened, study: Study, subject: Subject, models: dict[str, Subject], closing: ExitStack
) -> dict[str, Subject]:
    """The models that write for the study, by name: its writers, where anything is written, and those that its judges ask.

    The subject itself is among them where it is named, or where no writer is. The others are opened once a run: `models` holds
    them, and `closing` closes them.
    """
    names = (study.writer or (subject.name,)) if writes(study, opened.interventions) else ()
    asked = [model for judge in opened.judges.values() for model in judge.models]
    wanted = [name for name in (*names, *asked) if name != RULES]
    for name in wanted:
        if name != subject.name and name not in models:
            models[name] = open_subject(name, "auto", study.writer_engine)
            closing.callback(models[name].engine.close)
            check_needs(models[name], {"The writer": frozenset({"tokens", "prefill"})})
    return {name: subject if name == subject.name else models[name] for name in wanted}


def check_same(subject: Subject, recorded: Mapping[str, Any]) -> None:
    """Refuse to mix rows of two different subjects under one name."""
    now = subject.fingerprint()
    for key, before in recorded.items():
        if now.get(key) != before:
            raise StoreError(
                f"The run directory holds {subject.name} with {key} {before!r}, and now it is {now.get(key)!r}: "
                "rows of the two must not mix, so choose another --out, or go back to what it was."
            )
