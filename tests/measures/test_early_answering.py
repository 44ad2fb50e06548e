"""Early answering: worked by hand, on models that are all reasoning or none, and with answers missing."""

import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from cotfaith.errors import DataError, UsageError
from cotfaith.measures.early_answering import GRID, EarlyAnswering
from cotfaith.stats import ClusterSums

MEASURE = EarlyAnswering()


def estimates(rows, measure=MEASURE, level=0.95):
    return measure.estimates(measure.columns(rows), level=level, seed=0)


def test_the_example_of_section_2_9(cuts, find):
    # Four steps, the same answer in 3 of 5 traces before the end: trapezoid AOC = 2/5 x (1 - 1/8) = .35 (left sums would give .40).
    same, late = ["A"] * 5, ["B"] * 4 + ["A"]
    found = estimates(cuts(*[(f"q{i}", f"t{i}", same if i < 3 else late) for i in range(5)]))
    aoc = find(found, "aoc")
    assert aoc.value == pytest.approx(0.35)
    assert (aoc.n, aoc.clusters, aoc.missing, aoc.bounds) == (5, 5, 0, (aoc.value, aoc.value))
    # One trace a question: SE^2 = sum (a - mean)^2 / (5 x 4); a = 0, 0, 0, 7/8, 7/8
    assert aoc.se == pytest.approx(math.sqrt(3 * 0.35**2 + 2 * 0.525**2) / math.sqrt(20))
    assert aoc.method == "trapezoid over the share of reasoning given, trace-weighted; effective-n Wilson, t(4)"
    assert aoc.direction == MEASURE.headline().larger
    assert find(found, "same_answer_no_reasoning").value == pytest.approx(0.6)


def test_answers_that_never_change_have_no_area(cuts, find):
    found = estimates(cuts(*[(f"q{i:02}", f"t{i}", ["A"] * (2 + i % 4)) for i in range(20)]))
    aoc = find(found, "aoc")
    assert aoc.value == 0
    assert aoc.low == 0
    assert 0.15 < aoc.high < 0.2  # 20 equal questions are not certainty
    assert all(find(found, "same_answer", x).value == 1 for x in GRID)
    assert find(found, "same_answer", 0.5).low < 0.85


def test_answers_that_change_until_the_end_have_all_but_half_a_step(cuts, find):
    for steps in (1, 2, 7):
        rows = cuts(*[(f"q{i}", f"t{i}", ["B"] * steps + ["A"]) for i in range(3)])
        assert find(estimates(rows), "aoc").value == pytest.approx(1 - 1 / (2 * steps))


def test_the_curve_is_straight_between_cuts(cuts, find):
    found = estimates(cuts(("q1", "t1", ["B", "A", "A"]), ("q2", "t2", ["B", "B", "A"])))
    wanted = {0.0: 0.0, 0.1: 0.1, 0.3: 0.3, 0.5: 0.5, 0.7: 0.7, 0.9: 0.9, 1.0: 1.0}
    for x, value in wanted.items():
        assert find(found, "same_answer", x).value == pytest.approx(value)
    end = find(found, "same_answer", 1.0)
    assert (end.low, end.high, end.se, end.method) == (1, 1, 0, "by definition")


def test_each_length_by_itself_and_how_many_traces_have_it(cuts, find):
    found = estimates(cuts(
        ("q1", "t1", ["B", "A", "A", "A"]), ("q2", "t2", ["B", "B", "A", "A"]),
        ("q3", "t3", ["B", "B", "B", "A", "A"]), ("q4", "t4", ["B"] * 7 + ["A"]),
    ))  # fmt: skip
    three = [find(found, "same_answer", i / 3, stratum="3 steps") for i in range(4)]
    assert [(one.value, one.n) for one in three] == [(0, 2), (0.5, 2), (1, 2), (1, 2)]
    assert (three[-1].low, three[-1].high, three[-1].method) == (1, 1, "by definition")
    assert [find(found, "same_answer", i / 4, stratum="4 steps").value for i in range(5)] == [0, 0, 0, 1, 1]
    assert {one.key.stratum for one in found if one.key.metric == "same_answer"} == {"", "3 steps", "4 steps"}
    shares = {one.key.dose: (one.value, one.n) for one in found if one.key.metric == "length"}
    assert shares == {3: (0.5, 4), 4: (0.25, 4), 5: (0, 4), 6: (0, 4), 7: (0.25, 4)}


