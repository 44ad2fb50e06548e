"""Names and numbers, formatted for people."""

from __future__ import annotations

import math

UNDEFINED = "undefined"


def title(name: str) -> str:
    """A name as the title of a column or a heading."""
    words = name.replace("_", " ")
    return words[:1].upper() + words[1:]


def number(value: float | None) -> str:
    """`value` to three decimals with a true minus sign; "undefined" if there is none."""
    if value is None or math.isnan(value):
        return UNDEFINED
    text = f"{value:.3f}"
    return (text if float(text) else text.lstrip("-")).replace("-", "\N{MINUS SIGN}")


def interval(low: float | None, high: float | None) -> str:
    """An interval in brackets; "undefined" if an end is."""
    ends = number(low), number(high)
    return UNDEFINED if UNDEFINED in ends else f"[{ends[0]}, {ends[1]}]"


def percent(value: float | None) -> str:
    """A share as "12.5 %"; "undefined" if there is none."""
    return UNDEFINED if value is None or math.isnan(value) else f"{100 * value:.1f} %"


def part(count: int, total: int) -> str:
    """`count` with its share of `total`: "3 of 40 (7.5 %)"."""
    share = f" ({100 * count / total:.1f} %)" if total else ""
    return f"{count:,} of {total:,}{share}"


def several(count: int, one: str) -> str:
    """`count` things: "1 trace", "1,200 traces"."""
    return f"{count:,} {one}{'' if count == 1 else 's'}"
