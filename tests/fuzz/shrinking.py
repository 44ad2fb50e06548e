"""A smaller input that fails in the same way."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from dataclasses import replace

from fuzz.inputs import FILES, Input

SECONDS = 60.0  # for one search

Fails = Callable[[Input], bool]


def smaller(one: Input, fails: Fails, *, seconds: float = SECONDS) -> Input:
    """The smallest input found within the time that still `fails`: with fewer edits, words, lines and bytes."""
    end = time.monotonic() + seconds
    found = True
    while found and time.monotonic() < end:
        found = False
        for other in _candidates(one):
            if time.monotonic() > end:
                break
            if other.size < one.size and fails(other):
                one, found = other, True
                break
    return one


def _candidates(one: Input) -> Iterator[Input]:
    """Inputs with a part less, the largest parts first."""
    if one.kind in FILES:
        yield from (replace(one, data=data) for data in _shorter(one.data))
        return
    for place in range(len(one.edits)):
        if len(one.edits) > 1:
            yield replace(one, edits=one.edits[:place] + one.edits[place + 1 :])
    if one.kind == "command":
        for width in (2, 1):
            for place in range(len(one.words) - width + 1):
                yield replace(one, words=one.words[:place] + one.words[place + width :])


def _shorter(data: bytes) -> Iterator[bytes]:
    lines = data.splitlines(keepends=True)
    for place in range(len(lines)):
        if len(lines) > 1:
            yield b"".join(lines[:place] + lines[place + 1 :])
    width = len(data) // 2
    while width:
        for start in range(0, len(data), width):
            yield data[:start] + data[start + width :]
        width //= 2
