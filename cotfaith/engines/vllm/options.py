"""What a user may set about the vLLM engine, from `-M key=value` or from Python: the arguments of vLLM itself, and two of ours."""

from __future__ import annotations

import json
import types
import typing
from collections.abc import Mapping
from dataclasses import dataclass, fields
from typing import Any

from cotfaith.errors import UsageError, unknown
from cotfaith.types import Scalar

TRUE, FALSE, NOTHING = ("true", "1", "yes", "on"), ("false", "0", "no", "off"), ("none", "null")
OWN: Mapping[str, type] = {"lora": str, "top_logprobs": int}
# What the numbers rest on: which checkpoint it is, that nothing in it fills our sampling, and what a log-probability is.
FIXED = frozenset(
    {"model", "revision", "tokenizer", "tokenizer_revision", "generation_config", "override_generation_config"}
    | {"logprobs_mode", "runner", "enable_lora", "lora_modules", "skip_tokenizer_init"}
)
WORDS: Mapping[Any, str] = {bool: "true or false", int: "a whole number", float: "a number", str: "text", dict: "JSON"}


@dataclass(frozen=True, slots=True)
class Options:
    """The engine arguments, resolved.

    Attributes:
        vllm: what goes to vLLM, as it takes it.
        given: what the user gave and what we set, as one value each, for the manifest.
        lora: the folder of a LoRA adapter; empty for none.
        top_logprobs: read options among this many most likely tokens; None for their exact log-probabilities.
    """

    vllm: Mapping[str, Any]
    given: Mapping[str, Scalar]
    lora: str = ""
    top_logprobs: int | None = None


def options(arguments: Mapping[str, Scalar | None], *, known: type, cpu: bool) -> Options:
    """The options that `arguments` ask for; None means the default.

    Args:
        arguments: values, or text as from a command line.
        known: vLLM's dataclass of its arguments.
        cpu: whether this vLLM computes on the CPU.

    Raises:
        UsageError: an argument is unknown or not the user's to set, or has a value that it cannot take.
    """
    given = {name: value for name, value in arguments.items() if value is not None}
    hints = {field.name: field.type for field in fields(known)}
    for name in given:
        if name in FIXED:
            raise UsageError(f"Argument {name!r} of vLLM is set by cotfaith, since the numbers rest on it: leave it out.")
        if name not in hints and name not in OWN:
            raise unknown("argument of the vLLM engine", name, [*(set(hints) - FIXED), *OWN])
    parsed = {name: _parse(name, OWN.get(name, hints.get(name)), value) for name, value in given.items()}
    lora, top = parsed.pop("lora", ""), parsed.pop("top_logprobs", None)
    if top is not None and top < 1:
        raise UsageError(f"Engine argument top_logprobs={top} must be at least 1.")
    chosen = {**_defaults(cpu=cpu), **parsed}
    ours = {"lora": lora, "top_logprobs": top}
    shown = {**chosen, **{name: value for name, value in ours.items() if value}}
    return Options(chosen, {name: _shown(value) for name, value in shown.items()}, lora, top)


def _defaults(*, cpu: bool) -> dict[str, Any]:
    """What we set unless the user does.

    On the CPU the blocks are of 32 tokens, since the cache shares whole blocks only: of the work of 20 cuts of a reasoning of 400
    tokens, the CPU's own 128 share so little that 2.7 times the distinct tokens are computed.
    """
    common = {"enable_prefix_caching": True, "seed": 0, "trust_remote_code": False}
    return {**common, "dtype": "float32", "block_size": 32} if cpu else {**common, "dtype": "auto"}


def _shown(value: Any) -> Scalar:
    """`value` as one value that a manifest can hold."""
    return value if isinstance(value, (str, int, float, bool)) else json.dumps(value)


def _kinds(hint: Any) -> set[Any]:
    """The types that `hint` allows: bool, int, float, str, dict for anything written as JSON, NoneType."""
    origin = typing.get_origin(hint)
    if origin in {typing.Union, types.UnionType}:
        return set().union(*(_kinds(part) for part in typing.get_args(hint)))
    if origin is typing.Annotated:
        return _kinds(typing.get_args(hint)[0])
    if origin is typing.Literal:
        return {type(value) for value in typing.get_args(hint)}
    return {hint} if hint in {bool, int, float, str, type(None)} else {dict}


def _parse(name: str, hint: Any, value: Scalar) -> Any:
    """`value` as `name` takes it, the most particular type first.

    Raises:
        UsageError: it cannot take it.
    """
    kinds = _kinds(hint)
    if not isinstance(value, str):
        if type(value) in kinds or (isinstance(value, int) and not isinstance(value, bool) and float in kinds):
            return value
        raise _wrong(name, kinds, value)
    text = value.strip()
    for kind in (type(None), bool, int, float, dict):
        if kind in kinds:
            found, read = _read(kind, text)
            if found:
                return read
    if str in kinds:
        return text
    raise _wrong(name, kinds, value)


def _read(kind: Any, text: str) -> tuple[bool, Any]:
    """Whether `text` is a `kind`, and what it is then."""
    if kind is type(None):
        return text.lower() in NOTHING, None
    if kind is bool:
        return text.lower() in TRUE + FALSE, text.lower() in TRUE
    if kind is dict and not text.startswith(("{", "[")):
        return False, None
    try:
        return True, json.loads(text) if kind is dict else kind(text)
    except ValueError:
        return False, None


def _wrong(name: str, kinds: set[Any], value: Scalar) -> UsageError:
    allowed = " or ".join(word for kind, word in WORDS.items() if kind in kinds)
    return UsageError(f"Engine argument {name}={value!r} must be {allowed}.")
