"""The contract of an engine's entry point: its options, which are available before any heavy import and before any weights are loaded.

An opened engine follows the protocol `cotfaith.types.Engine`, or `cotfaith.types.ScoringEngine` if it has `option_logprobs`.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Mapping
from typing import Any, ClassVar

from cotfaith.types import Engine, Prompting

CAPABILITIES = ("tokens", "prefill", "option_logprobs", "seeds")
"""What an engine may state. `tokens`: it takes and gives token ids. `prefill`: it continues text in the assistant's turn. `option_logprobs`: it
gives the log-probability of each answer option. `seeds`: its seed identifies a sample."""


class AbstractEngineOptions(ABC):
    """The options of an engine. Subclasses are frozen dataclasses, registered as entry points of the group `cotfaith.engines`.

    The module of the options imports nothing heavy; `open` imports the engine. Every field has a default. Text from a command line
    is converted to the field's type. An engine that passes options on to another library gives their types in `more`, and receives
    them in a field `others`.

    Attributes:
        name: the prefix of its model strings, as registered.
        summary: one line for `cotfaith list engines`.
        capabilities: all capabilities that its engines can have, from `CAPABILITIES`. `EngineInfo.capabilities` has those of an
            opened one.
        refused: options that users must not set, each with the reason as the end of a sentence that begins with the option.
    """

    name: ClassVar[str]
    summary: ClassVar[str]
    capabilities: ClassVar[frozenset[str]] = frozenset(CAPABILITIES)
    refused: ClassVar[Mapping[str, str]] = {}

    @classmethod
    def more(cls) -> Mapping[str, Any]:
        """The types of further options by name. It is called only for an option that is not a field.

        Raises:
            EngineError: the library that defines them is not installed.
        """
        return {}

    def check(self, model: str) -> None:  # noqa: B027  an engine may have nothing to check
        """Refuse a `model` that clearly cannot be opened. This is cheap: it loads no weights and uses no network.

        Raises:
            CotfaithError: there is no such model.
        """

    def at_hand(self, model: str) -> Prompting | None:  # noqa: ARG002  an engine may have nothing at hand
        """The tokenizer of `model`, if it is on this machine. It loads no weights and uses no network, so that a dry run can show prompts.

        Raises:
            CotfaithError: the tokenizer is here, but cannot be loaded.
        """
        return None

    def source(self, model: str) -> str:  # noqa: ARG002  an engine may not know
        """A key of `model` as it is on this machine, which changes with it. It loads no weights; "" if it cannot be told without."""
        return ""

    @abstractmethod
    def open(self, model: str) -> Engine:
        """The engine on `model`, loaded and ready.

        Raises:
            CotfaithError: the model does not exist, cannot be loaded, or does not support the options.
        """
