"""Secrets: values that must not be written to a file, told by the name of their option or by their shape."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from cotfaith.errors import UsageError

HIDDEN = "***"
_WORDS = {"apikey", "auth", "authorization", "bearer", "cookie", "credential", "credentials", "key", "passphrase", "passwd", "password", "pwd", "secret", "secrets", "token"}  # fmt: skip
_SHAPE = re.compile(
    r"\b(?:sk|pk|rk)-[A-Za-z0-9_-]{16,}|\bhf_[A-Za-z0-9]{16,}|\bgh[opsu]_[A-Za-z0-9]{16,}|\bgithub_pat_\w{16,}|\bglpat-[\w-]{16,}|"
    r"\bA[KS]IA[A-Z0-9]{12,}|\bAIza[\w-]{20,}|\bxox[abpr]-[\w-]{10,}|\beyJ[\w-]{8,}\.[\w-]{8,}\.[\w-]{8,}|\b[Bb]earer [\w.~+/-]{8,}|"
    r"\b[a-z][a-z0-9+.-]{1,20}://[^\s/:@]{1,200}:[^\s/@]{1,200}@|-----BEGIN [A-Z ]{0,30}PRIVATE KEY"
)
_PIECE = re.compile(r"[A-Z]?[a-z0-9]+|[A-Z]+")
_NAMED = re.compile(r"(?P<before>-{0,2}(?P<name>[A-Za-z][\w.-]*)[=:])(?P<value>\S.*)", re.DOTALL)
# The keys of a study under which options stand.
_OPTIONS = {"task_options", "strategy_options", "interventions", "engines", "template", "engine", "writer_engine", "judge_engine"}


def by_name(name: str, value: object = "") -> bool:
    """Whether an option of this name and value is a secret: one of its words says so, and its value is text."""
    words = [word.lower() for word in _PIECE.findall(name)]
    return isinstance(value, str) and (bool(_WORDS & set(words)) or "".join(words[-2:]) == "apikey")


def by_shape(text: str) -> bool:
    """Whether `text` contains what has the shape of a key, a token, or a password in an address."""
    return bool(_SHAPE.search(text))


def hidden(word: str) -> str:
    """A word of a command line, without a secret: the value of `NAME=VALUE`, or the whole word."""
    named = _NAMED.fullmatch(word)
    if named and (by_name(named["name"]) or by_shape(named["value"])):
        return named["before"] + HIDDEN
    return HIDDEN if by_shape(word) else word


def refuse(choices: Mapping[str, Any], where: str) -> None:
    """Refuse choices that hold a secret, before anything is written.

    Raises:
        UsageError: an option has the name of a secret, or a text has the shape of one. The message does not repeat the value.
    """
    for path, value in _texts(choices, ()):
        options = next((path[place + 1 :] for place, name in enumerate(path) if name in _OPTIONS), ())
        named = any(by_name(name, value) for name in options)
        if named or by_shape(value):
            what = f"option {path[-1]}" if named else f"a value of {path[0] if path else 'it'}"
            raise UsageError(f"{where}: {what} looks like a secret, which must not be written to files: set it in the environment.")


def _texts(value: Any, path: tuple[str, ...]) -> Iterator[tuple[tuple[str, ...], str]]:
    """Every text within `value`, with the names under which it stands."""
    if isinstance(value, str):
        yield path, value
    elif isinstance(value, Mapping):
        for name, one in value.items():
            yield from _texts(one, (*path, str(name)))
    elif isinstance(value, Sequence):
        for one in value:
            yield from _texts(one, path)
