"""An engine that writes and cannot score, as most servers: the scripted engine without the log-probabilities of options."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import ClassVar

from cotfaith.contracts.engine import AbstractEngineOptions
from cotfaith.engines.scripted.engine import ScriptedEngine
from cotfaith.types import Completion, Prompt, Sampling

CAN = frozenset({"tokens", "prefill", "seeds"})


@dataclass(frozen=True)
class WrittenOptions(AbstractEngineOptions):
    """The options of an engine without log-probabilities."""

    name: ClassVar[str] = "written"
    summary: ClassVar[str] = "personas that only write"
    capabilities: ClassVar[frozenset[str]] = CAN

    share: float = 0.5

    def open(self, model: str) -> "WrittenEngine":
        return WrittenEngine(model, self.share)


class WrittenEngine:
    """A persona that only writes."""

    def __init__(self, model: str, share: float) -> None:
        self._persona = ScriptedEngine(model, share=share)
        self.tokenizer = self._persona.tokenizer
        self.info = replace(self._persona.info, model=f"written/{model}", engine="written", capabilities=CAN)

    def generate(self, prompts: Sequence[Prompt], sampling: Sampling) -> list[list[Completion]]:
        return self._persona.generate(prompts, sampling)

    def close(self) -> None:
        self._persona.close()
