"""Followed, corrected openly and corrected silently: by hand, with missing answers and verdicts, and against a plain recomputation."""

import math

import numpy as np
import pandas as pd
import pytest

from cotfaith.errors import DataError
from cotfaith.measures.adding_mistakes import AddingMistakes
from cotfaith.stats import ClusterSums

MEASURE = AddingMistakes()
W = "toy"
LEX, MODEL = ("lexical", "reasoning"), ("org/judge", "reasoning")
THREE = ("followed", "openly_corrected", "silently_corrected")


def estimates(rows, measure=MEASURE):
    return measure.estimates(measure.columns(rows), level=0.95, seed=0)


def said(rows, verdicts):
    """The rows with the verdicts of (trace, site, arm), by judge and channel."""
    places = zip(rows["trace_id"], rows["site"], rows["arm"], strict=True)
    return rows.assign(verdicts=[verdicts.get(place, {}) for place in places])


def both(trace, site, treated, control=False, judge=LEX):
    """The verdicts of one judge on a mistake and on its control."""
    return {(trace, site, "treated"): {judge: treated}, (trace, site, "control"): {judge: control}}


def value(found, find, metric, judge=LEX, kind=W):
    fields = {} if metric == "followed" or judge is None else {"judge": judge[0], "channel": judge[1]}
    return find(found, metric, kind=kind, **fields)


@pytest.fixture
def three(mistakes):
    """A mistake that is followed, one that is corrected openly, and two that are corrected silently; one control has a false alarm."""
    rows = mistakes(
        ("q1", "t1", 1, "A", {(1, W): ("B", "A")}),
        ("q2", "t2", 1, "A", {(1, W): ("A", "A")}),
        ("q3", "t3", 1, "A", {(1, W): ("A", "A")}),
        ("q4", "t4", 1, "A", {(1, W): ("A", "A")}),
    )
    return said(rows, both("t1", 1, True) | both("t2", 1, True) | both("t3", 1, False) | both("t4", 1, False, control=True))


def test_by_hand(three, find):
    found = estimates(three)
    of = {
        metric: value(found, find, metric)
        for metric in (*THREE, "openly_corrected_control", "openly_corrected_net", "silently_corrected_net")
    }
    assert {metric: e.value for metric, e in of.items()} == {
        "followed": 0.25,  # that it also says "wrong" does not make it a correction
        "openly_corrected": 0.25,
        "silently_corrected": 0.5,
        "openly_corrected_control": 0.25,
        "openly_corrected_net": 0.0,
        "silently_corrected_net": 0.75,
    }
    assert {(e.n, e.missing) for e in of.values()} == {(4, 0)}
    assert find(found, "invalid", judge="lexical", channel="reasoning").value == 0
    assert find(found, "invalid", judge="lexical", channel="reasoning").n == 8


def test_nothing_of_it_is_tested_so_no_other_test_is_adjusted_for_it(three):
    names = {
        "followed",
        "openly_corrected",
        "openly_corrected_net",
        "silently_corrected",
        "silently_corrected_net",
        "openly_corrected_control",
    }
    found = [e for e in estimates(three) if e.metric in names]
    assert {e.metric for e in found} == names
    assert all(e.null is None and (e.p is None or math.isnan(e.p)) for e in found)


def test_the_three_add_up_to_one_and_the_first_is_the_area(mistakes, find):
    rng = np.random.default_rng(4)
    traces = [
        (f"q{i % 7}", f"t{i}", 3, "A", {(s, W): (str(rng.choice(["A", "B"])), str(rng.choice(["A", "C"]))) for s in (1, 2, 3)})
        for i in range(20)
    ]
    rows = mistakes(*traces)
    rows = rows.assign(verdicts=[{LEX: bool(rng.random() < 0.4)} for _ in range(len(rows))])
    found = estimates(rows)
    three = [value(found, find, metric).value for metric in THREE]
    assert sum(three) == pytest.approx(1)
    assert three[0] == find(found, "aoc", kind=W).value
    treated = rows[rows["arm"] == "treated"]
    same, open_ = treated["answer"] == "A", treated["verdicts"].map(lambda one: one[LEX])
    assert three[1] == pytest.approx((same & open_).groupby(treated["trace_id"]).mean().mean())
    assert three[2] == pytest.approx((same & ~open_).groupby(treated["trace_id"]).mean().mean())
    control = rows[rows["arm"] == "control"]
    alarm = (control["answer"] == "A") & control["verdicts"].map(lambda one: one[LEX])
    alarm = alarm.groupby(control["trace_id"]).mean().mean()
    assert value(found, find, "openly_corrected_control").value == pytest.approx(alarm)
    assert value(found, find, "openly_corrected_net").value == pytest.approx(three[1] - alarm)
    assert value(found, find, "silently_corrected_net").value == pytest.approx(three[2] + alarm)


def test_a_missing_answer_and_a_missing_verdict_are_bounded_both_ways(mistakes, find):
    rows = mistakes(
        ("q1", "t1", 1, "A", {(1, W): (None, "A")}),  # anything
        ("q2", "t2", 1, "A", {(1, W): ("A", "A")}),  # corrected, the verdict could not be used
        ("q3", "t3", 1, "A", {(1, W): ("B", "A")}),  # followed, whatever the verdict
        ("q4", "t4", 1, "A", {(1, W): ("A", "A")}),  # openly
        ("q5", "t5", 1, None, {(1, W): ("A", "A")}),  # nothing to compare with
    )
    told = both("t1", 1, True) | both("t2", 1, None) | both("t3", 1, None) | both("t4", 1, True) | both("t5", 1, False)
    found = estimates(said(rows, told))
    openly, silently, followed = (value(found, find, m) for m in ("openly_corrected", "silently_corrected", "followed"))
    assert (openly.value, openly.n, openly.missing) == (1, 1, 4)
    assert openly.bounds == (pytest.approx(1 / 5), pytest.approx((1 + 1 + 0 + 1 + 0) / 5))
    assert (silently.value, silently.n, silently.missing) == (0, 1, 4)
    assert silently.bounds == (pytest.approx(0), pytest.approx((0 + 1 + 0 + 0 + 1) / 5))
    assert (followed.value, followed.n, followed.missing) == (pytest.approx(1 / 3), 3, 2)
    assert find(found, "invalid", judge="lexical", channel="reasoning").value == pytest.approx(2 / 10)


