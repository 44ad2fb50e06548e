"""Plug-ins of this Python session: objects from the caller, besides those that packages register. They live as long as their block."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from contextvars import ContextVar
from types import MappingProxyType
from typing import Any

Pieces = Mapping[tuple[str, str], Any]  # by registry group and name: a class, an instance or a function

OBJECT = "object"  # the engine of model strings that name objects: object/NAME

_HERE: ContextVar[Pieces] = ContextVar("pieces", default=MappingProxyType({}))


@contextmanager
def pieces(given: Pieces) -> Iterator[None]:
    """Let `given` be found by name inside the block."""
    token = _HERE.set({**_HERE.get(), **given})
    try:
        yield
    finally:
        _HERE.reset(token)


def names(group: str) -> tuple[str, ...]:
    """The names that this session has in `group`."""
    return tuple(name for there, name in _HERE.get() if there == group)


def piece(group: str, name: str) -> Any:
    """The plug-in `name` of `group`; None if this session has none."""
    return _HERE.get().get((group, name))
