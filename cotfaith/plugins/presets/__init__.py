"""Batteries: a paper's settings under one name, as YAML files. Explicit choices override them; `--limit` and `--samples` scale them.

The built-in batteries are the files in this folder, registered as entry points `cotfaith.presets` like those of any other package.
"""

from __future__ import annotations

from typing import Any

from cotfaith.contracts.preset import Preset, from_yaml
from cotfaith.errors import unknown
from cotfaith.plugins import registry
from cotfaith.plugins.yaml_file import parse_yaml, read_yaml

GROUP: registry.Group = "cotfaith.presets"
EXAMPLE = "summary: my settings"
FILES = (".yaml", ".yml")


def names() -> tuple[str, ...]:
    """The names of all registered batteries."""
    return registry.names(GROUP)


def preset(name: str) -> Preset:
    """The battery registered as `name`, or in the YAML file of that path.

    Raises:
        UsageError: there is none, or the file does not describe one.
    """
    where = f"Battery {name}"
    if name.endswith(FILES):
        return from_yaml(read_yaml(name, where, EXAMPLE), where)
    if name not in names():
        raise unknown("battery", name, names(), "A path that ends in .yaml is a battery of your own.")
    return from_yaml(parse_yaml(registry.resource(GROUP, name), where, EXAMPLE), where)


def choices(name: str) -> dict[str, Any]:
    """The choices of the battery called `name`.

    Raises:
        UsageError: there is none, or its file does not describe one.
    """
    return dict(preset(name).choices)
