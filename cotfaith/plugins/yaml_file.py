"""YAML of keys and values, with errors that name its source."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import yaml

from cotfaith.errors import UsageError


def read_yaml(path: Path | str, where: str, example: str) -> dict[str, Any]:
    """The keys and values of the YAML file `path`; `where` names it in errors, and `example` shows how it could begin.

    Raises:
        UsageError: it cannot be read, or contains something else.
    """
    try:
        text = Path(path).read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise UsageError(
            f"{where} cannot be read: {getattr(error, 'strerror', None) or error}; give the path of a YAML file."
        ) from None
    return parse_yaml(text, where, example)


def parse_yaml(text: str, where: str, example: str) -> dict[str, Any]:
    """The keys and values of the YAML `text`; `where` and `example` as in `read_yaml`.

    Raises:
        UsageError: it is not YAML of keys and values.
    """
    try:
        choices = yaml.safe_load(text)
    except yaml.YAMLError as error:
        raise UsageError(f"{where} is not YAML: {' '.join(str(error).split())}; correct that line.") from None
    if not isinstance(choices, dict):
        raise UsageError(f"{where} holds {type(choices).__name__}, not keys and values: begin with, for example, {example}.")
    return choices
