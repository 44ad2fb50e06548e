"""Facts about a plug-in as Markdown tables: its description, its parameters, and the metrics of a measure."""

from __future__ import annotations

import dataclasses
import inspect
import re
from collections.abc import Mapping, Sequence

from cotfaith.contracts.metric import Metric


def facts(rows: Mapping[str, str], cls: type) -> str:
    """The facts as one table, and the parameters with their docstrings as another."""
    lines = table(rows)
    fields = dataclasses.fields(cls)
    if fields:
        said = meanings(cls)
        lines += ["", "| Parameter | Default | Meaning |", "|---|---|---|"]
        lines += [f"| `{one.name}` | `{one.default!r}` | {cell(said[one.name])} |" for one in fields]
    return "\n".join([*lines, *([] if fields else ["", "No parameters."])])


def table(rows: Mapping[str, str]) -> list[str]:
    return ["| | |", "|---|---|", *(f"| {key} | {cell(said)} |" for key, said in rows.items())]


def metrics(reported: Sequence[Metric]) -> str:
    """The metrics of a measure, one per row."""
    lines = ["| Metric | Title | Larger | Value | Role |", "|---|---|---|---|---|"]
    lines += [
        f"| `{one.name}` | {cell(one.title)} | {cell(one.larger.removeprefix('Larger: '))} | {cell(_value(one))} | {one.role} |"
        for one in reported
    ]
    return "\n".join(lines)


def _value(metric: Metric) -> str:
    """How units become a metric's value, the range of one unit, and the form of a row's dose."""
    ends = f" of values from {metric.support[0]:g} to {metric.support[1]:g}" if metric.support and metric.estimand == "mean" else ""
    null = f"tested against {metric.null:g}" if metric.null is not None else ""
    dose = metric.dose.replace("{:g}", "d")
    return "; ".join(part for part in (f"{metric.estimand}{ends}", null, f"dose d: {dose}" if dose else "") if part)


def meanings(cls: type) -> dict[str, str]:
    """The docstrings of the parameters of `cls`: under "Args:", else the first sentence for the parameters that it names."""
    doc = inspect.getdoc(cls) or ""
    section = "".join(re.split(r"^(?:Args|Attributes):\n", doc, maxsplit=1, flags=re.MULTILINE)[1:]).partition("\n\n")[0]
    found = re.findall(r"^    (\w+): (.*(?:\n     +.*)*)", section, re.MULTILINE)
    first = doc.partition("\n\n")[0]
    named = {} if found else dict.fromkeys(re.findall(r"`(\w+)`", first), first)
    return {name: " ".join(said.split()) for name, said in (*named.items(), *found)}


def cell(said: str) -> str:
    return said.replace("|", "\\|")
