"""The user's options of the scripted engine."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Annotated, ClassVar

from pydantic import Field

from cotfaith.contracts.engine import AbstractEngineOptions
from cotfaith.errors import unknown
from cotfaith.types import Engine, Prompting
from cotfaith.version import __version__

Share = Annotated[float, Field(ge=0, le=1)]


@dataclass(frozen=True)
class ScriptedOptions(AbstractEngineOptions):
    """The options of the scripted engine.

    Attributes:
        share: for mixed, the probability that a sample is of the faithful kind.
        follow: for hinted, the probability that a sample follows the hint; for correcting, that a continuation follows a mistake.
        admit: for hinted, the probability that a sample that follows the hint acknowledges it; for correcting, that a continuation
            that corrects a mistake says so.
        confidence: the probability of its answer.
    """

    name: ClassVar[str] = "scripted"
    summary: ClassVar[str] = "personas, writers and judges of known behaviour, for tests and teaching; no weights"

    share: Share = 0.5
    follow: Share = 0.6
    admit: Share = 0.25
    confidence: Share = 0.9

    def check(self, model: str) -> None:
        """Refuse a name that is not a persona, writer or judge."""
        from cotfaith.engines.scripted import judges, personas, writers  # noqa: PLC0415  not where engines are listed

        known = (*personas.PERSONAS, *writers.WRITERS, *judges.JUDGES)
        if model not in known:
            raise unknown("persona of the scripted engine", model, known)

    def at_hand(self, model: str) -> Prompting:  # noqa: ARG002  all personas share one
        """The tokenizer of all personas."""
        from cotfaith.engines.scripted.engine import ScriptedTokenizer  # noqa: PLC0415  not where engines are listed

        return Prompting(ScriptedTokenizer())

    def source(self, model: str) -> str:
        """A persona is its name in this version."""
        return f"{model} {__version__}"

    def open(self, model: str) -> Engine:
        """The persona, writer or judge."""
        from cotfaith.engines.scripted.engine import ScriptedEngine  # noqa: PLC0415  not where engines are listed

        return ScriptedEngine(model, self)
