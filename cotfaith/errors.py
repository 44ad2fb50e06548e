"""The errors of cotfaith. Each message is one sentence: what, where, and what to do.

CotfaithError
├── UsageError        the caller asks for something that does not exist or is not possible
├── DataError         a file or a row does not have the expected form
├── EngineError       a model could not be loaded, or its engine broke the contract
│   └── TimeLimitError    code that came with a model does not end
└── StoreError        a run directory cannot be read, written or continued
"""

import re
from collections.abc import Iterable
from difflib import get_close_matches

LONGEST = 600  # characters of a message
_BREAKS = str.maketrans("\n\r\t", "   ")
_ACTS = re.compile("[\x00-\x08\x0b-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069\ud800-\udfff]")  # controls, turns, halves of characters


class CotfaithError(Exception):
    """The base of every error that cotfaith raises on purpose. Its text is one sentence for a person.

    It is one line of at most `LONGEST` characters that a terminal can show: what a file holds may be long, and may hold escape sequences.
    Its beginning says what and where, and its end what to do.
    """

    def __init__(self, message: str) -> None:
        super().__init__(one_line(message))


class UsageError(CotfaithError):
    """The caller asks for something that does not exist or is not possible."""


class DataError(CotfaithError):
    """A file or a row does not have the expected form."""


class EngineError(CotfaithError):
    """A model could not be loaded, or its engine broke the contract."""


class TimeLimitError(EngineError):
    """Code that came with a model, such as its chat template, took longer than it may."""


class StoreError(CotfaithError):
    """A run directory cannot be read, written or continued."""


def printable(text: str) -> str:
    """`text` with every character that a terminal could act on written as its escape sequence, in one line."""
    return "".join(sign if sign.isprintable() else sign.encode("unicode_escape", "backslashreplace").decode() for sign in text)


def legible(text: str) -> str:
    """`text` with its lines and tabs, and with what acts on a terminal, or turns the direction of the text around it, escaped."""
    return _ACTS.sub(lambda found: found[0].encode("unicode_escape", "backslashreplace").decode(), text)


def one_line(text: str, most: int = LONGEST) -> str:
    """`text` on one line, with what a terminal cannot show escaped, and without its middle if it is longer than `most` characters."""
    flat = text.translate(_BREAKS)
    line = printable(flat[: 20 * most])
    if len(line) <= most and len(flat) <= 20 * most:
        return line
    end = printable(flat[-most // 3 :])[-(most // 3) :]
    return f"{line[: most - len(end) - 5]} ... {end}"


def unknown(kind: str, name: str, known: Iterable[str], hint: str = "", *, alike: float = 0.6) -> UsageError:
    """The error for an unknown `name` of some `kind`. It suggests the nearest known name, or lists all of them.

    A name is near if it is at least as much `alike` (0 to 1).
    """
    names = sorted(known)
    near = get_close_matches(name, names, n=1, cutoff=alike)
    advice = f"did you mean {near[0]!r}?" if near else f"known are: {', '.join(names) or 'none'}."
    return UsageError(f"Unknown {kind} {name!r}: {advice}{' ' + hint if hint else ''}")
