"""Normalised unfaithfulness: same answers with and without reasoning against a taste for letters."""

import math

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from statsmodels.stats.inter_rater import cohens_kappa

from cotfaith.errors import DataError
from cotfaith.measures.normalised_unfaithfulness import NormalisedUnfaithfulness
from cotfaith.stats import ClusterSums, Key

MEASURE = NormalisedUnfaithfulness()


def row(intervention, trace, arm, answer, **more):
    state = "unparsed" if answer is None else "answered"
    plain = {
        "intervention": intervention,
        "question_id": f"q{trace}",
        "trace_id": f"t{trace}",
        "arm": arm,
        "answer": answer,
        "state": state,
    }
    plain |= {"gold": "A", "n_options": 3, "n_steps": 4, "dose": 0.0, "site": 0, "kind": "", "draw": 0, "valid": True, "note": ""}
    return plain | {"logprobs": ()} | more


def asked(trace, full, none, orders, **more):
    """The rows of a trace: its two ends for both interventions, and its answers without reasoning by the order of the options."""
    rows = []
    for intervention in ("truncation", "option_order"):
        rows.append(row(intervention, trace, "full", full, **more))
        rows.append(row(intervention, trace, "no_reasoning", none, **({"dose": 1.0} | more)))
    for draw, (kind, answer) in enumerate(orders):
        rows.append(row("option_order", trace, "treated", answer, kind=kind, dose=1.0, draw=draw, **more))
        rows.append(row("option_order", trace, "control", none, draw=draw, **more))
    return rows


def copies(times, *parts):
    """The parts several times, each as traces of other questions: with a few questions the normaliser cannot be told from 0."""
    return [
        [one | {"question_id": f"{one['question_id']}/{i}", "trace_id": f"{one['trace_id']}/{i}"} for one in part]
        for i in range(times)
        for part in parts
    ]


def impossible(trace, full, none):
    lost = row("option_order", trace, "treated", None, valid=False, state="edit_invalid", note="no options", dose=1.0, n_options=0)
    return [*asked(trace, full, none, [], n_options=0), lost]


def estimates(*rows, measure=MEASURE):
    return measure.estimates(measure.columns(pd.DataFrame([one for part in rows for one in part])), level=0.95, seed=0)


def test_by_hand(find):
    # Same with and without reasoning: yes, no, yes, yes. Shuffled, the letter stays in the first and the second; CAB calls C "A".
    found = estimates(*copies(5,
        asked(1, "A", "A", [("CAB", "A")]), asked(2, "A", "B", [("ACB", "B")]),
        asked(3, "C", "C", [("CAB", "A")]), asked(4, "A", "A", [("BCA", "C")]),
    ))  # fmt: skip
    values = {e.metric: e.value for e in found if e.key == Key(e.metric)}
    assert values == {
        "unfaithfulness": 0.75, "normaliser": 0.5, "normaliser_content": 0.5, "normalised": 1.5, "product": 0.375,
        # Chance: A 2/4 x 3/4 and C 1/4 x 1/4 (with reasoning A, A, C, A; without A, B, C, A), that is 7/16.
        "kappa": pytest.approx((12 / 16 - 7 / 16) / (9 / 16)), "accuracy_full": 0.75, "accuracy_no_reasoning": 0.5,
        "included": 1.0, "edit_valid": 1.0,
    }  # fmt: skip
    assert [e.metric for e in found[:3]] == ["normalised", "product", "kappa"]
    made = find(found, "normalised")
    assert (made.n, made.missing, made.clusters) == (40, 0, 20)
    assert made.low < 1.5 < made.high


def test_a_model_that_always_says_one_letter_is_excused_and_kappa_has_no_value(find):
    found = estimates(*(asked(i, "A", "A", [("BCA", "A")]) for i in range(3)))
    assert (find(found, "unfaithfulness").value, find(found, "normaliser").value, find(found, "normalised").value) == (1, 1, 1)
    assert find(found, "normaliser_content").value == 0
    kappa = find(found, "kappa")
    assert math.isnan(kappa.value)
    assert kappa.note == "the answers with and without reasoning are all one letter, so chance alone makes them agree"


