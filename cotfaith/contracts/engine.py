"""The contract of an engine's entry point: its options, known before anything heavy is imported or any weights are loaded.

What an opened engine does is the protocol `cotfaith.types.Engine`, and `cotfaith.types.ScoringEngine` where it has `option_logprobs`.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Mapping
from typing import Any, ClassVar

from cotfaith.types import Engine

CAPABILITIES = ("tokens", "prefill", "option_logprobs", "seeds")
"""What an engine may state: it takes token ids and gives token ids; it continues text in the assistant's turn; it gives the log-probability of
each answer option; a sample is named by its seed."""


class AbstractEngineOptions(ABC):
    """The options of an engine. Subclasses are frozen dataclasses, registered as entry points of the group `cotfaith.engines`.

    A module of options imports nothing heavy: `open` imports the engine. Every field has a default, text from a command line is converted by
    the field's type. An engine that passes options on to another library tells their types in `more`, and takes them in a field `others`.

    Attributes:
        name: the prefix of its model strings, as registered.
        summary: one line for `cotfaith list engines`.
        capabilities: what its engines can do at most, from `CAPABILITIES`; `EngineInfo.capabilities` says what an opened one can do.
        refused: options that nobody may set, each with the reason, as the end of a sentence that begins with the option.
    """

    name: ClassVar[str]
    summary: ClassVar[str]
    capabilities: ClassVar[frozenset[str]] = frozenset(CAPABILITIES)
    refused: ClassVar[Mapping[str, str]] = {}

    @classmethod
    def more(cls) -> Mapping[str, Any]:
        """The types of further options by name; asked for only where an option is none of the fields.

        Raises:
            EngineError: the library that knows them is not installed.
        """
        return {}

    def check(self, model: str) -> None:  # noqa: B027  an engine may have nothing to check
        """Refuse a `model` that clearly cannot be opened. It is cheap: no weights are loaded and no network is used.

        Raises:
            CotfaithError: there is no such model here.
        """

    @abstractmethod
    def open(self, model: str) -> Engine:
        """The engine on `model`, loaded and ready.

        Raises:
            CotfaithError: the model is not there, cannot be loaded, or does not fit the options.
        """
