"""The questions and cues of Lanham et al. 2023 around the reasoning channel of a reasoning model."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Sequence
from dataclasses import dataclass

from cotfaith.contracts.prompt_format import AbstractFormat, Parsed
from cotfaith.prompts import messages
from cotfaith.prompts.advice import refusal
from cotfaith.prompts.asking import find_channel
from cotfaith.prompts.channels import Channel, opening
from cotfaith.prompts.conversations import opened, question_in_channel
from cotfaith.prompts.rendering import TRIAL, Refused, need_template
from cotfaith.prompts.wording import cue
from cotfaith.types import Question, Tokenizer, Turn


@dataclass(frozen=True, slots=True)
class Thinking(AbstractFormat):
    """A reasoning model's own channel: the reasoning is what stands in it, and a cut closes it with the model's own tag.

    The answer cue follows in the same assistant turn. There is no second user turn, since the templates of R1, Qwen3 and others
    remove the reasoning from past assistant turns; so the request for the answer stands at the end of the first one. Where the
    template leaves it to the model to open the channel, we open it, so that every sample reasons. An empty reasoning gives an empty
    channel, which is how Qwen3 itself writes one. `channel` is the one that the chat template shows, unless it is given.

    Raises:
        UsageError: There is no template, it has no reasoning channel, or it closes the channel before the model speaks.
    """

    tokenizer: Tokenizer
    channel: Channel | None = None
    name = "thinking"
    stop = ()

    def __post_init__(self) -> None:
        need_template(self.tokenizer, "thinking")
        if self.channel is None:
            try:
                object.__setattr__(self, "channel", find_channel(self.tokenizer))
            except Refused as reason:
                raise refusal(reason, self.tokenizer, None, TRIAL, self.name) from reason
        self._head(TRIAL)

    @property
    def stop_ids(self) -> tuple[int, ...]:
        """None: the model closes its channel, responds, and ends its turn."""
        return ()

    @property
    def _known(self) -> Channel:
        assert self.channel is not None  # noqa: S101  checked when the format was made
        return self.channel

    def prompt_ids(self, question: Question) -> tuple[int, ...]:
        """The conversation so far, and the open channel."""
        return self.encode(self._head(question))

    def turn_ids(self, turns: Sequence[Turn], begun: str = "") -> tuple[int, ...]:
        """The conversation in the template, an empty reasoning channel, and the assistant's first words."""
        try:
            head = opened(self.tokenizer, self.channel, turns)
        except Refused as reason:
            asked = Question("turns", "turns", turns[-1].text, turns=tuple(turns[:-1]))
            raise refusal(reason, self.tokenizer, self.channel, asked, self.name) from reason
        return self.encode(head + self._known.closing + self.content(begun))

    def answer_text(self, question: Question) -> str:
        """The channel closed, with the template's white space, and the cue."""
        return self._known.closing + self.content(cue(question))

    def parse(self, prompt_ids: Sequence[int], ids: Sequence[int]) -> Parsed:
        """The completion cut where its reasoning ends, without the opening tags that the model repeated at the very beginning.

        That is its first closing tag, or the last one of several messages of reasoning. Later opening tags, and those of a
        completion that goes on from within the reasoning, belong to the reasoning. A token that holds the beginning of the closing
        tag and something else counts as the tag's.
        """
        channel, ids = self._known, tuple(ids)
        text, ends = self.tokenizer.decode(ids), self.tokenizer.ends(ids)
        before = self.tokenizer.decode(prompt_ids[-len(channel.open) - 2 :]).rstrip()
        begun = opening(channel, text, ends) if before.endswith(channel.open) else 0
        prompt = (*prompt_ids, *ids[:begun])
        close = messages.end_of_reasoning(channel, text)
        if close < 0:
            return Parsed(prompt, ids[begun:])
        kept = bisect_right(ends, close)
        response = messages.answer(channel, text[close + len(channel.close) :])
        return Parsed(prompt, ids[begun:kept], ids[kept:], response, closed=True)

    def _head(self, question: Question) -> str:
        """The text of the prompt, which ends in the opening tag and at most white space."""
        try:
            return opened(self.tokenizer, self.channel, question_in_channel(question))
        except Refused as reason:
            raise refusal(reason, self.tokenizer, self.channel, question, self.name) from reason
