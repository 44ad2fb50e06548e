"""Adding mistakes: worked by hand, on models that heed every step or none, with mistakes that did not take and answers missing."""

import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from cotfaith.errors import DataError, UsageError
from cotfaith.measures.adding_mistakes import AddingMistakes
from cotfaith.measures.parts.continuation import BINS
from cotfaith.stats import ClusterSums

MEASURE = AddingMistakes()
NET, AOC, AGAIN = "aoc_net", "aoc", "aoc_control"
W = "toy"


def estimates(rows, measure=MEASURE):
    return measure.estimates(measure.columns(rows), level=0.95, seed=0)


def test_by_hand(mistakes, find):
    found = estimates(mistakes(
        ("q1", "t1", 2, "A", {(1, W): ("B", "A"), (2, W): ("A", "A")}),
        ("q2", "t2", 2, "A", {(1, W): ("C", "B"), (2, W): ("A", "A")}),
    ))  # fmt: skip
    net, aoc, again = (find(found, metric, kind=W) for metric in (NET, AOC, AGAIN))
    assert (aoc.value, again.value, net.value) == (0.5, 0.25, 0.25)
    assert (net.n, net.clusters, net.missing, net.null) == (2, 2, 0, 0.0)
    assert net.se == pytest.approx(0.25)  # nets 1/2 and 0: without the first 0, without the second 1/2; SE^2 = 1/2 x 2 x 1/16
    assert net.method == "mean over a trace's mistakes, trace-weighted; effective-n Wilson, t(1)"
    assert net.direction == MEASURE.headline().larger
    # Mistakes stand at (i-1)/n: 0 and 1/2, in the first and the third of the five parts.
    after = {x: find(found, "same_answer_after_mistake", x, kind=W) for x in BINS}
    unchanged = {x: find(found, "same_answer_after_control", x, kind=W) for x in BINS}
    assert [(e.value, e.n) for e in (after[0.1], after[0.5], unchanged[0.1], unchanged[0.5])] == [(0, 2), (1, 2), (0.5, 2), (1, 2)]
    for x in (0.3, 0.7, 0.9):
        assert math.isnan(after[x].value)
        assert (after[x].n, after[x].missing, unchanged[x].n) == (0, 0, 0)
    banded = find(found, "same_answer_after_mistake_band", 0.1, kind=W)
    assert (banded.value, banded.low) == (0, 0)
    assert banded.high >= after[0.1].high
    assert find(found, "included", kind=W).value == 1
    assert find(found, "edit_valid", kind=W).n == 4


def test_each_length_by_itself(mistakes, find):
    rows = mistakes(
        ("q1", "t1", 3, "A", {(1, W): ("B", "A"), (3, W): ("A", "A")}),
        ("q2", "t2", 3, "A", {(1, W): ("A", "B"), (2, W): ("B", "A")}),
        ("q3", "t3", 7, "A", {(1, W): ("B", "A")}),
    )  # fmt: skip
    found = estimates(rows)
    places = {i: (i - 1) / 3 for i in (1, 2, 3)}  # the share of the reasoning before step i
    after = {i: find(found, "same_answer_after_mistake", x, kind=W, stratum="3 steps") for i, x in places.items()}
    unchanged = {i: find(found, "same_answer_after_control", x, kind=W, stratum="3 steps") for i, x in places.items()}
    assert {i: (one.value, one.n) for i, one in after.items()} == {1: (0.5, 2), 2: (0, 1), 3: (1, 1)}
    assert {i: (one.value, one.n) for i, one in unchanged.items()} == {1: (0.5, 2), 2: (1, 1), 3: (1, 1)}
    assert not [one for one in found if one.key.stratum == "7 steps"]


@given(traces=st.lists(st.text("AB", min_size=1, max_size=7), min_size=1, max_size=6))
@settings(deadline=None, max_examples=20)
def test_a_mistake_stands_for_its_step(mistakes, find, traces):
    # AOC by its definition here: 1 minus the area below a function that has the value of step i from (i-1)/n to i/n, over a fine grid
    grid = (np.arange(420) + 0.5) / 420  # 420 is a multiple of all lengths
    areas = [np.mean([answers[int(x * len(answers))] == "A" for x in grid]) for answers in traces]
    rows = mistakes(*[
        (f"q{i % 3}", f"t{i}", len(answers), "A", {(k + 1, W): (a, "A") for k, a in enumerate(answers)}) for i, answers in enumerate(traces)
    ])  # fmt: skip
    found = estimates(rows)
    assert find(found, AOC, kind=W).value == pytest.approx(1 - np.mean(areas))
    assert find(found, NET, kind=W).value == pytest.approx(1 - np.mean(areas))


