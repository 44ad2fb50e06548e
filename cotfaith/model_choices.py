"""The models of a study with their engine options and template variables.

They are written as a name, or as `{model: NAME, engine: {option: value}, template: {variable: value}}`.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import Any

from pydantic import BaseModel, ConfigDict, Field

from cotfaith.errors import UsageError, legible, unknown
from cotfaith.plugins import registry, session
from cotfaith.types import Scalar, Value, Variables

ROLES: Mapping[str, str] = {
    "model": "models",
    "writer": "writers",
    "judges": "judge",
}  # study keys, and their alternative spellings
SHORT: Mapping[str, tuple[str, str]] = {
    "engine": ("model", "engine"),
    "writer_engine": ("writer", "engine"),
    "judge_engine": ("judges", "engine"),
    "template": ("model", "template"),
}  # keys for every model of a role, with the part of its definition that they set
PARTS: Mapping[str, tuple[str, str]] = {
    "engine": ("options", "{dtype: float32}"),
    "template": ("variables", "{enable_thinking: true}"),
}  # what a part contains, with an example
KEYS: Mapping[str, str] = {
    "model": "the model string",
    "engine": "its engine options",
    "template": "the variables of its chat template",
    "name": "its name in all tables, if that is not the model string",
}  # of an entry in place of a name, with their meanings
RULES = "rules"  # the writer that is not a model


class ModelChoice(BaseModel):
    """The definition of a name in a study: a model string, engine options, and variables of the model's chat template."""

    model_config = ConfigDict(extra="forbid", frozen=True, strict=True)

    model: str
    engine: Mapping[str, Scalar] = {}
    template: Mapping[str, Value] = {}


def labelled(model: str, template: Variables) -> str:
    """The name of a model that a study lists several times with different template variables."""
    return " ".join([model, *(f"{name}={_as_text(value)}" for name, value in template.items())])


class ChannelTexts(BaseModel):
    """The texts that open and close the reasoning channel, with the white space around the tags."""

    model_config = ConfigDict(extra="forbid", frozen=True, strict=True)

    open: str = Field(pattern=r"\S", description="the text that opens the channel, with its white space")
    close: str = Field(pattern=r"\S", description="the text that closes the channel, with its white space")


class TraceFile(BaseModel):
    """A file of existing reasoning traces and the importer that reads it. Without an importer, the file has JSON lines."""

    model_config = ConfigDict(extra="forbid", frozen=True, strict=True)

    path: str = Field(description="the file")
    importer: str = Field(default="", description="the importer that reads it, if it is not JSON lines")


def spread(choices: Mapping[str, Any], where: str, *, wins: bool = False) -> dict[str, Any]:
    """`choices` with plain names for models, writers and judges. Their definitions are under `engines`, by name.

    Options for every model (`engine`), writer (`writer_engine`) and judge (`judge_engine`) apply to each of them, and so do template
    variables for every model (`template`). An option of a single model overrides the common value, unless the common value `wins`.

    Raises:
        UsageError: an entry is not valid, one name has two definitions, or options apply to no model.
    """
    found = _named(choices, where)
    engines: dict[str, dict[str, Any]] = found.pop("engines")
    for key, (role, part) in SHORT.items():
        common = found.pop(key, None)
        if not common:
            continue
        _check_part(common, part, f"{where}: {key}")
        for name in _takers(found, key, role, where):
            before = engines.get(name, {"model": name, "engine": {}})
            own = before.get(part) or {}
            if wins and part == "template":
                _keeps_label(name, before, common, where)
            engines[name] = {**before, part: {**own, **common} if wins else {**common, **own}}
    if engines:
        found["engines"] = engines
    return found


