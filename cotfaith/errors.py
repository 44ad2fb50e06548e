"""The errors of cotfaith. Each message is one sentence: what, where, and what to do.

CotfaithError
├── UsageError        the caller asks for something that does not exist or is not possible
├── DataError         a file or a row does not have the expected form
├── EngineError       a model could not be loaded, or its engine broke the contract
└── StoreError        a run directory cannot be read, written or continued
"""

from collections.abc import Iterable
from difflib import get_close_matches


class CotfaithError(Exception):
    """The base of every error that cotfaith raises on purpose. Its text is one sentence for a person."""


class UsageError(CotfaithError):
    """The caller asks for something that does not exist or is not possible."""


class DataError(CotfaithError):
    """A file or a row does not have the expected form."""


class EngineError(CotfaithError):
    """A model could not be loaded, or its engine broke the contract."""


class StoreError(CotfaithError):
    """A run directory cannot be read, written or continued."""


def unknown(kind: str, name: str, known: Iterable[str], hint: str = "") -> UsageError:
    """The error for an unknown `name` of some `kind`. It suggests the nearest known name, or lists all of them."""
    names = sorted(known)
    near = get_close_matches(name, names, n=1, cutoff=0.6)
    advice = f"did you mean {near[0]!r}?" if near else f"known are: {', '.join(names) or 'none'}."
    return UsageError(f"Unknown {kind} {name!r}: {advice}{' ' + hint if hint else ''}")
