"""The conversations of the formats that use a chat template, as text around the reasoning."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from cotfaith.contracts.rendered import shield
from cotfaith.prompts.channels import Channel, closes, without_closed
from cotfaith.prompts.rendering import Refused, keep, render, unchecked
from cotfaith.prompts.wording import THINK, asked, cue, posed
from cotfaith.types import Question, Tokenizer, Turn

MARK = "COTFAITH-REASONING-COTFAITH"  # stands for the reasoning while a chat template is rendered


def dialogue(tokenizer: Tokenizer, channel: Channel | None, question: Question) -> tuple[str, str]:
    """The texts before and after the reasoning, from the whole dialogue rendered with a mark in its place.

    Some templates begin a turn with more than their generation prompt: a space, or marks that open the visible part of a turn. Such
    text goes into both open turns.

    Raises:
        Refused: The template does not keep the dialogue.
    """
    turns = (*question.turns, Turn("user", posed(question)))
    head, think, ask = render(tokenizer, turns), shield(tokenizer, THINK), shield(tokenizer, cue(question))
    all_turns = (*turns, Turn("assistant", THINK + MARK), Turn("user", asked(question)))
    whole = unchecked(tokenizer, all_turns)
    if whole.count(think + MARK) != 1 or whole.count(MARK) != 1:
        raise Refused(
            "The chat template of this model drops or changes earlier assistant turns, so the reasoning cannot be put back word for word"
        )
    keep(tokenizer, all_turns, whole)
    before, after = whole.split(think + MARK)
    if before.startswith(head.rstrip()):
        lead = before[len(head.rstrip()) :]
        return before + think, after.rstrip() + lead + ask
    stem = without_closed(head, channel)
    if stem != head and before.startswith(stem.rstrip()):  # reasoning is switched off, and only the open turn says so
        rest = without_closed(before[len(stem.rstrip()) :], channel)
        lead = rest if rest.strip() else ""
        return head + lead + think, after + lead + ask
    raise Refused(
        "The chat template of this model renders what comes before the reasoning otherwise once the conversation goes on"
        + (" (it moves or drops the system turn)" if _moves_system(tokenizer, channel, question) else "")
    )


def question_in_channel(question: Question) -> tuple[Turn, ...]:
    """The turns before the reasoning channel: the request for the answer stands at the end of the question."""
    return (*question.turns, Turn("user", f"{posed(question)}\n\n{asked(question)}"))


def _moves_system(tokenizer: Tokenizer, channel: Channel | None, question: Question) -> bool:
    """Whether the dialogue would be kept without the system turns of `question`."""
    if all(turn.role != "system" for turn in question.turns):
        return False
    try:
        dialogue(tokenizer, channel, folded(question))
    except Refused:
        return False
    return True


def folded(question: Question) -> Question:
    """`question` with the text of its system turns at the beginning of the first user turn."""
    system = "\n\n".join(turn.text for turn in question.turns if turn.role == "system")
    rest = [turn for turn in question.turns if turn.role != "system"]
    if rest and rest[0].role == "user":
        rest[0] = Turn("user", f"{system}\n\n{rest[0].text}")
        return replace(question, turns=tuple(rest))
    return replace(question, turns=tuple(rest), before="\n\n".join(part for part in (system, question.before) if part))


def opened(tokenizer: Tokenizer, channel: Channel | None, turns: Sequence[Turn]) -> str:
    """The text of the prompt up to the reasoning: the conversation, and the open channel.

    Raises:
        Refused: The template has no channel, or `turns` leave it closed.
    """
    if channel is None:
        raise Refused("The chat template of this model opens no reasoning channel and renders no reasoning")
    head = render(tokenizer, turns)
    if channel.opened == "closed" or closes(head, channel.open, channel.close):
        raise Refused(f"The chat template of this model closes the reasoning channel itself (its prompt ends in {channel.close})")
    if channel.opened == "off":
        raise Refused("The chat template of this model has reasoning switched off")
    already = bool(channel.open) and head.rstrip().endswith(channel.open)
    return head if already and channel.opening.strip() else head + channel.opening
