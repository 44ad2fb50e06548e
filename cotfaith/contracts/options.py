"""Options of a piece: a frozen dataclass, built from text (as on a command line) or from values (as in a study file).

`build` makes all tasks, strategies, interventions, hints and engines. It converts and checks each option by the type of its field.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Callable, Mapping
from typing import Annotated, Any, Literal, TypeVar, get_args, get_origin, get_type_hints

from pydantic import ConfigDict, TypeAdapter, ValidationError
from pydantic.fields import FieldInfo

from cotfaith.errors import UsageError, unknown

T = TypeVar("T")

OTHERS = "others"  # the field that receives the options that `more` names
NOTHING = ("none", "null")
_WORDS: Mapping[Any, str] = {
    int: "a whole number",
    float: "a finite number",
    bool: "true or false",
    str: "text",
    type(None): "nothing",
}


def build(cls: type[T], options: Mapping[str, Any], title: str = "") -> T:
    """An instance of the dataclass `cls` from `options`. Text is converted to the type of its field; other values must have that type.

    A list in text form has commas between its values. A class with open-ended options has a class method `more`, which gives their
    types by name, and a field `others`, which receives them as a dictionary. `refused` on the class maps options that users must
    not set to the reason.

    Args:
        cls: the dataclass.
        options: text or values, by name.
        title: the owner of the options in errors. The default is the name of the class.

    Raises:
        UsageError: an option is unknown, missing or has the wrong type, or `cls` is not a dataclass.
    """
    title, fields, hints = title or _title(cls), _fields(cls, title), get_type_hints(cls, include_extras=True)
    values = converted(cls, options, title)
    for name, field in fields.items():
        if name not in values and field.default is dataclasses.MISSING and field.default_factory is dataclasses.MISSING:
            raise UsageError(f"{title} needs the option {name!r}: give it {words(hints[name])}.")
    extra = {name: values.pop(name) for name in [name for name in values if name not in fields]}
    return cls(**values, **({OTHERS: extra} if extra else {}))


def converted(cls: type[Any], options: Mapping[str, Any], title: str = "") -> dict[str, Any]:
    """The `options` of the dataclass `cls`, each in the type of its field. Arguments and errors are those of `build`."""
    title, fields, hints = title or _title(cls), _fields(cls, title), get_type_hints(cls, include_extras=True)
    for name, reason in getattr(cls, "refused", {}).items():
        if name in options:
            raise UsageError(f"Option {name!r} of {title} {reason}.")
    further: Callable[[], Mapping[str, Any]] = getattr(cls, "more", dict)
    more = further() if set(options) - set(fields) else {}
    for name in options:
        if name not in fields and name not in more:
            raise unknown(f"option of {title}", name, [*fields, *more])
    return {name: _convert(title, name, hints[name] if name in fields else more[name], value) for name, value in options.items()}


def _title(cls: type[Any]) -> str:
    return str(getattr(cls, "name", cls.__name__))


def _fields(cls: type[Any], title: str) -> dict[str, dataclasses.Field[Any]]:
    if not dataclasses.is_dataclass(cls):
        raise UsageError(f"{title or _title(cls)} takes no options, since {cls.__module__}.{cls.__qualname__} is not a dataclass.")
    return own(cls)


def own(cls: type[Any]) -> dict[str, dataclasses.Field[Any]]:
    """The options of the dataclass `cls`, by name, without those that `more` names."""
    hidden = {OTHERS} if hasattr(cls, "more") else set()
    return {field.name: field for field in dataclasses.fields(cls) if field.init and field.name not in hidden}


def described(cls: type[Any]) -> dict[str, str]:
    """The type and default of each option of the dataclass `cls`, for people."""
    hints = get_type_hints(cls, include_extras=True)
    return {name: f"{words(hints[name])}{_default(field)}" for name, field in own(cls).items()}


def words(hint: Any) -> str:
    """The type `hint` in words."""
    args = get_args(hint)
    if get_origin(hint) is Annotated:
        return words(args[0]) + _bounds(args[1:])
    if get_origin(hint) is Literal:
        return "one of " + ", ".join(repr(value) for value in args if value != "")
    if get_origin(hint) is tuple:
        return "a list, each value " + words(args[0])
    if get_origin(hint) in {dict, list}:
        return "JSON"
    if args:
        return " or ".join(dict.fromkeys(words(arg) for arg in args))
    return _WORDS.get(hint, f"a {getattr(hint, '__name__', hint)}")


def _bounds(marks: tuple[Any, ...]) -> str:
    """The smallest and largest value that the `marks` on a type allow, in words."""
    found = [mark for one in marks for mark in (one.metadata if isinstance(one, FieldInfo) else (one,))]
    least = next((mark.ge for mark in found if hasattr(mark, "ge")), None)
    most = next((mark.le for mark in found if hasattr(mark, "le")), None)
    return (f" from {least}" if least is not None else "") + (f" to {most}" if most is not None else "")


def _default(field: dataclasses.Field[Any]) -> str:
    if field.default in {dataclasses.MISSING, None, ""}:
        return ""
    return f" (default {str(field.default).lower() if isinstance(field.default, bool) else field.default})"


def _convert(title: str, name: str, hint: Any, value: Any) -> Any:
    adapter = TypeAdapter(hint, config=ConfigDict(allow_inf_nan=False))
    several = get_origin(hint) is tuple
    try:
        if isinstance(value, str):
            if value.strip().lower() in NOTHING and _optional(hint):
                return None
            parts = tuple(part.strip() for part in value.split(",")) if value.strip() else ()
            return adapter.validate_python(parts if several else value)
        return adapter.validate_python(tuple(value) if several and isinstance(value, list) else value, strict=True)
    except ValidationError as error:
        raise UsageError(f"Option {name!r} of {title} must be {words(hint)}, not {value!r}.") from error


def _optional(hint: Any) -> bool:
    """Whether `hint` allows None."""
    args = get_args(hint)
    return _optional(args[0]) if get_origin(hint) is Annotated else type(None) in args
