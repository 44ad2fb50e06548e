"""The numbers of a plan: the questions (or models) that it needs, the power at a given number, and the power curve."""

from __future__ import annotations

from dataclasses import dataclass
from math import ceil, floor, log10
from typing import Any

import numpy as np
import pandas as pd

from cotfaith.errors import UsageError
from cotfaith.planning.plan import ICC, Plan
from cotfaith.stats import planning
from cotfaith.stats.mcnemar_planning import n_mcnemar_exact, power_mcnemar

TO_TWO_DECIMALS = 0.005
POINTS = 60  # of a curve


@dataclass(frozen=True, slots=True)
class Suffices:
    """Whether a study's `limit` of questions reaches the number `needed`, and a sentence that says so."""

    needed: int
    limit: int
    enough: bool
    sentence: str


def suffices(
    margin: float,
    limit: int,
    sd: float,
    *,
    power: float = 0.8,
    alpha: float = 0.05,
    samples: int = 1,
    icc: float = ICC,
    asked: int | None = None,
) -> Suffices:
    """Whether `limit` questions are enough to show equivalence within `margin` if the true difference is 0.

    Args:
        margin: the pre-registered equivalence margin.
        limit: the number of questions.
        sd: standard deviation of the per-question differences with one sample in each arm.
        power: the probability of showing equivalence.
        alpha: the level of each of the two one-sided tests.
        samples: samples per question in each arm.
        icc: the share of the variance of one sample's differences that lies between questions.
        asked: the number of questions that there are, if it is less than the limit.

    Raises:
        UsageError: an argument is not possible.
    """
    plan = Plan("equivalence", (margin,), power, alpha, sd, icc, (samples,))
    needed = _needed(plan, margin, samples)
    there = limit if asked is None else min(asked, limit)
    enough = there >= needed
    more = f" with one sample, {samples} samples, icc {icc:g}" if samples > 1 else ""
    verdict = "enough" if enough else "too few"
    number = f"limit {limit} is" if there == limit else f"the {there} questions that there are, of the limit {limit}, are"
    sentence = (
        f"Equivalence within {margin:g} at power {power:g} needs {needed} questions "
        f"(sd {sd:.3g} of the question differences{more}); {number} {verdict}."
    )
    return Suffices(needed, there, enough, sentence)


def table(plan: Plan) -> pd.DataFrame:
    """A row with the number of questions needed for each effect and number of samples, and one row for each given number of questions.

    Columns: effect, samples, sd (with that many samples), questions, traces (in each arm), power (exact, at that number) and number
        ("needed"
    or "given"). "mcnemar" has no sd. "slope" has effect, models, power and number: "needed" is for models spread evenly over the
    range of sizes, "given" is for the plan's own sizes, and "detectable" has the slope that the plan's sizes show with the target
    power.

    Raises:
        UsageError: no such number exists, for example for a difference larger than the share of answers that differ.
    """
    return pd.DataFrame(_slopes(plan) if plan.test == "slope" else _questions(plan))


def curve(plan: Plan) -> pd.DataFrame:
    """The power of each effect over the number of questions (for "slope", of evenly spread models), up to 1.25 times the number needed.

    Columns: effect, samples (not for "slope"), questions or models, power.
    """
    most = max(int(n) for n in table(plan)[plan.unit]) * 1.25
    step = 4 * 10 ** max(0, floor(log10(most)) - 1)
    sizes = sorted(set(places(plan, ceil(most / step) * step)))
    rows = [
        {"effect": effect, "samples": samples, plan.unit: n, "power": _power(plan, effect, samples, n)}
        for effect in plan.effects
        for samples in plan.samples
        for n in sizes
    ]
    frame = pd.DataFrame(rows)
    return frame.drop(columns="samples") if plan.test == "slope" else frame


def places(plan: Plan, most: int) -> list[int]:
    """The number at each point of a curve."""
    return [max(3 if plan.test == "slope" else 2, round(most * (i + 1) / POINTS)) for i in range(POINTS)]


def _questions(plan: Plan) -> list[dict[str, Any]]:
    rows = []
    for effect in plan.effects:
        for samples in plan.samples:
            numbers = [(_needed(plan, effect, samples), "needed"), *((n, "given") for n in plan.questions)]
            sd = {} if plan.test == "mcnemar" else {"sd": plan.spread(samples)}
            rows += [
                {"effect": effect, "samples": samples, **sd, "questions": n, "traces": n * samples}
                | {"power": _power(plan, effect, samples, n), "number": which}
                for n, which in numbers
            ]
    return rows


def _slopes(plan: Plan) -> list[dict[str, Any]]:
    x, sd, own = np.log10(plan.sizes).tolist(), plan.around, len(plan.sizes)
    least = planning.detectable_slope(x, sd, power=plan.power, alpha=plan.alpha)
    rows: list[tuple[float, int, float, str]] = [(least, own, plan.power, "detectable")]
    for effect in plan.effects:
        needed = _needed(plan, effect, 1)
        rows.append((effect, needed, _power(plan, effect, 1, needed), "needed"))
        rows.append((effect, own, planning.power_slope(x, effect, sd, alpha=plan.alpha), "given"))
    return [dict(zip(("effect", "models", "power", "number"), row, strict=True)) for row in rows]


def _needed(plan: Plan, effect: float, samples: int) -> int:
    """The smallest number with the power. For equivalence: the formula's number, raised until the exact power matches to two decimals."""
    if plan.test == "mcnemar":
        return n_mcnemar_exact(effect, plan.differing, power=plan.power, alpha=plan.alpha)
    if plan.test == "slope":
        return ceil(planning.n_models(effect, plan.around, plan.decades, power=plan.power, alpha=plan.alpha))
    if plan.test == "difference":
        return ceil(planning.n_paired_t(effect, plan.spread(samples), power=plan.power, alpha=plan.alpha))
    n = max(2, ceil(planning.n_equivalence(effect, plan.spread(samples), power=plan.power, alpha=plan.alpha)))
    if n > planning.MOST:
        raise UsageError(f"No number up to {planning.MOST:g} gives a power of {plan.power}; give a larger margin or a smaller sd.")
    while _power(plan, effect, samples, n) < plan.power - TO_TWO_DECIMALS:
        n += 1
    return n


def _power(plan: Plan, effect: float, samples: int, n: int) -> float:
    if plan.test == "mcnemar":
        return power_mcnemar(n, effect, plan.differing, alpha=plan.alpha)
    if plan.test == "slope":
        return planning.power_slope(np.linspace(0, plan.decades, n).tolist(), effect, plan.around, alpha=plan.alpha)
    if plan.test == "difference":
        return planning.power_difference(n, effect, plan.spread(samples), alpha=plan.alpha)
    return planning.power_equivalence(n, effect, plan.spread(samples), alpha=plan.alpha)
