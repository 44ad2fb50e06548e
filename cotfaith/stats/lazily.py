"""Parts of SciPy that are imported at their first use. To import them takes longer than to show the numbers of a finished run."""

from __future__ import annotations

from importlib import import_module
from typing import Any


class _Module:
    """A module that is imported when one of its names is asked for."""

    def __init__(self, name: str) -> None:
        self._name = name

    def __getattr__(self, name: str) -> Any:
        return getattr(import_module(self._name), name)


distributions: Any = _Module("scipy.stats")
optimize: Any = _Module("scipy.optimize")
integrate: Any = _Module("scipy.integrate")
special: Any = _Module("scipy.special")
