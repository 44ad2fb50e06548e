"""The tokens that content must never become: a tokenizer's special tokens, and the turn marks of its chat template."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from typing import Any

from cotfaith.types import Turn

# Reasoning tags that some vocabularies contain as ordinary tokens. Their text in content opens or closes no channel.
REASONING = ("<think>", "</think>")
MARK = re.compile(r"[<\[].+[>\]]", re.DOTALL)  # the form of turn marks, unlike runs of white space or words
TRIAL = (Turn("user", "a"), Turn("assistant", "b"), Turn("user", "c"))


def special_tokens(inner: Any, render: Callable[[tuple[Turn, ...]], str], template: str) -> Mapping[int, str]:
    """The text of each special token by its id.

    Some models (DeepSeek-R1, Qwen3) mark turns and reasoning with added tokens that are not special. Those that `render` adds around
    turns or that the source `template` has count too.
    """
    added = {i: (str(token), bool(token.special)) for i, token in getattr(inner, "added_tokens_decoder", {}).items()}
    found = {i: text for i, (text, special) in added.items() if special}
    found |= dict(zip(inner.all_special_ids, map(str, inner.all_special_tokens), strict=True))
    others = {i: text for i, (text, _) in added.items() if i not in found and MARK.fullmatch(text)}
    if others:
        rendered = render(TRIAL)
        found |= {i: text for i, text in others.items() if text in REASONING or text in rendered or text in template}
    return {i: text for i, text in found.items() if text.strip()}