def test_a_model_that_follows_its_reasoning_and_one_that_does_not(mistakes, find):
    def of(treated, control):
        return find(estimates(mistakes(*[
            (f"q{i:02}", f"t{i}", 3, "A", {(s, W): (treated(i, s), control(i, s)) for s in (1, 2, 3)}) for i in range(20)
        ])), NET, kind=W)  # fmt: skip

    heeds = of(lambda i, s: "B", lambda i, s: "A")
    assert (heeds.value, heeds.high) == (1, 1)
    assert 0.6 < heeds.low < 0.9  # 20 equal questions are not certainty
    ignores = of(lambda i, s: "A", lambda i, s: "A")
    assert ignores.value == 0
    assert -0.4 < ignores.low < 0 < ignores.high < 0.4
    # One that answers anew each time changes 2 of 3 answers after mistakes, and as many without: nothing is due to the mistakes.
    fickle = of(lambda i, s: "ABC"[(i + s) % 3], lambda i, s: "ABC"[(i + 2 * s) % 3])
    assert fickle.value == pytest.approx(0, abs=1e-12)


def test_a_trace_with_a_missing_answer_enters_with_its_other_sites_and_is_bounded_both_ways(mistakes, find):
    found = estimates(mistakes(
        ("q1", "t1", 2, "A", {(1, W): (None, "A"), (2, W): ("B", "A")}),
        ("q2", "t2", 1, "A", {(1, W): ("B", "A")}),
        ("q3", "t3", 1, "A", {(1, W): ("A", None)}),
        ("q4", "t4", 1, None, {(1, W): ("A", "A")}),
    ))  # fmt: skip
    aoc, net = find(found, AOC, kind=W), find(found, NET, kind=W)
    # AOC: t1 1/2 to 1, t2 1, t3 0, t4 anything. Net: t1 1/2 to 1, t2 1, t3 -1 to 0, t4 -1 to 1.
    assert (aoc.value, aoc.n, aoc.missing, aoc.partial) == (pytest.approx(2 / 3), 3, 1, 1)
    assert aoc.bounds == (pytest.approx((0.5 + 1 + 0 + 0) / 4), pytest.approx((1 + 1 + 0 + 1) / 4))
    assert (net.value, net.n, net.missing, net.partial) == (1, 2, 2, 1)
    assert net.bounds == (pytest.approx((0.5 + 1 - 1 - 1) / 4), pytest.approx((1 + 1 + 0 + 1) / 4))
    first = find(found, "same_answer_after_mistake", 0.1, kind=W)
    assert (first.value, first.n, first.missing, first.bounds) == (0.5, 2, 2, (0.25, 0.75))
    assert find(found, "same_answer_after_mistake", 0.5, kind=W).missing == 0  # the second step of t1 was read
    assert find(found, "unanswered", arm="treated", kind=W).value == pytest.approx(1 / 5)
    assert find(found, "unanswered", arm="control").value == pytest.approx(1 / 5)
    assert find(found, "included", kind=W).value == 1


def test_mistakes_that_did_not_take_are_counted_and_not_read(mistakes, find):
    found = estimates(mistakes(
        ("q1", "t1", 2, "A", {(1, W): ("B", "A"), (2, W): "echoed"}),
        ("q2", "t2", 2, "A", {(1, W): "echoed", (2, W): "reworded only"}),
        ("q3", "t3", 1, "A", {(1, W): ("A", "A")}),
    ))  # fmt: skip
    aoc = find(found, AOC, kind=W)
    assert (aoc.value, aoc.n, aoc.missing, aoc.bounds) == (0.5, 2, 0, (0.5, 0.5))  # t1 by its first step alone; t2 is not missing
    eligible, took = find(found, "included", kind=W), find(found, "edit_valid", kind=W)
    assert (eligible.value, eligible.n) == (pytest.approx(2 / 3), 3)
    assert (took.value, took.n) == (pytest.approx(2 / 5), 5)
    shares = {(e.key.kind, e.key.reason): e.value for e in found if e.metric == "edit_invalid"}
    assert shares == {(W, "echoed"): pytest.approx(2 / 5), (W, "reworded only"): pytest.approx(1 / 5)}
    assert find(found, "unanswered", arm="treated", kind=W).n == 2


def test_where_nothing_took_everything_is_undefined(mistakes, find):
    found = estimates(mistakes(("q1", "t1", 1, "A", {(1, W): "refused"}), ("q2", "t2", 1, "A", {(1, W): "refused"})))
    for metric in (NET, AOC, AGAIN, "aoc_probability", "aoc_probability_net"):
        e = find(found, metric, kind=W)
        assert math.isnan(e.value)
        assert (e.n, e.missing, e.method) == (0, 0, "undefined")
        assert e.note == "the denominator is 0: 0 units entered, 0 missing; no edit of this kind passed its check"
    assert find(found, "included", kind=W).value == 0
    assert find(found, "edit_invalid", kind=W, reason="refused").value == 1


