"""The laws of measures: `check_measure(MyMeasure(), readings("my_intervention"))` in your own test. None needs a model."""

from __future__ import annotations

import dataclasses
import math
from collections.abc import Callable, Iterator, Mapping, Sequence
from itertools import product
from typing import get_args

import numpy as np
import pandas as pd

from cotfaith.analysis.probe_frame import EXTRA
from cotfaith.contracts.measure import AbstractMeasure, Weight, headline
from cotfaith.contracts.metric import Metric
from cotfaith.plugins import registry
from cotfaith.stats import ClusterSums, Estimate, Key
from cotfaith.testing.laws import hold, unless

Law = Callable[[AbstractMeasure, pd.DataFrame], Iterator[str]]

NEAR = 1e-9  # values that differ by less are equal
_LINE = ("name", "title", "summary", "paper", "construct")


def readings(
    intervention: str,
    *,
    kinds: Sequence[str] = ("",),
    questions: int = 4,
    steps: int = 3,
    controls: bool = True,
    seed: int = 0,
    **columns: object,
) -> pd.DataFrame:
    """Rows as a measure receives them: two traces per question with both ends, and at each step a treated reading of each kind.

    Args:
        intervention: its name.
        kinds: the kinds of the treated readings.
        questions: the number of questions.
        steps: the number of steps per trace. With 0 steps there are only the two ends.
        controls: whether each step has its control.
        seed: decides the answers. About one in ten readings has none.
        **columns: further columns, or other values of these, constant over all rows.
    """
    random = np.random.default_rng(seed)
    rows = []
    for question, trace in product(range(questions), range(2)):
        where: list[dict[str, object]] = [{"arm": "full"}, {"arm": "no_reasoning", "dose": 1.0}]
        for site in range(1, steps + 1):
            where += [{"arm": "treated", "site": site, "dose": site / (steps + 1), "kind": kind} for kind in kinds]
            where += [{"arm": "control", "site": site}] * controls
        for one in where:
            answer = None if random.random() < 0.1 else str(random.choice(["A", "B", "C"]))
            rows.append(_row(intervention, f"q{question}", f"q{question}/{trace}", steps, answer) | one | columns)
    return pd.DataFrame(rows)


def _row(intervention: str, question: str, trace: str, steps: int, answer: str | None) -> dict[str, object]:
    state = "unparsed" if answer is None else "answered"
    made = {
        "intervention": intervention,
        "question_id": question,
        "trace_id": trace,
        "n_steps": steps,
        "answer": answer,
        "state": state,
    }
    made |= {"gold": "A", "n_options": 4, "dose": 0.0, "site": 0, "kind": "", "draw": 0, "valid": True, "note": "", "logprobs": ()}
    return made | {"target": "B", "thought": "", "response": "", "donor_answer": "B", "similar": 0.5, "verdicts": {}}


def estimates(made: AbstractMeasure, *shards: pd.DataFrame) -> list[Estimate]:
    """The estimates of `made` from the rows of all shards."""
    return made.estimates(ClusterSums.concat(made.columns(one) for one in shards), level=0.95, seed=0)


def told(found: Sequence[Estimate]) -> dict[Key, tuple[object, ...]]:
    """The content of each estimate, by its key, in comparable form."""
    return {e.key: (e.n, e.clusters, e.missing, *(_plain(x) for x in (e.value, e.se, e.low, e.high, *e.bounds))) for e in found}


def _plain(value: float) -> float | str:
    return "undefined" if math.isnan(value) else round(value, 9) + 0.0


def says_what_it_is(made: AbstractMeasure, rows: pd.DataFrame) -> Iterator[str]:
    """It is a frozen dataclass with one-line descriptions, and accepts its two weights and no other."""
    del rows
    frozen = dataclasses.is_dataclass(made) and getattr(type(made), "__dataclass_params__").frozen  # noqa: B009  not in its type
    yield from unless(frozen, "it is not a frozen dataclass")
    for name in _LINE:
        text = getattr(made, name, "")
        yield from unless(text and "\n" not in text, f"its `{name}` is {text!r}, which is not one line")
    yield from unless(made.weight in get_args(Weight), f"its weight is {made.weight!r}")
    yield from unless(made.least_samples >= 1, f"it needs {made.least_samples} samples")


def its_metrics_say_what_they_are(made: AbstractMeasure, rows: pd.DataFrame) -> Iterator[str]:
    """Names are unique, exactly one metric is the headline and comes first, and each has a title and says what a larger value means."""
    del rows
    names = [metric.name for metric in made.metrics]
    yield from unless(len(set(names)) == len(names), f"it has a metric twice: {names}")
    heads = [metric.name for metric in made.metrics if metric.role == "headline"]
    yield from unless(heads == names[:1], f"its headlines are {heads}, but one is needed, and it comes first")
    for metric in made.metrics:
        yield from (f"its metric {metric.name!r} {fault}" for fault in _faults(metric))


