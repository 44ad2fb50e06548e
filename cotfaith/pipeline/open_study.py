"""Opening the pieces that a study names besides models, each with its options."""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, cast

from cotfaith import prompts
from cotfaith.contracts.hint import AbstractHint, from_yaml
from cotfaith.contracts.identity import digest, hint_identity, identity
from cotfaith.contracts.intervention import AbstractIntervention
from cotfaith.contracts.judge import AbstractJudge, Acknowledged
from cotfaith.contracts.strategy import AbstractStrategy
from cotfaith.contracts.task import AbstractTask
from cotfaith.errors import UsageError, unknown
from cotfaith.plugins import registry
from cotfaith.plugins.yaml_file import read_yaml
from cotfaith.study import Study
from cotfaith.tasks import resolve
from cotfaith.text import steps
from cotfaith.text.similarity import Similarity

TASKS: registry.Group = "cotfaith.tasks"
STRATEGIES: registry.Group = "cotfaith.strategies"
JUDGES: registry.Group = "cotfaith.judges"
LEXICAL = "lexical"  # the default judge of hints, and one of the judges of mistakes in any study
MODEL = "model"  # the judge behind a model string


@dataclass(frozen=True, slots=True)
class Opened:
    """What a study names besides models, built and checked, by name. `judging` names the judges of each thing that a text may acknowledge."""

    tasks: Mapping[str, AbstractTask]
    strategies: Mapping[str, AbstractStrategy]
    interventions: Mapping[str, AbstractIntervention]
    similar: Similarity
    hints: Mapping[str, AbstractHint]
    judges: Mapping[str, AbstractJudge]
    judging: Mapping[Acknowledged, tuple[str, ...]]

    def identity(self, made: AbstractIntervention) -> dict[str, Any]:
        """The identity of an intervention, with the identity of each of its hints."""
        own = identity(made)
        return own | {"hints": {name: hint_identity(self.hints[name]) for name in made.hints}} if made.hints else own

    def spec(self, made: AbstractIntervention) -> str:
        """The digest of `identity`, as in the rows of probes."""
        return digest(self.identity(made))


def open_study(study: Study, interventions: Mapping[str, AbstractIntervention] | None = None) -> Opened:
    """What `study` names besides models, with `interventions` in place of its own.

    Raises:
        UsageError: a name is unknown, or an option is not valid.
    """
    similar: Similarity = registry.function("cotfaith.similarities", study.similarity)
    prompts.check_name(study.format)
    steps.check(study.steps)
    interventions = study.probing() if interventions is None else interventions
    hints = {name: open_hint(name) for made in interventions.values() for name in made.hints}
    judged: tuple[Acknowledged, ...] = ("hint",) if hints else ()
    if judges_mistakes(study):
        judged += ("mistake",)
    judges, judging = open_judges(study, judged)
    return Opened(open_tasks(study), open_strategies(study), interventions, similar, hints, judges, judging)


def judges_mistakes(study: Study) -> bool:
    """Whether a measure of `study` reads what the texts after mistakes acknowledge."""
    return any(measure.judged and "mistake" in measure.requires for measure in map(study.measure, study.measures))


def open_hint(name: str) -> AbstractHint:
    """The hint registered as `name`, or the hint in the YAML file at that path.

    Raises:
        UsageError: there is no such hint, or the file does not describe one.
    """
    if name.endswith((".yaml", ".yml")):
        choices = read_yaml(name, f"Hint {name}", "name: my_hint")
        return from_yaml(choices, name)
    made = registry.make("cotfaith.hints", name)
    if not isinstance(made, AbstractHint):
        raise UsageError(f"Hint {name!r} is a {type(made).__name__}, not an AbstractHint: correct the package that registers it.")
    return made


def open_judges(
    study: Study, judged: Sequence[Acknowledged]
) -> tuple[dict[str, AbstractJudge], dict[Acknowledged, tuple[str, ...]]]:
    """The judges of `study` by name, and the names of those that judge each of `judged`.

    The study's judges judge all that they can. Without any, the lexical judge does. It always judges mistakes, since it needs no model.

    Raises:
        UsageError: a judge of the study can judge nothing that the study has, or a registered object is not a judge.
    """
    named = {name: open_judge(name) for name in study.judges}
    if named and not judged:
        raise UsageError(
            f"Study key judges is {', '.join(named)}, but the study has nothing to judge: add the measure hint_effect or "
            "adding_mistakes, or remove the key."
        )
    for name, made in named.items():
        if not set(made.judges) & set(judged):
            raise UsageError(
                f"Judge {name} judges {' and '.join(f'{one}s' for one in made.judges)}, but the study has only "
                f"{' and '.join(f'{one}s' for one in judged)} to judge: choose another judge, or remove it."
            )
    lexical = {LEXICAL: named.get(LEXICAL) or open_judge(LEXICAL)} if judged else {}
    known = {"hint": named or lexical, "mistake": {**lexical, **named}}
    judging: dict[Acknowledged, tuple[str, ...]] = {
        of: tuple(name for name, made in known[of].items() if of in made.judges) for of in judged
    }
    used = {name for names in judging.values() for name in names}
    return {name: made for name, made in {**named, **lexical}.items() if name in used}, judging


