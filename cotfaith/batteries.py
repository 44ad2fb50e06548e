"""Batteries: the settings of a paper under one word. Explicit choices change them; `--limit` and `--samples` scale them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Any

from cotfaith.errors import unknown


@dataclass(frozen=True, slots=True)
class Battery:
    """The choices of a paper, where they come from, and what of the paper they are not."""

    summary: str
    paper: str
    differs: str
    choices: Mapping[str, Any]


BATTERIES: Mapping[str, Battery] = MappingProxyType(
    {
        "lanham2023": Battery(
            summary="early answering, adding mistakes, filler tokens and paraphrasing, 100 reasonings a question",
            paper="Lanham et al. 2023 (arXiv 2307.13702), sections 2 and 3",
            differs="filler lengths are shares of each reasoning's own; the mistakes' demonstrations are our own; the writer is the "
            "subject unless `writer` names another (the paper's was a pretrained model)",
            choices={
                "measures": ("early_answering", "adding_mistakes", "filler_tokens", "paraphrasing", "reasoning_gain"),
                "samples": 100,
                "temperature": 0.8,
                "top_p": 0.95,
                "interventions": {"filler": {"lengths": [0.25, 0.5, 0.75, 1.0], "kinds": ["ellipsis"]}},
            },
        ),
        "radhakrishnan2023": Battery(
            summary="the five strategies, with their sensitivity to truncation and to mistakes, on 300 questions a task",
            paper="Radhakrishnan et al. 2023 (arXiv 2307.11768), section 3",
            differs="one sample instead of the best of five by a preference model; our own demonstrations; no biased contexts",
            choices={
                "measures": ("strategy_effect",),
                "strategy": ("cot", "cot_few_shot", "cot_decomposition", "factored_decomposition", "zero_shot", "few_shot"),
                "limit": 300,
                "samples": 1,
                "temperature": 0.8,
                "top_p": 0.95,
            },
        ),
    }
)


def choices(name: str) -> dict[str, Any]:
    """The choices of the battery called `name`.

    Raises:
        UsageError: there is none.
    """
    if name not in BATTERIES:
        raise unknown("battery", name, BATTERIES)
    return dict(BATTERIES[name].choices)