def test_long_traces_share_the_last_length(cuts, find):
    found = estimates(cuts(*[(f"q{n}", f"t{n}", ["A"] * (n + 1)) for n in (14, 15, 16, 40)]))
    assert {one.key.dose: one.value for one in found if one.key.metric == "length"} == {14: 0.25, 15: 0.75}


def test_cuts_by_share_of_tokens_need_not_be_steps(cuts, find):
    rows = cuts(("q1", "t1", ["B", "A", "A"]), ("q2", "t2", ["B", "A", "A"]))
    rows.loc[rows["arm"] == "treated", ["dose", "site"]] = [0.8, 13]  # a fifth of the tokens kept
    assert find(estimates(rows), "aoc").value == pytest.approx(0.1)  # a triangle of width .2


def test_weights(cuts, find):
    rows = cuts(("q1", "t1", ["B", "A"]), ("q1", "t2", ["B", "A"]), ("q1", "t3", ["B", "A"]), ("q2", "t4", ["A", "A"]))
    traces, questions = (find(estimates(rows, EarlyAnswering(weight=w)), "aoc") for w in ("trace", "question"))
    assert (traces.value, questions.value) == (pytest.approx(3 / 8), pytest.approx(1 / 4))
    assert (traces.n, questions.n, questions.clusters) == (4, 4, 2)
    assert "question-weighted" in questions.method
    with pytest.raises(UsageError, match=r"Unknown weight 'step'"):
        EarlyAnswering(weight="step")


def test_weighting_lengths_by_their_share_is_the_plain_mean_over_traces(golden, cuts, find):
    reference, read = golden
    data = read("d1_early_answering")
    traces = []
    for (question, sample), one in data.sort_values("k").groupby(["question_id", "sample_id"]):
        traces.append((question, f"{question}/{sample}", ["A" if s else "B" for s in one["same_answer"]]))
    found = estimates(cuts(*traces))
    wanted = reference["d1_early_answering"]
    aoc = find(found, "aoc")
    assert aoc.value == pytest.approx(wanted["aoc_trace_weighted"]["estimate"], rel=1e-6)
    assert aoc.value == pytest.approx(wanted["aoc_lanham_weighted_by_length"], rel=1e-6)
    assert aoc.se == pytest.approx(wanted["cluster_functional"]["se_jackknife"], rel=1e-6)
    assert (aoc.n, aoc.clusters) == (166, 40)
    weighted = find(estimates(cuts(*traces), EarlyAnswering(weight="question")), "aoc")
    assert (weighted.value, weighted.se) == pytest.approx(
        (wanted["aoc_question_weighted"]["estimate"], wanted["aoc_question_weighted"]["se"]), rel=1e-6
    )
    # Below 50 questions the errors are the jackknife's, which allows for questions with more units than others.
    none = find(found, "same_answer_no_reasoning")
    assert (none.value, none.se) == pytest.approx(
        (wanted["same_answer_no_cot"]["estimate"], wanted["same_answer_no_cot"]["se_HC1"]), rel=2e-3
    )
    half = find(found, "same_answer", 0.5)
    assert (half.value, half.se) == pytest.approx(
        (wanted["curve_interpolated"][2]["estimate"], wanted["curve_interpolated"][2]["se_HC1"]), rel=2e-3
    )


@given(traces=st.lists(st.text("AB", min_size=1, max_size=6), min_size=1, max_size=8))
@settings(deadline=None, max_examples=30)
def test_lengths_weighted_by_their_share_are_traces_counted_once(cuts, find, traces):
    full = [f"{answers}A" for answers in traces]
    lanham = 0.0
    for length in {len(answers) for answers in full}:  # pool the traces of one length, then weight by the share of that length
        pooled = np.mean([[float(c == "A") for c in answers] for answers in full if len(answers) == length], axis=0)
        share = sum(len(answers) == length for answers in full) / len(full)
        lanham += share * (1 - np.trapezoid(pooled, np.linspace(0, 1, length)))
    found = estimates(cuts(*[(f"q{i % 3}", f"t{i}", list(answers)) for i, answers in enumerate(full)]))
    assert find(found, "aoc").value == pytest.approx(lanham)


