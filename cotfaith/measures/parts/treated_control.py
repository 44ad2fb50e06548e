"""Treated readings with their matched controls: how many answers an edit changes beyond the same procedure without it."""

from __future__ import annotations

import numpy as np

from cotfaith.errors import DataError
from cotfaith.measures.parts.answer_arrays import Flags, Floats, Readings
from cotfaith.measures.parts.quantity import Quantity, same
from cotfaith.stats import Key


def treated(readings: Readings, measure: str) -> Flags:
    """Which readings are treated; each has a matched control.

    Raises:
        DataError: one has none.
    """
    those: Flags = np.asarray(readings.arm == "treated", dtype=np.bool_)
    alone = np.flatnonzero(those & (readings.control < 0))
    if len(alone):
        place = alone[0]
        raise DataError(
            f"A treated reading of question {readings.question[place]!r} at site {readings.site[place]}, draw {readings.draw[place]} "
            f"has no control for {measure}; give every probe of a trace."
        )
    return those


def changed(readings: Readings, name: str = "changed") -> dict[Key, Quantity]:
    """Whether each treated reading's answer differs from the full reasoning's: NAME, NAME_control, NAME_net (paired difference).

    Missing if one of the answers is. The values of readings that are not treated are meaningless.
    """
    here = np.arange(len(readings.trace))
    edited = same(readings, here, readings.full).complement()
    control = same(readings, readings.control, readings.full).complement()
    return {Key(name): edited, Key(f"{name}_control"): control, Key(f"{name}_net"): edited - control}


def of_traces(readings: Readings, quantity: Quantity, among: Flags) -> Quantity:
    """The mean of the quantity over each trace's readings in `among`, placed at its full reading.

    Readings without a value do not enter the mean. It is missing if all of them lack one.
    """
    size = len(readings.trace)
    whole = np.arange(size) == readings.full
    among = among if quantity.among is None else among & quantity.among

    def average(height: Floats, inside: Flags) -> Floats:
        count = np.bincount(readings.trace[inside], minlength=size)
        total = np.bincount(readings.trace, weights=np.where(inside, height, 0.0), minlength=size)
        means = np.divide(total, count, out=np.full(size, np.nan), where=count > 0)
        return np.asarray(means[readings.trace], dtype=np.float64)

    value = average(quantity.value, among & ~np.isnan(quantity.value))
    means = Quantity(value, average(quantity.low, among), average(quantity.high, among))
    return means.only(whole & ~np.isnan(means.low))
