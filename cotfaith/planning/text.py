"""A plan as text for a terminal: its table, its curve in blocks, and what these mean and assume."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from textwrap import wrap
from typing import Any

import pandas as pd

from cotfaith.planning.numbers import POINTS, curve, places, table
from cotfaith.planning.plan import Plan

WIDTH = 100  # of a terminal that the text must fit
BLOCKS = "▁▂▃▄▅▆▇"

HEADS: Mapping[str, str] = {
    "difference": "Paired t test of a difference, two-sided at alpha {alpha:g}, to have power {power:g}",
    "equivalence": "Two one-sided t tests of equivalence, each at alpha {alpha:g}, to have power {power:g} where nothing differs",
    "mcnemar": "McNemar's exact test of a difference of shares, two-sided at alpha {alpha:g}, to have power {power:g}",
    "slope": "Trend over models: t test of a slope on K - 2, two-sided at alpha {alpha:g}, to have power {power:g}",
}
EFFECTS: Mapping[str, str] = {
    "difference": "mean difference between the arms, in the unit of the scores",
    "equivalence": "margin that the mean difference is to be shown to lie within, fixed beforehand",
    "mcnemar": "difference between the arms' shares",
    "slope": "change of the estimate for ten times the parameters",
}


def render(plan: Plan) -> str:
    """The table, its curve in blocks, and what its columns mean and assume, in lines of 100 characters at most."""
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
    """Which test it is, and what it is to reach."""
    return HEADS[plan.test].format(alpha=plan.alpha, power=plan.power)


def name(plan: Plan) -> str:
    """What an effect is called in the plan's test."""
    return {"equivalence": "margin", "slope": "slope"}.get(plan.test, "difference")


def lines(plan: Plan, points: pd.DataFrame) -> pd.Series[str]:
    """What the curve that each of `points` belongs to is called: its effect, and its samples where there are several."""
    called = points["effect"].map(lambda effect: f"{name(plan)} {effect:g}")
    return called + points["samples"].map(", samples {}".format) if len(plan.samples) > 1 else called


def said(plan: Plan) -> list[str]:
    """What the columns mean, and what the numbers assume, a sentence or two each."""
    if plan.test == "slope":
        sizes = ", ".join(f"{size:g}" for size in plan.sizes)
        return [
            f"slope: {EFFECTS[plan.test]}. detectable: the least that the sizes {sizes} show with power {plan.power:g}.",
            f"models: needed, spread evenly over the same {plan.decades:.3g} decades (as in the curve), or given by these sizes. power: at that number.",
            f"Assumes that a model's estimate lies {plan.around:g} (sd) around the line, its own deviation and its sampling error together.",
        ]
    about = f"{name(plan)}: {EFFECTS[plan.test]}."
    if plan.test == "mcnemar":
        spread = f"samples: one answer in each arm; the two are assumed to differ on {plan.differing:g} of the questions (psi)."
    else:
        spread = (
            f"samples: m of each question, in each arm. sd: of the questions' differences with so many, {plan.around:g} sqrt((1 + (m - 1) icc) / m), "
            f"icc {plan.shared:g}."
        )
    formula = (
        " (the normal formula, raised while the exact power is short by more than 0.005)" if plan.test == "equivalence" else ""
    )
    return [
        about,
        spread,
        f"questions: needed for power {plan.power:g}{formula}, or given. traces: questions x samples, in each arm that has its own. power: exact, at that number.",
        "Assumes that questions are independent and none is missing: ask more by the share that you expect to go unanswered.",
    ]


def _footer(plan: Plan) -> list[str]:
    return [part for sentence in said(plan) for part in wrap(sentence, WIDTH, subsequent_indent="  ")]