def test_probabilities_by_hand(cuts, find):
    # Of the two options A has .5, .6 and .9 of their mass; the mass itself is half. Shifts .4, .3, 0: area .25 (.4 + .3) + .25 (.3 + 0) = .25
    scores = [tuple(math.log(0.5 * p) for p in (a, 1 - a)) for a in (0.5, 0.6, 0.9)]
    rows = cuts(("q1", "t1", ["B", "A", "A"], {"logprobs": scores}), ("q2", "t2", ["B", "A", "A"], {"logprobs": scores}))
    found = estimates(rows)
    shift = find(found, "aoc_probability")
    assert shift.value == pytest.approx(0.25)
    assert (shift.n, shift.missing) == (2, 0)
    assert find(found, "probability_shift", 0.0).value == pytest.approx(0.4)
    assert find(found, "probability_shift", 0.8).value == pytest.approx(0.3 * 0.4)
    assert find(found, "probability_shift", 1.0).value == 0
    assert find(found, "probability_shift_band", 0.0).high >= find(found, "probability_shift", 0.0).high


def test_probabilities_are_undefined_where_answers_were_read_from_text(cuts, find):
    found = estimates(cuts(("q1", "t1", ["B", "A"]), ("q2", "t2", ["12", "15"])))
    shift = find(found, "aoc_probability")
    assert math.isnan(shift.value)
    assert (shift.n, shift.missing, shift.method) == (0, 0, "undefined")
    assert shift.note == "not defined for answers that are written, since these have no probabilities of options"
    assert not [e for e in found if e.metric.startswith("probability_shift")]
    assert find(found, "aoc").value == pytest.approx(0.5)


def test_probabilities_that_were_lost_are_missing(cuts, find):
    rows = cuts(("q1", "t1", [None, None]), ("q2", "t2", [None, None]))
    rows["state"] = "error"  # too long to be read in any way
    shift = find(estimates(rows), "aoc_probability")
    assert (shift.n, shift.missing) == (0, 2)
    assert "no trace has log-probabilities" in shift.note


def test_probabilities_of_some_traces_only(cuts, find):
    scores = [tuple(map(math.log, pair)) for pair in ((0.6, 0.4), (0.9, 0.1))]
    rows = cuts(
        ("q1", "t1", ["A", "A"], {"logprobs": scores}), ("q2", "t2", ["A", "A"], {"logprobs": [scores[0], ()]}),
        ("q3", "t3", [None, "A"], {"logprobs": scores}), ("q4", "t4", ["5", "5"]),
    )  # fmt: skip
    shift = find(estimates(rows), "aoc_probability")
    assert (shift.n, shift.missing) == (1, 2)
    assert shift.value == pytest.approx(0.15)
    # Least: (.15 - .5 + .5 (.9 - 1)) / 3. Most: (.15 + .5 + .5 x .9) / 3.
    assert shift.bounds == pytest.approx(((0.15 - 0.5 - 0.05) / 3, (0.15 + 0.5 + 0.45) / 3))


def test_a_tie_has_no_answer_and_keeps_its_probabilities(cuts, find):
    scores = [tuple(map(math.log, pair)) for pair in ((0.5, 0.5), (0.9, 0.1))]
    found = estimates(cuts(("q1", "t1", [None, "A"], {"logprobs": scores})))
    assert (find(found, "aoc_probability").value, find(found, "aoc_probability").n) == (pytest.approx(0.2), 1)
    assert find(found, "aoc").n == 0


def test_a_model_that_never_answers_has_no_area(cuts, find):
    # U1: five cuts, no reading with an answer. Not 0: undefined, all missing; the end is the same by definition, so at most 1 - 1/8.
    found = estimates(cuts(*[(f"q{i}", f"t{i}", [None] * 5) for i in range(6)]))
    aoc = find(found, "aoc")
    assert math.isnan(aoc.value)
    assert (aoc.n, aoc.clusters, aoc.missing, aoc.method) == (0, 0, 6, "undefined")
    assert aoc.bounds == (0.0, pytest.approx(1 - 1 / 8))
    assert aoc.note == "the denominator is 0: 0 units entered, 6 missing"
    for x in GRID:
        point, banded = find(found, "same_answer", x), find(found, "same_answer_band", x)
        assert (point.n, point.missing) == (0, 6)
        assert math.isnan(point.value)
        assert math.isnan(banded.low)
    assert find(found, "unanswered", arm="treated").value == 1


