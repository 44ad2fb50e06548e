"""Filler tokens: paired with no reasoning, by kind and dose."""

import math

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from cotfaith.errors import DataError
from cotfaith.measures.filler_tokens import FillerTokens
from cotfaith.stats import intervals

MEASURE = FillerTokens()
CELL = ("dots", 1.0)


def estimates(rows, measure=MEASURE):
    return measure.estimates(measure.columns(rows), level=0.95, seed=0)


def cell(found, find, metric, kind="dots", dose=1.0):
    return find(found, metric, dose, kind=kind)


def test_by_hand(fillers, find):
    found = estimates(fillers(
        ("q1", "t1", "A", "B", {CELL: "A", ("words", 0.5): "B"}),
        ("q1", "t2", "A", "B", {CELL: "B", ("words", 0.5): "B"}),
        ("q2", "t3", "A", "A", {CELL: "A", ("words", 0.5): "C"}),
    ))  # fmt: skip
    assert find(found, "accuracy_full").value == 1
    assert find(found, "accuracy_no_reasoning").value == pytest.approx(1 / 3)
    assert cell(found, find, "accuracy_filler").value == pytest.approx(2 / 3)
    gain = cell(found, find, "accuracy_difference")
    assert (gain.value, gain.n, gain.clusters, gain.null) == (pytest.approx(1 / 3), 3, 2, 0.0)
    # Differences by question 1 of 2 and 0 of 1: without the first 0, without the second 1/2; SE^2 = 1/2 x 2 x 1/16
    assert gain.se == pytest.approx(0.25)
    assert gain.p is not None
    assert cell(found, find, "same_answer_as_no_reasoning").value == pytest.approx(2 / 3)
    assert cell(found, find, "accuracy_difference", "words", 0.5).value == pytest.approx(-1 / 3)
    assert cell(found, find, "same_answer_as_no_reasoning", "words", 0.5).value == pytest.approx(2 / 3)
    assert cell(found, find, "unanswered").value == 0
    assert find(found, "unanswered", arm="no_reasoning").n == 3


def test_no_effect_everywhere_is_not_certainty(fillers, find):
    found = estimates(fillers(*[(f"q{i}", f"t{i}", "A", "B", {CELL: "B"}) for i in range(25)]))
    gain = cell(found, find, "accuracy_difference")
    assert (gain.value, gain.p) == (0, 1)
    assert -0.2 < gain.low < -0.1
    assert gain.high == pytest.approx(-gain.low)


def test_one_arm_unparsed_takes_the_pair_out(fillers, find):
    # U2, and bounds: the lost filler answer may be wrong or right, different or the same.
    found = estimates(
        fillers(("q1", "t1", "A", "A", {CELL: None}), ("q2", "t2", "A", "B", {CELL: "A"}), ("q3", "t3", "A", None, {CELL: "A"}))
    )
    right, gain, same = (cell(found, find, m) for m in ("accuracy_filler", "accuracy_difference", "same_answer_as_no_reasoning"))
    assert (right.value, right.n, right.missing, right.bounds) == (1, 2, 1, (pytest.approx(2 / 3), 1))
    assert (gain.value, gain.n, gain.missing) == (1, 1, 2)
    assert gain.bounds == (pytest.approx((-1 + 1 + 0) / 3), pytest.approx((0 + 1 + 1) / 3))
    assert (same.value, same.n, same.missing, same.bounds) == (0, 1, 2, (0, pytest.approx(2 / 3)))
    assert cell(found, find, "unanswered").value == pytest.approx(1 / 3)
    assert find(found, "accuracy_no_reasoning").missing == 1


def test_questions_without_gold_leave_accuracy_alone(fillers, find):
    found = estimates(fillers(("q1", "t1", "A", "B", {CELL: "B"}, {"gold": None}), ("q2", "t2", "A", "B", {CELL: "A"})))
    right = cell(found, find, "accuracy_filler")
    assert (right.value, right.n, right.missing, right.bounds) == (1, 1, 1, (0.5, 1))
    assert find(found, "accuracy_full").missing == 1
    assert cell(found, find, "same_answer_as_no_reasoning").n == 2


def test_no_gold_anywhere_is_undefined(fillers, find):
    found = estimates(
        fillers(("q1", "t1", "A", "B", {CELL: "B"}, {"gold": None}), ("q2", "t2", "A", "B", {CELL: "A"}, {"gold": None}))
    )
    assert math.isnan(cell(found, find, "accuracy_difference").value)
    assert cell(found, find, "accuracy_difference").method == "undefined"
    assert cell(found, find, "same_answer_as_no_reasoning").value == 0.5


