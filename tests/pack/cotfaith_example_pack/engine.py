"""An engine without option log-probabilities: a program that finds the largest number of a question."""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import ClassVar

from cotfaith.contracts import AbstractEngineOptions
from cotfaith.errors import UsageError
from cotfaith.types import Completion, EngineInfo, Prompt, Prompting, Sampling, Turn

CAN = frozenset({"tokens", "prefill", "seeds"})


@dataclass(frozen=True)
class Counting(AbstractEngineOptions):
    """The options: how the reasoning begins."""

    name: ClassVar[str] = "counting"
    summary: ClassVar[str] = "a program that finds the largest number; no weights"
    capabilities: ClassVar[frozenset[str]] = CAN

    opening: str = "I look at each number."

    def open(self, model: str) -> "CountingEngine":
        """The engine; an engine with weights imports its library here, not at the top of the file."""
        return CountingEngine(model, self.opening)

    def at_hand(self, model: str) -> Prompting:
        """The tokenizer without the engine, so that a dry run can show prompts."""
        return Prompting(Characters())


class Characters:
    """A tokenizer in which every character is a token."""

    has_template = False
    template = ""
    special_tokens = ()

    def encode(self, text: str) -> tuple[int, ...]:
        """The code points."""
        return tuple(map(ord, text))

    def encode_rendered(self, text: str) -> tuple[int, ...]:
        """The same: there are no special tokens."""
        return self.encode(text)

    def decode(self, ids: Sequence[int]) -> str:
        """The characters."""
        return "".join(map(chr, ids))

    def ends(self, ids: Sequence[int]) -> tuple[int, ...]:
        """Each token completes one character."""
        return tuple(range(1, len(ids) + 1))

    def render(self, turns: Sequence[Turn]) -> str:
        """There is no chat template."""
        raise UsageError("The counting engine has no chat template: use --format dialogue or auto.")

    def start(self) -> tuple[int, ...]:
        """Nothing opens a prompt."""
        return ()


class CountingEngine:
    """Token ids in, token ids out; every sample is the same."""

    def __init__(self, model: str, opening: str) -> None:
        self.tokenizer = Characters()
        self.info = EngineInfo(f"counting/{model}", "1", "counting", "1.0", capabilities=CAN, arguments={"opening": opening})
        self.opening = opening

    def generate(self, prompts: Sequence[Prompt], sampling: Sampling) -> list[list[Completion]]:
        """One completion for each sample."""
        return [[self._complete(self.tokenizer.decode(prompt.ids), sampling)] * len(prompt.samples) for prompt in prompts]

    def _complete(self, text: str, sampling: Sampling) -> Completion:
        options = re.findall(r"\((\w)\): (\d+)", text)
        letter = max(options, key=lambda option: int(option[1]))[0] if options else "A"
        said = f"{letter})" if text.endswith("(") else f" {self.opening} The largest is ({letter}). So the answer is ({letter})."
        end = min((said.find(stop) for stop in sampling.stop if stop in said), default=len(said))
        kept = said[:end][: sampling.max_tokens]
        return Completion(self.tokenizer.encode(kept), kept, "stop" if len(kept) == end else "length")

    def close(self) -> None:
        """Nothing to release."""
