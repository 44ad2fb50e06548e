"""Reasoning channels: the marks around the reasoning of reasoning models, and what they look like in a text."""

from __future__ import annotations

import re
from bisect import bisect_left
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

Opened = Literal["prompt", "model", "closed", "off"]
MARK = re.compile(r"<[^<>\s]{1,60}>|\[[^\[\]\n]{1,60}\]")  # the form of a tag, such as <think> or [BEGIN FINAL RESPONSE]

SHARED = ("<|end|>",)  # marks that also end turns or messages of other kinds, and so say nothing about a channel


@dataclass(frozen=True, slots=True)
class Marks:
    """The tags of a known channel. They serve where a chat template does not show them.

    `pad` follows the opening tag and stands before the closing one, `final` opens the answer, and `gap` stands before it. A prompt
    that contains all of `signs` tells the model about the channel; empty means both tags.
    """

    open: str
    close: str
    pad: str = ""
    final: str = ""
    gap: str = ""
    signs: tuple[str, ...] = ()

    def named_in(self, text: str) -> bool:
        """Whether `text` tells the model about the channel."""
        return all(sign in text for sign in self.signs or (self.open, self.close))

    def read_by(self, template: str) -> bool:
        """Whether the source of a template has the closing tag."""
        return self.close not in SHARED and self.close in template


KNOWN = (
    Marks("<think>", "</think>", pad="\n", gap="\n\n"),  # R1, Qwen3 and most others
    Marks("[THINK]", "[/THINK]"),  # Magistral, Ministral
    Marks("<|channel>thought", "<channel|>", pad="\n"),  # Gemma 4
    Marks("<|channel|>analysis<|message|>", "<|end|>", final="<|start|>assistant<|channel|>final<|message|>"),  # harmony
    Marks("<seed:think>", "</seed:think>", gap="\n"),  # Seed-OSS
    Marks("<mm:think>", "</mm:think>"),  # MiniMax-M3
    Marks("<|START_THINKING|>", "<|END_THINKING|>"),  # Cohere
    Marks("<|open|>think<|sep|>", "<|close|>think<|sep|>", final="<|open|>response<|sep|>"),  # Kimi-K3
    Marks("<|inner_prefix|>", "<|inner_suffix|>"),  # Apertus
    Marks("Here are my reasoning steps:", "[BEGIN FINAL RESPONSE]", pad="\n", gap="\n", signs=("[BEGIN FINAL RESPONSE]",)),  # Apriel
)  # fmt: skip
# Tags with these words in them and anything around the words: <thought>, </seed:think>, <think:opensource>.
WORDS = re.compile(r"</?(?:[a-z]{1,20}:)?(?:think|thinking|thought|thoughts|reasoning|analysis)(?::[a-z]{1,20})?>", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Channel:
    """The reasoning channel of a model.

    `open` and `close` are its tags, without white space. `opening` is the text from the end of the generation prompt to the
    reasoning, and `closing` the text from the reasoning to the answer, both with their white space. `opened` says what the
    generation prompt does: it opens the channel ("prompt"), leaves that to the model ("model"), leaves it to a model that is not
    asked to reason ("off"), or closes the channel ("closed"). `again` opens another message of reasoning after a closed one, in
    templates that write messages. `end` is the text after the answer.
    """

    open: str
    close: str
    opening: str
    closing: str
    opened: Opened
    again: str = ""
    end: str = ""

    @property
    def reasons(self) -> bool:
        """Whether the model reasons in the channel, as its prompt stands."""
        return self.opened in {"prompt", "model"}

    @property
    def final(self) -> str:
        """The marks that open the answer after the closing tag, without white space around them."""
        return self.closing.partition(self.close)[2].strip()


def closes(head: str, opens: str, close: str) -> bool:
    """Whether the generation prompt `head` ends in a closed channel: in an empty pair of tags, or in `</...>` alone."""
    head = head.rstrip()
    if not close or not head.endswith(close):
        return False
    return close.startswith("</") or (bool(opens) and head.removesuffix(close).rstrip().endswith(opens))


def without_closed(text: str, channel: Channel | None) -> str:
    """`text` without the closed, empty channel at its end; `text` itself if there is none."""
    pairs = [(known.open, known.close) for known in KNOWN] + ([(channel.open, channel.close)] if channel else [])
    for opens, close in pairs:
        if closes(text, opens, close):
            left = text.rstrip().removesuffix(close)
            return left.rstrip().removesuffix(opens) if opens and left.rstrip().endswith(opens) else left
    return text


def tags_in(text: str) -> tuple[str, ...]:
    """The first of what looks like each tag of a reasoning channel in `text`, in the order of the text."""
    known = {mark for one in KNOWN for mark in (one.open, one.close) if mark not in SHARED and mark in text}
    found = known | {match[0] for match in WORDS.finditer(text)}
    return tuple(sorted(found, key=text.index))


def opening(channel: Channel, text: str, ends: Sequence[int]) -> int:
    """How many tokens repeat the opening tag at the beginning; 0 if reasoning is glued to the last of them."""
    tags = re.match(rf"(?:\s*{re.escape(channel.open)})+", text) if channel.open else None
    if tags is None:
        return 0
    count = bisect_left(ends, tags.end()) + 1
    return 0 if text[tags.end() : ends[count - 1]].strip() else count
