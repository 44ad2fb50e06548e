"""Strata: by whether the answer is right, and by the number of steps."""

from dataclasses import replace

import numpy as np
import pytest

from cotfaith.contracts.metric import Metric
from cotfaith.measures import MEASURES
from cotfaith.measures.parts import strata
from cotfaith.measures.parts.answer_arrays import read
from cotfaith.measures.parts.quantity import Setting, add_up, indicator
from cotfaith.stats import ClusterSums, Key

SETTING = Setting("m", "trace", 0.95)
X = Metric("x", "A share", "Larger: more.")


def sums(rows, key=Key("x")):  # noqa: B008  a constant
    """The sums of whether a trace's answer is B, by stratum."""
    found = read(rows, "m", "truncation")
    quantity = indicator(found.answered, found.answer == "B").only(np.arange(len(found.trace)) == found.full)
    return add_up(found.question, strata.split(found, key, quantity))


def test_where_each_trace_belongs(cuts):
    rows = cuts(
        ("q1", "t1", ["A"] * 3), ("q1", "t2", ["B"] * 4), ("q2", "t3", ["B"] * 7), ("q2", "t4", ["A"] * 8),
        ("q3", "t5", [None] * 2), ("q4", "t6", ["B"] * 2, {"gold": None}),
    )  # fmt: skip
    found = strata.estimates(sums(rows), SETTING, X)
    # right: t1, t4; wrong: t2, t3; t5 has no answer and t6 no gold. Lengths 2, 3, 6, 7, 1, 1.
    assert {e.key.stratum: (e.value, e.n, e.missing) for e in found} == {
        "answer right": (0, 2, 0),
        "answer wrong": (1, 2, 0),
        "1-2 steps": (0.5, 2, 1),
        "3-6 steps": (1, 2, 0),
        "7 or more steps": (0, 1, 0),
    }
    assert [e.key.stratum for e in found] == list(strata.STRATA)
    assert all(e.direction == "Larger: more." for e in found)


def test_a_trace_without_steps_has_no_length(cuts):
    rows = cuts(("q1", "t1", ["B", "B"])).assign(n_steps=0)
    assert [e.key for e in strata.estimates(sums(rows), SETTING, X)] == [Key("x", stratum="answer wrong")]


def test_what_no_shard_has_is_left_out(cuts):
    table = sums(cuts(("q1", "t1", ["A", "A"])))
    assert strata.estimates(table, SETTING, X, Key("y")) == []
    assert [e.key.stratum for e in strata.estimates(table, SETTING, X)] == ["answer right", "1-2 steps"]
    both = ClusterSums.concat([table, sums(cuts(("q2", "t2", ["B"] * 5)), Key("y"))])
    assert [e.n for e in strata.estimates(both, SETTING, X, Key("y"))] == [1, 1]


def test_a_stratum_keeps_the_other_fields(cuts):
    key = Key("x", kind="toy", dose=1.0)
    table = sums(cuts(("q1", "t1", ["A", "A"]), ("q2", "t2", ["A", "A"])), key)
    found = strata.estimates(table, SETTING, replace(X, estimand="mean", null=0.0), key)
    assert [(e.key, e.null) for e in found] == [
        (key._replace(stratum="answer right"), None),
        (key._replace(stratum="1-2 steps"), 0.0),
    ]


@pytest.mark.parametrize(("measure", "metric"), [("early_answering", "aoc"), ("reasoning_gain", "answers_changed")])
def test_headlines_of_the_cuts_by_stratum(cuts, find, measure, metric):
    # Right traces change at the end (one step: AOC 1/2, changed 1), wrong ones never.
    rows = cuts(("q1", "t1", ["B", "A"]), ("q2", "t2", ["B", "A"]), ("q3", "t3", ["B"] * 4), ("q4", "t4", ["B"] * 8))
    made = MEASURES[measure]
    found = made.estimates(made.columns(rows), level=0.95, seed=0)
    half = 0.5 if metric == "aoc" else 1
    wanted = {"": half / 2, "answer right": half, "answer wrong": 0, "1-2 steps": half, "3-6 steps": 0, "7 or more steps": 0}
    assert {e.key.stratum: e.value for e in found if e.metric == metric} == pytest.approx(wanted, abs=1e-12)
    whole, right = find(found, metric), find(found, metric, stratum="answer right")
    assert (right.n, right.direction, right.method.split(";")[0]) == (2, whole.direction, whole.method.split(";")[0])


def test_fillers_matched_in_length_by_kind_and_stratum(fillers, find):
    made = MEASURES["filler_tokens"]
    rows = fillers(
        ("q1", "t1", "A", "B", {("dots", 1.0): "A", ("words", 1.0): "B", ("dots", 0.5): "B"}),
        ("q2", "t2", "B", "A", {("dots", 1.0): "B", ("words", 1.0): "A", ("dots", 0.5): "B"}),
    )
    found = made.estimates(made.columns(rows), level=0.95, seed=0)
    split = [e for e in found if e.key.stratum]
    gains = {(e.key.kind, e.key.stratum): (e.value, e.null) for e in split if e.metric == "accuracy_difference"}
    assert gains == {
        ("dots", "answer right"): (1, None), ("dots", "answer wrong"): (-1, None), ("dots", "1-2 steps"): (0, 0.0),
        ("words", "answer right"): (0, None), ("words", "answer wrong"): (0, None), ("words", "1-2 steps"): (0, 0.0),
    }  # fmt: skip
    assert {e.key.dose for e in split} == {1.0}
    assert {e.key.kind for e in found if e.metric == "accuracy_filler"} == {"dots", "words"}
