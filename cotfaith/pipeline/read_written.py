"""Answers that the model writes after the cue, read by the extractor: free-form answers, and multiple choice without log-probabilities."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from cotfaith import seeds
from cotfaith.pipeline.cell import Cell
from cotfaith.pipeline.probe import Asked
from cotfaith.prompts import answer_stop
from cotfaith.prompts.wording import cue
from cotfaith.types import Completion, Prompt, Reading, Sampling

ANSWER_TOKENS = 32  # token limit of an answer


def write(cell: Cell, asked: Sequence[Asked]) -> Iterator[Reading]:
    """Readings of written answers: greedy, or sampled where the study says so. There is one call per set of stops."""
    calls: dict[tuple[str, ...], list[Asked]] = {}
    for a in asked:
        calls.setdefault(answer_stop(a.question), []).append(a)
    for stop, those in calls.items():
        yield from (_reading(a, completion) for a, completion in zip(those, _written(cell, those, stop), strict=True))


def _written(cell: Cell, asked: Sequence[Asked], stop: tuple[str, ...]) -> list[Completion]:
    form, sampled = cell.subject.format, cell.answers == "sampled"
    heat = (cell.study.temperature, cell.study.top_p) if sampled else (0.0, 1.0)
    sampling = Sampling(*heat, ANSWER_TOKENS, (*stop, *form.stop), form.stop_ids)
    seed = {a.key: seeds.seed(cell.study.seed, "answer", a.key) if sampled else 0 for a in asked}
    prompts = [Prompt(a.context + a.answer_ids, seed[a.key]) for a in asked]
    return [completion for (completion,) in cell.subject.generate(prompts, sampling)]


def _reading(a: Asked, completion: Completion) -> Reading:
    from cotfaith.text import answers  # noqa: PLC0415  only written answers need its patterns, which take long to compile

    text = completion.text
    if a.question.choices and completion.finish == "stop" and text.count("(") > text.count(")"):
        text += ")"  # the stop string, which closes what the model opened: "(B" is "(B)"
    found = answers.extract(text, a.question, finish=completion.finish, cue=cue(a.question))
    return Reading(
        a.key,
        found.state,
        answer=found.answer,
        reason=found.reason,
        continuation=text,
        thought=a.thought,
        response=a.response,
        tokens_asked=len(a.context) + len(a.answer_ids) + len(completion.ids),
        tokens_computed=completion.tokens_computed,
    )
