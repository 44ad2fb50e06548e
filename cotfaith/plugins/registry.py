"""Names to pieces, through entry points only: the built-in pieces come in by the same door as a third party's.

Listing reads the metadata of installed distributions, once, and imports no implementation. `load` imports one class, `function` one
function, `resource` reads one file of a package; `build` makes an instance of a class from options that may be text (as on a
command line) or values (as in a study file).
"""

import dataclasses
import functools
import re
import sys
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from importlib import resources
from importlib.machinery import PathFinder
from importlib.metadata import EntryPoint, entry_points
from pathlib import Path
from typing import Any, Literal

from cotfaith.contracts.options import build, converted
from cotfaith.errors import UsageError, unknown
from cotfaith.plugins import session

__all__ = ["Group", "Origin", "build", "function", "imported", "load", "make", "names", "origin", "resource", "scan"]

Group = Literal[
    "cotfaith.cutters",
    "cotfaith.engines",
    "cotfaith.extractors",
    "cotfaith.figure_sets",
    "cotfaith.figures",
    "cotfaith.formats",
    "cotfaith.hints",
    "cotfaith.importers",
    "cotfaith.interventions",
    "cotfaith.judges",
    "cotfaith.measures",
    "cotfaith.presets",
    "cotfaith.similarities",
    "cotfaith.strategies",
    "cotfaith.tasks",
]

_KINDS: Mapping[str, str] = {
    "cotfaith.cutters": "step cutter",
    "cotfaith.engines": "engine",
    "cotfaith.extractors": "extractor",
    "cotfaith.figure_sets": "set of figures",
    "cotfaith.figures": "figure",
    "cotfaith.formats": "prompt format",
    "cotfaith.hints": "hint",
    "cotfaith.importers": "importer",
    "cotfaith.interventions": "intervention",
    "cotfaith.judges": "judge",
    "cotfaith.measures": "measure",
    "cotfaith.presets": "battery",
    "cotfaith.similarities": "similarity",
    "cotfaith.strategies": "strategy",
    "cotfaith.tasks": "task",
}


@dataclass(frozen=True, slots=True)
class Origin:
    """The distribution that a registered name comes from, and its version."""

    distribution: str
    version: str

    def __str__(self) -> str:
        return f"{self.distribution} {self.version}".rstrip()


@functools.cache
def scan() -> Mapping[str, Mapping[str, tuple[EntryPoint, ...]]]:
    """All entry points of our groups, by group and name. Read once a process: `scan.cache_clear()` after an installation within it."""
    found: dict[str, dict[str, tuple[EntryPoint, ...]]] = {group: {} for group in _KINDS}
    installed = entry_points()  # of two distributions of one name, that which is first on the path
    for group, those in found.items():
        for entry in installed.select(group=group):
            those[entry.name] = (*those.get(entry.name, ()), entry)
    return found


def names(group: Group) -> tuple[str, ...]:
    """The registered names of `group`, sorted; nothing is imported.

    Raises:
        UsageError: there is no such group.
    """
    _kind(group)
    return tuple(sorted({*scan()[group], *session.names(group)}))


def origin(group: Group, name: str) -> Origin:
    """Which distribution offers `name`; nothing is imported. Plug-ins of the running session have a separate origin.

    Raises:
        UsageError: no distribution offers it, or two do.
    """
    if session.piece(group, name) is not None:
        return Origin("this session", "")
    return _origin(_find(group, name))


def load(group: Group, name: str) -> type[Any]:
    """The class registered as `name`.

    Raises:
        UsageError: no distribution offers it, two do, its module cannot be imported, or the registered object is not a class.
    """
    here = session.piece(group, name)
    if here is not None:
        return here if isinstance(here, type) else type(here)
    entry = _find(group, name)
    found = _loaded(group, entry)
    if not isinstance(found, type):
        raise UsageError(
            f"{_registered(_kind(group), entry)}, which is no class: tell the makers of {_origin(entry).distribution}."
        )
    return found


def make(group: Group, name: str, options: Mapping[str, Any] | None = None, title: str = "") -> Any:
    """An instance of the class registered as `name`, with `options`; for an instance of the session, a copy of it with `options`.

    Raises:
        UsageError: as `load` and `build`.
    """
    here = session.piece(group, name)
    if here is None or isinstance(here, type):
        return build(load(group, name), options or {}, title)
    return dataclasses.replace(here, **converted(type(here), options, title)) if options else here


def function(group: Group, name: str) -> Callable[..., Any]:
    """The function registered as `name`; for a class, an instance without options, which must be callable.

    Raises:
        UsageError: no distribution offers it, two do, its module cannot be imported, or the registered object is not callable.
    """
    here = session.piece(group, name)
    if here is not None:
        return here  # type: ignore[no-any-return]  # anything callable
    entry = _find(group, name)
    found = _loaded(group, entry)
    made: Any = found() if isinstance(found, type) else found
    if not callable(made):
        raise UsageError(
            f"{_registered(_kind(group), entry)}, which cannot be called: tell the makers of {_origin(entry).distribution}."
        )
    return made  # type: ignore[no-any-return]  # anything callable


def resource(group: Group, name: str) -> str:
    """The text of the file registered as `name`, with a value such as `my_package:my_file.yaml`.

    Raises:
        UsageError: no distribution offers it, two do, its package cannot be imported, or the file is not in it.
    """
    entry = _find(group, name)
    package, _, file = entry.value.partition(":")
    try:
        return resources.files(package.strip()).joinpath(file.strip()).read_text(encoding="utf-8")
    except Exception as error:
        raise _unloadable(_kind(group), entry, error) from error


def imported(group: Group, name: str) -> Any:
    """The object registered as `name`, of any type.

    Raises:
        UsageError: no distribution offers it, two do, or its module cannot be imported.
    """
    return _loaded(group, _find(group, name))


def _loaded(group: Group, entry: EntryPoint) -> Any:
    try:
        return entry.load()
    except (Exception, SystemExit) as error:
        raise _unloadable(_kind(group), entry, error) from error


def _kind(group: str) -> str:
    if group not in _KINDS:
        raise unknown("registry group", group, _KINDS)
    return _KINDS[group]


def _find(group: Group, name: str) -> EntryPoint:
    """The one entry point of that name."""
    kind = _kind(group)
    offers = scan()[group].get(name, ())
    if not offers:
        raise unknown(kind, name, names(group))
    if len(offers) > 1:
        sources = " and by ".join(str(_origin(entry)) for entry in offers)
        raise UsageError(f"The {kind} {name!r} is offered by {sources}: uninstall all but one of them.")
    return offers[0]


def _origin(entry: EntryPoint) -> Origin:
    if entry.dist is None:
        raise UsageError(f"The entry point {entry.name!r} ({entry.value}) belongs to no distribution: reinstall its package.")
    return Origin(entry.dist.name, entry.dist.version)


def _registered(kind: str, entry: EntryPoint) -> str:
    return f"The {kind} {entry.name!r} is registered by {_origin(entry)} as {entry.value.partition('[')[0].strip()}"


def _unloadable(kind: str, entry: EntryPoint, error: BaseException) -> UsageError:
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
