"""The user's options of the vLLM engine: the arguments of vLLM itself, and three of cotfaith. vLLM is imported only if needed."""

from __future__ import annotations

import functools
import operator
import types
import typing
from collections.abc import Mapping
from dataclasses import dataclass, field, fields
from typing import Annotated, Any, ClassVar, Union

from pydantic import Field, Json

from cotfaith.contracts.engine import AbstractEngineOptions
from cotfaith.engines.shared import aliases
from cotfaith.types import Engine, Prompting

PLAIN = (bool, int, float)  # what text is tried as, the most particular first; then come JSON, and text itself
# Arguments that determine the numbers: the checkpoint, the absence of its own sampling defaults, and the kind of log-probability.
FIXED = (
    "model",
    "tokenizer",
    "tokenizer_revision",
    "generation_config",
    "override_generation_config",
    "logprobs_mode",
    "runner",
    "enable_lora",
    "lora_modules",
    "skip_tokenizer_init",
)


@dataclass(frozen=True)
class VllmOptions(AbstractEngineOptions):
    """The options of the vLLM engine.

    Attributes:
        revision: the hub revision.
        lora: the folder of a LoRA adapter; empty for none.
        top_logprobs: read options among this many most likely tokens; None for their exact log-probabilities.
        others: arguments of vLLM's own engine.
    """

    name: ClassVar[str] = "vllm"
    summary: ClassVar[str] = "models on vLLM, in this process, on CPU or GPU; it also takes all arguments of vllm.EngineArgs"
    refused: ClassVar[Mapping[str, str]] = dict.fromkeys(FIXED, "is set by cotfaith, since the numbers rest on it: leave it out")

    revision: str = ""
    lora: str = ""
    top_logprobs: Annotated[int, Field(ge=1)] | None = None
    others: Mapping[str, Any] = field(default_factory=dict)

    @classmethod
    def more(cls) -> Mapping[str, Any]:
        """The types of vLLM's own arguments."""
        from cotfaith.engines.vllm.loading import require  # noqa: PLC0415  it imports vLLM, and only where it is asked for

        return hints(require().EngineArgs)

    def check(self, model: str) -> None:
        """Refuse a folder that does not exist, and any model where vLLM is not installed."""
        from cotfaith.engines.vllm.loading import check_installed  # noqa: PLC0415  only with this engine

        check_installed()
        aliases.check_folder(model)

    def at_hand(self, model: str) -> Prompting | None:
        """The tokenizer of `model`, if it is a local folder or in the local cache."""
        from cotfaith.engines.shared.at_hand import at_hand  # noqa: PLC0415  transformers is heavy

        return at_hand(model, self.revision or None, trust_remote_code=bool(self.others.get("trust_remote_code", False)))

    def open(self, model: str) -> Engine:
        """The model on vLLM."""
        from cotfaith.engines.vllm.engine import VllmEngine  # noqa: PLC0415  only with this engine

        return VllmEngine(model, self)


def hints(arguments: type) -> dict[str, Any]:
    """The types of the fields of vLLM's dataclass `arguments`, as far as a value on a command line or in a study can have them."""
    return {one.name: _plain(one.type) for one in fields(arguments) if one.name not in FIXED}


def _plain(hint: Any) -> Any:
    """`hint` with JSON for all that is no plain value, each text taken as the most particular type that it can be."""
    kinds = _kinds(hint)
    parts: list[Any] = [kind for kind in PLAIN if kind in kinds]
    if dict in kinds:
        parts += [Annotated[dict[str, Any] | list[Any], Json], dict[str, Any], list[Any]]
    parts += [str] if str in kinds else []
    if not parts:
        return None
    first = functools.reduce(operator.or_, parts)
    value = Annotated[first, Field(union_mode="left_to_right")] if len(parts) > 1 else first
    return value | None if type(None) in kinds else value


def _kinds(hint: Any) -> set[Any]:
    """The types that `hint` allows: plain ones, None, and dict for anything written as JSON."""
    origin = typing.get_origin(hint)
    if origin in {Union, types.UnionType}:
        return set().union(*(_kinds(part) for part in typing.get_args(hint)))
    if origin is Annotated:
        return _kinds(typing.get_args(hint)[0])
    if origin is typing.Literal:
        return {type(value) for value in typing.get_args(hint)}
    return {hint} if hint in {*PLAIN, str, type(None)} else {dict}