def test_a_trace_with_an_unanswered_cut_enters_with_its_other_cuts_and_is_bounded_both_ways(cuts, find):
    # U2. t1 has AOC .25; t2 lost its middle: shares 0, ?, 1 over two steps: a straight line, area .5; with the middle known, .25 or .75
    found = estimates(cuts(("q1", "t1", ["B", "A", "A"]), ("q2", "t2", ["B", None, "A"])))
    aoc = find(found, "aoc")
    assert (aoc.value, aoc.n, aoc.clusters) == (pytest.approx((0.25 + 0.5) / 2), 2, 2)
    assert (aoc.missing, aoc.partial) == (0, 1)
    assert aoc.bounds == (pytest.approx((0.25 + 0.25) / 2), pytest.approx((0.25 + 0.75) / 2))
    assert [find(found, "same_answer", x).missing for x in (0.0, 0.1, 0.5, 0.9, 1.0)] == [0, 0, 0, 0, 0]
    assert [find(found, "same_answer", x).partial for x in (0.0, 0.1, 0.5, 0.9, 1.0)] == [0, 1, 1, 1, 0]
    assert find(found, "same_answer", 0.5).value == pytest.approx((1 + 0.5) / 2)
    assert find(found, "same_answer", 0.5).bounds == (pytest.approx(0.5), pytest.approx(1.0))


def test_without_the_answer_without_reasoning_a_trace_has_the_weight_of_its_other_cuts(cuts, find):
    # t2 over two steps: ?, same, same. Its heights have the weights 1/4, 1/2, 1/4, of which 3/4 are known: an area of 0 over 3/4.
    found = estimates(cuts(("q1", "t1", ["B", "B", "A"]), ("q2", "t2", [None, "A", "A"])))
    aoc = find(found, "aoc")
    assert aoc.value == pytest.approx((0.75 + 0) / (1 + 0.75))
    assert aoc.bounds == (pytest.approx(0.75 / 2), pytest.approx((0.75 + 0.25) / 2))
    assert (find(found, "same_answer", 0.0).n, find(found, "same_answer", 0.0).missing) == (1, 1)
    assert find(found, "same_answer", 0.3).value == pytest.approx((1 * 0 + 0.6 * 1) / (1 + 0.6))  # its height at .5 has .6 of .3
    assert find(found, "same_answer", 0.3).partial == 1
    assert find(found, "same_answer", 0.5).value == pytest.approx(0.5)


def test_a_trace_of_which_only_the_full_answer_is_known_says_nothing(cuts, find):
    aoc = find(estimates(cuts(("q1", "t1", ["B", "B", "A"]), ("q2", "t2", [None, None, "A"]))), "aoc")
    assert (aoc.value, aoc.n, aoc.missing, aoc.partial) == (pytest.approx(0.75), 1, 1, 0)


@pytest.mark.parametrize("lost", [0.02, 0.1])
def test_readings_lost_at_random_do_not_move_the_area(cuts, find, lost):
    """Long reasoning traces depend on more of their reasoning here. Leaving out each trace that lost a reading would select short ones.

    That gave an AOC of .336 at 10 % where the whole data have .525.
    """
    random = np.random.default_rng(1)
    traces = []
    for i in range(400):
        steps = int(random.integers(2, 41))
        changes = min(steps, round(steps * random.beta(1 + steps / 8, 3)) + 1)
        traces.append((f"q{i:03}", f"t{i:03}", ["B"] * changes + ["A"] * (steps + 1 - changes)))
    truth = find(estimates(cuts(*traces)), "aoc").value
    holed = [(q, t, [one if random.random() > lost else None for one in answers]) for q, t, answers in traces]
    found = estimates(cuts(*holed))
    aoc, complete = find(found, "aoc"), [t for t in holed if None not in t[2]]
    assert aoc.value == pytest.approx(truth, abs=0.012)
    assert aoc.bounds[0] <= aoc.value <= aoc.bounds[1]
    assert aoc.n >= 0.85 * len(traces)
    selected = find(estimates(cuts(*complete)), "aoc").value
    assert abs(selected - truth) > 2 * abs(aoc.value - truth)  # the positive control: what leaving traces out does


def test_without_the_full_answer_nothing_can_be_compared(cuts, find):
    found = estimates(cuts(("q1", "t1", ["A", "A", None]), ("q2", "t2", ["A", "A", "A"])))
    aoc = find(found, "aoc")
    assert (aoc.n, aoc.missing) == (1, 1)
    assert aoc.bounds == (0.0, pytest.approx((1 - 1 / 4) / 2))
    assert find(found, "unanswered", arm="full").value == 0.5
    assert find(found, "unanswered", arm="treated").value == 0.0
    assert find(found, "same_answer", 1.0).missing == 1


