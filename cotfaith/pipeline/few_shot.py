"""Other questions of a task, for few-shot forms: never among those that a study asks."""

from __future__ import annotations

import dataclasses
from collections import deque
from itertools import islice
from typing import Any, cast

from cotfaith.contracts.task import AbstractTask
from cotfaith.types import Question

POOL = 64  # as many as any form shows, several times over
APART = 7919  # what is added to a generated task's seed, to draw other questions


def examples(task: AbstractTask, limit: int) -> tuple[Question, ...]:
    """Up to `POOL` questions of `task` with known gold, none of which is among the first `limit`.

    Of a task with an end they are the last ones that it has; a generated task draws others under another seed.
    """
    asked = {question.text for question in islice(task.questions(), limit)}
    if task.endless:
        other = dataclasses.replace(cast("Any", task), seed=cast("Any", task).seed + APART)
        drawn = list(islice(other.questions(), 2 * POOL))
    else:
        drawn = list(deque(islice(task.questions(), limit, None), maxlen=2 * POOL))
    fit = [question for question in drawn if question.gold is not None and question.text not in asked]
    return tuple({question.text: question for question in fit}.values())[:POOL]
