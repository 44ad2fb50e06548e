"""The engine on vLLM, on CPU or GPU, with token ids in and out and prefixes shared through vLLM's cache."""

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from cotfaith.engines.vllm.engine import VllmEngine

__all__ = ["VllmEngine"]


def __getattr__(name: str) -> Any:
    """The engine's class, imported when it is first asked for: its options are known without it."""
    if name != "VllmEngine":
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    from cotfaith.engines.vllm import engine  # noqa: PLC0415  heavy, and only with this engine

    return engine.VllmEngine
