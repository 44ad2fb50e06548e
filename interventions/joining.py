"""Code shared by edits of a reasoning: the steps that they act on, joining texts, and the control that changes nothing.

Steps own the white space around them. If a step is removed or moved and no white space is left between two texts, a space is
inserted. An edit therefore never makes "foo.Bar", which no model writes and which would be a second intervention.
"""

from collections.abc import Callable, Hashable, Sequence

import numpy as np

from cotfaith.contracts.intervention import AbstractIntervention
from cotfaith.errors import UsageError
from cotfaith.types import Probe, Trace

NO_STEPS = "no steps"
NO_DONOR = "no donor"
BLANK = "blank step"
TORN = "boundary inside a token"

MOST = 65_535  # of steps, cuts or draws: a seed leaves 16 bits for the draws

_WIDE_STOPS = ("\u3002", "\uff01", "\uff1f")  # the full stops of scripts that put no space behind them
_TRIES = 50  # for each order wanted: with two orders in all, the other one is missed once in 2**50


def at_least(least: int, name: str, **options: int | None) -> None:
    """Refuse options of the intervention `name` below `least` or above `MOST`; None is no choice.

    Raises:
        UsageError: an option is outside.
    """
    for option, value in options.items():
        if value is not None and value > MOST:
            raise UsageError(f"Intervention {name}: {option} is {value}, but it must be {MOST:,} or less.")
        if value is not None and value < least:
            raise UsageError(
                f"Intervention {name}: {option} is {value}, but it must be {least} or more; leave it out for its default."
            )


def sites(trace: Trace, wanted: int | None) -> list[int]:
    """The numbers of the steps to act on, from 1: all of them, or `wanted` evenly spaced ones (all if there are not that many)."""
    size = len(trace.steps)
    if wanted is None or wanted >= size:
        return list(range(1, size + 1))
    return [(2 * i + 1) * size // (2 * wanted) + 1 for i in range(wanted)]


def before(trace: Trace, site: int) -> tuple[int, str]:
    """The number of tokens before step `site` (from 1), and the rest of the text before it, which lies inside the next token."""
    if site == 1:
        return 0, ""
    step = trace.steps[site - 2]
    return step.tokens, step.tail


def replaced(trace: Trace, site: int, new: str) -> tuple[int, str]:
    """`keep` and `insert` of the reasoning with `new` instead of step `site`, and all else unchanged."""
    step = trace.steps[site - 1]
    keep, tail = before(trace, site)
    left = trace.reasoning[: step.start]
    whole = joined(left, new, trace.reasoning[step.stop :])
    if not left:
        whole = dressed(whole, trace.reasoning)
    return keep, whole[len(left) - len(tail) :]


def joined(*parts: str) -> str:
    """The texts one after another, with a space between two that have no white space between them."""
    whole = ""
    for part in parts:
        as_is = not whole or not part or whole[-1].isspace() or part[0].isspace() or whole.endswith(_WIDE_STOPS)
        whole += part if as_is else f" {part}"
    return whole


def dressed(new: str, old: str) -> str:
    """`new` with the white space around it that `old` has; "" if `new` is blank."""
    bare = new.strip()
    if not bare:
        return ""
    lead = old[: len(old) - len(old.lstrip())]
    return lead + bare + old[len(old.rstrip()) if old.strip() else len(old) :]


def orders(
    size: int, wanted: int, result: Callable[[Sequence[int]], Hashable], *, known: Hashable, rng: np.random.Generator
) -> list[tuple[int, ...]]:
    """Up to `wanted` orders of 0 to `size` - 1 whose results differ from `known`, from the original order's, and from each other.

    There are fewer if not that many exist.
    """
    seen = {known, result(range(size))}
    found: list[tuple[int, ...]] = []
    for _ in range(_TRIES * wanted):
        if len(found) == wanted:
            break
        order = tuple(map(int, rng.permutation(size)))
        made = result(order)
        if made not in seen:
            seen.add(made)
            found.append(order)
    return found


def sham(made: AbstractIntervention, trace: Trace, *, site: int, draw: int = 0, begin: int = 1) -> Probe:
    """The control of an edit that is read at once: the original text, re-tokenised from before step `begin` on.

    The treated text is re-tokenised from there as well, so the two differ only in the edit.
    """
    keep, tail = before(trace, begin)
    text = tail + trace.reasoning[trace.steps[begin - 1].start :]
    return made.probe(trace, "control", keep=keep, insert=text, site=site, draw=draw)


def ends(made: AbstractIntervention, trace: Trace) -> list[Probe]:
    """No reasoning, and all of it."""
    return [made.no_reasoning(trace, dose=1.0), made.full(trace)]


def impossible(made: AbstractIntervention, trace: Trace, reason: str, kind: str = "") -> list[Probe]:
    """The ends, and a treated probe that is not valid, for `reason`: this trace cannot be edited."""
    return [*ends(made, trace), made.probe(trace, "treated", keep=0, dose=1.0, kind=kind, note=reason, valid=False)]