def _faults(metric: Metric) -> Iterator[str]:
    yield from unless(metric.title, "has no title")
    larger = metric.larger
    yield from unless(
        larger.startswith("Larger: ") and larger.endswith("."), f"says {larger!r}, no sentence that begins with 'Larger:'"
    )
    if metric.support is not None:
        low, high = metric.support
        yield from unless(low < high, f"has the support {metric.support}")
        yield from unless(metric.null is None or low <= metric.null <= high, f"has the null {metric.null} outside its support")
    yield from unless(metric.role != "curve" or "{:g}" in metric.dose, "is a curve, but its `dose` has no {:g}")


def what_it_reads_is_known(made: AbstractMeasure, rows: pd.DataFrame) -> Iterator[str]:
    """Its interventions are registered or "*", and its columns are available to measures."""
    del rows
    known = registry.names("cotfaith.interventions")
    for name in (*made.requires, *made.uses):
        yield from unless(
            name in known or (name == "*" and made.uses == ("*",)), f"it reads {name!r}, which is not a registered intervention"
        )
    yield from unless(made.requires or made.uses, "it reads no intervention")
    for name in made.reads:
        yield from unless(name in EXTRA, f"it reads the column {name!r}; known are {', '.join(EXTRA)}")


def what_it_reports_is_declared(made: AbstractMeasure, rows: pd.DataFrame) -> Iterator[str]:
    """Each estimate has a metric of `metrics`, with its title, role and direction. It has a kind only if `kinds` says what a kind is."""
    declared = {metric.name: metric for metric in made.metrics}
    for one in estimates(made, rows):
        metric = declared.get(one.metric)
        if metric is None:
            yield f"it reports {one.metric!r}, which is not in its `metrics`"
            continue
        same = (one.title, one.role, one.direction) == (metric.title, metric.role, metric.larger)
        yield from unless(same, f"{one.metric!r} is reported with another title, role or direction than its metric's")
        yield from unless(one.measure == made.name, f"{one.metric!r} is reported as of {one.measure!r}")
        yield from unless(
            made.kinds or not one.kind, f"{one.metric!r} has the kind {one.kind!r}, but `kinds` does not say what that is"
        )


def values_lie_in_their_support(made: AbstractMeasure, rows: pd.DataFrame) -> Iterator[str]:
    """Values and bounds lie within the support of the metric."""
    supports = {metric.name: metric.support for metric in made.metrics}
    for one in estimates(made, rows):
        low, high = supports.get(one.metric) or (-math.inf, math.inf)
        for value in (one.value, *one.bounds):
            inside = math.isnan(value) or low - NEAR <= value <= high + NEAR
            yield from unless(inside, f"{one.metric!r} has the value or bound {value:g}, outside of {low:g} to {high:g}")


def keys_are_unique(made: AbstractMeasure, rows: pd.DataFrame) -> Iterator[str]:
    """Every key is unique."""
    keys = [one.key for one in estimates(made, rows)]
    yield from (f"it reports {key} twice" for key in dict.fromkeys(keys) if keys.count(key) > 1)


def the_headline_is_reported(made: AbstractMeasure, rows: pd.DataFrame) -> Iterator[str]:
    """The headline over all traces is among the estimates."""
    yield from unless(headline(estimates(made, rows)), "its headline is not among its estimates")


def shards_add_up(made: AbstractMeasure, rows: pd.DataFrame) -> Iterator[str]:
    """The sums of shards give the estimates of the whole, in any order of the shards."""
    whole = told(estimates(made, rows))
    shards = [part for _, part in rows.groupby("question_id")]
    for parts in (shards, shards[::-1]):
        yield from _same(whole, told(estimates(made, *parts)), "with a shard for each question")


def the_order_of_rows_does_not_matter(made: AbstractMeasure, rows: pd.DataFrame) -> Iterator[str]:
    """Rows in another order give the same estimates."""
    yield from _same(told(estimates(made, rows)), told(estimates(made, rows.iloc[::-1])), "with the rows in another order")


def _same(one: Mapping[Key, object], other: Mapping[Key, object], when: str) -> Iterator[str]:
    yield from (f"{key} is reported only once {when}, or only without" for key in one.keys() ^ other.keys())
    yield from (f"{key} is {one[key]}, but {other[key]} {when}" for key in one.keys() & other.keys() if one[key] != other[key])


LAWS: Mapping[str, Law] = {
    law.__name__: law
    for law in (
        says_what_it_is,
        its_metrics_say_what_they_are,
        what_it_reads_is_known,
        what_it_reports_is_declared,
        values_lie_in_their_support,
        keys_are_unique,
        the_headline_is_reported,
        shards_add_up,
        the_order_of_rows_does_not_matter,
    )
}


def check_measure(made: AbstractMeasure, rows: pd.DataFrame) -> None:
    """Check that `made` keeps every law on `rows`, which cover several questions (see `readings`).

    Raises:
        AssertionError: it breaks a law. The message has one line per breach.
    """
    hold(f"The measure {made.name}", (one for law in LAWS.values() for one in law(made, rows)))
