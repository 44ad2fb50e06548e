"""Names to classes, through entry points only: the built-in pack comes in by the same door as a third party's.

Listing reads the metadata of installed distributions and imports no implementation. `load` imports one class; `build` makes an
instance of it from options that may be text (as on a command line) or values (as in a study file).
"""

import re
import sys
from collections.abc import Mapping
from dataclasses import dataclass
from importlib.machinery import PathFinder
from importlib.metadata import EntryPoint, entry_points
from pathlib import Path
from typing import Any, Literal

from cotfaith.contracts.options import build
from cotfaith.errors import UsageError, unknown

__all__ = ["Group", "Origin", "build", "load", "names", "origin"]

Group = Literal[
    "cotfaith.interventions", "cotfaith.engines", "cotfaith.tasks", "cotfaith.strategies", "cotfaith.similarities", "cotfaith.hints"
]

_KINDS: Mapping[str, str] = {
    "cotfaith.interventions": "intervention",
    "cotfaith.engines": "engine",
    "cotfaith.tasks": "task",
    "cotfaith.strategies": "strategy",
    "cotfaith.similarities": "similarity",
    "cotfaith.hints": "hint",
}


@dataclass(frozen=True, slots=True)
class Origin:
    """The distribution that a registered name comes from, and its version."""

    distribution: str
    version: str

    def __str__(self) -> str:
        return f"{self.distribution} {self.version}"


def names(group: Group) -> tuple[str, ...]:
    """The registered names of `group`, sorted; nothing is imported.

    Raises:
        UsageError: there is no such group.
    """
    _kind(group)
    return tuple(sorted({entry.name for entry in entry_points(group=group)}))


def origin(group: Group, name: str) -> Origin:
    """Which distribution offers `name`; nothing is imported.

    Raises:
        UsageError: no distribution offers it, or two do.
    """
    return _origin(_find(group, name))


def load(group: Group, name: str) -> type[Any]:
    """The class registered as `name`.

    Raises:
        UsageError: no distribution offers it, two do, its module cannot be imported, or what is registered is no class.
    """
    entry = _find(group, name)
    try:
        found = entry.load()
    except Exception as error:
        raise _unloadable(_kind(group), entry, error) from error
    if not isinstance(found, type):
        raise UsageError(
            f"{_registered(_kind(group), entry)}, which is no class: tell the makers of {_origin(entry).distribution}."
        )
    return found


def _kind(group: str) -> str:
    if group not in _KINDS:
        raise unknown("registry group", group, _KINDS)
    return _KINDS[group]


def _find(group: Group, name: str) -> EntryPoint:
    """The one entry point of that name. A distribution that Python sees twice on its path counts once."""
    kind = _kind(group)
    offers: dict[str, EntryPoint] = {}
    for entry in entry_points(group=group, name=name):
        offers.setdefault(re.sub(r"[-_.]+", "-", _origin(entry).distribution).lower(), entry)
    if not offers:
        raise unknown(kind, name, names(group))
    if len(offers) > 1:
        sources = " and by ".join(str(_origin(entry)) for entry in offers.values())
        raise UsageError(f"The {kind} {name!r} is offered by {sources}: uninstall all but one of them.")
    return next(iter(offers.values()))


def _origin(entry: EntryPoint) -> Origin:
    if entry.dist is None:
        raise UsageError(f"The entry point {entry.name!r} ({entry.value}) belongs to no distribution: reinstall its package.")
    return Origin(entry.dist.name, entry.dist.version)


def _registered(kind: str, entry: EntryPoint) -> str:
    return f"The {kind} {entry.name!r} is registered by {_origin(entry)} as {entry.value.partition('[')[0].strip()}"


def _unloadable(kind: str, entry: EntryPoint, error: Exception) -> UsageError:
    """The error for an entry point that fails to import; it tells a shadowed package from a broken one."""
    top = re.split(r"[^\w]", entry.value)[0]
    lines = str(error).strip().splitlines() or ["no reason given"]
    reason = f"{type(error).__name__}: {lines[0].rstrip('.')}"
    places = _places(top)
    if len(places) > 1:
        first = places[0]
        return UsageError(
            f"{_registered(kind, entry)}, but Python found another {top!r} first, {first}, and not the one at {places[1]} "
            f"({reason}): rename {first.name if first.stem == top else first.parent.name}, or run from another directory."
        )
    package = _origin(entry).distribution
    cure = (
        f"pip install '{package}[{','.join(entry.extras)}]'" if entry.extras else f"install what is missing, or reinstall {package}"
    )
    return UsageError(
        f"{_registered(kind, entry)}, which cannot be imported{f' from {places[0]}' if places else ''} ({reason}): {cure}."
    )


def _places(top: str) -> list[Path]:
    """Every file on Python's path that `import top` could mean, the one that it does mean first."""
    loaded = getattr(sys.modules.get(top), "__file__", None)
    specs = (PathFinder.find_spec(top, [folder or str(Path.cwd())]) for folder in sys.path)
    found = [loaded, *(spec.origin for spec in specs if spec is not None)]
    return list(dict.fromkeys(Path(place).resolve() for place in found if place is not None))
