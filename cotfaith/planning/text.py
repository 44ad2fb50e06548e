"""A plan as text for a terminal: its table, its curve in block characters, and their meaning and assumptions."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from textwrap import wrap
from typing import Any

import pandas as pd

from cotfaith.planning.numbers import POINTS, curve, places, table
from cotfaith.planning.plan import Plan

WIDTH = 100  # characters per line of a terminal
BLOCKS = "▁▂▃▄▅▆▇"

HEADS: Mapping[str, str] = {
    "difference": "Paired t test of a difference, two-sided at alpha {alpha:g}, with power {power:g}",
    "equivalence": "Two one-sided t tests of equivalence, each at alpha {alpha:g}, with power {power:g} if the true difference is 0",
    "mcnemar": "McNemar's exact test of a difference of shares, two-sided at alpha {alpha:g}, with power {power:g}",
    "slope": "Trend over models: t test of a slope (K - 2 df), two-sided at alpha {alpha:g}, with power {power:g}",
}
EFFECTS: Mapping[str, str] = {
    "difference": "mean difference between the arms, in the unit of the scores",
    "equivalence": "pre-registered margin within which the mean difference should lie",
    "mcnemar": "difference between the arms' shares",
    "slope": "change of the estimate per tenfold increase in parameters",
}


def render(plan: Plan) -> str:
    """The table, its curve in block characters, and the meaning and assumptions of its columns, in lines of at most 100 characters."""
    found = table(plan).rename(columns={"effect": name(plan)})
    forms: dict[str, Callable[[Any], str]] = {
        name(plan): "{:g}".format,
        "sd": " {:.3g}".format,
        "power": " {:.3f}".format,
        "number": " {}".format,
    }
    if plan.test == "slope":
        forms["slope"] = "{:.3g}".format
    grid = found.to_string(index=False, formatters={name: form for name, form in forms.items() if name in found})
    return "\n".join([*wrap(head(plan), WIDTH), "", grid, "", *_plot(plan), "", *_footer(plan)])


def _plot(plan: Plan) -> list[str]:
    found = curve(plan)
    most = int(found[plan.unit].max())
    names = lines(plan, found)
    room = max(names.str.len())
    drawn = []
    for one, rows in found.groupby(names, sort=False):
        power = dict(zip(rows[plan.unit], rows["power"], strict=True))
        drawn.append(f"{one:<{room}}  {''.join(_block(power[n], plan.power) for n in places(plan, most))}")
    ticks = "".join(f"{most * i // 4:>{POINTS // 4}}" for i in range(1, 5))
    key = f"{BLOCKS[0]} to {BLOCKS[-1]}: power from 0 to {plan.power:g}; █: {plan.power:g} or more"
    return [*drawn, f"{plan.unit:<{room}}  {ticks}", key]


def _block(power: float, target: float) -> str:
    return "█" if power >= target else BLOCKS[min(len(BLOCKS) - 1, int(len(BLOCKS) * power / target))]


def head(plan: Plan) -> str:
    """The test, its level and its target power."""
    return HEADS[plan.test].format(alpha=plan.alpha, power=plan.power)


def name(plan: Plan) -> str:
    """The name of an effect in the plan's test."""
    return {"equivalence": "margin", "slope": "slope"}.get(plan.test, "difference")


def lines(plan: Plan, points: pd.DataFrame) -> pd.Series[str]:
    """The name of the curve of each of `points`: its effect, and its samples if there are several."""
    called = points["effect"].map(lambda effect: f"{name(plan)} {effect:g}")
    return called + points["samples"].map(", samples {}".format) if len(plan.samples) > 1 else called


def said(plan: Plan) -> list[str]:
    """The meaning of the columns and the assumptions, one or two sentences each."""
    if plan.test == "slope":
        sizes = ", ".join(f"{size:g}" for size in plan.sizes)
        return [
            f"slope: {EFFECTS[plan.test]}. detectable: the smallest slope that the sizes {sizes} show with power {plan.power:g}.",
            (
                f"models: number needed, spread evenly over the same {plan.decades:.3g} decades (as in the curve), or given by these sizes. "
                "power: at that number."
            ),
            f"Assumes that a model's estimate has a standard deviation of {plan.around:g} around the line, sampling error included.",
        ]
    about = f"{name(plan)}: {EFFECTS[plan.test]}."
    if plan.test == "mcnemar":
        spread = (
            f"samples: one answer in each arm. The two answers are assumed to differ on {plan.differing:g} of the questions (psi)."
        )
    else:
        spread = (
            f"samples: m per question in each arm. sd: of the per-question differences, {plan.around:g} sqrt((1 + (m - 1) icc) / m), "
            f"icc {plan.shared:g}."
        )
    formula = (
        " (the normal formula, raised while the exact power is short by more than 0.005)" if plan.test == "equivalence" else ""
    )
    return [
        about,
        spread,
        (
            f"questions: number needed for power {plan.power:g}{formula}, or given. power: exact, at that number. traces: questions x "
            "samples, in each arm with its own traces."
        ),
        "Assumes that questions are independent and none is missing: add the share that you expect to be unanswered.",
    ]


def _footer(plan: Plan) -> list[str]:
    return [part for sentence in said(plan) for part in wrap(sentence, WIDTH, subsequent_indent="  ")]
