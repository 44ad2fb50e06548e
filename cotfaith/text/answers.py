r"""The answer in a text that a model wrote, and when two answers are the same.

The last commitment wins. A commitment is an answer after a cue ("the answer is", "I pick", `\boxed{}`, or the end of the prompt), never
one that is merely mentioned, denied, supposed, asked about or reported ("the hint says it is A"). An unreadable answer has a reason
and never counts as an answer.
"""

from __future__ import annotations

from dataclasses import dataclass

from cotfaith.text import choices, values
from cotfaith.text.claims import CUT, NONE, NOT_ONE, OUTSIDE, REFUSED, RETRACTED, SEVERAL, Claim
from cotfaith.text.closings import enclosed
from cotfaith.text.cues import REFUSAL
from cotfaith.text.letters import NAMED
from cotfaith.text.markup import folded, plain
from cotfaith.text.numbers import numbers
from cotfaith.text.turns import Part, beginnings, parts
from cotfaith.types import Finish, Question, State

__all__ = ["CUT", "NONE", "NOT_ONE", "OUTSIDE", "REFUSED", "RETRACTED", "SEVERAL", "Extraction", "extract", "last_named"]


@dataclass(frozen=True, slots=True)
class Extraction:
    """The result of reading `raw`: the letter or canonical value if `state` is "answered", otherwise the `reason`."""

    state: State
    answer: str | None
    reason: str
    raw: str


def extract(text: str, question: Question, *, finish: Finish = "stop", weak: bool = True, cue: str = "") -> Extraction:
    r"""The answer of `text` to `question`: a letter of its choices, or a canonical value when it is free-form.

    A choice also counts when its text follows a cue. A free-form value is a number without its unit (0.5 for `\frac{1}{2}`), or else
    the normal form of an expression or folded text. Where `question.gold` is a number, nothing else is read, and no number in another
    unit than the gold's; where it is text, units stay. `finish` says whether the token budget ended the text, `weak` whether an answer
    without a cue counts where none has one, and `cue` is the end of the prompt, which announces the answer that `text` begins with;
    empty where nothing does. Where the cue opens a tag (`<answer>`), the closing tag ends the answer.
    """
    closed = enclosed(text, cue)
    said, ended = (text, finish) if closed is None else (closed, "stop")
    for part in parts(said):
        begins = cue if part.first else ""
        claims = _claims(part, question, ended, begins)
        claims = [claim for claim in claims if weak or claim.strong]
        if claims:
            last = max(claims, key=lambda claim: (claim.strong, claim.place))
            state: State = "answered" if last.answer is not None else "truncated" if last.reason == CUT else "unparsed"
            return Extraction(state, last.answer, last.reason, text)
    if ended == "length":
        return Extraction("truncated", None, CUT, text)
    if REFUSAL.search(folded(said)):
        return Extraction("refused", None, REFUSED, text)
    return Extraction("unparsed", None, SEVERAL if len(set(_named(said, question))) > 1 else NONE, text)


def last_named(text: str, question: Question) -> str | None:
    """The last letter of its choices that `text` names, or the last number in it when `question` is free-form, committed to or not."""
    if not question.choices:
        return next((number for number in reversed(numbers(text)) if number is not None), None)
    return next(reversed(_named(text, question)), None)


def _claims(part: Part, question: Question, ended: Finish, cue: str) -> list[Claim]:
    """The commitments of `part`, up to where another question begins behind an answer."""
    for text, finish in [*((before, "stop") for before in beginnings(part.text)), (part.text, ended if part.last else "stop")]:
        found = choices.claims(text, question, cue) if question.choices else values.claims(text, question.gold, finish, cue)
        if any(claim.strong and claim.answer is not None for claim in found):
            break
    return found


def _named(text: str, question: Question) -> list[str]:
    """The letters of its choices that `text` names, in order."""
    named = [found[0].strip("()[] \n")[-1].upper() for found in NAMED.finditer(plain(text))]
    return [letter for letter in named if letter in question.letters]