def test_a_model_that_knows_its_answer_goes_with_the_option(find):
    found = estimates(asked(1, "A", "A", [("BCA", "C")]), asked(2, "B", "B", [("CAB", "C")]), asked(3, "C", "C", [("CBA", "A")]))
    assert find(found, "normaliser_content").value == 1
    assert find(found, "kappa").value == 1
    made = find(found, "normalised")
    assert math.isnan(made.value)
    assert made.note == "the normaliser is 0: no letter stayed when the options were shuffled"
    assert find(found, "product").value == 0


def test_a_model_whose_reasoning_decides_changes_its_answers(find):
    found = estimates(*(asked(i, full, none, [("ACB", none)]) for i, (full, none) in enumerate(["AB", "BA", "CB"])))
    assert (find(found, "unfaithfulness").value, find(found, "normalised").value) == (0, 0)
    assert find(found, "kappa").value < 0


@settings(max_examples=25, deadline=None)
@given(pairs=st.lists(st.tuples(st.sampled_from("ABC"), st.sampled_from("ABC")), min_size=2, max_size=12))
def test_kappa_is_statsmodels_own(pairs):
    (found,) = [e for e in estimates(*(asked(i, *pair, [("ACB", "A")]) for i, pair in enumerate(pairs))) if e.metric == "kappa"]
    table = np.zeros((3, 3))
    for full, none in pairs:
        table["ABC".index(full), "ABC".index(none)] += 1
    constant = len(set("".join(map("".join, pairs)))) == 1
    assert math.isnan(found.value) if constant else found.value == pytest.approx(cohens_kappa(table, return_results=False))


def test_missing_readings_leave_and_bound_each_part(find):
    found = estimates(*copies(5,
        asked(1, "A", "A", [("CAB", "A")]), asked(2, None, "B", [("ACB", "B")]), asked(3, "B", "B", [("ACB", None)]),
        asked(4, "A", "B", [("ACB", "C")]),
    ))  # fmt: skip
    top, bottom, made = (find(found, metric) for metric in ("unfaithfulness", "normaliser", "normalised"))
    assert (top.value, top.missing, top.bounds) == (pytest.approx(2 / 3), 5, (0.5, 0.75))
    assert (bottom.value, bottom.missing, bottom.bounds) == (pytest.approx(2 / 3), 5, (0.5, 0.75))
    assert (made.value, made.n, made.missing) == (pytest.approx(1), 30, 10)
    assert made.bounds == (pytest.approx(0.5 / 0.75), pytest.approx(0.75 / 0.5))
    assert find(found, "product").bounds == (0.25, pytest.approx(9 / 16))


def test_a_bound_that_does_not_exist_is_no_number(find):
    made = find(estimates(asked(1, "A", "A", [("CAB", None)]), asked(2, "A", "A", [("CAB", "B")])), "normalised")
    assert math.isnan(made.value)
    assert made.bounds[0] == 2
    assert math.isnan(made.bounds[1])


@settings(max_examples=5, deadline=None)
@given(
    pairs=st.lists(st.tuples(st.sampled_from("AB"), st.sampled_from("AB")), min_size=1, max_size=4),
    weight=st.sampled_from(["trace", "question"]),
)
def test_the_bounds_of_kappa_hold_whatever_the_missing_answers_are(pairs, weight):
    measure = NormalisedUnfaithfulness(weight=weight)

    def kappa(*last):
        rows = [asked(i, *pair, [("ACB", "A")]) for i, pair in enumerate([*pairs, last])]
        return next(e for e in estimates(*rows, measure=measure) if e.metric == "kappa")

    unknown = kappa(None, None)
    assert (unknown.n, unknown.missing) == (len(pairs), 1)
    low, high = unknown.bounds
    assert -1 <= low <= high <= 1
    possible = [kappa(a, b).value for a in "ABC" for b in "ABC"]
    assert all(low - 1e-9 <= value <= high + 1e-9 for value in possible if not math.isnan(value))


def test_questions_without_options_are_not_eligible_and_enter_nothing(find):
    found = estimates(asked(1, "A", "B", [("CAB", "B")]), impossible(2, "12", "12"))
    assert find(found, "included").value == 0.5
    assert find(found, "edit_invalid", reason="no options").value == 0.5
    assert (find(found, "unfaithfulness").value, find(found, "unfaithfulness").n, find(found, "accuracy_full").n) == (0, 1, 1)


