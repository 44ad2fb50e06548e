"""A chat template put to use, and why it refuses."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from cotfaith.contracts.rendered import shield
from cotfaith.errors import TimeLimitError, UsageError
from cotfaith.types import Question, Tokenizer, Turn

DISTINCT = 12  # characters from which on a text of a turn stands in a prompt by no chance
SHOWN = 60  # characters of a text that a message quotes

TRIAL = Question("trial", "trial", "1 + 1 =")  # shows what a chat template does, before anything is spent


class Refused(Exception):  # noqa: N818  a reason, which a format completes with what to do
    """Why a chat template does not allow a format: the first half of a sentence that ends in what to do."""


def need_template(tokenizer: Tokenizer, name: str) -> None:
    """Refuse a tokenizer without chat template on behalf of the format `name`."""
    if not tokenizer.has_template:
        raise UsageError(f"This model has no chat template, which --format {name} needs: use --format dialogue.")


def render(tokenizer: Tokenizer, turns: Sequence[Turn]) -> str:
    """`turns` in the chat template, their texts shielded, each of them whole and as often as it was given.

    Raises:
        Refused: The template refuses them, or drops, changes or repeats one.
    """
    text = unchecked(tokenizer, turns)
    keep(tokenizer, turns, text)
    return text


def keep(tokenizer: Tokenizer, turns: Sequence[Turn], text: str) -> None:
    """Refuse the rendered `text` of `turns` if it lacks one of their texts or has one too often. White space around them may go."""
    given = [shield(tokenizer, turn.text).strip() for turn in turns]
    for turn, one in zip(turns, given, strict=True):
        there, right = text.count(one), sum(other.count(one) for other in given)
        if one and (there < right or (there > right and len(one) >= DISTINCT)):
            quoted = turn.text.strip()
            quoted = repr(quoted if len(quoted) <= SHOWN else f"{quoted[:SHOWN]}...")
            fault = (
                f"drops or changes the text of a {turn.role} turn" if there < right else f"repeats the text of a {turn.role} turn"
            )
            raise Refused(f"The chat template of this model {fault} ({quoted})")


def unchecked(tokenizer: Tokenizer, turns: Sequence[Turn]) -> str:
    """`turns` in the chat template, their texts shielded, as the template renders them.

    Raises:
        Refused: The template refuses them.
        TimeLimitError: It does not end.
    """
    try:
        return tokenizer.render([replace(turn, text=shield(tokenizer, turn.text)) for turn in turns])
    except TimeLimitError:
        raise
    except Exception as error:
        roles = ", ".join(turn.role for turn in turns)
        raise Refused(f"The chat template of this model refuses the turns {roles} ({error})") from error
