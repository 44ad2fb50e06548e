"""The contract of a battery: a YAML file with the settings of a paper, which a study takes under one word.

The file has the keys `summary`, `paper` and `differs` (what of the paper it is not), and beside them choices as a study file has
them. A package registers it under `cotfaith.presets` with the value `PACKAGE:FILE.yaml`; a file can also be named by its path.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from cotfaith.errors import UsageError

SAID = ("summary", "paper", "differs")


@dataclass(frozen=True, slots=True)
class Preset:
    """The choices of a paper, where they come from, and what of the paper they are not."""

    summary: str
    paper: str
    differs: str
    choices: Mapping[str, Any]


def from_yaml(keys: Mapping[str, Any], where: str) -> Preset:
    """The battery that the keys of a YAML file describe; `where` names the file in errors.

    Raises:
        UsageError: a key that says what it is has no text, or there are no choices.
    """
    for key in SAID:
        if not isinstance(keys.get(key), str) or not keys[key].strip():
            raise UsageError(f"{where} has no {key}: give the keys {', '.join(SAID)} as text, beside the choices of a study.")
    choices = {key: value for key, value in keys.items() if key not in SAID}
    if not choices:
        raise UsageError(f"{where} has no choices: give keys of a study, such as measures.")
    return Preset(keys["summary"], keys["paper"], keys["differs"], choices)
