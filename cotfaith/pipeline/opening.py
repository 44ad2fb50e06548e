"""Opening what a study names besides models: what each name stands for, and which options are whose."""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, cast

from cotfaith import registry
from cotfaith.errors import UsageError, unknown
from cotfaith.intervention import AbstractIntervention
from cotfaith.similarity import Similarity
from cotfaith.strategies import AbstractStrategy
from cotfaith.study import Study
from cotfaith.tasks import AbstractTask, resolve

TASKS: registry.Group = "cotfaith.tasks"
STRATEGIES: registry.Group = "cotfaith.strategies"


@dataclass(frozen=True, slots=True)
class Opened:
    """What a study names besides models, made and checked: by the strings that name it."""

    tasks: Mapping[str, AbstractTask]
    strategies: Mapping[str, AbstractStrategy]
    interventions: Mapping[str, AbstractIntervention]
    similar: Similarity


def open_study(study: Study) -> Opened:
    """What `study` names besides models.

    Raises:
        UsageError: if something is unknown, or an option does not fit.
    """
    similar: Similarity = registry.load("cotfaith.similarities", study.similarity)()
    return Opened(open_tasks(study), open_strategies(study), study.probing(), similar)


def open_tasks(study: Study) -> dict[str, AbstractTask]:
    """The tasks of `study` by the strings that name them. An option goes to every task that has it, and one at least must.

    Raises:
        UsageError: if there is no such task, no task has an option, or a value does not fit.
    """
    resolved = {task: resolve(task) for task in study.task}
    classes = {task: _class(name) for task, (name, _) in resolved.items()}
    wanted: dict[str, Any] = dict(study.task_options)
    if study.task_data is not None:
        wanted["data"] = study.task_data
    known = _shared_out(classes, wanted)
    return {
        task: registry.build(cls, {name: value for name, value in wanted.items() if name in known[task]} | resolved[task][1])
        for task, cls in classes.items()
    }


def open_strategies(study: Study) -> dict[str, AbstractStrategy]:
    """The strategies of `study` by name. An option goes to every strategy that has it, and one at least must.

    Raises:
        UsageError: if there is no such strategy, none has an option, or a value does not fit.
    """
    classes = {name: registry.load(STRATEGIES, name) for name in study.strategy}
    for name, cls in classes.items():
        if not (issubclass(cls, AbstractStrategy) and dataclasses.is_dataclass(cls)):
            raise UsageError(
                f"Strategy {name!r} is registered as {cls.__name__}, no dataclass of AbstractStrategy: mend the package that offers it."
            )
    known = _shared_out(classes, study.strategy_options)
    return {
        name: registry.build(cls, {key: value for key, value in study.strategy_options.items() if key in known[name]})
        for name, cls in classes.items()
    }


def _shared_out(classes: Mapping[str, type], options: Mapping[str, Any]) -> dict[str, set[str]]:
    """The options that each of `classes` has; each of `options` must belong to one."""
    known = {name: {field.name for field in dataclasses.fields(cast("Any", cls))} for name, cls in classes.items()}
    for option in options:
        if not any(option in those for those in known.values()):
            raise unknown(f"option of {' and '.join(classes)}", option, set().union(*known.values()))
    return known


def _class(name: str) -> type[AbstractTask]:
    cls = registry.load(TASKS, name)
    if not (issubclass(cls, AbstractTask) and dataclasses.is_dataclass(cls)):
        raise UsageError(
            f"Task {name!r} is registered as {cls.__name__}, no dataclass of AbstractTask: mend the package that offers it."
        )
    return cls
