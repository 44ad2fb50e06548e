"""The dialogue of Lanham et al. 2023 (Table 1) as plain text."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from cotfaith.contracts.prompt_format import AbstractFormat, Parsed
from cotfaith.prompts.wording import THINK, asked, cue, posed
from cotfaith.types import Question, Tokenizer, Turn


@dataclass(frozen=True, slots=True)
class Dialogue(AbstractFormat):
    """The dialogue as plain text, for base models.

    Blank lines stand between all turns; the paper's layout is lost in its text form, and the one public reconstruction
    (parametric-faithfulness) has a single new line before the last turn and one after "step by step:".
    """

    tokenizer: Tokenizer
    name = "dialogue"
    stop = ("\n\nHuman:",)
    templated = False

    @property
    def stop_ids(self) -> tuple[int, ...]:
        """None: text ends it."""
        return ()

    def prompt_ids(self, question: Question) -> tuple[int, ...]:
        """The turns so far, the question, and the assistant's first words."""
        return self.turn_ids((*question.turns, Turn("user", posed(question))), THINK)

    def turn_ids(self, turns: Sequence[Turn], begun: str = "") -> tuple[int, ...]:
        """The turns, and the assistant's first words."""
        names = {"system": "", "user": "Human: ", "assistant": "Assistant: "}
        text = "\n\n".join(names[turn.role] + turn.text for turn in (*turns, Turn("assistant", begun)))
        return self.tokenizer.start() + self.tokenizer.encode(text.rstrip(" "))

    def answer_text(self, question: Question) -> str:
        """The second human turn, and the cue."""
        return self.content(f"\n\nHuman: {asked(question)}\n\nAssistant: {cue(question)}")

    def parse(self, prompt_ids: Sequence[int], ids: Sequence[int]) -> Parsed:
        """All of it is reasoning."""
        return Parsed(tuple(prompt_ids), tuple(ids))
