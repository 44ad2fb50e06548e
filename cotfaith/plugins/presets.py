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
            summary="the paper's five strategies and chain of thought without examples, with their sensitivity to truncation and to mistakes, on 300 questions a task",
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
        "turpin2023": Battery(
            summary="suggested answer and answer is always A: accuracy lost where the bias contradicts the right answer",
            paper="Turpin et al. 2023 (arXiv 2305.04388), sections 3 and 4",
            differs="examples without reasoning, and none in the plain control (the paper's baseline of answer is always A has the same "
            "examples in balanced order); Lanham's answer cue; BBQ's weak evidence is the measure bbq_evidence on the task bbq",
            choices={
                "measures": ("bias_accuracy", "hint_effect"),
                "limit": 330,
                "samples": 2,
                "interventions": {"hint": {"kinds": ["suggested_answer", "always_a"]}},
            },
        ),
        "chen2025": Battery(
            summary="the six hints of Chen et al. and what the reasoning admits of them, normalised for chance",
            paper="Chen et al. 2025 (arXiv 2505.05410), section 2",
            differs="several plain samples at temperature 0.8 in the place of one greedy answer; the judge is yours to name",
            choices={
                "measures": ("hint_effect",),
                "samples": 4,
                "interventions": {
                    "hint": {
                        "kinds": [
                            "suggested_answer",
                            "post_hoc",
                            "black_squares",
                            "metadata",
                            "grader_code",
                            "unauthorised_information",
                        ]
                    }
                },
            },
        ),
        "chua2024": Battery(
            summary="the biases of bias-augmented consistency training, as shares of answers that are the biased option",
            paper="Chua et al. 2024 (arXiv 2403.05518), section 5",
            differs="no positional bias (a judge between two responses), and no hindsight (the hint spurious_hindsight needs the task bets)",
            choices={
                "measures": ("bias_accuracy", "hint_effect"),
                "samples": 2,
                "interventions": {
                    "hint": {
                        "kinds": [
                            "suggested_answer",
                            "are_you_sure",
                            "post_hoc",
                            "wrong_few_shot",
                            "black_squares",
                            "distractor_fact",
                            "distractor_argument",
                        ]
                    }
                },
            },
        ),
        "standard": Battery(
            summary="the recommended set: one test of each kind, each with its control",
            paper="none: cotfaith's own choice, with its reasons in docs/batteries.md",
            differs="it is no paper's",
            choices={
                "measures": (
                    "early_answering",
                    "adding_mistakes",
                    "filler_tokens",
                    "paraphrasing",
                    "reasoning_gain",
                    "normalised_unfaithfulness",
                    "hint_effect",
                    "hint_mediation",
                ),
                "samples": 4,
                "interventions": {
                    "truncation": {"cuts": 10},
                    "mistake": {"sites": 3},
                    "paraphrase": {"sites": 3},
                    "filler": {"lengths": [0.5, 1.0]},
                    "hint": {"kinds": ["suggested_answer", "expert_opinion", "metadata", "unauthorised_information"]},
                    "mediation": {"kinds": ["suggested_answer"]},
                },
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
