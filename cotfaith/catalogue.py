"""What a study can name: the rows of `cotfaith list`, each with its description and the package that provides it."""

from __future__ import annotations

import inspect
from collections.abc import Callable, Mapping
from functools import partial
from typing import Any

from cotfaith.contracts.hint import HintInfo
from cotfaith.contracts.intervention import InterventionInfo
from cotfaith.contracts.measure import AbstractMeasure
from cotfaith.contracts.options import described
from cotfaith.contracts.strategy import StrategyInfo
from cotfaith.engines.shared.aliases import aliases
from cotfaith.errors import CotfaithError
from cotfaith.plugins import presets, registry

Row = dict[str, str]


def tasks() -> list[Row]:
    """The registered tasks."""
    return [_entry("cotfaith.tasks", name, _summary) for name in registry.names("cotfaith.tasks")]


def _summary(cls: type) -> Row:
    number = "endless" if getattr(cls, "endless", False) else "as many as its data contains"
    return {"summary": str(getattr(cls, "summary", "")), "questions": number, "answers": str(getattr(cls, "answers", ""))}


def engines() -> list[Row]:
    """The registered engines, each with the form of its model strings and its options. No engine is loaded."""

    def describe(cls: type) -> Row:
        options = "; ".join(f"{name}: {what}" for name, what in described(cls).items())
        return {"model": f"{cls.name}/…", "summary": cls.summary, "options": options}  # type: ignore[attr-defined]  # as below

    return [_entry("cotfaith.engines", name, describe) for name in registry.names("cotfaith.engines")]


def interventions() -> list[Row]:
    """The registered interventions, with paper, move and needs."""

    def describe(cls: type) -> Row:
        about: InterventionInfo = cls.about  # type: ignore[attr-defined]  # registry.load gives plain classes
        return {"paper": about.paper, "move": about.move, "needs": ", ".join(about.needs), "summary": about.summary}

    return [_entry("cotfaith.interventions", name, describe) for name in registry.names("cotfaith.interventions")]


def hints() -> list[Row]:
    """The registered hints, with their papers and the option they point at. The path of a YAML file also names a hint."""

    def describe(cls: type) -> Row:
        about: HintInfo = cls.about  # type: ignore[attr-defined]  # registry.load gives plain classes
        return {"paper": about.paper, "target": about.target, "summary": about.summary}

    return [_entry("cotfaith.hints", name, describe) for name in registry.names("cotfaith.hints")]


def strategies() -> list[Row]:
    """The registered strategies, with their papers."""

    def describe(cls: type) -> Row:
        manner: StrategyInfo = cls.manner  # type: ignore[attr-defined]  # registry.load gives plain classes
        return {"paper": manner.paper, "summary": manner.summary}

    return [_entry("cotfaith.strategies", name, describe) for name in registry.names("cotfaith.strategies")]


def batteries() -> list[Row]:
    """The batteries, with their differences from the papers. The path of a YAML file also names a battery."""
    return [_row(presets.GROUP, name, partial(_battery, name)) for name in presets.names()]


def _battery(name: str) -> Row:
    made = presets.preset(name)
    return {"paper": made.paper, "differs": made.differs, "summary": made.summary}


def judges() -> list[Row]:
    """The registered judges. A model string also names a judge."""
    return [_documented("cotfaith.judges", name) for name in registry.names("cotfaith.judges")]


def extractors() -> list[Row]:
    """The registered extractors: how an answer is extracted."""
    return [_documented("cotfaith.extractors", name) for name in registry.names("cotfaith.extractors")]


def formats() -> list[Row]:
    """The registered prompt formats."""
    return [_documented("cotfaith.formats", name) for name in registry.names("cotfaith.formats")]


def cutters() -> list[Row]:
    """The registered step cutters."""
    return [_documented("cotfaith.cutters", name) for name in registry.names("cotfaith.cutters")]


def similarities() -> list[Row]:
    """The registered similarities."""
    return [_documented("cotfaith.similarities", name) for name in registry.names("cotfaith.similarities")]


