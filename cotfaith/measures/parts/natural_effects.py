"""Natural effects of a hint: the hinted option's probability if the question, the reasoning, or both are hinted.

Site 0 has the hinted reasoning under the hinted question, site -1 the plain reasoning under the hinted question, and site j the
first j steps of the hinted reasoning under the plain question, of which the last has all of it. The control of each is the plain
reasoning under the plain question (see `plain_control`).
"""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pandas as pd

from cotfaith.errors import DataError
from cotfaith.measures.parts import plain_control
from cotfaith.measures.parts.answer_arrays import Flags, Places
from cotfaith.measures.parts.hinted_answers import Hinted
from cotfaith.measures.parts.quantity import Quantity
from cotfaith.measures.parts.treated_control import of_traces
from cotfaith.measures.parts.truncation_curve import NEAR, probability

BOTH, QUESTION = 0, -1
BINS = 5  # for the share of the hinted reasoning that is given, if it is neither none nor all
MIDDLES = tuple((2 * j + 1) / (2 * BINS) for j in range(BINS))
PLACES = (0.0, *MIDDLES, 1.0)  # of the curve


def whole(found: Hinted, measure: str) -> Flags:
    """Which readings have all of a hinted reasoning under the plain question: the last site of their trace, hint and draw.

    Raises:
        DataError: a share of a hinted reasoning is not above 0 and at most 1, or the last one is not all of it.
    """
    read = found.readings
    steps = found.treated & (read.site >= 1)
    frame = pd.DataFrame({"trace": read.trace, "kind": read.kind, "draw": read.draw, "site": np.where(steps, read.site, 0)})
    last = frame.groupby(["trace", "kind", "draw"])["site"].transform("max").to_numpy()
    ends = np.asarray(steps & (read.site == last), dtype=np.bool_)
    wrong = np.flatnonzero(steps & ((read.dose <= 0) | (read.dose > 1 + NEAR) | (ends & (read.dose < 1 - NEAR))))
    if len(wrong):
        at = wrong[0]
        raise DataError(
            f"A hinted reasoning of question {read.question[at]!r} has the share {read.dose[at]:g} up to step {read.site[at]} for {measure}, "
            "but shares lie above 0 and the last one is 1; give every probe of a trace."
        )
    return ends


def effects(found: Hinted, ends: Flags) -> dict[str, Quantity]:
    """The effects, and the probability without any hint, each at its own readings; `ends` are the readings of `whole`."""
    plain = plain_control.over_plain(found, lambda at: _hinted_option(found, at))
    here = _hinted_option(found, np.arange(len(found.target)))
    moved, direct = here - plain, here - _hinted_option(found, found.readings.control)  # the direct effect keeps the reasoning
    past, both = (found.treated & (found.readings.site == site) for site in (QUESTION, BOTH))
    return {
        "nie": moved.only(ends),
        "nde": direct.only(past),
        "total": moved.only(both),
        "nie_others": _others(moved).only(ends),
        "nde_others": _others(direct).only(past),
        "hinted_option_plain": plain.only(ends),
    }


def _others(moved: Quantity) -> Quantity:
    """The effect on the other options together: all options have 1."""
    return replace(moved, value=-moved.value, low=-moved.high, high=-moved.low)


def points(found: Hinted, among: Flags, ends: Flags) -> dict[float, Quantity]:
    """The points of the curve by x, of the readings in `among`, at each trace's full reading; 0 is the plain question by itself."""
    read = found.readings
    none, here = _hinted_option(found, read.none), _hinted_option(found, np.arange(len(found.target)))
    part = np.ceil(BINS * read.dose - NEAR).clip(1, BINS) - 1  # each part with its upper end
    between = among & (read.site >= 1) & ~ends
    made = {0.0: of_traces(read, none, among & ends)}
    made |= {x: of_traces(read, here, between & (part == j)) for j, x in enumerate(MIDDLES)}
    return made | {1.0: of_traces(read, here, among & ends)}


def _hinted_option(found: Hinted, at: Places) -> Quantity:
    """For each reading the probability, at the reading in the place `at`, of the option that the first is pushed towards."""
    read = found.readings
    value = np.array([probability(*pair) for pair in zip(read.logprobs[at], found.target, strict=True)], dtype=np.float64)
    value = np.where(read.scored[at], value, np.nan)
    unknown = np.isnan(value)
    return Quantity(value, np.where(unknown, 0.0, value), np.where(unknown, 1.0, value), ~read.written[at])
