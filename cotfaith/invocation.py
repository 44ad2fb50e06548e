"""The words of the command line that is being carried out. A library call has none: the words of its host program are its own."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from contextvars import ContextVar

_WORDS: ContextVar[tuple[str, ...]] = ContextVar("words", default=())


def words() -> tuple[str, ...]:
    """The command and its words; none in a library call."""
    return _WORDS.get()


@contextmanager
def typed(words: Sequence[str]) -> Iterator[None]:
    """Carry out a command line with these words."""
    token = _WORDS.set(tuple(words))
    try:
        yield
    finally:
        _WORDS.reset(token)
