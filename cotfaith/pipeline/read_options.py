"""Answers from the log-probabilities of the options, for multiple choice on an engine with `option_logprobs`."""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from dataclasses import replace

from cotfaith.pipeline.cell import Cell
from cotfaith.pipeline.probe import Asked
from cotfaith.types import Branch, OptionScores, PrefixTree, Reading, margin


def by_options(cell: Cell, a: Asked) -> bool:
    """Whether the answer to `a` is read from the log-probabilities of its options, and not from written text."""
    return bool(a.question.choices) and cell.answers == "logprobs"


def score(cell: Cell, asked: Sequence[Asked]) -> Iterator[Reading]:
    """Readings from the log-probabilities of the options: one tree per trace, with one branch per probe."""
    trees: dict[tuple[str, ...], list[Asked]] = {}
    for a in asked:
        trees.setdefault((a.trace.id,) if a.shared else ("alone", a.key), []).append(a)
    if not trees:
        return
    scores = cell.subject.score([_tree(those) for those in trees.values()])
    for those, scored in zip(trees.values(), scores, strict=True):
        for a, one in zip(those, scored, strict=True):
            yield _scored(a, one, cell.study.min_option_mass)


def _tree(asked: Sequence[Asked]) -> PrefixTree:
    first = asked[0]
    candidates = first.posed.candidates  # a tree asks one question
    if not first.shared:  # and where it is not the trace's own, one reasoning
        return PrefixTree(first.context, (Branch(first.length, first.answer_ids, candidates),))
    branches = [Branch(a.shared, a.insert + a.answer_ids, candidates) for a in asked]
    return PrefixTree(first.trace.prompt_ids + first.trace.reasoning_ids, tuple(branches))


def _scored(a: Asked, scores: OptionScores, least: float) -> Reading:
    """The reading of the likeliest option. A tie has none: the order of the letters must not decide."""
    mass = math.fsum(map(math.exp, scores.logprobs))
    found = Reading(
        a.key,
        "answered",
        answer=a.question.letters[scores.logprobs.index(max(scores.logprobs))],
        option_logprobs=scores.logprobs,
        option_mass=mass,
        thought=a.thought,
        response=a.response,
        tokens_asked=scores.tokens_asked,
        tokens_computed=scores.tokens_computed,
    )
    if mass < least:
        reason = f"the options hold {mass:.3f} of the probability, less than {least:g}"
    elif margin(scores.logprobs) == 0:
        reason = f"tie: the options {_tied(a, scores)} are equally likely, so none of them is the answer"
    else:
        return found
    return replace(found, state="unparsed", answer=None, reason=reason)


def _tied(a: Asked, scores: OptionScores) -> str:
    """The letters of the likeliest options: "A, B and C"."""
    top = max(scores.logprobs)
    *before, last = [letter for letter, value in zip(a.question.letters, scores.logprobs, strict=True) if value == top]
    return f"{', '.join(before)} and {last}"