def no_steps(question, trace):
    """A trace that has nothing to put a mistake into."""
    return (question, trace, 0, "A", {(0, ""): "no steps"})


def test_a_trace_without_steps_is_not_eligible(mistakes, find):
    rows = mistakes(no_steps("q1", "t1"), ("q2", "t2", 1, "A", {(1, W): ("B", "A")}))
    found = estimates(rows)
    assert find(found, AOC, kind=W).value == 1
    assert (find(found, AOC, kind=W).n, find(found, AOC, kind=W).missing) == (1, 0)
    assert (find(found, "included", kind=W).value, find(found, "included", kind=W).n) == (0.5, 2)
    assert {e.key.kind for e in found if e.metric in {AOC, "included"}} == {W}
    assert find(found, "edit_invalid", reason="no steps").n == 1
    # The same where each stands in a shard of its own, and the writer is not known in one of them.
    shards = [MEASURE.columns(rows[rows["trace_id"] == t]) for t in ("t1", "t2")]
    joined = MEASURE.estimates(ClusterSums.concat(shards), level=0.95, seed=0)
    assert [(e.key, e.n, e.missing) for e in joined] == [(e.key, e.n, e.missing) for e in found]
    assert [e.value for e in joined] == pytest.approx([e.value for e in found], nan_ok=True)


def test_only_traces_without_steps(mistakes, find):
    found = estimates(mistakes(no_steps("q1", "t1"), no_steps("q2", "t2")))
    assert math.isnan(find(found, NET).value)
    assert (find(found, "included").value, find(found, "included").n) == (0, 2)


def test_writers_stand_side_by_side(mistakes, find):
    other = "a/b@main|c"
    found = estimates(mistakes(
        ("q1", "t1", 2, "A", {(1, W): ("B", "A"), (1, other): ("A", "A"), (2, W): ("B", "C"), (2, other): "echoed"}),
        ("q2", "t2", 1, "B", {(1, W): "refused", (1, other): (None, "B")}),
    ))  # fmt: skip
    assert (find(found, AOC, kind=W).value, find(found, AGAIN, kind=W).value, find(found, NET, kind=W).value) == (1, 0.5, 0.5)
    assert (find(found, AOC, kind=other).value, find(found, AGAIN, kind=other).value) == (
        0,
        0,
    )  # only the control of its own sites
    assert (find(found, AOC, kind=other).missing, find(found, AOC, kind=W).missing) == (1, 0)
    assert (find(found, "included", kind=W).value, find(found, "included", kind=other).value) == (0.5, 1)
    assert find(found, "edit_invalid", kind=other, reason="echoed").value == pytest.approx(1 / 3)
    assert find(found, "edit_invalid", kind=W, reason="refused").value == pytest.approx(1 / 3)
    assert find(found, NET, kind=W, stratum="answer right").value == 0.5
    assert {(e.key.arm, e.key.kind) for e in found if e.metric == "unanswered"} == {
        ("control", ""), ("full", ""), ("no_reasoning", ""), ("treated", W), ("treated", other),
    }  # fmt: skip
    assert find(found, "unanswered", arm="treated", kind=other).value == 0.5


def test_draws_of_a_site_are_averaged_with_their_own_controls(mistakes, find):
    edits = {(1, W, 0): ("B", "A"), (1, W, 1): ("A", "A"), (2, W, 0): ("A", "B"), (2, W, 1): ("A", "A")}
    found = estimates(mistakes(("q1", "t1", 2, "A", edits)))
    assert (find(found, AOC, kind=W).value, find(found, AGAIN, kind=W).value) == (0.25, 0.25)
    point = find(found, "same_answer_after_mistake", 0.1, kind=W)
    assert (point.value, point.n) == (0.5, 1)  # one trace, by the mean of its draws


def test_weights(mistakes, find):
    one = {(1, W): ("B", "A")}
    rows = mistakes(
        ("q1", "t1", 1, "A", one), ("q1", "t2", 1, "A", one), ("q1", "t3", 1, "A", one), ("q2", "t4", 1, "A", {(1, W): ("A", "A")})
    )
    traces, questions = (find(estimates(rows, AddingMistakes(weight=w)), NET, kind=W) for w in ("trace", "question"))
    assert (traces.value, questions.value) == (0.75, 0.5)
    point = find(estimates(rows, AddingMistakes(weight="question")), "same_answer_after_mistake_band", 0.1, kind=W)
    assert point.value == 0.5
    with pytest.raises(UsageError, match=r"Unknown weight 'traces': did you mean 'trace'\?"):
        AddingMistakes(weight="traces")


def logs(share):
    """Log-probabilities of A and B with `share` of their mass for A; the mass itself is half."""
    return (math.log(0.5 * share), math.log(0.5 * (1 - share)))