def refuse_unprintable(choices: Any, where: str, path: tuple[str, ...] = ()) -> None:
    """Refuse a name or a text that acts on a terminal, or that no file can hold. Lines and tabs are allowed.

    Raises:
        UsageError: there is one.
    """
    if isinstance(choices, Mapping):
        for key, value in choices.items():
            refuse_unprintable(str(key), where, (*path, "a key"))
            refuse_unprintable(value, where, (*path, str(key)))
    elif isinstance(choices, list | tuple):
        for one in choices:
            refuse_unprintable(one, where, path)
    elif isinstance(choices, str) and legible(choices) != choices:
        raise UsageError(
            f"{where}: {' of '.join(reversed(path)) or 'a value'} is {choices[:80]!r}, which has a character that cannot be shown or stored: "
            "write it without, or rename the file."
        )


def _check_part(value: Any, part: str, what: str) -> None:
    """Refuse engine options or template variables without names or values. `what` says where they stand."""
    kind, example = PARTS[part]
    if not isinstance(value, Mapping):
        raise UsageError(f"{what} is {value!r}: give {kind} with their values, such as {example}.")
    for name, one in value.items() if part == "template" else ():
        values = one if isinstance(one, list) else [one]
        if not all(isinstance(each, (str, bool, int)) or (isinstance(each, float) and math.isfinite(each)) for each in values):
            raise UsageError(f"{what} has {name} with the value {one!r}: give true, false, a number, text, or a list of these.")


def _keeps_label(name: str, before: Mapping[str, Any], common: Variables, where: str) -> None:
    """Refuse a variable for every model that contradicts the variables by which a model is named."""
    own, base = before.get("template") or {}, str(before["model"]).removeprefix(f"{session.OBJECT}/")
    named = name.removeprefix(f"{base} ").split(" ") if name.startswith(f"{base} ") else []
    for key, value in common.items():
        if key in own and own[key] != value and f"{key}={_as_text(own[key])}" in named:
            raise UsageError(
                f"{where} has the model {name!r}, which is named by its template variables, so {key}={_as_text(value)} cannot apply to it: "
                "leave that variable out, or change the study file."
            )


def _as_text(value: Value) -> str:
    if isinstance(value, list):
        return ",".join(map(_as_text, value))
    return str(value).lower() if isinstance(value, bool) else str(value)


def over(before: Mapping[str, Any], changes: Mapping[str, Any], where: str) -> dict[str, Any]:
    """The choices `before`, overridden by `changes`. Options of names that the study no longer has are dropped.

    Raises:
        UsageError: as `spread`.
    """
    found = spread(before, where)
    later = {key: value for key, value in changes.items() if key not in SHORT}
    common = {key: value for key, value in changes.items() if key in SHORT}
    merged = {**found, **{key: value for key, value in _renamed(later, where).items() if key != "engines"}}
    redone = {
        name
        for role in ROLES
        for one in _entries(_renamed(later, where).get(role))
        if isinstance(one, Mapping)
        for name in _entry_names([one])
    }
    kept = {name: choice for name, choice in found.get("engines", {}).items() if name not in redone}
    merged["engines"] = {**kept, **later.get("engines", {})}
    named = {name for role in ROLES for name in _entry_names(merged.get(role))}
    merged["engines"] = {name: choice for name, choice in merged["engines"].items() if name in named}
    return spread({**merged, **common}, where, wins=True)


def _not_taken(name: str, role: str, where: str) -> None:
    """Refuse the label of a model that would mean something else in its role."""
    taken = {"judges": (*registry.names("cotfaith.judges"), RULES), "writer": (RULES,)}.get(role, ())
    if name in taken:
        raise UsageError(
            f"{where}: {role} has a model with the name {name!r}, which already means something else there: give it another name."
        )


def _renamed(choices: Mapping[str, Any], where: str) -> dict[str, Any]:
    found = dict(choices)
    for role, other in ROLES.items():
        if other in found and role in found:
            raise UsageError(f"{where} has both keys {role} and {other}, which mean the same: keep one of them.")
        if other in found:
            found[role] = found.pop(other)
    return found


