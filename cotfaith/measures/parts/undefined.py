"""Estimates without a value: a quotient whose denominator cannot be told from 0, and the reason."""

from __future__ import annotations

from dataclasses import replace

from cotfaith.stats import Estimate


def near_zero(denominator: Estimate) -> bool:
    """Whether a share that divides another one is within two standard errors of 0: the quotient could then have any value."""
    return denominator.se > 0 and denominator.value <= 2 * denominator.se


def without(made: Estimate, reason: str) -> Estimate:
    """The estimate without a value, and why."""
    nan = float("nan")
    return replace(
        made, value=nan, se=nan, low=nan, high=nan, df=nan, bounds=(nan, nan), p=None, influence=None, method="undefined", note=reason
    )  # fmt: skip
