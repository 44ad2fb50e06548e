"""Opening the model that a model string names, and the properties that stay the same within one run directory."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from contextlib import ExitStack
from dataclasses import dataclass, field
from typing import Any, cast

from cotfaith import paths, prompts, seeds
from cotfaith.contracts.engine import AbstractEngineOptions
from cotfaith.contracts.intervention import AbstractIntervention
from cotfaith.engines.shared.aliases import ALIASES, check_folder, hosted
from cotfaith.errors import EngineError, UsageError, unknown
from cotfaith.pipeline.open_study import Opened
from cotfaith.plugins import registry, session
from cotfaith.study import Study
from cotfaith.types import (
    Completion,
    Engine,
    OptionScores,
    PrefixTree,
    Prompt,
    Sampling,
    ScoringEngine,
    Tokenizer,
    Variables,
)

ENGINES: registry.Group = "cotfaith.engines"
RULES = "rules"  # the writer that is not a model
WRITER = "writer"  # the need of an intervention that has text written
VARIABLES = "template variables"  # the key of a fingerprint; absent where there are none
OPTIONS = "option_logprobs"  # the capability of an engine that scores answer options
NEEDS_OF_WRITERS: Mapping[str, frozenset[str]] = {"The writer or judge": frozenset({"tokens", "prefill"})}


@dataclass(frozen=True, slots=True)
class OpenModel:
    """A model under study: its name, engine and prompt format. `label` is its name if that differs from its model string.

    `asked` are the template variables of the study. The tokenizer of the format has those, and what --format thinking added.
    """

    name: str
    engine: Engine
    format: prompts.AbstractFormat
    label: str = ""
    asked: Variables = field(default_factory=dict, hash=False)

    def generate(self, prompts: Sequence[Prompt], sampling: Sampling) -> list[list[Completion]]:
        """What the model writes after each prompt: one completion for each of its samples. After a prompt that fills its context: nothing.

        Raises:
            EngineError: the engine returns another number of completions.
        """
        room = self.engine.info.context or math.inf
        fit = [one for one in prompts if len(one.ids) < room]
        done = self.engine.generate(fit, sampling) if fit else []
        self._check("generate", [len(one) for one in done], [len(one.samples) for one in fit])
        made = iter(done)
        return [next(made) if len(one.ids) < room else [Completion((), "", "too_long") for _ in one.samples] for one in prompts]

    def score(self, trees: Sequence[PrefixTree]) -> list[list[OptionScores]]:
        """The log-probabilities of the options at each branch of each tree, on an engine with `option_logprobs`.

        Raises:
            EngineError: the engine returns another number of scores.
        """
        done = cast("ScoringEngine", self.engine).score(trees)  # checked when it was opened
        self._check("score", [len(one) for one in done], [len(one.branches) for one in trees])
        return done

    def _check(self, method: str, found: list[int], wanted: list[int]) -> None:
        if found != wanted:
            raise EngineError(
                f"The engine {self.engine.info.engine} of {self.name} returned {sum(found)} results from {method} for {len(found)} of "
                f"{len(wanted)} requests, where {sum(wanted)} were asked for: correct the package that registers it."
            )

    def fingerprint(self) -> dict[str, Any]:
        """Everything that decides a number besides the prompt. The manifest records it, and a run with another fingerprint is refused."""
        return self._keyed() | {"files": self.engine.info.files}

    def _keyed(self) -> dict[str, Any]:
        """The part of the fingerprint that is in every key."""
        info = self.engine.info
        return {
            "model": info.model,
            "revision": info.revision,
            "engine": info.engine,
            "version": info.version,
            "dtype": info.dtype,
            "format": self.format.name,
            "template": prompts.template_hash(self.engine.tokenizer),
        } | ({VARIABLES: dict(variables)} if (variables := prompts.given(self.format.tokenizer)) else {})

    def resolved(self) -> prompts.ResolvedFormat:
        """How its prompts begin and end, and what ends its completions."""
        return prompts.resolved(self.format, frozenset(getattr(self.engine, "ends", ())), self.asked)

    def tag(self) -> str:
        """The hash of the fingerprint. It differs for two models of one checkpoint that have different names in the study."""
        return seeds.key("subject", self._keyed(), *([self.label] if self.label else []))


def engine_of(model: str) -> tuple[str, str]:
    """The engine and the model that a model string names: `vllm/Org/Model` -> ("vllm", "Org/Model").

    An alias, a local folder and a bare hub id belong to the transformers engine.

    Raises:
        UsageError: the string names nothing known.
    """
    known = registry.names(ENGINES)
    prefix, slash, rest = model.partition("/")
    if slash and prefix in known and rest:
        return prefix, rest
    if slash and prefix == session.OBJECT:
        raise UsageError(
            f"Model {rest!r} was a Python object when the run was made: pass the object again, as model={{{rest!r}: model}}."
        )
    if hosted(model) or "://" in model:
        check_folder(model)
    if model in ALIASES or paths.is_folder(model) or (slash and rest and "/" not in rest):
        return "hf", model
    hint = f"Write a model as ENGINE/NAME with an engine of {', '.join(sorted(known))}, a folder, a hub id Org/Model, or an alias."
    raise unknown("model", model, [*ALIASES, "scripted/faithful", "scripted/mixed", "scripted/post-hoc"], hint)


def options_of(study: Study, name: str) -> tuple[str, AbstractEngineOptions]:
    """The model of `name` (a model, writer or judge) for its engine, and the options of that engine. Nothing is loaded.

    Raises:
        UsageError: the model string names nothing known, or its engine does not accept an option or its value.
    """
    choice = study.choice(name)
    engine, rest = engine_of(choice.model)
    cls = registry.load(ENGINES, engine)
    if not issubclass(cls, AbstractEngineOptions):
        raise UsageError(
            f"Engine {engine!r} is registered as {cls.__name__}, not an AbstractEngineOptions: correct the package that registers it."
        )
    try:
        return rest, registry.make(ENGINES, engine, choice.engine, f"the {engine} engine of {name}")
    except UsageError as error:
        others = [other for other in study.model if other != name]
        if not (others and choice.engine):
            raise
        option, value = next(iter(choice.engine.items()))
        raise UsageError(
            f"{str(error).rstrip('.?')}; where models need different options, give each its own in a study file, such as "
            f"models: [{choice.model}, {{model: {study.choice(others[0]).model}, engine: {{{option}: {value}}}}}]."
        ) from error


def check_models(study: Study, opened: Opened) -> list[str]:
    """Check every model, writer and judge of `study` as far as possible without weights. Return one line about each.

    Raises:
        CotfaithError: one of them is unknown or not possible, has an option that its engine does not accept, or lacks a needed
            capability.
    """
    lines = []
    for name in dict.fromkeys([*study.model, *asked_models(study, opened)]):
        model, options = options_of(study, name)
        options.check(model)
        needs = needs_of(study, opened) if name in study.model else NEEDS_OF_WRITERS
        check_needs(name, options.capabilities, needs)
        given = ", ".join(f"{key}={value}" for key, value in study.choice(name).engine.items())
        lines.append(f"model {name}: engine {options.name}{f' ({given})' if given else ''}")
    return lines


def open_subject(study: Study, name: str, *, writes: bool = False) -> OpenModel:
    """The model of `name`, loaded and ready. One that only `writes` or judges has the format that fits its chat template.

    Raises:
        CotfaithError: the model cannot be loaded, or its engine breaks the contract.
    """
    model, options = options_of(study, name)
    engine = options.open(model)
    if OPTIONS in engine.info.capabilities and not isinstance(engine, ScoringEngine):
        raise EngineError(f"The engine of {name} states {OPTIONS}, but has no method score: correct the package that registers it.")
    choice = study.choice(name)
    label = "" if choice.model == name else name
    tokenizer = with_variables(study, name, engine.tokenizer)
    texts = None if writes else channel_of(study)
    form = prompts.choose("auto" if writes else study.format, tokenizer, texts)
    return OpenModel(name, engine, form, label, choice.template)


def channel_of(study: Study) -> tuple[str, str] | None:
    """The texts of the reasoning channel that the study names."""
    return None if study.channel is None else (study.channel.open, study.channel.close)


def with_variables(study: Study, name: str, tokenizer: Tokenizer) -> Tokenizer:
    """`tokenizer` with the template variables of the model `name`."""
    asked = study.choice(name).template
    try:
        return prompts.with_variables(tokenizer, asked, name)
    except UsageError as error:
        shared = [one for one in study.model if one != name and asked.keys() & study.choice(one).template.keys()]
        own = study.choice(shared[0]) if shared else None
        if own is None or own.model == study.choice(name).model:  # its template would refuse the same
            raise
        variable = next(one for one in own.template if one in asked)
        raise UsageError(
            f"{str(error).rstrip('.')}; where models need different variables, give each its own in a study file, such as "
            f"models: [{study.choice(name).model}, {{model: {own.model}, template: {{{variable}: {prompts.said(own.template[variable])}}}}}]."
        ) from error


def needs_of(study: Study, opened: Opened) -> dict[str, frozenset[str]]:
    """The capabilities that the study needs of its models, by the piece that needs them."""
    needs = {f"Intervention {name}": frozenset(made.about.needs) for name, made in opened.interventions.items()}
    needs |= {f"Measure {name}": study.measure(name).needs for name in study.measures}
    return needs | ({"Study key answers": frozenset({OPTIONS})} if study.answers == "logprobs" else {})


def check_needs(name: str, capabilities: frozenset[str], needs: Mapping[str, frozenset[str]]) -> None:
    """Refuse what the engine of `name` does not support, before any work. `needs` maps each piece to the capabilities that it needs."""
    for who, wanted in needs.items():
        lacking = sorted(wanted - {WRITER} - capabilities)
        if lacking:
            raise UsageError(
                f"{who} needs {', '.join(lacking)}, which the engine of {name} does not support: choose another engine or leave it out."
            )


def writes(study: Study, interventions: Mapping[str, AbstractIntervention]) -> bool:
    """Whether anything in the study needs a writer.

    Raises:
        UsageError: nothing does, but the study names a writer.
    """
    wanted = any(WRITER in made.about.needs for made in interventions.values())
    if study.writer and not wanted:
        raise UsageError(
            f"Study key writer is {', '.join(study.writer)}, but nothing in the study needs a writer "
            f"(its interventions are {', '.join(interventions)}): add adding_mistakes or paraphrasing, or remove the key."
        )
    return wanted


def open_writers(
    opened: Opened, study: Study, subject: OpenModel, models: dict[str, OpenModel], closing: ExitStack
) -> dict[str, OpenModel]:
    """The models that write for the study, by name: its writers, if anything needs one, and the models of its judges.

    The evaluated model is among them if the study names it as writer, or names no writer. The others are opened once per run:
    `models` holds them, and `closing` closes them.
    """
    wanted = asked_models(study, opened, subject.name)
    for name in wanted:
        if name != subject.name and name not in models:
            models[name] = open_subject(study, name, writes=True)
            closing.callback(models[name].engine.close)
            check_needs(name, models[name].engine.info.capabilities, NEEDS_OF_WRITERS)
    return {name: subject if name == subject.name else models[name] for name in wanted}


def asked_models(study: Study, opened: Opened, *subject: str) -> list[str]:
    """The models that write for the study, and the models of its judges. If the study names no writer, `subject` writes."""
    names = (study.writer or subject) if writes(study, opened.interventions) else ()
    asked = [model for judge in opened.judges.values() for model in judge.models]
    return [name for name in (*names, *asked) if name != RULES]


def difference_from(subject: OpenModel, recorded: Mapping[str, Any]) -> str:
    """How the model differs from the one whose fingerprint was `recorded` under its name, in words; empty if it does not."""
    now = subject.fingerprint()
    for key, before in {VARIABLES: None, **recorded}.items():
        if now.get(key) != before:
            return f"{subject.name} with {key} {before!r}, and now it is {now.get(key)!r}: rows of the two must not mix"
    return ""
