"""What identifies a plain function: its text, and the values that it uses from outside."""

from __future__ import annotations

import functools
import inspect
import re
from collections.abc import Callable, Mapping
from enum import Enum
from hashlib import blake2b
from pathlib import PurePath
from types import CodeType, FunctionType, MethodType, ModuleType
from typing import Any

import numpy as np

Seen = dict[int, Any]  # what was met, by id; kept, so that no id comes again
PLAIN = (bool, int, float, str, bytes, type(None))


def name(function: Callable[..., Any]) -> str:
    """The name of a function; of a partial or a bound method, that of the function inside."""
    inner = _inner(function)
    return str(getattr(inner, "__name__", type(inner).__name__)).strip("<>")


def summary(function: Callable[..., Any]) -> str:
    """The first line of a function's docstring, else its name."""
    lines = (inspect.getdoc(_inner(function)) or "").strip().splitlines()
    return lines[0] if lines else name(function).replace("_", " ")


def source(function: Callable[..., Any]) -> str:
    """The text of a function, with the plain values and functions that it uses from outside: defaults, closures, globals, bound arguments.

    Two functions with one text and another captured value are two functions. Objects count by what they
    hold. A model of torch and an object that shows nothing of what it holds (an open file) count by their type alone.
    """
    return _value(function, {})


def _inner(function: Any) -> Any:
    while isinstance(function, (functools.partial, MethodType)):
        function = function.func if isinstance(function, functools.partial) else function.__func__
    return function


def _value(value: Any, seen: Seen) -> str:
    """`value` as text that is the same in every process."""
    if isinstance(value, PLAIN):
        return repr(value)
    if id(value) in seen:
        return "..."
    seen[id(value)] = value
    for kind, text in _TEXTS:
        if isinstance(value, kind):
            return str(text(value, seen))
    return _object(value, seen)


def _listed(values: Any, seen: Seen) -> str:
    return "[" + ", ".join(_value(one, seen) for one in values) + "]"


def _set(values: Any, seen: Seen) -> str:
    return "{" + ", ".join(sorted(_value(one, seen) for one in values)) + "}"


def _mapping(values: Any, seen: Seen) -> str:
    return "{" + ", ".join(sorted(f"{_value(key, seen)}: {_value(one, seen)}" for key, one in values.items())) + "}"


def _partial(made: Any, seen: Seen) -> str:
    return f"partial {_value(made.func, seen)} {_value(made.args, seen)} {_value(made.keywords, seen)}"


def _method(made: Any, seen: Seen) -> str:
    return f"{_value(made.__func__, seen)} of {_value(made.__self__, seen)}"


def _known(value: Any, _: Seen) -> str:
    return f"{getattr(value, '__module__', '')}.{value.__name__}"


def _array(value: Any, _: Seen) -> str:
    return f"{value.dtype}{value.shape} {blake2b(np.ascontiguousarray(value).tobytes(), digest_size=12).hexdigest()}"


def _pattern(value: Any, _: Seen) -> str:
    return f"{value.pattern!r} {value.flags}"


def _object(value: Any, seen: Seen) -> str:
    """An object by its class, and by the values that it holds; a model of torch by its class alone."""
    cls = type(value)
    name = f"{cls.__module__}.{cls.__qualname__}"
    if hasattr(value, "__wrapped__"):
        return f"{name} {_value(value.__wrapped__, seen)}"
    if hasattr(value, "to_csv"):
        return f"{name} {value.to_csv()}"
    if hasattr(value, "named_parameters"):
        return name
    slots = [slot for one in cls.__mro__ for slot in _names_of(getattr(one, "__slots__", ()))]
    state = {**{slot: getattr(value, slot) for slot in slots if hasattr(value, slot)}, **getattr(value, "__dict__", {})}
    own = {key: one for key, one in vars(cls).items() if isinstance(one, FunctionType)} if cls.__module__ == "__main__" else {}
    return f"{name} {_mapping({**own, **state}, seen)}"


def _names_of(slots: Any) -> tuple[str, ...]:
    return (slots,) if isinstance(slots, str) else tuple(slots)


def _function(function: FunctionType, seen: Seen) -> str:
    code = function.__code__
    outside = {key: function.__globals__[key] for key in sorted(_names(code)) if key in function.__globals__}
    cells = zip(code.co_freevars, function.__closure__ or (), strict=True)
    captured = {key: cell.cell_contents for key, cell in cells if not _empty(cell)}
    return "\n".join([_text(function), _value([function.__defaults__, function.__kwdefaults__, captured, outside], seen)])


def _names(code: CodeType) -> set[str]:
    """The global names that `code` uses, and the functions inside it."""
    inside = [constant for constant in code.co_consts if isinstance(constant, CodeType)]
    return set(code.co_names).union(*map(_names, inside))


def _empty(cell: Any) -> bool:
    try:
        return cell.cell_contents is cell
    except ValueError:
        return True


def _text(function: FunctionType) -> str:
    """The text of a function; its compiled form where the text is not to be had."""
    try:
        return inspect.getsource(function)
    except (OSError, TypeError):
        return _compiled(function.__code__)


def _compiled(code: CodeType) -> str:
    constants = [_compiled(one) if isinstance(one, CodeType) else repr(one) for one in code.co_consts]
    return f"{code.co_code.hex()} {constants!r} {code.co_names!r}"


_TEXTS: tuple[tuple[Any, Callable[[Any, Seen], str]], ...] = (
    ((ModuleType, type), _known),
    ((np.ndarray, np.generic), _array),
    (re.Pattern, _pattern),
    (PurePath, lambda value, _: repr(str(value))),
    (Enum, lambda value, _: f"{type(value).__qualname__}.{value.name}"),
    (Mapping, _mapping),
    ((list, tuple), _listed),
    ((set, frozenset), _set),
    (functools.partial, _partial),
    (MethodType, _method),
    (FunctionType, _function),
)
