"""Measures: the probes that each one needs, its sums by question, and the estimates that it reports. One file per measure.

Their arithmetic is in `cotfaith.measures.parts`, which your own measure may use too. Measures are registered as entry points
(`cotfaith.measures`), and each is loaded on first use.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from functools import cache

from cotfaith.contracts.measure import AbstractMeasure
from cotfaith.contracts.metric import Metric
from cotfaith.errors import UsageError
from cotfaith.plugins import registry, session

GROUP: registry.Group = "cotfaith.measures"


class _Registered(Mapping[str, AbstractMeasure]):
    """The registered measures by name, with the defaults of their parameters."""

    def __getitem__(self, name: str) -> AbstractMeasure:
        if name not in registry.names(GROUP):
            raise KeyError(name)
        return _checked(name, registry.make(GROUP, name)) if session.piece(GROUP, name) is not None else _made(name)

    def __contains__(self, name: object) -> bool:
        return name in registry.names(GROUP)

    def __iter__(self) -> Iterator[str]:
        return iter(registry.names(GROUP))

    def __len__(self) -> int:
        return len(registry.names(GROUP))


MEASURES: Mapping[str, AbstractMeasure] = _Registered()


def metric(measure: str, name: str) -> Metric | None:
    """The metric `name` of the measure `measure`; None if one of the two is not installed."""
    made = MEASURES.get(measure)
    return None if made is None else next((one for one in made.metrics if one.name == name), None)


@cache
def _made(name: str) -> AbstractMeasure:
    return _checked(name, registry.make(GROUP, name))


def _checked(name: str, made: object) -> AbstractMeasure:
    if not isinstance(made, AbstractMeasure):
        raise UsageError(
            f"Measure {name!r} is a {type(made).__name__} and not an AbstractMeasure: correct the package that registers it."
        )
    if [metric.role for metric in made.metrics].count("headline") != 1:
        raise UsageError(
            f"Measure {name!r} does not declare one headline among its metrics: correct the package that registers it."
        )
    return made