def importers() -> list[Row]:
    """The registered importers."""
    return [_documented("cotfaith.importers", name) for name in registry.names("cotfaith.importers")]


def figures() -> list[Row]:
    """The registered figures, each with the measure that it draws."""

    def describe(found: Any) -> Row:
        return {"measure": str(getattr(found, "measure", "")), "summary": str(getattr(found, "title", ""))}

    return [_entry("cotfaith.figures", name, describe) for name in registry.names("cotfaith.figures")]


def figure_sets() -> list[Row]:
    """The registered sets of figures, each with its paper."""

    def describe(found: Any) -> Row:
        return {"paper": str(getattr(found, "paper", "")), "summary": str(getattr(found, "title", ""))}

    return [_entry("cotfaith.figure_sets", name, describe) for name in registry.names("cotfaith.figure_sets")]


def measures() -> list[Row]:
    """The registered measures, with paper, construct and what a larger value means."""

    def describe(cls: type[AbstractMeasure]) -> Row:
        larger = cls.headline().larger
        return {"paper": cls.paper, "construct": cls.construct, "direction": larger, "summary": cls.summary}

    return [_entry("cotfaith.measures", name, describe) for name in registry.names("cotfaith.measures")]


def models() -> list[Row]:
    """The model aliases. Every hub id and every local folder is also a model."""
    from cotfaith.engines.scripted.judges import JUDGES
    from cotfaith.engines.scripted.personas import PERSONAS
    from cotfaith.engines.scripted.writers import WRITERS

    short = [{"name": name, "summary": summary} for name, summary in aliases().items()]
    played = {**PERSONAS, **WRITERS, **JUDGES}
    scripted = [{"name": f"scripted/{name}", "summary": f"{summary}; no weights"} for name, summary in played.items()]
    return [*short, *scripted, {"name": "hf/Org/Model", "summary": "any causal model of the hub, or a local folder"}]


KINDS: Mapping[str, Callable[[], list[Row]]] = {
    "tasks": tasks,
    "strategies": strategies,
    "interventions": interventions,
    "hints": hints,
    "judges": judges,
    "measures": measures,
    "extractors": extractors,
    "formats": formats,
    "cutters": cutters,
    "similarities": similarities,
    "figures": figures,
    "figure_sets": figure_sets,
    "importers": importers,
    "batteries": batteries,
    "presets": batteries,
    "engines": engines,
    "models": models,
}


def lines(rows: list[Row]) -> str:
    """`rows` for a terminal: the name, and its details below it."""
    width = max((len(row["name"]) for row in rows), default=0)
    return "\n".join(_line(row, width) for row in rows)


def _line(row: Row, width: int) -> str:
    rest = {key: value for key, value in row.items() if key not in {"name", "summary"} and value}
    first = f"{row['name']:<{width}}  {row.get('summary') or rest.pop('model', '')}".rstrip()
    return "\n".join([first, *(f"{'':<{width}}    {key}: {value}" for key, value in rest.items())])


def _entry(group: registry.Group, name: str, describe: Callable[[Any], Row]) -> Row:
    """The row of a registered name."""
    return _row(group, name, lambda: describe(registry.imported(group, name)))


def _row(group: registry.Group, name: str, described: Callable[[], Row]) -> Row:
    """The row of a registered name. If the object cannot be loaded or described, the row gives the reason."""
    try:
        origin = {"from": str(registry.origin(group, name))}
    except CotfaithError as error:
        return {"name": name, "summary": f"cannot be used: {error}"}
    try:
        return {"name": name, **described(), **origin}
    except CotfaithError as error:
        return {"name": name, "summary": f"cannot be loaded: {error}", **origin}
    except Exception as error:  # noqa: BLE001  a piece of another package, with attributes of any kind
        return {"name": name, "summary": f"cannot be described ({type(error).__name__}: {error}): correct its package", **origin}


def _documented(group: registry.Group, name: str) -> Row:
    """A registered class or function, with the first line of its docstring."""
    return _entry(group, name, lambda found: {"summary": (inspect.getdoc(found) or "").partition("\n")[0]})
