"""Other questions of a task, for few-shot prompts. They are never among the questions of the study."""

from __future__ import annotations

import dataclasses
from collections import deque
from itertools import islice
from typing import Any, cast

from cotfaith.contracts.task import AbstractTask
from cotfaith.types import Question

POOL = 64  # several times as many as any prompt shows
APART = 7919  # added to the seed of a generated task, to draw other questions


def examples(task: AbstractTask, limit: int) -> tuple[Question, ...]:
    """Up to `POOL` questions of `task` with known gold, none of them among the first `limit`.

    A finite task gives its last questions. A generated task draws other questions under another seed.
    """
    asked = {question.text for question in islice(task.questions(), limit)}
    if task.endless:
        other = dataclasses.replace(cast("Any", task), seed=cast("Any", task).seed + APART)
        drawn = list(islice(other.questions(), 2 * POOL))
    else:
        drawn = list(deque(islice(task.questions(), limit, None), maxlen=2 * POOL))
    fit = [question for question in drawn if question.gold is not None and question.text not in asked]
    return tuple({question.text: question for question in fit}.values())[:POOL]
