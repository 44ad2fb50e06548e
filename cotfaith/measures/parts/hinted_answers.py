"""Readings under a hint: which hint, and the option that it points at; the matched control is the plain sample's own answer."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd

from cotfaith.errors import DataError
from cotfaith.measures.parts import answer_arrays, treated_control
from cotfaith.measures.parts.answer_arrays import Flags, Readings, Texts
from cotfaith.measures.parts.continuation import Arms


@dataclass(frozen=True, slots=True, eq=False)
class Hinted:
    """Valid readings; for each the option that it is pushed towards ("" for none); and the arms of each hint, by name.

    `by_answer` says of each treated reading whether its target was drawn to differ from the plain answer of its own trace.
    """

    readings: Readings
    target: Texts
    kinds: Mapping[str, Arms]
    by_answer: Flags

    @property
    def treated(self) -> Flags:
        """Which readings are treated, with any hint."""
        return np.asarray(self.readings.arm == "treated", dtype=np.bool_)

    @property
    def follows(self) -> Flags:
        """Which treated readings are answered with the option that the hint points at."""
        return np.asarray(self.treated & self.readings.answered & (self.readings.answer == self.target), dtype=np.bool_)


def read(rows: pd.DataFrame, measure: str, intervention: str, extra: Sequence[str] = ()) -> Hinted:
    """The readings in `rows`, validated, with the additional columns `extra`. Without any hint there is one kind, "".

    Without the column `by_answer`, no hint has a target that depends on the plain answer.

    Raises:
        DataError: a row is not a valid reading, a trace lacks an end or a treated reading its control, or a hint has no target.
    """
    known = ("by_answer",) if "by_answer" in rows else ()
    found = answer_arrays.read(rows, measure, intervention, extra=("target", *known, *extra))
    treated = treated_control.treated(found, measure)
    target = np.array(["" if pd.isna(one) else str(one) for one in found.extra["target"]], dtype=object)
    aimless = np.flatnonzero(treated & (target == ""))
    if len(aimless):
        place = aimless[0]
        raise DataError(
            f"A reading of question {found.question[place]!r} with the hint {found.kind[place]!r} has no target for {measure}; "
            "every hint points at an option."
        )
    kinds = {}
    for kind in sorted(set(rows.loc[rows["arm"] == "treated", "kind"].fillna(""))) or [""]:
        own = treated & (found.kind == kind)
        kinds[str(kind)] = Arms(own, np.isin(np.arange(len(own)), found.control[own]))
    by_answer = treated & found.extra["by_answer"].astype(bool) if known else np.zeros_like(treated)
    return Hinted(found, target, kinds, by_answer)
