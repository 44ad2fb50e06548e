"""The prompt formats of models whose tokenizers are on this machine. No weights are loaded and nothing is downloaded."""

from __future__ import annotations

from dataclasses import dataclass, field

from cotfaith import prompts
from cotfaith.pipeline.open_model import asked_models, channel_of, options_of, with_variables
from cotfaith.pipeline.open_study import Opened
from cotfaith.study import Study
from cotfaith.types import Question, Variables

ENOUGH = 2048  # tokens of a reasoning trace below which a model with a reasoning channel is warned of


@dataclass(frozen=True, slots=True)
class AtHand:
    """The prompt format of a model whose tokenizer is on this machine, the ids that end its completions, and the variables of the study."""

    format: prompts.AbstractFormat
    ends: frozenset[int]
    asked: Variables = field(hash=False)

    def resolved(self, question: Question | None = None) -> prompts.ResolvedFormat:
        """How its prompts begin and end, shown on `question`, or on a trial question."""
        return prompts.resolved(self.format, self.ends, self.asked, question)


def short_budget(resolved: prompts.ResolvedFormat, study: Study) -> str:
    """What to know if a model has a reasoning channel and its budget is small; empty otherwise."""
    if not resolved.channel or study.max_tokens >= ENOUGH or study.traces is not None:
        return ""
    return (
        f"reasons in a channel of its own, and the token limit of a reasoning trace is {study.max_tokens}: such models often write thousands of "
        "tokens, and the limit cuts them, so give a larger --max-tokens"
    )


def formats_at_hand(study: Study, opened: Opened) -> dict[str, AtHand | None]:
    """The format of each model of `study`, by name; None where its tokenizer is not on this machine. Nothing is downloaded.

    Raises:
        CotfaithError: the template refuses the variables or the format.
    """
    return {name: _at_hand(study, name) for name in dict.fromkeys([*study.model, *asked_models(study, opened)])}


def check_variables(study: Study, opened: Opened) -> None:
    """Refuse template variables that the template of a model at hand does not read, before any other model is loaded.

    Raises:
        CotfaithError: as `formats_at_hand`.
    """
    for name in dict.fromkeys([*study.model, *asked_models(study, opened)]):
        if study.choice(name).template:
            _at_hand(study, name)


def _at_hand(study: Study, name: str) -> AtHand | None:
    model, options = options_of(study, name)
    found, asked = options.at_hand(model), study.choice(name).template
    if found is None:
        return None
    tokenizer = with_variables(study, name, found.tokenizer)
    asks = name in study.model
    form = prompts.choose(study.format if asks else "auto", tokenizer, channel_of(study) if asks else None)
    return AtHand(form, found.ends, asked)
