"""Loaded models as engines: one of transformers with its tokenizer, a live vLLM, or any engine."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Any, ClassVar

from cotfaith import seeds
from cotfaith.contracts.engine import AbstractEngineOptions
from cotfaith.errors import UsageError
from cotfaith.plugins import session
from cotfaith.types import Engine, EngineInfo, Prompting


class _Lent:
    """An engine that belongs to the caller: a run does not close it."""

    def __init__(self, engine: Any) -> None:
        self._engine = engine

    def __getattr__(self, name: str) -> Any:
        return getattr(self._engine, name)

    @property
    def info(self) -> EngineInfo:
        """What it says of itself; its options are in the revision, since no study has them."""
        told: EngineInfo = self._engine.info
        if not told.arguments:
            return told
        return replace(told, revision=f"{told.revision}+{seeds.key('arguments', {k: str(v) for k, v in told.arguments.items()})}")

    def close(self) -> None:
        """Leave it open."""


@dataclass(frozen=True)
class Objects(AbstractEngineOptions):
    """The engines that the caller passed, by name."""

    name: ClassVar[str] = session.OBJECT
    summary: ClassVar[str] = "models that are loaded in this Python session"

    engines: Mapping[str, Any] = field(default_factory=dict, hash=False)

    def check(self, model: str) -> None:
        """Refuse a name that no object has."""
        self._engine(model)

    def open(self, model: str) -> Engine:
        """The engine of that name, which stays open when the run ends."""
        lent: Any = _Lent(self._engine(model))
        return lent  # type: ignore[no-any-return]  # it has all that the engine has

    def at_hand(self, model: str) -> Prompting:
        """The tokenizer of that model, which is loaded already."""
        found = self._engine(model)
        return Prompting(found.tokenizer, frozenset(getattr(found, "ends", ())))

    def _engine(self, model: str) -> Any:
        if model not in self.engines:
            raise UsageError(
                f"Model {model!r} was a Python object when the run was made: pass the object again, as model={{{model!r}: model}}."
            )
        return self.engines[model]


def is_model(value: Any) -> bool:
    """Whether `value` is a model rather than a name."""
    return not isinstance(value, (str, Mapping)) and (is_engine(value) or _is_vllm(value) or _is_transformers(value))


def is_engine(value: Any) -> bool:
    """Whether `value` implements the engine contract."""
    return all(hasattr(value, name) for name in ("info", "tokenizer", "generate", "close"))


def engine(value: Any, tokenizer: Any = None) -> Any:
    """The engine of a loaded model.

    Raises:
        UsageError: it is not a model, or a transformers model without its tokenizer.
    """
    if is_engine(value):
        return value
    if _is_vllm(value):
        from cotfaith.engines.vllm import VllmEngine  # noqa: PLC0415  heavy, and only with vLLM

        return VllmEngine.on(value)
    if not _is_transformers(value):
        raise UsageError(
            f"A {type(value).__name__} is no model: give a model of transformers with its tokenizer, a vllm.LLM, an engine, or a name."
        )
    if tokenizer is None:
        raise UsageError("A loaded model of transformers needs its tokenizer: give tokenizer=tokenizer.")
    from cotfaith.engines.transformers import TransformersEngine  # noqa: PLC0415  heavy, and only with transformers

    return TransformersEngine(value, tokenizer=tokenizer)


def _is_vllm(value: Any) -> bool:
    return hasattr(value, "llm_engine") and hasattr(value, "get_tokenizer")


def _is_transformers(value: Any) -> bool:
    return hasattr(value, "config") and callable(getattr(value, "generate", None))
