"""Small values for tests: a question, traces and examples, in the tokens of the scripted engine."""

from __future__ import annotations

from dataclasses import replace
from itertools import accumulate

from cotfaith.engines.scripted.engine import ScriptedTokenizer, _pack
from cotfaith.text.steps import steps
from cotfaith.types import Question, Step, Trace

TOKENIZER = ScriptedTokenizer()
QUESTION = Question("q", "toy", "Which?", ("one", "two", "three"), "B")
CONTINUATION = " I go on. So the answer is (A)."
EXAMPLES = tuple(
    Question(f"e{i}", "toy", f"Which is {i}?", (str(i), str(i + 1), str(i + 2)), "ABC"[i % 3], meta={"outcome": "ABC"[i % 3]})
    for i in range(24)
)


def cut(text: str) -> tuple[Step, ...]:
    """The steps of `text`: its sentences."""
    return steps(text, TOKENIZER.ends(TOKENIZER.encode(text)))


def trace(text: str, name: str = "t", question: str = "q") -> Trace:
    """A trace whose reasoning is `text`, cut into sentences."""
    return Trace(name, question, "m", 0, (1, 2, 3), text, TOKENIZER.encode(text), cut(text), "stop")


DONORS = (
    trace(" Elsewhere 7 birds. They fly. So the answer is (C).", "d0", "other"),
    trace(" Nothing here. It is (A).", "d1", "third"),
)


def coarse(text: str) -> Trace:
    """A trace whose tokens are three characters each, so that most steps end inside a token."""
    pieces = [text[i : i + 3] for i in range(0, len(text), 3)]
    made = steps(text, tuple(accumulate(map(len, pieces))))
    return replace(trace(text), reasoning_ids=tuple(map(_pack, pieces)), steps=made)


SENTENCES = (
    " First 3.5 apples.",
    " Then two more.",
    " Then two more.",
    "\n- a list item\n",
    " So the answer is (B).",
    " Dr. Smith agrees",
)
TRACES = tuple(
    make(text)
    for make in (trace, coarse)
    for text in ("", *SENTENCES, *("".join(SENTENCES[:n]) for n in range(2, 7)), "".join(SENTENCES).lstrip())
)
