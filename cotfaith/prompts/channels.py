"""Reasoning channels: the marks around the reasoning of reasoning models, and how to find them."""

from __future__ import annotations

import re
from bisect import bisect_left
from collections.abc import Sequence
from dataclasses import dataclass

from cotfaith.types import Tokenizer


@dataclass(frozen=True, slots=True)
class Channel:
    """The marks of a reasoning channel. A template that has one of `signs` in its source knows the channel.

    `pad` follows the opening tag where the template does not show it, `final` opens the answer after the closing tag, and
    `gap` pads stand before the answer.
    """

    open: str
    close: str
    signs: tuple[str, ...]
    pad: str = ""
    final: str = ""
    gap: int = 0


CHANNELS = (
    Channel("<think>", "</think>", ("<think>", "</think>"), pad="\n", gap=2),  # R1, Qwen3 and most others
    Channel("[THINK]", "[/THINK]", ("[THINK]", "[/THINK]")),  # Magistral
    Channel("<|channel>thought", "<channel|>", ("<|channel>thought",), pad="\n"),  # Gemma 4
    Channel("<|channel|>analysis<|message|>", "<|end|>", ("<|channel|>analysis",), final="<|start|>assistant<|channel|>final<|message|>"),  # harmony
)  # fmt: skip


def find_channel(tokenizer: Tokenizer) -> Channel | None:
    """The reasoning channel whose signs the chat template has, if any."""
    return next((known for known in CHANNELS if any(sign in tokenizer.template for sign in known.signs)), None)


def is_empty(text: str) -> bool:
    """Whether `text` is a reasoning channel with nothing but white space in it."""
    text = "".join(text.split())
    return any(text == known.open + known.close for known in CHANNELS)


def opening(channel: Channel, text: str, ends: Sequence[int]) -> int:
    """How many tokens repeat the opening tag at the beginning; 0 if reasoning is glued to the last of them."""
    tags = re.match(rf"(?:\s*{re.escape(channel.open)})+", text)
    if tags is None:
        return 0
    count = bisect_left(ends, tags.end()) + 1
    return 0 if text[tags.end() : ends[count - 1]].strip() else count