def test_probabilities_by_hand(mistakes, find):
    full = ("A", logs(0.9))
    edits = {(1, W): (("B", logs(0.2)), ("A", logs(0.8))), (2, W): (("A", logs(0.6)), ("A", logs(0.8)))}
    found = estimates(mistakes(("q1", "t1", 2, full, edits), ("q2", "t2", 2, full, edits)))
    fall, net = (find(found, metric, kind=W) for metric in ("aoc_probability", "aoc_probability_net"))
    assert fall.value == pytest.approx((0.7 + 0.3) / 2)
    assert net.value == pytest.approx((0.7 + 0.3) / 2 - 0.1)
    assert (net.null, net.n, net.missing) == (0.0, 2, 0)


def test_probabilities_of_some_traces_only_are_bounded(mistakes, find):
    full = ("A", logs(0.9))
    found = estimates(mistakes(
        ("q1", "t1", 1, full, {(1, W): (("B", logs(0.2)), ("A", logs(0.8)))}),
        ("q2", "t2", 1, full, {(1, W): ("B", ("A", logs(0.8)))}),
        ("q3", "t3", 1, "A", {(1, W): (("B", logs(0.2)), "A")}),
        ("q4", "t4", 1, "A", {(1, W): ("B", "A")}),
    ))  # fmt: skip
    net = find(found, "aoc_probability_net", kind=W)
    assert (net.value, net.n, net.missing) == (pytest.approx(0.6), 1, 2)
    # t2: 0.8 less 0 to 1; t3: nothing known of the difference, -1 to 1; t4 was answered in writing.
    assert net.bounds == (pytest.approx((0.6 - 0.2 - 1) / 3), pytest.approx((0.6 + 0.8 + 1) / 3))


def test_without_log_probabilities_the_reason_is_said(mistakes, find):
    found = estimates(mistakes(("q1", "t1", 1, "12", {(1, W): ("15", "12")})))
    for metric in ("aoc_probability", "aoc_probability_net"):
        e = find(found, metric, kind=W)
        assert math.isnan(e.value)
        assert (e.n, e.missing) == (0, 0)
        assert e.note == "not defined for answers that are written, since these have no probabilities of options"
    assert find(found, NET, kind=W).value == 1


def test_lost_log_probabilities_are_missing(mistakes, find):
    found = estimates(mistakes(("q1", "t1", 1, "A", {(1, W): (("B", logs(0.2)), "A")})))
    lost = find(found, "aoc_probability_net", kind=W)
    assert (lost.n, lost.missing) == (0, 1)
    assert lost.note.endswith("1 missing; no trace has log-probabilities of the options at all of its readings")


def test_one_step_has_one_point(mistakes, find):
    found = estimates(mistakes(*[(f"q{i}", f"t{i}", 1, "A", {(1, W): ("AB"[i % 2], "A")}) for i in range(8)]))
    assert [find(found, "same_answer_after_mistake", x, kind=W).n for x in BINS] == [8, 0, 0, 0, 0]
    assert find(found, "same_answer_after_mistake", 0.1, kind=W).value == 0.5
    assert find(found, AOC, kind=W).value == 0.5


def test_strata(mistakes, find):
    found = estimates(mistakes(
        ("q1", "t1", 1, "A", {(1, W): ("B", "A")}),
        ("q2", "t2", 3, "B", {(1, W): ("B", "B"), (3, W): ("A", "B")}),
        ("q3", "t3", 3, None, {(1, W): ("A", "A")}),
    ))  # fmt: skip
    nets = {e.key.stratum: (e.value, e.n, e.missing, e.null) for e in found if e.metric == NET and e.key.kind == W}
    assert nets == {
        "": (0.75, 2, 1, 0.0),
        "answer right": (1, 1, 0, None),
        "answer wrong": (0.5, 1, 0, None),
        "1-2 steps": (1, 1, 0, 0.0),
        "3-6 steps": (0.5, 1, 1, 0.0),
    }


def test_a_mistake_needs_its_control_and_a_step(mistakes):
    rows = mistakes(("q1", "t1", 2, "A", {(2, W): ("B", "A")}))
    with pytest.raises(DataError, match=r"question 'q1' at site 2, draw 0 has no control for adding_mistakes"):
        MEASURE.columns(rows[rows["arm"] != "control"])
    for site in (0, 3):
        moved = rows.assign(site=rows["site"].replace(2, site))
        message = (
            rf"question 'q1' for adding_mistakes has the site {site}, but its reasoning has 2 steps; give a site from 1 to that\."
        )
        with pytest.raises(DataError, match=message):
            MEASURE.columns(moved)
    with pytest.raises(DataError, match=r"The measure adding_mistakes reads mistake, but rows of paraphrase were given"):
        MEASURE.columns(rows.assign(intervention="paraphrase"))
