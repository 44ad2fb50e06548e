"""The engine on vLLM, in this process' own engine core: CPU or GPU, token ids in and out, prefixes shared through its cache."""

from cotfaith.engines.vllm.engine import VllmEngine

__all__ = ["VllmEngine"]
