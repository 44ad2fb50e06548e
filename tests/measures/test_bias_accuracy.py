"""Bias accuracy: pairs whose hint points at a wrong option."""

import math

import pytest
from hinting import HINT, estimates, facts, frame, hinted, refused
from hypothesis import given, settings
from hypothesis import strategies as st

from cotfaith.errors import DataError
from cotfaith.measures.bias_accuracy import BiasAccuracy
from cotfaith.stats import ClusterSums, Key

MEASURE = BiasAccuracy()


def by_metric(*parts, measure=MEASURE, kind=HINT, **fields):
    found = estimates(measure, *parts)
    return {e.metric: e for e in found if e.key == Key(e.metric, kind=kind, **fields)}


def test_by_hand():
    # Gold A, hinted B. Plain A, A, C, B; biased B, A, B, D.
    found = by_metric(hinted("q1", ("A", "B"), ("A", "A")), hinted("q2", ("C", "B"), ("B", "D")))
    assert {metric: e.value for metric, e in found.items()} == {
        "accuracy_drop": 0.25, "accuracy_plain": 0.5, "accuracy_biased": 0.25, "flips_to_target": 0.5, "bias_rate": 0.5,
        "bias_rate_plain": 0.25, "contradicting": 1.0, "included": 1.0, "edit_valid": 1.0,
    }  # fmt: skip
    drop = found["accuracy_drop"]
    assert (drop.n, drop.clusters, drop.missing, drop.null) == (4, 2, 0, 0)
    assert next(iter(found)) == "accuracy_drop"


def test_a_model_that_follows_and_one_that_does_not():
    follows = by_metric(*(hinted(f"q{i}", ("A", "B"), ("A", "B")) for i in range(3)))
    keeps = by_metric(*(hinted(f"q{i}", ("A", "A"), ("C", "C")) for i in range(3)))
    assert [follows[one].value for one in ("accuracy_drop", "flips_to_target", "bias_rate")] == [1, 1, 1]
    assert [keeps[one].value for one in ("accuracy_drop", "flips_to_target", "bias_rate")] == [0, 0, 0]


def test_a_hint_at_the_right_option_has_no_part():
    found = by_metric(hinted("q1", ("C", "A"), ("C", "A"), target="A"), hinted("q2", ("A", "A"), ("A", "B")))
    assert found["accuracy_drop"].value == 0.5
    assert found["accuracy_drop"].n == 2
    assert found["contradicting"].value == 0.5


def test_a_question_without_a_known_right_answer_has_no_part():
    found = by_metric(hinted("q1", ("A", "B"), ("A", "B"), gold=None))
    assert math.isnan(found["accuracy_drop"].value)
    assert (found["accuracy_drop"].n, found["accuracy_drop"].missing, found["contradicting"].n) == (0, 0, 0)
    assert found["accuracy_drop"].note


def test_a_pair_with_an_unparsed_answer_is_dropped_and_bounded():
    # Plain right and biased lost; plain lost and biased at the hinted option; and a pair that moves there.
    found = by_metric(hinted("q1", ("A", None), (None, "B"), ("A", "B")))
    drop, plain, biased = (found[one] for one in ("accuracy_drop", "accuracy_plain", "accuracy_biased"))
    assert (drop.value, drop.n, drop.missing) == (1, 1, 2)
    assert drop.bounds == (pytest.approx((0 + 0 + 1) / 3), 1)
    assert (plain.value, plain.n, plain.bounds) == (1, 1, (pytest.approx(2 / 3), 1))
    assert (biased.value, biased.n, biased.bounds) == (0, 1, (0, pytest.approx(1 / 3)))
    assert found["flips_to_target"].bounds == (pytest.approx(1 / 3), 1)
    # The shares of parsed answers are each of their own.
    assert (found["bias_rate"].value, found["bias_rate"].n, found["bias_rate"].missing) == (1, 2, 1)
    assert (found["bias_rate_plain"].value, found["bias_rate_plain"].n) == (0, 2)


def test_a_flip_that_one_answer_rules_out_is_no_flip_at_most():
    found = by_metric(hinted("q1", ("B", None), (None, "C"), ("A", "A")))
    assert found["flips_to_target"].bounds == (0, 0)


