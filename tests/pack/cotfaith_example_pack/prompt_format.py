"""A prompt format: plain text without speakers, for base models."""

from collections.abc import Sequence
from dataclasses import dataclass

from cotfaith.contracts import AbstractFormat, Parsed, Tokenizer
from cotfaith.types import Question, Turn


@dataclass(frozen=True)
class Exam(AbstractFormat):
    """The question, "Reasoning:", the reasoning, and "Answer: (" as the cue of the answer."""

    tokenizer: Tokenizer
    name = "exam"
    stop = ("\n\n",)
    templated = False

    @property
    def stop_ids(self) -> tuple[int, ...]:
        """None: text ends the reasoning."""
        return ()

    def prompt_ids(self, question: Question) -> tuple[int, ...]:
        """The turns before, the question with its choices, and what begins the reasoning."""
        choices = "\n".join(f"({letter}): {text}" for letter, text in zip(question.letters, question.choices, strict=True))
        asked = "\n\n".join(part for part in (question.before, question.text, choices, question.after) if part)
        return self.turn_ids((*question.turns, Turn("user", asked)), "Reasoning:")

    def answer_text(self, question: Question) -> str:
        """The cue. With choices it ends in a parenthesis, before the letter; without choices in the tag <answer>."""
        return self.content("\n\nAnswer: " + ("(" if question.choices else "<answer>"))

    def turn_ids(self, turns: Sequence[Turn], begun: str = "") -> tuple[int, ...]:
        """The texts of the turns, and what the model continues."""
        text = "\n\n".join([*(turn.text for turn in turns), begun])
        return self.tokenizer.start() + self.tokenizer.encode(text)

    def parse(self, prompt_ids: Sequence[int], ids: Sequence[int]) -> Parsed:
        """All of it is reasoning, since there is no reasoning channel."""
        return Parsed(tuple(prompt_ids), tuple(ids))
