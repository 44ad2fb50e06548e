"""What to do where a chat template does not allow a format: only what was tried and works."""

from __future__ import annotations

from cotfaith.errors import UsageError
from cotfaith.prompts.channels import Channel
from cotfaith.prompts.conversations import dialogue, folded, opened, question_in_channel
from cotfaith.prompts.rendering import Refused
from cotfaith.prompts.variables import switching
from cotfaith.types import Question, Tokenizer

FORMATS = ("chat", "thinking")  # those that a chat template may refuse


def refusal(reason: Refused, tokenizer: Tokenizer, channel: Channel | None, question: Question, tried: str) -> UsageError:
    """The error for the format `tried`, which the template refuses for `reason`, with what works for `question`."""
    ways, why = [], str(reason)
    system = any(turn.role == "system" for turn in question.turns)
    if system and works(tried, tokenizer, channel, folded(question)):
        ways.append("move the system text into the first user turn")
    if channel is not None and not channel.reasons and tried == "thinking":
        switch = switching(tokenizer)
        ways += [switch] if switch else []
        why += "" if switch else ", and it reads no variable that could switch reasoning on"
    other = next((name for name in FORMATS if name != tried and works(name, tokenizer, channel, question)), "dialogue")
    ways.append(f"use --format {other}")
    if channel is None and tried == "thinking":
        ways.append("name the tags of its channel in a study file (channel: {open: ..., close: ...})")
    return UsageError(f"{why}: {', or '.join(ways)}.")


def works(name: str, tokenizer: Tokenizer, channel: Channel | None, question: Question) -> bool:
    """Whether the chat template allows the format `name` for `question`."""
    try:
        if name == "chat":
            dialogue(tokenizer, channel, question)
        else:
            opened(tokenizer, channel, question_in_channel(question))
    except Refused:
        return False
    return True
