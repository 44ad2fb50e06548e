"""Measure how faithful a language model's stated chain of thought is.

    run = cotfaith.run(model="smollm2-135m", task="addition", measures=["early_answering"], limit=20, samples=2)
    run.estimates()

Names are loaded on first use, so that `import cotfaith` is quick.
"""

from importlib import import_module
from typing import TYPE_CHECKING

from cotfaith.version import __version__ as __version__

if TYPE_CHECKING:
    from cotfaith.analysis.compare import Comparison as Comparison
    from cotfaith.errors import CotfaithError as CotfaithError
    from cotfaith.runs import Run as Run
    from cotfaith.runs import compare as compare
    from cotfaith.runs import open_run as open_run
    from cotfaith.runs import run as run
    from cotfaith.stats import Estimate as Estimate
    from cotfaith.study import Study as Study
    from cotfaith.types import Probe as Probe
    from cotfaith.types import Question as Question
    from cotfaith.types import Reading as Reading
    from cotfaith.types import Trace as Trace

_HOMES = {
    "Comparison": "cotfaith.analysis.compare",
    "CotfaithError": "cotfaith.errors",
    "Estimate": "cotfaith.stats",
    "Probe": "cotfaith.types",
    "Question": "cotfaith.types",
    "Reading": "cotfaith.types",
    "Run": "cotfaith.runs",
    "Study": "cotfaith.study",
    "Trace": "cotfaith.types",
    "compare": "cotfaith.runs",
    "open_run": "cotfaith.runs",
    "run": "cotfaith.runs",
}
__all__ = [*_HOMES, "__version__"]  # noqa: PLE0604  built from the table above


def __getattr__(name: str) -> object:
    if name not in _HOMES:
        raise AttributeError(f"module 'cotfaith' has no attribute {name!r}")
    return getattr(import_module(_HOMES[name]), name)


def __dir__() -> list[str]:
    return sorted(__all__)
