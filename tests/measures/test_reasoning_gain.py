"""Reasoning gain: with all of the reasoning against with none of it."""

import math

import pytest

from cotfaith.measures.early_answering import EarlyAnswering
from cotfaith.measures.reasoning_gain import ReasoningGain

MEASURE = ReasoningGain()


def estimates(rows, measure=MEASURE):
    return measure.estimates(measure.columns(rows), level=0.95, seed=0)


def test_by_hand_and_cuts_between_the_ends_do_not_matter(cuts, find):
    found = estimates(cuts(
        ("q1", "t1", ["B", "C", "A"]), ("q1", "t2", ["B", None, "A"]), ("q2", "t3", ["A", "A"]), ("q3", "t4", ["A", "B", "B", "B"]),
    ))  # fmt: skip
    assert find(found, "accuracy_full").value == 0.75
    assert find(found, "accuracy_no_reasoning").value == 0.5
    gain = find(found, "accuracy_gain")
    assert (gain.value, gain.n, gain.clusters, gain.missing, gain.null) == (0.25, 4, 3, 0, 0.0)
    # Gains by question 2 of 2, 0 of 1, -1 of 1. Without q1 -1/2, without q2 1/3, without q3 2/3: mean 1/6, SE^2 = 2/3 x (4/9 + 1/36 + 1/4)
    assert gain.se == pytest.approx(math.sqrt(2 / 3 * (4 / 9 + 1 / 36 + 1 / 4)))
    assert find(found, "answers_changed").value == 0.75
    assert {e.key.arm for e in found if e.metric == "unanswered"} == {"full", "no_reasoning"}


def test_answers_changed_mirrors_the_early_answer(cuts, find):
    rows = cuts(("q1", "t1", ["B", "A"]), ("q2", "t2", ["A", "A"]), ("q3", "t3", ["A", None]))
    changed = find(estimates(rows), "answers_changed")
    early = EarlyAnswering()
    same = find(early.estimates(early.columns(rows), level=0.95, seed=0), "same_answer_no_reasoning")
    assert (changed.value, changed.n, changed.missing) == (1 - same.value, same.n, same.missing)
    assert (changed.low, changed.high) == (pytest.approx(1 - same.high), pytest.approx(1 - same.low))


def test_a_missing_end_leaves_the_pair_out_and_bounds_it(cuts, find):
    found = estimates(cuts(("q1", "t1", [None, "A"]), ("q2", "t2", ["B", "A"])))
    gain, changed = find(found, "accuracy_gain"), find(found, "answers_changed")
    assert (gain.value, gain.n, gain.missing, gain.bounds) == (1, 1, 1, (0.5, 1))
    assert (changed.value, changed.missing, changed.bounds) == (1, 1, (0.5, 1))


def test_a_model_that_never_answers_gains_nothing_that_can_be_told(cuts, find):
    found = estimates(cuts(("q1", "t1", [None, None]), ("q2", "t2", [None, None])))
    for metric in ("answers_changed", "accuracy_gain", "accuracy_full", "accuracy_no_reasoning"):
        e = find(found, metric)
        assert math.isnan(e.value)
        assert (e.n, e.missing, e.method) == (0, 2, "undefined")
    assert find(found, "accuracy_gain").bounds == (-1, 1)


def test_a_question_that_counts_once(cuts, find):
    rows = cuts(("q1", "t1", ["B", "A"]), ("q1", "t2", ["B", "A"]), ("q2", "t3", ["A", "A"]))
    assert find(estimates(rows), "answers_changed").value == pytest.approx(2 / 3)
    assert find(estimates(rows, ReasoningGain(weight="question")), "answers_changed").value == pytest.approx(1 / 2)
