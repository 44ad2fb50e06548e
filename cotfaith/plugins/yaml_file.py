"""YAML of keys and values, with errors that name its source."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import yaml

from cotfaith import paths
from cotfaith.errors import UsageError

MOST = 100_000  # values in a file that a person writes


def read_yaml(path: Path | str, where: str, example: str) -> dict[str, Any]:
    """The keys and values of the YAML file `path`; `where` names it in errors, and `example` shows how it could begin.

    Raises:
        UsageError: it cannot be read, or contains something else.
    """
    try:
        paths.refuse_device(path)
        text = Path(path).read_text(encoding="utf-8")
    except (OSError, ValueError) as error:
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
        if count(choices) > MOST:
            raise UsageError(f"{where} holds more than {MOST:,} values, aliases included: write fewer.")
    except yaml.YAMLError as error:
        raise UsageError(f"{where} is not YAML: {' '.join(str(error).split())}; correct that line.") from None
    except (
        ValueError,
        RecursionError,
        OverflowError,
    ) as error:  # an impossible date, a number of 5,000 digits, a list within itself
        reason = "it is nested too deeply" if isinstance(error, RecursionError) else str(error)
        raise UsageError(f"{where} holds a value that cannot be read ({reason}): correct it, or put it in quotes.") from None
    if not isinstance(choices, dict):
        raise UsageError(f"{where} holds {type(choices).__name__}, not keys and values: begin with, for example, {example}.")
    if _half(choices):
        raise UsageError(
            f"{where} holds half of a character (a lone surrogate), which no text can have: correct the escape \\uD8xx."
        )
    return choices


def count(value: Any, known: dict[int, int] | None = None) -> int:
    """The number of values within `value`, where an alias counts as all that it stands for."""
    known = {} if known is None else known
    if not isinstance(value, (dict, list)):
        return 1
    if id(value) not in known:
        known[id(value)] = MOST + 1  # for a value within itself
        inner = [*value.keys(), *value.values()] if isinstance(value, dict) else value
        known[id(value)] = 1 + sum(count(one, known) for one in inner)
    return known[id(value)]


def _half(value: Any) -> bool:
    """Whether a text within `value` has a lone surrogate."""
    if isinstance(value, str):
        return any("\ud800" <= char <= "\udfff" for char in value)
    if isinstance(value, dict):
        return any(_half(one) for pair in value.items() for one in pair)
    return isinstance(value, list) and any(map(_half, value))