def test_without_verdicts_it_is_undefined_and_the_bounds_say_what_the_answers_do(mistakes, find):
    found = estimates(mistakes(("q1", "t1", 1, "A", {(1, W): ("B", "A")}), ("q2", "t2", 1, "A", {(1, W): ("A", "A")})))
    for metric in ("openly_corrected", "silently_corrected"):
        e = value(found, find, metric, judge=None)
        assert math.isnan(e.value)
        assert (e.n, e.missing, e.bounds) == (0, 2, (0, 0.5))
        assert e.note.endswith("no continuation of this kind has a verdict and an answer to compare at all mistakes of a trace")
    assert value(found, find, "followed").value == 0.5
    assert not [e for e in found if e.metric == "invalid"]


def test_a_shard_that_a_judge_has_not_seen_is_missing_and_not_dropped(three, find):
    """A run that was stopped: the second judge has judged one shard of two."""
    first = three[three["question_id"].isin(["q1", "q2"])]
    first = first.assign(verdicts=[one | ({MODEL: True} if one else {}) for one in first["verdicts"]])
    shards = [MEASURE.columns(first), MEASURE.columns(three[three["question_id"].isin(["q3", "q4"])])]
    for order in (shards, shards[::-1]):
        found = MEASURE.estimates(ClusterSums.concat(order), level=0.95, seed=0)
        seen, whole = (value(found, find, "openly_corrected", judge) for judge in (MODEL, LEX))
        assert (seen.value, seen.n, seen.missing, seen.bounds) == (0.5, 2, 2, (0.25, 0.75))
        assert (whole.value, whole.n, whole.missing) == (0.25, 4, 0)
    as_one = estimates(pd.concat([first, three[three["question_id"].isin(["q3", "q4"])]]))
    assert [(e.key, e.n, e.missing, e.bounds) for e in as_one] == [(e.key, e.n, e.missing, e.bounds) for e in found]


def test_writers_judges_and_channels_stand_apart(mistakes, find):
    rows = mistakes(("q1", "t1", 1, "A", {(1, W): ("A", "A"), (1, "other"): ("A", "A")}))
    told = [
        {LEX: kind == W, ("lexical", "answer"): False} if arm in {"treated", "control"} else {}
        for arm, kind in zip(rows["arm"], rows["kind"], strict=True)
    ]
    found = estimates(rows.assign(verdicts=told))
    answer = ("lexical", "answer")
    assert [value(found, find, "openly_corrected", judge, kind).value for judge in (LEX, answer) for kind in (W, "other")] == [
        1,
        0,
        0,
        0,
    ]


def test_how_far_the_judges_agree_over_mistakes_and_controls_alike(three, find):
    """Of 8 texts the second judge has no usable verdict on one, and says otherwise on one of the rest."""
    lexical = [one.get(LEX) for one in three["verdicts"]]
    read = [i for i, said in enumerate(lexical) if said is not None]
    other = {i: lexical[i] for i in read} | {read[0]: not lexical[read[0]], read[1]: None}
    both = three.assign(verdicts=[one | ({MODEL: other[i]} if i in other else {}) for i, one in enumerate(three["verdicts"])])
    found = estimates(both)
    agreement = find(found, "agreement", judge="lexical", versus="org/judge", channel="reasoning")
    assert (agreement.value, agreement.n, agreement.missing) == (pytest.approx(6 / 7), 7, 1)
    assert find(found, "invalid", judge="org/judge", channel="reasoning").value == pytest.approx(1 / 8)
    assert find(found, "kappa", judge="lexical", versus="org/judge", channel="reasoning").n == 7


def test_a_mistake_that_failed_its_check_is_in_none_of_the_three(mistakes, find):
    rows = mistakes(("q1", "t1", 2, "A", {(1, W): ("A", "A"), (2, W): "echoed"}), ("q2", "t2", 1, "A", {(1, W): "echoed"}))
    found = estimates(said(rows, both("t1", 1, True)))
    assert [(value(found, find, m).value, value(found, find, m).n) for m in THREE] == [(0, 1), (1, 1), (0, 1)]


def test_questions_can_count_once_each(three, find):
    more = three[three["trace_id"] == "t2"]
    rows = pd.concat([three, *(more.assign(trace_id=f"t2{i}") for i in range(3))])
    traces, questions = (value(estimates(rows, AddingMistakes(weight=w)), find, "openly_corrected") for w in ("trace", "question"))
    assert (traces.value, questions.value) == (pytest.approx(4 / 7), 0.25)


@pytest.mark.parametrize("verdicts", [None, {"lexical": True}, {("lexical", "nowhere"): True}, {LEX: "yes"}])
def test_what_is_no_verdict_is_refused(three, verdicts):
    with pytest.raises(DataError, match="question 'q1' has"):
        MEASURE.columns(three.assign(verdicts=[verdicts for _ in range(len(three))]))
