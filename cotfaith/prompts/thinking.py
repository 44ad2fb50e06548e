"""The questions and cues of Lanham et al. 2023 around the reasoning channel of a reasoning model."""

from __future__ import annotations

import re
from bisect import bisect_right
from collections.abc import Sequence
from dataclasses import dataclass

from cotfaith.contracts.prompt_format import AbstractFormat, Parsed
from cotfaith.errors import UsageError
from cotfaith.prompts.channels import CHANNELS, Channel, find_channel, opening
from cotfaith.prompts.rendering import TRIAL, need_template, render
from cotfaith.prompts.wording import asked, cue, posed
from cotfaith.types import Question, Tokenizer, Turn


@dataclass(frozen=True, slots=True)
class Thinking(AbstractFormat):
    """A reasoning model's own channel: the reasoning is what stands in it, and a cut closes it with the model's own tag.

    The answer cue follows in the same assistant turn. There is no second user turn, since the templates of R1, Qwen3 and others
    remove the reasoning from past assistant turns; so the request for the answer stands at the end of the first one. Where the
    template leaves it to the model to open the channel, we open it, so that every sample reasons. An empty reasoning gives an empty
    channel, which is how Qwen3 itself writes one.

    Raises:
        UsageError: There is no template, it knows no reasoning channel, or it closes the channel before the model speaks.
    """

    tokenizer: Tokenizer
    name = "thinking"
    stop = ()

    def __post_init__(self) -> None:
        need_template(self.tokenizer, "thinking")
        self._head(TRIAL)

    @property
    def stop_ids(self) -> tuple[int, ...]:
        """None: the model closes its channel, responds, and ends its turn."""
        return ()

    @property
    def channel(self) -> Channel:
        """The reasoning channel that the template knows."""
        channel = find_channel(self.tokenizer)
        if channel is None:
            tags = ", ".join(known.open for known in CHANNELS)
            raise UsageError(f"The chat template of this model has no reasoning tag (known are {tags}): use --format chat.")
        return channel

    def prompt_ids(self, question: Question) -> tuple[int, ...]:
        """The conversation so far, and the open channel."""
        return self.encode(self._head(question))

    def turn_ids(self, turns: Sequence[Turn], begun: str = "") -> tuple[int, ...]:
        """The conversation in the template, an empty reasoning channel, and the assistant's first words."""
        channel, head = self.channel, render(self.tokenizer, turns)
        if not head.rstrip().endswith(channel.close):
            opened = head if head.rstrip().endswith(channel.open) else head + channel.open + channel.pad
            pad = "\n" if opened.endswith("\n") else ""
            head = opened + pad + channel.close + channel.final + pad * channel.gap
        return self.encode(head + self.content(begun))

    def answer_text(self, question: Question) -> str:
        """The channel closed, with the white space that its opening has, and the cue."""
        channel, pad = self.channel, "\n" if self._head(question).endswith("\n") else ""
        return pad + channel.close + channel.final + pad * channel.gap + self.content(cue(question))

    def parse(self, prompt_ids: Sequence[int], ids: Sequence[int]) -> Parsed:
        """The completion cut at its first closing tag, without the opening tags that the model repeated at the very beginning.

        Later opening tags, and those of a completion that goes on from within the reasoning, belong to the reasoning. A token that
        holds the beginning of the closing tag and something else counts as the tag's.
        """
        channel, ids = self.channel, tuple(ids)
        text, ends = self.tokenizer.decode(ids), self.tokenizer.ends(ids)
        fresh = self.tokenizer.decode(prompt_ids[-len(channel.open) - 2 :]).rstrip().endswith(channel.open)
        opened = opening(channel, text, ends) if fresh else 0
        prompt = (*prompt_ids, *ids[:opened])
        close = text.find(channel.close)
        if close < 0:
            return Parsed(prompt, ids[opened:])
        kept = bisect_right(ends, close)
        response = text[close + len(channel.close) :].removeprefix(channel.final)
        return Parsed(prompt, ids[opened:kept], ids[kept:], response, closed=True)

    def _head(self, question: Question) -> str:
        """The text of the prompt, which ends in the opening tag and at most white space."""
        channel, template = self.channel, self.tokenizer.template
        head = render(self.tokenizer, (*question.turns, Turn("user", f"{posed(question)}\n\n{asked(question)}")))
        if head.rstrip().endswith(channel.close):
            raise UsageError(
                f"The chat template of this model closes the reasoning channel itself (its prompt ends in {channel.close}): "
                "switch reasoning on in the template, or use --format chat."
            )
        if head.rstrip().endswith(channel.open):
            return head
        shown = re.search(re.escape(channel.open) + r"(?:\n|\\n)", template)  # as it stands, or escaped in a string
        return head + channel.open + (("\n" if shown else "") if channel.open in template else channel.pad)
