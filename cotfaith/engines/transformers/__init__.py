"""The engine on Hugging Face transformers: batched sampling, and scoring of prefix trees in one masked pass."""

import os
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from cotfaith.engines.transformers.engine import TransformersEngine

# Threads of GNU OpenMP wait for each other by spinning. If other processes need the cores too, spinning threads block the thread
# that they wait for: on 2 cores with one other busy process, a step of SmolLM2-135M took 3 s instead of 0.2 s. A passive wait (spin
# briefly, then sleep) has no measurable cost on an idle machine. It must be set before torch is loaded; a user's own setting has
# priority.
if "OMP_WAIT_POLICY" not in os.environ:
    os.environ.setdefault("GOMP_SPINCOUNT", "1000")

__all__ = ["TransformersEngine"]


def __getattr__(name: str) -> Any:
    """The engine's class, imported when it is first asked for: its options are known without it."""
    if name != "TransformersEngine":
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    from cotfaith.engines.transformers import engine  # noqa: PLC0415  heavy, and only with this engine

    return engine.TransformersEngine
