"""The validated choices of one study, from a YAML file, from command-line options, or from keyword arguments.

A study file contains only choices. Anything that needs logic belongs in a package.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from html import escape
from pathlib import Path
from typing import Any

from pydantic import ValidationError

from cotfaith import seeds, sensitive
from cotfaith.contracts.intervention import AbstractIntervention
from cotfaith.contracts.measure import AbstractMeasure
from cotfaith.errors import UsageError, unknown
from cotfaith.measures import MEASURES
from cotfaith.model_choices import ROLES, ModelChoice, over, refuse_unprintable, spread
from cotfaith.plugins import presets, registry
from cotfaith.plugins.yaml_file import read_yaml
from cotfaith.study_keys import FURTHER, StudyKeys, refused
from cotfaith.types import Sampling

ANSWER_CHANGED = "answer_changed"  # the measure for interventions that no other measure of a study reads
EVERY = ("*",)  # its `uses`

_LISTS = ("model", "task", "strategy", "measures", "judges")  # what a run directory collects
_COUNTS = ("limit", "samples")  # what grows


class Study(StudyKeys):
    """The choices of one study. `StudyKeys` has the keys and their meanings.

    `model`, `task` and `strategy` are crossed: every model answers every task under every strategy. The lexical judge always judges
    mistakes.

    The name of a model, writer or judge is a model string, unless `engines` maps it to a model string, engine options and variables
    of its chat template. A study file may give `{model: NAME, engine: {option: value}, template: {variable: value}, name: LABEL}` in
    place of a name. A model that is listed several times is named by its template variables if it has no `name`.
    """

    @property
    def sampling(self) -> Sampling:
        """How reasoning is sampled. The prompt format decides what ends it."""
        return Sampling(self.temperature, self.top_p, self.max_tokens)

    def identity(self) -> dict[str, Any]:
        """The choices that all rows of one run directory share. The other choices may grow.

        Options are compared as text, as on the command line: `-M share=0.3` equals `engine: {share: 0.3}`. Each model has its own
        key, so that models can be added.
        """
        grows = {
            "model",
            "task",
            "strategy",
            "measures",
            "judges",
            "limit",
            "samples",
            "interventions",
            "level",
            "margin",
            "power",
            "cut",
            "task_data",
            "engines",
            "traces",
        }
        shared = self.model_dump(mode="json", exclude=grows)
        options = {key: _as_text(shared[key]) for key in ("strategy_options", "task_options")}
        return shared | options | self._engines(*self.model, *self.writer, *self.judges)

    def _engines(self, *names: str) -> dict[str, Any]:
        """The definition of each of `names`, for comparison. Models may be added, but the definition of a model may not change."""
        chosen = {name: self.choice(name) for name in names}
        given = {name: {"template variables": dict(one.template)} if one.template else {} for name, one in chosen.items()}
        return {f"engine of {name}": {"model": one.model, **_as_text(one.engine), **given[name]} for name, one in chosen.items()}

    def choice(self, name: str) -> ModelChoice:
        """The model string and engine options behind the `name` of a model, writer or judge."""
        return self.engines.get(name) or ModelChoice(model=name)

    def joined(self, other: Study) -> Study:
        """The union of both studies, since a run directory only grows: the choices of this study and the additional ones of `other`."""
        lists = {name: tuple(dict.fromkeys([*getattr(other, name), *getattr(self, name)])) for name in _LISTS}
        counts = {name: max(getattr(self, name), getattr(other, name)) for name in _COUNTS}
        merged = {
            "interventions": {**other.interventions, **self.interventions},
            "engines": {**other.engines, **self.engines},
        }
        return self.model_copy(update=lists | counts | merged)

    def beyond(self, asked: Study) -> str:
        """What this study has and `asked` has not, in words, such as "limit 40; task addition"; empty if there is nothing."""
        counts = [f"{name} {getattr(self, name)}" for name in _COUNTS if getattr(self, name) != getattr(asked, name)]
        lists = {name: [one for one in getattr(self, name) if one not in getattr(asked, name)] for name in _LISTS}
        return "; ".join([*counts, *(f"{name} {', '.join(more)}" for name, more in lists.items() if more)])

    def _repr_html_(self) -> str:
        """The choices that differ from the defaults, for a notebook."""
        rows = self.model_dump(mode="json", exclude_defaults=True).items()
        texts = ((name, ", ".join(map(str, value)) if isinstance(value, list) else str(value)) for name, value in rows)
        cells = "".join(f"<tr><th>{escape(name)}</th><td>{escape(text)}</td></tr>" for name, text in texts)
        return f"<table><tbody>{cells}</tbody></table>"

    def directory(self) -> Path:
        """The default run directory: runs/MODEL_TASK_HASH. The same choices give the same directory.

        A run refuses an intervention with other options than before, so the options of interventions choose the directory too.
        """
        slug = re.sub(r"[^A-Za-z0-9._-]+", "-", f"{Path(self.model[0]).name}_{Path(self.task[0]).stem}").strip("-")[:100]
        grows = self._engines(*self.model, *self.judges)
        unset = {"channel"} if self.channel is None else set()
        shared = {key: value for key, value in self.identity().items() if key not in grows.keys() | unset} | self._engines(
            self.model[0]
        )
        shared["interventions"] = {name: _as_text(options) for name, options in sorted(self.interventions.items()) if options}
        return Path("runs") / f"{slug}_{seeds.key(self.model[0], self.task[0], shared)[-6:]}"

    def measure(self, name: str) -> AbstractMeasure:
        """The measure called `name`."""
        if name not in MEASURES:
            raise unknown("measure", name, MEASURES)
        return MEASURES[name]

    def probing(self) -> dict[str, AbstractIntervention]:
        """The interventions that the measures need or the study names, by name, with the parameters of the study.

        A measure may need less than an intervention's default, such as only its two ends. If another measure needs the default,
        both read the default. An intervention that the study names always runs, whether or not a measure needs it.
        """
        asked: dict[str, Mapping[str, object]] = {}
        for name in self.measures:
            measure = self.measure(name)
            for intervention, options in measure.requires.items():
                asked[intervention] = options if asked.get(intervention, options) == options else {}
            for intervention in measure.uses:
                if intervention in self.interventions:
                    asked.setdefault(intervention, {})
        for intervention in self.interventions:
            asked.setdefault(intervention, {})
        return {name: _intervention(name, self.interventions.get(name, options)) for name, options in asked.items()}

    def reading(self) -> dict[str, tuple[str, ...]]:
        """The measures to report, with the interventions that each reads: the study's measures, and `answer_changed` for other interventions.

        If the study names `answer_changed` itself, that measure reads every intervention that the study names.
        """
        found: dict[str, tuple[str, ...]] = {}
        for name in self.measures:
            measure = self.measure(name)
            if measure.uses == EVERY:
                found[name] = tuple(self.interventions)
            else:
                found[name] = (*measure.requires, *(one for one in measure.uses if one in self.interventions))
        read = {intervention for interventions in found.values() for intervention in interventions}
        alone = tuple(one for one in self.interventions if one not in read)
        return {**found, **({ANSWER_CHANGED: alone} if alone else {})}


def _intervention(name: str, options: Mapping[str, object]) -> AbstractIntervention:
    made = registry.make("cotfaith.interventions", name, options)
    if not isinstance(made, AbstractIntervention):
        raise UsageError(
            f"Intervention {name!r} is a {type(made).__name__}, not an AbstractIntervention: correct the package that registers it."
        )
    return made


def make(choices: Mapping[str, Any], where: str = "Study") -> Study:
    """A study from `choices`. `where` names their source in errors.

    Raises:
        UsageError: a choice is not valid. The message names the key, its value and what is expected.
    """
    sensitive.refuse(choices, where)
    known = {*Study.model_fields, *FURTHER, *ROLES.values()}
    for key in choices:
        if key not in known:
            raise unknown(f"key of {where[0].lower() + where[1:]}", str(key), known)
    if choices.get("battery") is not None:
        choices = _over(_battery(str(choices["battery"])), choices)
    refuse_unprintable(choices, where)
    for key in ("model", "task"):
        if not (choices.get(key) or choices.get(ROLES.get(key, key))):
            raise UsageError(f"{where} names no {key}: give --{key}, {key}= in Python, or the key {key} in a study file.")
    try:
        study = Study.model_validate(spread(choices, where))
    except ValidationError as error:
        raise refused(error, where) from None
    for name in study.measures:
        _enough(study, study.measure(name), where)
    return study


def stored(choices: Mapping[str, Any], path: Path) -> Study:
    """The study that the run directory `path` holds.

    Raises:
        UsageError: it uses a piece that is not here.
    """
    try:
        return make(choices, f"Study in {path / 'manifest.json'}")
    except UsageError as error:
        raise UsageError(
            f"Run directory {path} holds a study that cannot be used here ({str(error).rstrip('.?')}): install the package that it used, pass "
            "the Python object again under its name, or choose another directory."
        ) from error


def _as_text(options: Mapping[str, Any]) -> dict[str, str]:
    return {name: str(value).lower() for name, value in options.items()}


def _battery(name: str) -> dict[str, Any]:
    """The choices of the battery `name`. They must be keys of a study."""
    choices = presets.choices(name)
    for key in choices:
        if key not in Study.model_fields:
            raise unknown(f"key of battery {name}", str(key), Study.model_fields)
    return choices


def _over(battery: dict[str, Any], choices: Mapping[str, Any]) -> dict[str, Any]:
    """The choices of a battery, overridden by `choices`. Interventions are merged, so that changing one keeps the others."""
    given = {key: value for key, value in choices.items() if key != "battery"}
    if isinstance(given.get("interventions"), Mapping):
        given["interventions"] = {**battery.get("interventions", {}), **given["interventions"]}
    return battery | given


def load(path: Path | str, changes: Mapping[str, Any] | None = None) -> Study:
    """The study in the YAML file `path`, overridden by `changes`."""
    where = f"Study {path}"
    return make(over(read_yaml(path, where, "model: smollm2-135m"), changes or {}, where), where)


def _enough(study: Study, measure: AbstractMeasure, where: str) -> None:
    """Refuse fewer samples per question than `measure` needs."""
    if study.samples < measure.least_samples:
        raise UsageError(
            f"{where}: samples is {study.samples}, but {measure.name} needs at least {measure.least_samples} per question, since it estimates "
            "the base rate from several unhinted samples: give a larger --samples."
        )
