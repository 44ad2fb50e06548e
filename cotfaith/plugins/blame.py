"""A failure inside another package's plug-in, as one sentence that names the package and the line."""

from __future__ import annotations

import traceback
from importlib.metadata import packages_distributions

from cotfaith.errors import CotfaithError
from cotfaith.plugins import registry

OURS = "cotfaith"


def blamed(error: BaseException) -> CotfaithError | None:
    """The error to show instead of `error` if the code of a plug-in package raised it; None if it comes from elsewhere.

    The innermost call decides: the last line of a plug-in's code that ran, unless cotfaith's own code ran after it.
    """
    makers = {
        entry.value.partition(":")[0].partition(".")[0]
        for group in registry.scan().values()
        for those in group.values()
        for entry in those
    }
    for frame, line in reversed(list(traceback.walk_tb(error.__traceback__))):
        module = str(frame.f_globals.get("__name__", ""))
        top = module.partition(".")[0]
        if top == OURS:
            return None
        if top in makers:
            package = packages_distributions().get(top, [top])[0]
            said = " ".join(str(error).split()).rstrip(".") or "no reason given"
            return CotfaithError(
                f"The package {package} failed in {module}, line {line} ({type(error).__name__}: {said}); correct or update it, or leave "
                "its plug-in out: all finished work is kept."
            )
    return None
