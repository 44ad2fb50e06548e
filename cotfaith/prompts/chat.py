"""The dialogue of Lanham et al. 2023 (Table 1) in the model's own chat template."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

from cotfaith.contracts.prompt_format import AbstractFormat, Parsed
from cotfaith.errors import UsageError
from cotfaith.prompts.channels import find_channel, is_empty
from cotfaith.prompts.rendering import TRIAL, need_template, render
from cotfaith.prompts.wording import THINK, asked, cue, posed
from cotfaith.types import Question, Tokenizer, Turn

MARK = "COTFAITH-REASONING-COTFAITH"  # stands for the reasoning while a chat template is rendered


@dataclass(frozen=True, slots=True)
class Chat(AbstractFormat):
    """The dialogue in the model's own chat template, both assistant turns begun for the model.

    Raises:
        UsageError: There is no template, it cannot render the dialogue, or it does not keep the reasoning word for word.
    """

    tokenizer: Tokenizer
    name = "chat"
    stop = ()

    def __post_init__(self) -> None:
        need_template(self.tokenizer, "chat")
        self._halves(TRIAL)

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
        return self.encode(render(self.tokenizer, turns) + self.content(begun))

    def answer_text(self, question: Question) -> str:
        """The end of the assistant's turn, the second user turn, and the cue."""
        return self._halves(question)[1]

    def parse(self, prompt_ids: Sequence[int], ids: Sequence[int]) -> Parsed:
        """All of it is reasoning."""
        return Parsed(tuple(prompt_ids), tuple(ids))

    def _halves(self, question: Question) -> tuple[str, str]:
        """The text before and after the reasoning, from the whole conversation rendered with a mark in its place."""
        turns = (*question.turns, Turn("user", posed(question)))
        head, think, ask = render(self.tokenizer, turns), self.content(THINK), self.content(cue(question))
        whole = render(self.tokenizer, (*turns, Turn("assistant", THINK + MARK), Turn("user", asked(question))))
        if whole.count(think + MARK) != 1 or whole.count(MARK) != 1:
            raise UsageError(
                "The chat template of this model drops or changes earlier assistant turns, so the reasoning cannot be put back "
                "word for word: use --format dialogue."
            )
        before, after = whole.split(think + MARK)
        if before.rstrip() == head.rstrip():  # some templates lead in a turn with a space that their open turn does not have
            lead = before[len(before.rstrip()) :]
            return before + think, after.rstrip() + lead + ask
        if head.startswith(before) and is_empty(head[len(before) :]):  # reasoning switched off, in the open turn only
            return head + think, after + ask
        channel = find_channel(self.tokenizer)
        thinks = channel is not None and not head.rstrip().endswith(channel.close)
        raise UsageError(
            "The chat template of this model renders what comes before the reasoning otherwise once the conversation goes on: "
            f"use --format {'thinking' if thinks else 'dialogue'}."
        )
