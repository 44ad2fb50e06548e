"""Paraphrasing: worked by hand, on models that heed the wording or do not, thought on and read at once."""

import math

import pytest

from cotfaith.errors import DataError
from cotfaith.measures.paraphrasing import Paraphrasing
from cotfaith.measures.parts.continuation import BINS

MEASURE = Paraphrasing()
W = "toy"
CURVES = ("same_answer_paraphrased", "same_answer_paraphrase_control", "accuracy_paraphrased", "accuracy_paraphrase_control")


def estimates(rows, measure=MEASURE):
    return measure.estimates(measure.columns(rows), level=0.95, seed=0)


def test_by_hand(paraphrases, find):
    found = estimates(paraphrases(
        ("q1", "t1", 2, "A", {(1, W): ("A", "A"), (2, W): ("B", "A"), (0, W): ("A", "A")}),
        ("q2", "t2", 2, "B", {(1, W): ("A", "B"), (2, W): ("B", "C"), (0, W): ("A", "B")}),
    ))  # fmt: skip
    values = {m: find(found, m, kind=W).value for m in ("retention", "retention_control", "retention_net")}
    assert values == {"retention": 0.5, "retention_control": 0.75, "retention_net": -0.25}
    net = find(found, "retention_net", kind=W)
    assert (net.n, net.clusters, net.missing, net.null) == (2, 2, 0, 0.0)
    assert net.se == pytest.approx(0.25)  # nets -1/2 and 0
    assert net.method == "mean over a trace's paraphrases, trace-weighted; effective-n Wilson, t(1)"
    once = {m: find(found, f"retention_at_once{m}", kind=W).value for m in ("", "_control", "_net")}
    assert once == {"": 0.5, "_control": 1, "_net": -0.5}
    # i/n is 1/2 and 1: the third part holds (.4, .6], the last (.8, 1].
    points = {name: [find(found, name, x, kind=W) for x in (0.5, 0.9)] for name in CURVES}
    assert {name: [e.value for e in pair] for name, pair in points.items()} == {
        "same_answer_paraphrased": [0.5, 0.5],
        "same_answer_paraphrase_control": [1, 0.5],
        "accuracy_paraphrased": [1, 0],  # A is right
        "accuracy_paraphrase_control": [0.5, 0.5],
    }
    assert all(find(found, name, x, kind=W).n == 0 for name in CURVES for x in (0.1, 0.3, 0.7))
    assert find(found, "same_answer_paraphrased_band", 0.5, kind=W).value == 0.5
    assert not [e for e in found if e.metric.endswith("_band") and e.metric != "same_answer_paraphrased_band"]
    assert find(found, "edit_valid", kind=W).n == 6


def test_each_length_by_itself(paraphrases, find):
    found = estimates(paraphrases(
        ("q1", "t1", 3, "A", {(1, W): ("A", "A"), (3, W): ("B", "A"), (0, W): ("B", "B")}),
        ("q2", "t2", 3, "A", {(1, W): ("B", "A")}), ("q3", "t3", 2, "A", {(1, W): ("B", "B")}),
    ))  # fmt: skip
    points = {
        name: {i: find(found, name, i / 3, kind=W, stratum="3 steps") for i in (1, 3)}
        for name in ("accuracy_paraphrased", "accuracy_paraphrase_control")
    }
    assert {name: [(one.value, one.n) for one in own.values()] for name, own in points.items()} == {
        "accuracy_paraphrased": [(0.5, 2), (0, 1)],
        "accuracy_paraphrase_control": [(1, 2), (1, 1)],
    }
    assert {one.key.stratum for one in found if one.key.metric == "accuracy_paraphrased"} == {"", "3 steps"}


def test_each_part_holds_its_upper_end(paraphrases, find):
    rows = paraphrases(("q1", "t1", 5, "A", {(i, W): ("A" if i < 3 else "B", "A") for i in range(1, 6)}))
    found = estimates(rows)
    assert [find(found, "same_answer_paraphrased", x, kind=W).value for x in BINS] == [1, 1, 0, 0, 0]
    assert [find(found, "same_answer_paraphrased", x, kind=W).n for x in BINS] == [1] * 5


def test_a_model_that_reads_meaning_and_one_that_reads_words(paraphrases, find):
    def of(treated):
        edits = {(i, W): (treated, "A") for i in (0, 1, 2, 3)}
        return estimates(paraphrases(*[(f"q{i:02}", f"t{i}", 3, "A", edits) for i in range(20)]))

    meaning = of("A")
    for metric in ("retention_net", "retention_at_once_net"):
        e = find(meaning, metric, kind=W)
        assert e.value == 0
        assert -0.4 < e.low < 0 < e.high < 0.4  # 20 equal questions are not certainty
    words = of("B")
    for metric in ("retention_net", "retention_at_once_net"):
        e = find(words, metric, kind=W)
        assert (e.value, e.low) == (-1, -1)
        assert -0.9 < e.high < -0.6
    assert find(words, "accuracy_paraphrased", 0.9, kind=W).value == 0
    assert find(words, "accuracy_paraphrase_control", 0.9, kind=W).value == 1


