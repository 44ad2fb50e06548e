"""Reasoning cut into steps by any registered step cutter. No character is lost."""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections.abc import Sequence
from itertools import pairwise

from cotfaith.errors import EngineError, UsageError, unknown
from cotfaith.plugins import registry
from cotfaith.text.cutters import FORMS
from cotfaith.types import Step

GROUP: registry.Group = "cotfaith.cutters"


def split(text: str, cutter: str = "sentence") -> list[str]:
    """The parts of `text`, which join back to it exactly. No part is only white space unless `text` is; an empty text has no parts.

    `sentence` cuts after sentences and at line ends, never inside LaTeX or code; `line` cuts at line ends. White space belongs to
    the part before it. `before:TEXT` cuts only before every TEXT; white space before the first TEXT belongs to the first part.

    Raises:
        UsageError: the cutter is unknown, or needs tokens as `tokens:N` does (see `steps`).
    """
    stops = _stops(text, None, cutter)
    return [text[start:stop] for start, stop in zip([0, *stops], [*stops, len(text)], strict=True)] if text else []


def steps(text: str, ends: Sequence[int], cutter: str = "sentence") -> tuple[Step, ...]:
    """The steps of `text` as spans of characters and of tokens. They join back to it exactly.

    `ends[i]` is the number of characters of `text` that are complete after token i. A boundary moves back over white space to the
    end of a token. If there is no such place, the step's `tail` holds the characters after its last whole token. The last step has
    all tokens.

    Raises:
        UsageError: the cutter is unknown.
        EngineError: `ends` does not match `text`.
    """
    if any(a > b for a, b in pairwise(ends)) or (ends[-1] if ends else 0) != len(text):
        raise EngineError(
            f"The token ends of a reasoning of {len(text)} characters must rise to its length: correct the tokenizer's `ends`."
        )
    found = _stops(text, ends, cutter)
    if not text:
        return ()
    stops = [_snap(text, ends, stop) for stop in found]
    starts = [0, *stops]
    inner = [_step(text, ends, start, stop) for start, stop in zip(starts, stops, strict=False)]
    return (*inner, Step(starts[-1], len(text), len(ends)))


def check(cutter: str) -> None:
    """Refuse a cutter that cannot cut, before there is a text.

    Raises:
        UsageError: the cutter is unknown, or its argument is not valid.
    """
    text = "One. Two."
    _stops(text, range(1, len(text) + 1), cutter)


def _stops(text: str, ends: Sequence[int] | None, cutter: str) -> list[int]:
    """Where the cutter cuts `text`, without its two ends.

    Raises:
        UsageError: there is no such cutter, or its places do not rise within the text.
    """
    name, _, argument = cutter.partition(":")
    known = registry.names(GROUP)
    if name not in known:
        written = {form.partition(":")[0]: form for form in FORMS}
        raise unknown("step cutter", cutter, [written.get(one, one) for one in known])
    stops = list(registry.function(GROUP, name)(text, ends, argument))
    if any(a >= b for a, b in pairwise([0, *stops, len(text)])) and text:
        raise UsageError(f"Step cutter {cutter!r} cut {len(text)} characters at {stops}: its places must rise between 0 and that.")
    return stops


def _snap(text: str, ends: Sequence[int], stop: int) -> int:
    """`stop`, moved back over white space to the nearest end of a token if there is one."""
    place = stop
    while ends[bisect_left(ends, place)] != place:
        if not text[place - 1].isspace():
            return stop
        place -= 1
    return place


def _step(text: str, ends: Sequence[int], start: int, stop: int) -> Step:
    """The step from `start` to `stop`. Of the tokens with one end, the first completes a character; the rest begin the next one."""
    whole = ends[bisect_right(ends, stop) - 1] if ends[0] <= stop else 0
    tokens = bisect_left(ends, whole) + 1 if whole else 0
    return Step(start, stop, tokens, text[whole:stop])
