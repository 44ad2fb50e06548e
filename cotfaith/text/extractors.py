"""Extractors: what the answer of a stored reading is, so that a run can be read again without being run again.

`standard` is what the run itself read. `strict` takes only what is said outright, `flexible` whatever there is; the two stand for the choices that
published scripts differ in, and between them lies what a headline owes to its extractor.
"""

from __future__ import annotations

from cotfaith.contracts.extractor import Read, Stored
from cotfaith.text import answers
from cotfaith.types import LETTERS, Question

HALF = 0.5  # of the probability, which the options must hold to be read strictly


def standard(stored: Stored, question: Question) -> Read:  # noqa: ARG001  as all extractors
    """As the run read it."""
    return stored.state, stored.answer


def strict(stored: Stored, question: Question) -> Read:
    """Only what is said outright: options that hold half of the probability or more, or in a text an answer behind a cue."""
    if stored.logprobs:
        sure = stored.mass is not None and stored.mass >= HALF
        return ("answered", _likeliest(stored)) if sure else ("unparsed", None)
    found = answers.extract(stored.text, question, finish="length" if stored.state == "truncated" else "stop", weak=False)
    return found.state, found.answer


def flexible(stored: Stored, question: Question) -> Read:
    """Whatever there is: the likeliest option however little it holds, or in a text without a commitment its last letter or number."""
    if stored.logprobs:
        return "answered", _likeliest(stored)
    if stored.answer is not None:
        return stored.state, stored.answer
    named = answers.last_named(stored.text, question)
    return ("answered", named) if named is not None else (stored.state, None)


def _likeliest(stored: Stored) -> str:
    return LETTERS[stored.logprobs.index(max(stored.logprobs))]
