"""The scripted engine: personas, writers and judges of known behaviour, for tests, documents and teaching. No weights, no network."""

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from cotfaith.engines.scripted.engine import ScriptedEngine

__all__ = ["ScriptedEngine"]


def __getattr__(name: str) -> Any:
    """The engine's class, imported when it is first asked for: its options are known without it."""
    if name != "ScriptedEngine":
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    from cotfaith.engines.scripted import engine  # noqa: PLC0415  heavy, and only with this engine

    return engine.ScriptedEngine