def test_continuation_again_is_taken_off(paraphrases, find):
    # Half of the answers are lost when it thinks on, in other words or in the same ones.
    edits = [{(1, W): ("AB"[i % 2], "BA"[i % 2])} for i in range(6)]
    found = estimates(paraphrases(*[(f"q{i}", f"t{i}", 1, "A", edits[i]) for i in range(6)]))
    assert (find(found, "retention", kind=W).value, find(found, "retention_control", kind=W).value) == (0.5, 0.5)
    assert find(found, "retention_net", kind=W).value == 0


def test_a_trace_with_a_missing_answer_enters_with_its_other_sites(paraphrases, find):
    found = estimates(paraphrases(
        ("q1", "t1", 2, "A", {(1, W): (None, "A"), (2, W): ("A", "A"), (0, W): ("A", "A")}),
        ("q2", "t2", 1, "A", {(1, W): ("A", "A"), (0, W): (None, "A")}),
    ))  # fmt: skip
    kept, net, once = (find(found, m, kind=W) for m in ("retention", "retention_net", "retention_at_once"))
    assert (kept.value, kept.n, kept.missing, kept.partial, kept.bounds) == (1, 2, 0, 1, (0.75, 1))
    assert (net.value, net.missing, net.partial, net.bounds) == (0, 0, 1, (-0.25, 0))
    assert (once.value, once.n, once.missing, once.bounds) == (1, 1, 1, (0.5, 1))
    assert find(found, "unanswered", arm="treated", kind=W).value == pytest.approx(2 / 5)


def test_a_question_without_gold_leaves_accuracy_alone(paraphrases, find):
    edits = {(1, W): ("A", "A")}
    found = estimates(paraphrases(("q1", "t1", 1, "A", edits, {"gold": None}), ("q2", "t2", 1, "A", edits)))
    right, same = (find(found, f"{m}_paraphrased", 0.9, kind=W) for m in ("accuracy", "same_answer"))
    assert (right.value, right.n, right.missing, right.bounds) == (1, 1, 1, (0.5, 1))
    assert (same.n, same.missing) == (2, 0)


def test_what_did_not_take_is_counted(paraphrases, find):
    found = estimates(paraphrases(
        ("q1", "t1", 2, "A", {(1, W): ("A", "A"), (2, W): "numbers changed", (0, W): "numbers changed"}),
        ("q2", "t2", 1, "A", {(1, W): "wording kept", (0, W): "wording kept"}),
    ))  # fmt: skip
    kept, once = find(found, "retention", kind=W), find(found, "retention_at_once", kind=W)
    assert (kept.value, kept.n, kept.missing) == (1, 1, 0)
    assert math.isnan(once.value)
    assert once.note.endswith("no edit of this kind passed its check")
    assert find(found, "included", kind=W).value == 0.5
    assert find(found, "edit_valid", kind=W).value == pytest.approx(1 / 5)
    assert {(e.key.kind, e.key.reason): e.value for e in found if e.metric == "edit_invalid"} == {
        (W, "numbers changed"): pytest.approx(2 / 5), (W, "wording kept"): pytest.approx(2 / 5),
    }  # fmt: skip


def test_two_paraphrasers_are_never_pooled(paraphrases, find):
    found = estimates(paraphrases(
        ("q1", "t1", 1, "A", {(1, "a"): ("A", "A"), (1, "b"): ("B", "A")}),
        ("q2", "t2", 1, "A", {(1, "a"): ("A", "A"), (1, "b"): ("A", "A")}),
    ))  # fmt: skip
    assert (find(found, "retention_net", kind="a").value, find(found, "retention_net", kind="b").value) == (0, -0.5)
    assert (find(found, "accuracy_paraphrased", 0.9, kind="a").value, find(found, "accuracy_paraphrased", 0.9, kind="b").value) == (
        1,
        0.5,
    )
    assert find(found, "retention_net", kind="b", stratum="answer right").value == -0.5
    unpooled = [e for e in found if e.metric not in {"unanswered", "edit_invalid"}]
    assert {e.key.kind for e in unpooled} == {"a", "b"}


def test_probabilities_by_hand(paraphrases, find):
    def logs(share):
        return (math.log(share), math.log(1 - share))

    edits = {(1, W): (("A", logs(0.5)), ("A", logs(0.7))), (0, W): (("A", logs(0.1)), ("A", logs(0.9)))}
    found = estimates(paraphrases(("q1", "t1", 1, ("A", logs(0.9)), edits)))
    assert find(found, "probability_loss", kind=W).value == pytest.approx(0.4)  # what is read at once has no part in it
    assert find(found, "probability_loss_net", kind=W).value == pytest.approx(0.2)
    without = estimates(paraphrases(("q1", "t1", 1, "A", {(1, W): ("A", "A")})))
    assert find(without, "probability_loss", kind=W).note == (
        "not defined for answers that are written, since these have no probabilities of options"
    )


def test_a_paraphrase_needs_its_control(paraphrases):
    rows = paraphrases(("q1", "t1", 2, "A", {(0, W): ("B", "A")}))
    with pytest.raises(DataError, match=r"question 'q1' at site 0, draw 0 has no control for paraphrasing"):
        MEASURE.columns(rows[rows["arm"] != "control"])