def test_an_empty_reasoning_has_nothing_to_cut(cuts, find):
    rows = cuts(("q1", "t1", ["A", "A"]), ("q2", "t2", ["A", "A"]))
    rows.loc[rows["trace_id"] == "t2", "n_steps"] = 0
    aoc = find(estimates(rows), "aoc")
    assert (aoc.n, aoc.missing) == (1, 1)


ANSWERS = st.lists(st.sampled_from(["A", "B", "C"]), min_size=2, max_size=6)
TRACES = st.lists(st.tuples(st.sampled_from(["q1", "q2", "q3"]), ANSWERS), min_size=1, max_size=8)


@given(traces=TRACES)
@settings(deadline=None, max_examples=30)
def test_the_area_stays_between_nothing_and_all_but_half_a_step(cuts, find, traces):
    found = estimates(cuts(*[(q, f"t{i}", answers) for i, (q, answers) in enumerate(traces)]))
    longest = max(len(answers) - 1 for _, answers in traces)
    aoc = find(found, "aoc")
    assert 0 <= aoc.value <= 1 - 1 / (2 * longest) + 1e-12
    for e in found:
        assert math.isnan(e.low) or e.low - 1e-12 <= e.value <= e.high + 1e-12
        assert e.direction
        if e.metric.endswith("_band") and not math.isnan(e.low):
            point = find(found, e.metric.removesuffix("_band"), e.key.dose)
            assert e.low <= point.low
            assert e.high >= point.high


@given(traces=TRACES, data=st.data())
@settings(deadline=None, max_examples=40)
def test_bounds_enclose_what_the_missing_answers_would_have_given(cuts, find, traces, data):
    rows = cuts(*[(q, f"t{i}", answers) for i, (q, answers) in enumerate(traces)])
    lost = np.array(data.draw(st.lists(st.booleans(), min_size=len(rows), max_size=len(rows))))
    holes = rows.assign(answer=rows["answer"].mask(lost, None), state=rows["state"].mask(lost, "truncated"))
    whole, holed = estimates(rows), estimates(holes)
    for e in holed:
        if e.metric in {"aoc", "same_answer", "same_answer_no_reasoning"} and not e.key.stratum.startswith("answer "):
            truth = find(whole, **e.key._asdict())
            assert e.bounds[0] - 1e-12 <= truth.value <= e.bounds[1] + 1e-12
            inside = math.isnan(e.value) or e.bounds[0] - 1e-12 <= e.value <= e.bounds[1] + 1e-12
            assert inside or "the value lies outside its bounds" in e.note
            assert e.n + e.missing == truth.n


@given(traces=TRACES, seed=st.integers(0, 99))
@settings(deadline=None, max_examples=20)
def test_order_of_rows_and_shards_change_nothing(cuts, traces, seed):
    rows = cuts(*[(q, f"t{i}", answers) for i, (q, answers) in enumerate(traces)])
    mixed = rows.sample(frac=1, random_state=seed)
    first = mixed["question_id"] == "q1"
    whole = MEASURE.columns(rows)
    parts = ClusterSums.concat([MEASURE.columns(mixed[first]), MEASURE.columns(mixed[~first])])
    assert parts.columns == whole.columns
    np.testing.assert_allclose(parts.matrix, whole.matrix, atol=1e-12)


def test_the_band_follows_the_seed(cuts, find):
    rows = cuts(*[(f"q{i:02}", f"t{i}", ["B" if i % 3 else "A", "A" if i % 2 else "B", "A"]) for i in range(30)])
    table = MEASURE.columns(rows)
    one, again, other = (find(MEASURE.estimates(table, level=0.95, seed=s), "same_answer_band", 0.2) for s in (1, 1, 2))
    assert (one.low, one.high) == (again.low, again.high)
    assert one.low != other.low
    assert "10000 draws, seed 1" in one.method


def test_a_dose_outside_zero_to_one_is_refused(cuts):
    rows = cuts(("q1", "t1", ["B", "A", "A"]))
    rows.loc[rows["arm"] == "treated", "dose"] = 1.5
    with pytest.raises(DataError, match=r"has the dose 1\.5, but the share of reasoning cut off lies between 0 and 1\."):
        MEASURE.columns(rows)
