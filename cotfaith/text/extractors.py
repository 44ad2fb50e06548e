"""Extractors: how the answer of a stored reading is extracted, so that estimates can change without a new run.

`standard` is the extraction of the run itself. `strict` accepts only an explicitly stated answer, and `flexible` accepts any answer
it finds. Published scripts differ in this choice, and the difference between the two shows how much a headline depends on its
extractor.
"""

from __future__ import annotations

from cotfaith.contracts.extractor import Read, Stored
from cotfaith.text import answers
from cotfaith.types import LETTERS, Question

HALF = 0.5  # the probability that the options must hold for a strict answer


def standard(stored: Stored, question: Question) -> Read:  # noqa: ARG001  as all extractors
    """The answer as the run extracted it."""
    return stored.state, stored.answer


def strict(stored: Stored, question: Question) -> Read:
    """Only an explicit answer: options that hold half of the probability or more, or an answer after a cue in a text, where the end of the prompt is a cue."""
    if stored.logprobs:
        sure = stored.mass is not None and stored.mass >= HALF
        return ("answered", _likeliest(stored)) if sure else ("unparsed", None)
    found = answers.extract(
        stored.text, question, finish="length" if stored.state == "truncated" else "stop", weak=False, cue=stored.cue
    )
    return found.state, found.answer


def flexible(stored: Stored, question: Question) -> Read:
    """Any answer: the likeliest option at any probability, or the last letter or number of a text without a stated answer."""
    if stored.logprobs:
        return "answered", _likeliest(stored)
    if stored.answer is not None:
        return stored.state, stored.answer
    named = answers.last_named(stored.text, question)
    return ("answered", named) if named is not None else (stored.state, None)


def _likeliest(stored: Stored) -> str:
    return LETTERS[stored.logprobs.index(max(stored.logprobs))]
