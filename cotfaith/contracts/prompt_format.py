"""What every prompt format does, and what it gives back."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Sequence
from dataclasses import dataclass
from typing import ClassVar, final

from cotfaith.contracts import rendered
from cotfaith.errors import EngineError
from cotfaith.types import Question, Tokenizer, Turn


@dataclass(frozen=True, slots=True)
class Parsed:
    """A completion taken apart: `prompt_ids + reasoning_ids + rest_ids` are the ids that went in, in order.

    `prompt_ids` have the opening tags that the model repeated before it began to reason; `rest_ids` begin with the closing tag.
    `response` is the exact text after that tag, and after the marks that open the final channel where there is one. `closed` says
    whether the model closed a reasoning channel; where a format has none it is False, and the reasoning is complete if the
    completion did not end by length.
    """

    prompt_ids: tuple[int, ...]
    reasoning_ids: tuple[int, ...]
    rest_ids: tuple[int, ...] = ()
    response: str = ""
    closed: bool = False


class AbstractFormat(ABC):
    """How a question and its reasoning become token ids. Subclasses are frozen dataclasses with one field, the tokenizer.

    Text that holds special tokens of a template is rendered text: `encode` gives its ids. Content that goes into rendered text goes through
    `content` first, so that the text of a special token in it stays ordinary text; a prompt without template is content as a whole.
    """

    name: ClassVar[str]
    stop: ClassVar[tuple[str, ...]]
    tokenizer: Tokenizer

    @property
    @abstractmethod
    def stop_ids(self) -> tuple[int, ...]:
        """The ids that end the reasoning when it is sampled, besides the model's own end tokens and the strings `stop`."""

    @abstractmethod
    def prompt_ids(self, question: Question) -> tuple[int, ...]:
        """The ids up to where the reasoning begins."""

    @abstractmethod
    def answer_text(self, question: Question) -> str:
        """What stands between the reasoning and the answer, with the cue at its end, as rendered text."""

    @abstractmethod
    def turn_ids(self, turns: Sequence[Turn], begun: str = "") -> tuple[int, ...]:
        """The ids of a conversation of its own, up to where the assistant speaks on after `begun`, without reasoning before it."""

    @abstractmethod
    def parse(self, prompt_ids: Sequence[int], ids: Sequence[int]) -> Parsed:
        """The completion `ids` of `prompt_ids`, taken apart."""

    @final
    def content(self, text: str) -> str:
        """`text` as it may stand in rendered text: the same, unless it has the text of a special token in it."""
        return rendered.shield(self.tokenizer, text)

    @final
    def encode(self, text: str) -> tuple[int, ...]:
        """The ids of rendered text."""
        return rendered.encode(self.tokenizer, text)

    @final
    def answer_ids(self, question: Question, reasoning_ids: Sequence[int] = ()) -> tuple[int, ...]:
        """The ids that follow `reasoning_ids` to have the answer read; new lines that end the reasoning are not repeated."""
        return self.encode(self.following(self.answer_text(question), reasoning_ids))

    @final
    def following(self, text: str, reasoning_ids: Sequence[int]) -> str:
        """The answer text `text` without the new lines that `reasoning_ids` end in already."""
        tail = self.tokenizer.decode(reasoning_ids[-2:])  # no answer text begins with more than two new lines
        there, wanted = len(tail) - len(tail.rstrip("\n")), len(text) - len(text.lstrip("\n"))
        return text[min(there, wanted) :]

    @final
    def candidates(self, question: Question) -> tuple[tuple[int, ...], ...]:
        """The ids of each letter as what follows the cue's open parenthesis; empty when free-form.

        Raises:
            EngineError: The tokenizer has no ids for a letter, or the same for two.
        """
        owners: dict[tuple[int, ...], str] = {}
        for letter in question.letters:
            ids = self.tokenizer.encode(letter)
            if not ids or ids in owners:
                fault = f"the same ids {list(ids)} as {owners[ids]}" if ids else "no ids"
                raise EngineError(
                    f"The tokenizer gives the option letter {letter} {fault}: answers of this model cannot be told apart."
                )
            owners[ids] = letter
        return tuple(owners)
