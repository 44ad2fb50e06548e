"""The contract of a prompt format, and its results."""

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
    """A completion, split: `prompt_ids + reasoning_ids + rest_ids` are the input ids, in order.

    `prompt_ids` include opening tags that the model repeated before it began to reason. `rest_ids` begin with the closing tag.
    `response` is the exact text after that tag, and after the marks that open the final channel if there is one. `closed` says
    whether the model closed its reasoning channel. It is False for a format without a channel; the reasoning is then complete
    unless the completion ended by length.
    """

    prompt_ids: tuple[int, ...]
    reasoning_ids: tuple[int, ...]
    rest_ids: tuple[int, ...] = ()
    response: str = ""
    closed: bool = False


class AbstractFormat(ABC):
    """Turns a question and its reasoning into token ids. Subclasses are frozen dataclasses that can be made from the tokenizer alone.

    Text that contains special tokens of a template is rendered text, and `encode` gives its ids. Content that goes into rendered
    text passes through `content` first, so that the text of a special token in it stays ordinary text. A prompt without a template
    is content as a whole. `templated` says whether the model's chat template writes the prompts.
    """

    name: ClassVar[str]
    stop: ClassVar[tuple[str, ...]]
    templated: ClassVar[bool] = True
    tokenizer: Tokenizer

    @property
    @abstractmethod
    def stop_ids(self) -> tuple[int, ...]:
        """The ids that end sampled reasoning, in addition to the model's own end tokens and the strings `stop`."""

    @abstractmethod
    def prompt_ids(self, question: Question) -> tuple[int, ...]:
        """The ids before the reasoning."""

    @abstractmethod
    def answer_text(self, question: Question) -> str:
        """The text between the reasoning and the answer, as rendered text. It ends with the answer cue."""

    @abstractmethod
    def turn_ids(self, turns: Sequence[Turn], begun: str = "") -> tuple[int, ...]:
        """The ids of a separate conversation, up to the point where the assistant continues after `begun`, without prior reasoning."""

    @abstractmethod
    def parse(self, prompt_ids: Sequence[int], ids: Sequence[int]) -> Parsed:
        """The completion `ids` of `prompt_ids`, split."""

    @final
    def content(self, text: str) -> str:
        """`text` in the form that rendered text may contain. It is unchanged unless it contains the text of a special token."""
        return rendered.shield(self.tokenizer, text)

    @final
    def encode(self, text: str) -> tuple[int, ...]:
        """The ids of rendered text."""
        return rendered.encode(self.tokenizer, text)

    @final
    def answer_ids(self, question: Question, reasoning_ids: Sequence[int] = ()) -> tuple[int, ...]:
        """The ids that follow `reasoning_ids` to request the answer. New lines at the end of the reasoning are not repeated."""
        return self.encode(self.following(self.answer_text(question), reasoning_ids))

    @final
    def following(self, text: str, reasoning_ids: Sequence[int]) -> str:
        """The answer text `text` without the new lines with which `reasoning_ids` already end."""
        tail = self.tokenizer.decode(reasoning_ids[-2:])  # no answer text begins with more than two new lines
        there, wanted = len(tail) - len(tail.rstrip("\n")), len(text) - len(text.lstrip("\n"))
        return text[min(there, wanted) :]

    @final
    def candidates(self, question: Question) -> tuple[tuple[int, ...], ...]:
        """The ids of each letter after the cue's open parenthesis; empty for a free-form question.

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
