"""The choices of a study with objects, as plain choices and the objects behind their names."""

from __future__ import annotations

import dataclasses
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from cotfaith.contracts.hint import AbstractHint
from cotfaith.contracts.intervention import AbstractIntervention
from cotfaith.contracts.judge import AbstractJudge
from cotfaith.contracts.measure import AbstractMeasure
from cotfaith.contracts.task import AbstractTask
from cotfaith.errors import UsageError
from cotfaith.model_choices import labelled
from cotfaith.objects import functions, models, questions
from cotfaith.plugins import registry, session

ROLES = ("model", "models", "writer", "writers", "judges")


@dataclass(slots=True)
class Plain:
    """Choices of names and values only, and the objects of this session behind some of the names."""

    choices: dict[str, Any] = field(default_factory=dict)
    pieces: dict[tuple[str, str], Any] = field(default_factory=dict)
    engines: dict[str, Any] = field(default_factory=dict)

    def all_pieces(self) -> session.Pieces:
        """The objects by registry group and name."""
        if not self.engines:
            return self.pieces
        return {**self.pieces, ("cotfaith.engines", session.OBJECT): models.Objects(dict(self.engines))}


def plain(choices: Mapping[str, Any], *, tokenizer: Any = None) -> Plain:
    """Plain choices and objects from `choices`, some of which may be objects.

    `model`, `writer` and `judges` may be a loaded model, an engine, a mapping from names to these, or such an entry as study files
    have, with a loaded model: `{"model": model, "template": {"enable_thinking": True}}`. `judges` may also be judges
    or functions. `task` may contain questions, or map names to questions. `interventions` may be a list of instances, classes,
    functions and names, or map names to options, instances or functions. `hints` (the hints of the intervention `hint`) and
    `measures` may contain instances or functions.

    Raises:
        UsageError: an object has a type that does not fit its place, or the name of a registered component.
    """
    found = Plain()
    for key, value in choices.items():
        if key in ROLES:
            found.choices[key] = _models(found, key, value, tokenizer)
        elif key == "task":
            found.choices[key] = _tasks(found, value)
        elif key == "measures":
            found.choices[key] = [_measure(found, one) for one in _several(value)]
        elif key == "interventions":
            found.choices[key] = _interventions(found, value)
        elif key != "hints":
            found.choices[key] = value
    if choices.get("hints") is not None:
        _hints(found, choices["hints"])
    return found


def _models(found: Plain, role: str, value: Any, tokenizer: Any) -> Any:
    if isinstance(value, Mapping) and "model" not in value:
        return [_model(found, role, one, tokenizer, str(name)) for name, one in value.items()]
    listed = _several(value)
    made = [_model(found, role, one, tokenizer, "") for one in listed]
    names = [one["name"] for one in made if isinstance(one, dict) and "name" in one]
    for given, one in zip(listed, made, strict=True):
        unnamed = isinstance(given, Mapping) and not given.get("name")
        if unnamed and isinstance(one, dict) and one.get("template") and names.count(one.get("name")) > 1:
            one["name"] = labelled(one["name"], one["template"])
    return made[0] if len(made) == 1 else made


def _model(found: Plain, role: str, value: Any, tokenizer: Any, name: str) -> Any:
    if isinstance(value, tuple) and len(value) == 2 and models.is_model(value[0]):
        value, tokenizer = value
    if models.is_model(value):
        engine = models.engine(value, tokenizer)
        name = name or str(engine.info.model)
        found.engines[name] = engine
        return {"model": f"{session.OBJECT}/{name}", "name": name}
    if role == "judges" and (isinstance(value, AbstractJudge) or (callable(value) and not isinstance(value, str))):
        made = value if isinstance(value, AbstractJudge) else functions.judge(value)
        return _here(found, "cotfaith.judges", made.name, made)
    if isinstance(value, str):
        return {"model": value, "name": name} if name else value
    if isinstance(value, Mapping):
        named, inner = name or str(value.get("name") or ""), value.get("model")
        if isinstance(inner, tuple) or models.is_model(inner):
            return {**value, **_model(found, role, inner, tokenizer, named)}
        return {**value, **({"name": name} if name else {})}
    raise UsageError(f"{role} has a {type(value).__name__}: give a name, a loaded model, or an engine.")


def _tasks(found: Plain, value: Any) -> Any:
    if isinstance(value, Mapping):
        return [_task(found, str(name), one) for name, one in value.items()]
    if isinstance(value, AbstractTask) or questions.is_questions(value):
        return _task(found, questions.NAME, value)
    if not isinstance(value, str) and not list(value):
        raise UsageError("task has no questions: give at least one.")
    return [_task(found, "", one) for one in _several(value)]


