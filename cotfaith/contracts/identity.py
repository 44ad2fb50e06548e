"""The identity of a piece of a study: its name, its version, and the parameters that differ from their defaults.

Identity is data. It is compared and hashed, and never parsed. A new parameter with a default therefore leaves existing rows valid.
`shown` is the readable form.
"""

from __future__ import annotations

import dataclasses
from typing import Any

import msgspec

from cotfaith import seeds
from cotfaith.contracts.hint import AbstractHint
from cotfaith.errors import UsageError

_HINT = ("told", "mentions", "target", "examples", "needs", "prompts")  # the fields of HintInfo that decide numbers


def identity(made: Any) -> dict[str, Any]:
    """The identity of an intervention or a strategy, ready for JSON.

    Raises:
        UsageError: the value of a parameter cannot be written as JSON.
    """
    return {"name": made.name, "version": made.version, "parameters": _parameters(made)}


def hint_identity(hint: AbstractHint) -> dict[str, Any]:
    """The identity of a hint, ready for JSON: its name and parameters, and its texts for judges and writers."""
    about = {name: _json(getattr(hint.about, name)) for name in _HINT}
    parameters = _parameters(hint)
    parameters.pop("about", None)
    return {"name": hint.name, "parameters": parameters, "about": about}


def digest(identity: dict[str, Any]) -> str:
    """The digest of an identity, for rows and keys."""
    return seeds.key("identity", identity)


def stream(made: Any) -> str:
    """The name of the random stream of `made`: its parameters that differ from the defaults, and its `streamed` parameters.

    A parameter that is added later with a default is in neither, so that draws stay the same.
    """
    parts = [f"{name}={value!r}" for name, value, plain in _values(made) if not plain or name in made.streamed]
    version = "" if made.version == 1 else f"@{made.version}"
    return f"{made.name}{version}({', '.join(parts)})"


def shown(made: Any) -> str:
    """`made` in one complete line: `truncation(cuts=5, by='step')`. Parameters are in the order of their declaration."""
    return f"{made.name}({', '.join(f'{name}={value!r}' for name, value, _ in _values(made))})"


def _parameters(made: Any) -> dict[str, Any]:
    try:
        return {name: _json(value) for name, value, plain in _values(made) if not plain}
    except TypeError as error:
        raise UsageError(
            f"{made.name} has a parameter that cannot be written as JSON ({error}): use numbers, text, true or false, or lists of these."
        ) from error


def _json(value: Any) -> Any:
    """`value` after a round trip through JSON."""
    return msgspec.json.decode(msgspec.json.encode(value, order="sorted"))


def _values(made: Any) -> list[tuple[str, Any, bool]]:
    """Each parameter with its value, and whether the value is the default."""
    found = []
    for field in dataclasses.fields(made):
        if field.init:
            value = getattr(made, field.name)
            found.append((field.name, value, _is_default(field, value)))
    return found


def _is_default(field: dataclasses.Field[Any], value: Any) -> bool:
    if field.default is not dataclasses.MISSING:
        return bool(field.default == value)
    return field.default_factory is not dataclasses.MISSING and bool(field.default_factory() == value)
