"""A chat template put to use, and its refusals told as what the user can do."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from cotfaith.contracts.rendered import shield
from cotfaith.errors import UsageError
from cotfaith.types import Question, Tokenizer, Turn

TRIAL = Question("trial", "trial", "1 + 1 =")  # shows what a chat template does, before anything is spent


def need_template(tokenizer: Tokenizer, name: str) -> None:
    """Refuse a tokenizer without chat template on behalf of the format `name`."""
    if not tokenizer.has_template:
        raise UsageError(f"This model has no chat template, which --format {name} needs: use --format dialogue.")


def render(tokenizer: Tokenizer, turns: Sequence[Turn]) -> str:
    """`turns` in the chat template, their texts shielded, with its refusals told as what the user can do."""
    try:
        return tokenizer.render([replace(turn, text=shield(tokenizer, turn.text)) for turn in turns])
    except Exception as error:
        roles = ", ".join(turn.role for turn in turns)
        system = "move the system text into the first user turn, or " if any(turn.role == "system" for turn in turns) else ""
        raise UsageError(
            f"The chat template of this model refuses the turns {roles} ({error}): {system}use --format dialogue."
        ) from error