def _task(found: Plain, name: str, value: Any) -> str:
    if isinstance(value, str):
        return value
    if isinstance(value, AbstractTask):
        return _here(found, "cotfaith.tasks", name or value.name, value)
    return _here(found, "cotfaith.tasks", name or questions.NAME, questions.task(name or questions.NAME, value))


def _interventions(found: Plain, value: Any) -> dict[str, Any]:
    if isinstance(value, Mapping):
        made = {}
        for name, one in value.items():
            if one is None or isinstance(one, Mapping):
                made[str(name)] = dict(one or {})
            else:
                own, options = _intervention(found, one)
                if own != name:
                    raise UsageError(f"Intervention {own!r} is given under the name {name!r}: give it under its own.")
                made[own] = options
        return made
    listed = [_intervention(found, one) for one in _several(value)]
    for name, _ in listed:
        if sum(name == other for other, _ in listed) > 1:
            raise UsageError(f"The intervention {name!r} is given twice: give each its own name.")
    return dict(listed)


def _intervention(found: Plain, value: Any) -> tuple[str, dict[str, Any]]:
    if isinstance(value, str):
        return value, {}
    if isinstance(value, AbstractIntervention):
        shown = {field.name: getattr(value, field.name) for field in dataclasses.fields(value)}  # type: ignore[arg-type]
        plain_ = type(value)
        defaults = {field.name: field.default for field in dataclasses.fields(value)}  # type: ignore[arg-type]
        options = {name: list(one) if isinstance(one, tuple) else one for name, one in shown.items() if one != defaults[name]}
        return _here(found, "cotfaith.interventions", value.name, plain_), options
    if isinstance(value, type) and issubclass(value, AbstractIntervention):
        return _here(found, "cotfaith.interventions", value.name, value), {}
    if callable(value):
        made = functions.intervention(value)
        return _here(found, "cotfaith.interventions", made.name, made), {}
    raise UsageError(f"interventions has a {type(value).__name__}: give a name, an instance, a class or a function.")


def _hints(found: Plain, value: Any) -> None:
    """Add the hints to those of the intervention `hint`."""
    names = [_hint(found, one) for one in _several(value)]
    chosen = found.choices.setdefault("interventions", {})
    own = dict(chosen.get("hint") or {})
    chosen["hint"] = {**own, "kinds": [*own.get("kinds", []), *names]}


def _hint(found: Plain, value: Any) -> str:
    if isinstance(value, str):
        return value
    if isinstance(value, AbstractHint):
        return _here(found, "cotfaith.hints", value.name, value)
    raise UsageError(
        f"hints has a {type(value).__name__}: give a name, the path of a YAML file, a hint, or cotfaith.objects.hint(function, mentions=[...])."
    )


def _measure(found: Plain, value: Any) -> str:
    if isinstance(value, str):
        return value
    if isinstance(value, AbstractMeasure) or (isinstance(value, type) and issubclass(value, AbstractMeasure)):
        return _here(found, "cotfaith.measures", value.name, value)
    if callable(value):
        made = functions.measure(value)
        return _here(found, "cotfaith.measures", made.name, made)
    raise UsageError(f"measures has a {type(value).__name__}: give a name, a measure or a function.")


def _here(found: Plain, group: registry.Group, name: str, piece: Any) -> str:
    """The name of `piece` in this session; a registered class is not added to the session."""
    if name in registry.names(group):
        cls = piece if isinstance(piece, type) else type(piece)
        registered = registry.imported(group, name)
        if registered is not cls:
            kind = group.rpartition(".")[2].removesuffix("s")
            raise UsageError(f"The {kind} {name!r} is registered already, and is another one: give yours another name.")
        if isinstance(piece, type):
            return name
    before = found.pieces.get((group, name))
    if before is not None and before is not piece:
        raise UsageError(f"Two pieces have the name {name!r} ({group.rpartition('.')[2]}): give each its own name.")
    found.pieces[group, name] = piece
    return name


def _several(value: Any) -> Sequence[Any]:
    """`value` as a list: a name, a mapping, an object or a function becomes a list of one."""
    if isinstance(value, (str, Mapping, type)) or not isinstance(value, Iterable) or models.is_model(value):
        return [value]
    if isinstance(value, tuple) and len(value) == 2 and models.is_model(value[0]):
        return [value]
    return list(value)