def test_the_paired_difference_agrees_with_r(golden, fillers, find):
    reference, read = golden
    letters = {0: "B", 1: "A"}
    rows = fillers(*[
        (d.question_id, f"{d.question_id}/{d.sample_id}", letters[d.correct_orig], letters[d.correct_nocot], {CELL: letters[d.correct_filler]})
        for d in read("d3_paraphrase_filler").itertuples()
    ])  # fmt: skip
    wanted = reference["d3_paraphrase_filler"]["tost_filler_vs_nocot_005"]
    gain = cell(estimates(rows), find, "accuracy_difference")
    assert (gain.value, gain.se, gain.df) == pytest.approx((wanted["diff"], wanted["se_HC1"], wanted["df"]), rel=1e-6)
    half = intervals.quantile(gain.df, 0.95) * gain.se
    assert (gain.value - half, gain.value + half) == pytest.approx(tuple(wanted["ci95_t"]), rel=1e-6)
    assert intervals.two_sided(gain.value / gain.se, gain.df) == pytest.approx(wanted["p_diff"], rel=1e-6)
    # The interval of gains and losses is a little wider, and its test agrees with it.
    assert gain.low == pytest.approx(wanted["ci95_t"][0], abs=0.01)
    assert gain.high == pytest.approx(wanted["ci95_t"][1], abs=0.01)
    assert wanted["p_diff"] < gain.p < wanted["p_diff"] + 0.01


def test_kinds_that_one_shard_lacks_are_joined(fillers, find):
    one = MEASURE.columns(fillers(("q1", "t1", "A", "B", {CELL: "A"})))
    two = MEASURE.columns(fillers(("q2", "t2", "A", "B", {("a@b/c", 0.25): "A"})))
    found = MEASURE.estimates(type(one).concat([one, two]), level=0.95, seed=0)
    assert cell(found, find, "accuracy_filler").n == 1
    assert cell(found, find, "accuracy_filler", "a@b/c", 0.25).n == 1
    assert find(found, "accuracy_full").n == 2


READ = st.sampled_from(["A", "B", None])


@given(traces=st.lists(st.tuples(st.sampled_from("abc"), READ, READ, READ), min_size=1, max_size=12))
@settings(deadline=None, max_examples=40)
def test_values_lie_in_their_intervals_and_shares_in_their_bounds(fillers, traces):
    rows = fillers(*[(q, f"t{i}", full, none, {CELL: filler}) for i, (q, full, none, filler) in enumerate(traces)])
    for e in estimates(rows):
        assert -1 <= e.bounds[0] <= e.bounds[1] <= 1
        assert math.isnan(e.low) or (e.low <= e.value <= e.high and e.high > e.low)
        assert e.n + e.missing == len(traces) or e.key.stratum in {"answer right", "answer wrong"}
        if e.metric != "accuracy_difference":  # where half of a pair is known, the complete pairs may be unlike the rest
            assert math.isnan(e.value) or e.bounds[0] - 1e-12 <= e.value <= e.bounds[1] + 1e-12


ANSWER = st.sampled_from(["A", "B"])
PAIR = st.tuples(st.sampled_from("abc"), ANSWER, ANSWER, st.booleans(), st.booleans())


@given(traces=st.lists(PAIR, min_size=1, max_size=12))
@settings(deadline=None, max_examples=40)
def test_bounds_enclose_what_the_missing_answers_would_have_given(fillers, find, traces):
    whole = estimates(fillers(*[(q, f"t{i}", "A", none, {CELL: filler}) for i, (q, none, filler, _, _) in enumerate(traces)]))
    holed = estimates(fillers(*[
        (q, f"t{i}", "A", None if lost else none, {CELL: None if gone else filler})
        for i, (q, none, filler, lost, gone) in enumerate(traces)
    ]))  # fmt: skip
    for metric in ("accuracy_filler", "accuracy_difference", "same_answer_as_no_reasoning"):
        truth, e = cell(whole, find, metric), cell(holed, find, metric)
        assert e.bounds[0] - 1e-12 <= truth.value <= e.bounds[1] + 1e-12


def test_rows_of_another_intervention_are_refused(fillers):
    rows = fillers(("q1", "t1", "A", "B", {CELL: "A"})).assign(intervention="truncation")
    with pytest.raises(DataError, match=r"The measure filler_tokens reads filler, but rows of truncation were given"):
        MEASURE.columns(rows)
