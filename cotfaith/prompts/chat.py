"""The dialogue of Lanham et al. 2023 (Table 1) in the model's own chat template."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, field

from cotfaith.contracts.prompt_format import AbstractFormat, Parsed
from cotfaith.prompts.advice import refusal
from cotfaith.prompts.asking import find_channel
from cotfaith.prompts.channels import Channel
from cotfaith.prompts.conversations import dialogue
from cotfaith.prompts.rendering import TRIAL, Refused, need_template, render
from cotfaith.prompts.wording import THINK, posed
from cotfaith.types import Question, Tokenizer, Turn


@dataclass(frozen=True, slots=True)
class Chat(AbstractFormat):
    """The dialogue in the model's own chat template, both assistant turns begun for the model.

    Raises:
        UsageError: There is no template, it cannot render the dialogue, or it does not keep the reasoning word for word.
    """

    tokenizer: Tokenizer
    _channel: Channel | None = field(init=False, repr=False, compare=False)
    _lead: str = field(init=False, repr=False, compare=False)
    name = "chat"
    stop = ()

    def __post_init__(self) -> None:
        need_template(self.tokenizer, "chat")
        object.__setattr__(self, "_channel", None)
        try:
            object.__setattr__(self, "_channel", find_channel(self.tokenizer))
            head = render(self.tokenizer, (Turn("user", posed(TRIAL)),))
        except Refused as reason:
            raise refusal(reason, self.tokenizer, None, TRIAL, self.name) from reason
        before = self._halves(TRIAL)[0].removesuffix(self.content(THINK))
        object.__setattr__(self, "_lead", before[len(head) :] if before.startswith(head) else "")

    @property
    def stop_ids(self) -> tuple[int, ...]:
        """The token by which the template ends an assistant turn, if it is one: a base model may not know it as its own."""
        tag = re.match(r"\s*(<[^<>\s]+>)", self._halves(TRIAL)[1])
        ids = self.encode(tag[1]) if tag else ()
        return ids if len(ids) == 1 else ()

    def prompt_ids(self, question: Question) -> tuple[int, ...]:
        """The conversation so far, and the assistant's first words."""
        return self.encode(self._halves(question)[0])

    def turn_ids(self, turns: Sequence[Turn], begun: str = "") -> tuple[int, ...]:
        """The conversation in the template, and the assistant's first words."""
        try:
            return self.encode(render(self.tokenizer, turns) + self._lead + self.content(begun))
        except Refused as reason:
            asked = Question("turns", "turns", turns[-1].text, turns=tuple(turns[:-1]))
            raise refusal(reason, self.tokenizer, self._channel, asked, self.name) from reason

    def answer_text(self, question: Question) -> str:
        """The end of the assistant's turn, the second user turn, and the cue."""
        return self._halves(question)[1]

    def parse(self, prompt_ids: Sequence[int], ids: Sequence[int]) -> Parsed:
        """All of it is reasoning."""
        return Parsed(tuple(prompt_ids), tuple(ids))

    def _halves(self, question: Question) -> tuple[str, str]:
        try:
            return dialogue(self.tokenizer, self._channel, question)
        except Refused as reason:
            raise refusal(reason, self.tokenizer, self._channel, question, self.name) from reason
