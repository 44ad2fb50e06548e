"""The scripted engine: personas, writers and judges of known behaviour, for tests, documents and teaching. No weights, no network."""

from cotfaith.engines.scripted.engine import ScriptedEngine

__all__ = ["ScriptedEngine"]