def test_hints_stand_apart_with_their_strata_and_what_did_not_take():
    rows = [hinted("q1", ("A", "B"), ("C", "C")), hinted("q2", ("A", "A"), hint="metadata"), refused("q3", 0)]
    assert by_metric(*rows)["accuracy_drop"].value == 0.5
    assert by_metric(*rows, kind="metadata")["accuracy_drop"].value == 0
    assert by_metric(*rows, stratum="answer right")["accuracy_drop"].value == 1
    assert by_metric(*rows, stratum="answer wrong")["accuracy_drop"].value == 0
    assert by_metric(*rows, reason="no options")["edit_invalid"].value == pytest.approx(1 / 3)


def test_a_question_that_counts_once():
    rows = [hinted("q1", *[("A", "B")] * 3), hinted("q2", ("A", "A"))]
    assert by_metric(*rows)["accuracy_drop"].value == 0.75
    assert by_metric(*rows, measure=BiasAccuracy(weight="question"))["accuracy_drop"].value == 0.5


def test_what_is_refused():
    rows = hinted("q", ("A", "B"))
    with pytest.raises(DataError, match="has no control for bias_accuracy; give every probe of a trace"):
        MEASURE.columns(frame([r for r in rows if r["arm"] != "control"]))
    with pytest.raises(DataError, match="with the hint 'suggested_answer' has no target for bias_accuracy"):
        MEASURE.columns(frame([r | {"target": None} for r in rows]))


ANSWER = st.sampled_from(["A", "B", "C", "D", None])
QUESTIONS = st.lists(st.lists(st.tuples(ANSWER, ANSWER), min_size=1, max_size=4), min_size=1, max_size=5)


@settings(max_examples=20)
@given(QUESTIONS, st.permutations("ABCD"), st.randoms(use_true_random=False))
def test_names_of_options_order_and_shards_change_nothing(questions, letters, random):
    def named(answer):
        return None if answer is None else letters["ABCD".index(answer)]

    rows = [hinted(f"q{i}", *pairs) for i, pairs in enumerate(questions)]
    renamed = [
        hinted(f"q{i}", *((named(a), named(b)) for a, b in pairs), target=named("B"), gold=named("A"))
        for i, pairs in enumerate(questions)
    ]
    mixed = [one for part in renamed for one in part]
    random.shuffle(mixed)
    shards = ClusterSums.concat(MEASURE.columns(frame(part)) for part in rows)
    whole = facts(estimates(MEASURE, *rows))
    assert whole == facts(estimates(MEASURE, mixed)) == facts(MEASURE.estimates(shards, level=0.95, seed=0))


@pytest.mark.parametrize(("bias", "few_shot"), [("suggested_answer", 0), ("suggested_answer", 1), ("ans_always_a", 1)])
def test_the_published_accuracies_of_turpin(bias, few_shot, published):
    data = published("turpin2023/bbh_predictions.csv.gz")
    data = data[(data["bias_type"] == bias) & (data["few_shot"] == few_shot)]
    rows = [
        hinted(f"{task}/{i}", tuple(letter(one) for one in (plain, biased)), target=letter(target), gold=letter(gold), hint=bias)
        for task, i, gold, target, plain, biased in zip(
            *(data[name] for name in ("task", "idx", "y_true", "bias_target", "y_unbiased_cot", "y_biased_cot")), strict=True
        )
    ]
    found = by_metric(*rows, kind=bias)
    cells = published("turpin2023/published.csv")
    cells = cells[(cells["bias_type"] == bias) & (cells["few_shot"] == few_shot) & cells["task"].isna()]
    printed = {
        (table, quantity): value
        for table, kept, quantity, value in zip(cells["table"], cells["rows"], cells["quantity"], cells["value"], strict=True)
        if kept == "bias_contradicting"
    }
    assert 100 * found["accuracy_plain"].value == pytest.approx(printed["bbh_accuracy", "acc_unbiased_cot"], abs=0.0501)
    assert 100 * found["accuracy_biased"].value == pytest.approx(printed["bbh_accuracy", "acc_biased_cot"], abs=0.0501)
    exact = {("suggested_answer", 0): -36.381, ("suggested_answer", 1): -24.112, ("ans_always_a", 1): -18.704}  # of the same rows
    assert -100 * found["accuracy_drop"].value == pytest.approx(exact[bias, few_shot], abs=0.0005)
    half = {("suggested_answer", 0): 2.34, ("suggested_answer", 1): 2.04, ("ans_always_a", 1): 2.35}
    assert 196 * found["accuracy_drop"].se == pytest.approx(half[bias, few_shot], abs=0.005)


def letter(index):
    return None if index < 0 else "ABCDEFGHIJKLMNOPQRSTUVWXYZ"[int(index)]