def _named(choices: Mapping[str, Any], where: str) -> dict[str, Any]:
    """`choices` with only names in each role, and their definitions under `engines`."""
    found = _renamed(choices, where)
    engines = {name: _plain(choice) for name, choice in (found.get("engines") or {}).items()}
    for role in ROLES:
        if role not in found or found[role] is None or isinstance(found[role], (int, float)):
            continue
        entries, names = _entries(found[role]), list[Any]()
        defaults = _entry_names(entries)
        for entry in entries:
            if not isinstance(entry, Mapping):
                names.append(entry)
                continue
            name, choice = _entry(entry, role, where)
            if not entry.get("name") and defaults.count(name) > 1:
                name = labelled(name, choice.get("template", {}))
            plain = role != "model" and choice != {"model": name, "engine": {}} and name in _entries(found.get("model"))
            _not_taken(name, role, where)
            if engines.get(name, choice) != choice or (plain and name not in engines):
                part = "template" if engines.get(name, {}).get("template") != choice.get("template") else "engine"
                raise UsageError(
                    f"{where} has {name} twice with different {'template variables' if part == 'template' else 'engine options'}: give one "
                    f"of them its own name, as in {role}: {{model: {choice['model']}, name: {name.rpartition('/')[2]}-2, {part}: ...}}."
                )
            engines[name] = choice
            names.append(name)
        if len(set(map(str, names))) < len(names):
            twice = next(name for name in names if names.count(name) > 1)
            raise UsageError(f"{where}: {role} has {twice} twice: name it once, or give one of the two its own name (name: ...).")
        found[role] = tuple(names)
    named = {name for role in ROLES for name in _entry_names(found.get(role))}
    for name in engines:
        if name not in named:
            raise unknown(f"model, writer or judge under engines of {where[0].lower() + where[1:]}", name, map(str, named))
    return {**found, "engines": engines}


def _entry(entry: Mapping[str, Any], role: str, where: str) -> tuple[str, dict[str, Any]]:
    """The name of an entry `{model, engine, template, name}`, and its definition."""
    for key in entry:
        if key not in KEYS:
            raise unknown(f"key of an entry of {role} in {where[0].lower() + where[1:]}", str(key), KEYS)
    model, engine = entry.get("model"), entry.get("engine") or {}
    if not isinstance(model, str) or not model:
        raise UsageError(f"{where}: an entry of {role} names no model: give it the key model, such as {{model: smollm2-135m}}.")
    template = entry.get("template") or {}
    for part, value in (("engine", engine), ("template", template)):
        _check_part(value, part, f"{where}: {part} of {model}")
    return str(entry.get("name") or model), _plain({"model": model, "engine": dict(engine), "template": dict(template)})


def _plain(choice: Any) -> dict[str, Any]:
    """A definition as a dictionary, without template variables if it has none."""
    made = choice.model_dump() if isinstance(choice, ModelChoice) else dict(choice)
    return {key: value for key, value in made.items() if key != "template" or value}


def _listed(value: Any) -> list[Any]:
    return [value] if isinstance(value, (str, Mapping)) else list(value)


def _entries(value: Any) -> list[Any]:
    return [] if value is None or isinstance(value, (int, float)) else _listed(value)


def _entry_names(value: Any) -> list[str]:
    return [str(one.get("name") or one.get("model")) if isinstance(one, Mapping) else str(one) for one in _entries(value)]


def _takers(found: Mapping[str, Any], key: str, role: str, where: str) -> list[str]:
    """The names of `role` to which the options under `key` apply."""
    others = {name for other in ROLES if other != role for name in _entry_names(found.get(other))} if role != "model" else set()
    names = [name for name in _entry_names(found.get(role)) if name != RULES and name not in registry.names("cotfaith.judges")]
    kind = PARTS[SHORT[key][1]][0]
    if not names:
        raise UsageError(f"{where}: {key} has {kind}, but the key {role} names no model: name one there, or remove the {kind}.")
    for name in names:
        if name in others:
            raise UsageError(
                f"{where}: {key} has {kind} for {name}, which the study also names elsewhere: give it its own name there, as in "
                f"{role}: {{model: {name}, name: {name.rpartition('/')[2]}-2, engine: ...}}."
            )
    return names
