"""The identity of a plain function: its text, and the outside values that it uses."""

from __future__ import annotations

import functools
import inspect
from collections.abc import Callable, Mapping
from types import CodeType, FunctionType, MethodType, ModuleType
from typing import Any

Seen = dict[int, Any]  # the values met so far, by id; kept alive, so that no id is reused
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

    Functions with the same text but different captured values are different. Other outside values (a model, an open file) only
    count by their type.
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


def _object(value: Any, seen: Seen) -> str:
    state = getattr(value, "__dict__", None)
    plain = isinstance(state, dict) and all(isinstance(one, PLAIN) for one in state.values())
    return f"{type(value).__module__}.{type(value).__qualname__}{_value(state, seen) if plain else ''}"


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
    (Mapping, _mapping),
    ((list, tuple), _listed),
    ((set, frozenset), _set),
    (functools.partial, _partial),
    (MethodType, _method),
    (FunctionType, _function),
)