def open_judge(name: str) -> AbstractJudge:
    """The judge registered as `name`, or the model judge for the model string `name`.

    Raises:
        UsageError: the registered object is not a judge.
    """
    registered = name in registry.names(JUDGES) and name != MODEL
    made = registry.make(JUDGES, name) if registered else registry.make(JUDGES, MODEL, {"model": name})
    if not isinstance(made, AbstractJudge):
        raise UsageError(f"Judge {name!r} is a {type(made).__name__}, not an AbstractJudge: correct the package that registers it.")
    return made


def open_tasks(study: Study) -> dict[str, AbstractTask]:
    """The tasks of `study` by name. An option applies to every task that has it, and at least one task must have it.

    Raises:
        UsageError: there is no such task, no task has an option, or a value is not valid.
    """
    resolved = {task: resolve(task) for task in study.task}
    classes = {task: _class(name) for task, (name, _) in resolved.items()}
    wanted: dict[str, Any] = dict(study.task_options)
    if study.task_data is not None:
        wanted["data"] = study.task_data
    if study.task_data is not None and not any(_has(cls, "data") for cls in classes.values()):
        raise UsageError(f"{' and '.join(classes)} reads no data: leave --task-data out, or name a task that does, such as jsonl.")
    known = _shared_out(classes, wanted)
    return {
        task: registry.make(
            TASKS, resolved[task][0], {key: value for key, value in wanted.items() if key in known[task]} | resolved[task][1]
        )
        for task in classes
    }


def open_strategies(study: Study) -> dict[str, AbstractStrategy]:
    """The strategies of `study` by name. An option applies to every strategy that has it, and at least one strategy must have it.

    Raises:
        UsageError: there is no such strategy, no strategy has an option, or a value is not valid.
    """
    classes = {name: registry.load(STRATEGIES, name) for name in study.strategy}
    for name, cls in classes.items():
        if not (issubclass(cls, AbstractStrategy) and dataclasses.is_dataclass(cls)):
            raise UsageError(
                f"Strategy {name!r} is registered as {cls.__name__}, not a dataclass of AbstractStrategy: correct the package that registers it."
            )
    known = _shared_out(classes, study.strategy_options)
    return {
        name: registry.build(cls, {key: value for key, value in study.strategy_options.items() if key in known[name]})
        for name, cls in classes.items()
    }


def _shared_out(classes: Mapping[str, type], options: Mapping[str, Any]) -> dict[str, set[str]]:
    """The options of each of `classes`. Each of `options` must belong to at least one class."""
    known = {name: {field.name for field in dataclasses.fields(cast("Any", cls))} for name, cls in classes.items()}
    for option in options:
        if not any(option in those for those in known.values()):
            raise unknown(f"option of {' and '.join(classes)}", option, set().union(*known.values()))
    return known


def _has(cls: type, option: str) -> bool:
    return any(field.name == option for field in dataclasses.fields(cast("Any", cls)))


def _class(name: str) -> type[AbstractTask]:
    if name not in registry.names(TASKS):
        raise unknown(
            "task",
            name,
            registry.names(TASKS),
            "Any file of questions is a task too: give the path of a .jsonl or .json file.",
            alike=0.7,
        )
    cls = registry.load(TASKS, name)
    if not (issubclass(cls, AbstractTask) and dataclasses.is_dataclass(cls)):
        raise UsageError(
            f"Task {name!r} is registered as {cls.__name__}, not a dataclass of AbstractTask: correct the package that registers it."
        )
    return cls


def warnings(study: Study) -> list[str]:
    """What a study may not mean, in sentences: choices that are possible, and rarely wanted."""
    found = []
    if study.temperature == 0 and study.samples > 1 and study.traces is None:
        found.append(
            f"temperature is 0, so the {study.samples} samples of a question are one reasoning trace that counts {study.samples} times: give "
            "--samples 1, or a temperature above 0."
        )
    return found
