"""Completions that consist of messages, as in harmony: several of reasoning, comments, and an answer with marks of its own."""

from __future__ import annotations

import re

from cotfaith.prompts.channels import MARK, Channel

HEADER = 200  # the most characters between the start of a message and its text


def end_of_reasoning(channel: Channel, text: str) -> int:
    """Where the closing tag of the reasoning begins; -1 if there is none.

    A message of reasoning may follow another one, or a comment. Reasoning ends with the last one before the answer.
    """
    close = text.find(channel.close)
    if close < 0 or not channel.again:
        return close
    answer = text.find(channel.final, close)
    while (more := text.find(channel.again, close)) >= 0 and (answer < 0 or more < answer):
        after = text.find(channel.close, more + len(channel.again))
        if after < 0:
            return -1  # the last message of reasoning goes on
        close = after
    return close


def answer(channel: Channel, text: str) -> str:
    """The answer in `text`, which follows the closing tag: without the marks that open messages, and without the marks at its end."""
    header = _header(channel)
    if header is not None:
        text = "\n\n".join(part for part in header.split(text) if part).removesuffix(channel.close)
    elif channel.final and text.lstrip().startswith(channel.final):
        text = text.lstrip().removeprefix(channel.final)
    return _without_end(text, channel.end)


def _header(channel: Channel) -> re.Pattern[str] | None:
    """The end of a message and all that stands before the text of the next one; None where a template writes no messages."""
    if not channel.again:
        return None
    turn = channel.again.removesuffix(channel.opening)
    marks = MARK.findall(channel.final)
    middle = rf"[^\n]{{0,{HEADER}}}?"
    return re.compile(rf"(?:{re.escape(channel.close)})?\s?{re.escape(turn)}{middle}{re.escape(marks[-1])}") if marks else None


def _without_end(text: str, end: str) -> str:
    """`text` without the longest beginning of `end` at its end that has at least one whole mark."""
    first = MARK.match(end)
    if first is None:
        return text
    cut = text.rstrip()
    for size in range(len(end), first.end() - 1, -1):
        if cut.endswith(end[:size].rstrip()):
            return cut.removesuffix(end[:size].rstrip())
    return text
