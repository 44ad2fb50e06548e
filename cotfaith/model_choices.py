"""The models of a study and their engine options, written as a name or as `{model: NAME, engine: {option: value}}`."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from typing import Any

from pydantic import BaseModel, ConfigDict

from cotfaith.errors import UsageError, unknown
from cotfaith.plugins import registry
from cotfaith.types import Scalar

ROLES: Mapping[str, str] = {
    "model": "models",
    "writer": "writers",
    "judges": "judge",
}  # study keys, and their alternative spellings
SHORT: Mapping[str, str] = {
    "engine": "model",
    "writer_engine": "writer",
    "judge_engine": "judges",
}  # keys with options for every model of a role
KEYS = ("model", "engine", "name")
RULES = "rules"  # the writer that is not a model


class ModelChoice(BaseModel):
    """The definition of a name in a study: a model string and engine options."""

    model_config = ConfigDict(extra="forbid", frozen=True, strict=True)

    model: str
    engine: Mapping[str, Scalar] = {}


def spread(choices: Mapping[str, Any], where: str, *, wins: bool = False) -> dict[str, Any]:
    """`choices` with plain names for models, writers and judges. Their definitions are under `engines`, by name.

    Options for every model (`engine`), writer (`writer_engine`) and judge (`judge_engine`) apply to each of them. An option of a
    single model overrides the common value, unless the common value `wins`.

    Raises:
        UsageError: an entry is not valid, one name has two definitions, or options apply to no model.
    """
    found = _named(choices, where)
    engines: dict[str, dict[str, Any]] = found.pop("engines")
    for key, role in SHORT.items():
        common = found.pop(key, None)
        if not common:
            continue
        if not isinstance(common, Mapping):
            raise UsageError(f"{where}: {key} is {common!r}: give options with their values, such as {{dtype: float32}}.")
        for name in _takers(found, key, role, where):
            before = engines.get(name, {"model": name, "engine": {}})
            own = before.get("engine") or {}
            engines[name] = {**before, "engine": {**own, **common} if wins else {**common, **own}}
    if engines:
        found["engines"] = engines
    _no_secrets(engines, where)
    return found


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
        for entry in entries:
            if not isinstance(entry, Mapping):
                names.append(entry)
                continue
            name, choice = _entry(entry, role, where)
            plain = role != "model" and choice != {"model": name, "engine": {}} and name in _entries(found.get("model"))
            _not_taken(name, role, where)
            if engines.get(name, choice) != choice or (plain and name not in engines):
                raise UsageError(
                    f"{where} has {name} twice with different engine options: give one of them its own name, as in "
                    f"{role}: {{model: {choice['model']}, name: {name.rpartition('/')[2]}-2, engine: ...}}."
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
    """The name of an entry `{model, engine, name}`, and its definition."""
    for key in entry:
        if key not in KEYS:
            raise unknown(f"key of an entry of {role} in {where[0].lower() + where[1:]}", str(key), KEYS)
    model, engine = entry.get("model"), entry.get("engine") or {}
    if not isinstance(model, str) or not model:
        raise UsageError(f"{where}: an entry of {role} names no model: give it the key model, such as {{model: smollm2-135m}}.")
    if not isinstance(engine, Mapping):
        raise UsageError(f"{where}: engine of {model} is {engine!r}: give options with their values, such as {{dtype: float32}}.")
    return str(entry.get("name") or model), {"model": model, "engine": dict(engine)}


def _plain(choice: Any) -> dict[str, Any]:
    return choice.model_dump() if isinstance(choice, ModelChoice) else dict(choice)


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
    if not names:
        raise UsageError(f"{where}: {key} has options, but the key {role} names no model: name one there, or remove the options.")
    for name in names:
        if name in others:
            raise UsageError(
                f"{where}: {key} has options for {name}, which the study also names elsewhere: give it its own name there, as in "
                f"{role}: {{model: {name}, name: {name.rpartition('/')[2]}-2, engine: ...}}."
            )
    return names


def _no_secrets(engines: Mapping[str, Mapping[str, Any]], where: str) -> None:
    keys: Iterable[str] = (str(key) for choice in engines.values() for key in choice.get("engine") or {})
    for key in keys:
        if re.search(r"key$|token$|secret|password", key):
            raise UsageError(
                f"{where}: engine option {key} looks like a secret, which must not be written to files: set it in the environment."
            )