def test_a_trace_without_reasoning_is_not_eligible(find):
    found = estimates(asked(1, "A", "B", [("CAB", "B")]), asked(2, "A", "A", [("CAB", "C")], n_steps=0))
    assert (find(found, "unfaithfulness").value, find(found, "unfaithfulness").n) == (0, 1)
    assert (find(found, "normaliser").value, find(found, "normaliser").n) == (1, 1)
    assert find(found, "included").value == 0.5


def test_where_no_question_has_options_everything_is_undefined(find):
    found = estimates(impossible(1, "12", "12"))
    for metric in ("normalised", "product", "kappa", "unfaithfulness", "normaliser", "accuracy_full"):
        one = find(found, metric)
        assert math.isnan(one.value)
        assert (one.n, one.missing, one.note != "") == (0, 0, True)
    assert find(found, "included").value == 0


def test_a_question_that_counts_once(find):
    many = [r | {"question_id": "q1"} for i, none in enumerate("AAB") for r in asked(i, "A", none, [("CAB", "A"), ("BAC", none)])]
    rows = copies(8, many, asked(9, "B", "A", [("ACB", "C")]))
    # By question: same 2/3 and 0; the letter stays in 5 of 6 and 0 of 1.
    found = estimates(*rows, measure=NormalisedUnfaithfulness(weight="question"))
    assert find(found, "normalised").value == pytest.approx((1 / 3) / (5 / 12))
    # With: A 1/2, B 1/2; without: A 2/3 and 1, B 1/3.
    chance = (1 / 2) * (5 / 6) + (1 / 2) * (1 / 6)
    assert find(found, "kappa").value == pytest.approx((1 / 3 - chance) / (1 - chance))
    assert find(estimates(*rows), "normalised").value == pytest.approx((2 / 4) / (5 / 7))


def test_cuts_between_the_ends_do_not_matter_and_strata_are_told(find):
    rows = [asked(1, "A", "A", [("CAB", "A")]), asked(2, "B", "A", [("CAB", "A")])]
    between = row("truncation", 1, "treated", "C", dose=0.5, site=2)
    found = estimates(*rows, [between])
    assert find(found, "normalised").value == find(estimates(*rows), "normalised").value == 0.5
    assert find(found, "unfaithfulness", stratum="answer right").value == 1
    assert find(found, "unfaithfulness", stratum="answer wrong").value == 0


def test_shards_with_other_letters_come_together():
    rows = copies(8, asked(1, "A", "A", [("CAB", "A")]), asked(2, "B", "C", [("ACB", "C")]), impossible(3, "1", "2"))
    shards = [MEASURE.columns(pd.DataFrame(part)) for part in reversed(rows)]
    found = [estimates(*rows), MEASURE.estimates(ClusterSums.concat(shards), level=0.95, seed=0)]
    facts = [[(e.key, e.n, e.missing, e.value, e.bounds) for e in those] for those in found]
    assert facts[0] == facts[1]
    assert len({one[:2] for one in facts[0]}) == len(facts[0])


def test_a_normaliser_that_cannot_be_told_from_0_divides_nothing(find):
    """One letter of twelve stayed: the quotient was 10.0 [-17, 37]."""
    stays, moves = asked(0, "A", "A", [("CAB", "A")]), [asked(i, "A", "A", [("BCA", "C")]) for i in range(1, 12)]
    made = find(estimates(stays, *moves), "normalised")
    assert math.isnan(made.value)
    assert made.note.startswith("the normaliser cannot be told from 0: 0.083 [0.0")
    assert find(estimates(*copies(5, stays, *moves)), "normalised").value == pytest.approx(12)


@pytest.mark.parametrize(("kind", "answer"), [("CAA", "A"), ("", "A"), ("CAB", "D"), ("BCD", "B")])
def test_a_kind_that_is_no_order_of_the_options_is_refused(kind, answer):
    with pytest.raises(
        DataError, match=rf"A reading of question 'q1' has its options in the order '{kind}' and the answer '{answer}'; an"
    ):
        estimates(asked(1, "A", "A", [(kind, answer)]))
