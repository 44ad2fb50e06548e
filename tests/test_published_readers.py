"""Readers of published outputs: made-up rows become readings, what cannot be parsed is missing, and what cannot be is refused."""

import math

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from publishing import bbh, bbq, iphr, only

from benchmarks.published import arcuschin2025, released, turpin2023
from cotfaith.errors import DataError
from cotfaith.measures.bbq_evidence import BbqEvidence
from cotfaith.measures.bias_accuracy import BiasAccuracy
from cotfaith.measures.parts.answer_arrays import COLUMNS
from cotfaith.measures.reversed_pairs import Thresholds, unfaithful

# --- readers of Turpin et al. ---------------------------------------------------------------------------------------------


def test_predictions_become_readings():
    made = turpin2023.bbh_readings(bbh((0, 1, 0, 1), (2, 1, 2, -1)), "cot")
    assert set(COLUMNS) | {"target", "note"} <= set(made)
    treated = made[made["arm"] == "treated"].set_index("question_id")
    assert treated.loc["task/0", ["gold", "target", "answer", "state", "kind"]].tolist() == [
        "A",
        "B",
        "B",
        "answered",
        "suggested_answer",
    ]
    assert treated.loc["task/1", ["gold", "target", "state"]].tolist() == ["C", "B", "unparsed"]
    assert treated.loc["task/1", "answer"] is None or math.isnan(treated.loc["task/1", "answer"])
    assert sorted(made["arm"]) == ["control"] * 2 + ["full"] * 2 + ["no_reasoning"] * 2 + ["treated"] * 2


def test_an_unparsed_answer_is_missing_counted_and_bounded_and_the_paper_drops_its_row():
    # Right and then misled; right and then lost; and lost and then misled.
    rows = bbh((0, 1, 0, 1), (0, 1, 0, -1), (0, 1, -1, 1))
    measure = BiasAccuracy()
    found = measure.estimates(measure.columns(turpin2023.bbh_readings(rows, "cot")), level=0.95, seed=0)
    drop = only(found, "accuracy_drop", kind="suggested_answer")
    assert (drop.value, drop.n, drop.missing) == (1.0, 1, 2)
    assert drop.bounds == (pytest.approx(1 / 3), 1.0)
    columns = ("y_biased_cot", "y_unbiased_cot")
    assert turpin2023.kept(rows, columns)["idx"].tolist() == [0]


def test_unparsed_answers_are_missing_from_what_no_measure_reports_too():
    found = turpin2023.other_estimates(bbh((0, 1, 0, 1), (0, 1, 0, -1), (0, 1, 2, 2)), "cot")
    for name, value, bounds in (
        ("all|unfaithful", 1 / 2, (1 / 3, 2 / 3)),
        ("all|explained", 1.0, (1 / 2, 1.0)),
        ("bias_contradicting|correct_to_bias", 1 / 2, (1 / 3, 2 / 3)),
    ):
        assert (found[name].value, found[name].missing) == (pytest.approx(value), 1)
        assert found[name].bounds == pytest.approx(bounds)


def test_what_no_measure_reports_by_hand():
    # Gold 0, biased 1, but in the last two, where the bias is right.
    rows = [(0, 1, 0, 1), (0, 1, 1, 0), (0, 1, 0, 2), (0, 1, 2, 0), (0, 1, 0, 0), (0, 0, 0, 0), (0, 0, 1, 0)]
    found = turpin2023.other_estimates(bbh(*rows), "cot")
    assert {name: (round(one.value, 6), one.n) for name, one in found.items()} == {
        "bias_consistent|acc_unbiased": (0.5, 2), "bias_consistent|acc_biased": (1.0, 2),
        "bias_contradicting|correct_to_bias": (0.2, 5), "bias_contradicting|bias_to_correct": (0.2, 5),
        "bias_contradicting|correct_to_other_wrong": (0.2, 5), "bias_contradicting|other_wrong_to_correct": (0.2, 5),
        "all|unfaithful": (round(5 / 7, 6), 7), "all|explained": (0.4, 5),
        "bias_contradicting|unfaithful": (0.8, 5), "bias_contradicting|explained": (0.25, 4),
    }  # fmt: skip


def test_bbq_pairs_become_readings_that_are_missing_where_unparsed_and_unexplained_without_a_stereotype():
    rows = bbq((0, 0), (0, 1), (-1, 0), (1, 2, math.nan))
    measure = BbqEvidence()
    own, named = turpin2023.bbq_clusters(rows, None)
    assert (own.tolist(), named) == (["SES/0", "SES/1", "SES/2", "SES/3"], turpin2023.FILLED_IN)
    found = measure.estimates(measure.columns(turpin2023.bbq_readings(rows, "cot", own)), level=0.95, seed=0)
    share, why = only(found, "unfaithful"), only(found, "explained_by_bias")
    assert (share.value, share.n, share.missing, share.bounds) == (pytest.approx(2 / 3), 3, 1, (0.5, 0.75))
    assert (why.value, why.n, why.missing) == (0.5, 2, 1)
    assert turpin2023.kept(rows, turpin2023.BBQ[-4:])["idx"].tolist() == [0, 1, 3]


def test_templates_come_from_the_questions_where_they_are_given(tmp_path):
    rows, path = bbq((0, 0), (0, 1), (1, 1)), tmp_path / "questions.jsonl"
    said = pd.DataFrame({"category": "SES", "example_id": [0, 4, 8], "question_index_y": [7, 7, 9]})
    said.to_json(path, orient="records", lines=True)
    own, named = turpin2023.bbq_clusters(rows.iloc[[2, 0]], path)
    assert (own.tolist(), named) == (["SES/9", "SES/7"], turpin2023.TEMPLATES)
    said.assign(example_id=[0, 4, 12]).to_json(path, orient="records", lines=True)
    with pytest.raises(
        DataError, match=r"^The questions in .* are not those of the BBQ pairs; give all of them in the order of idx\.$"
    ):
        turpin2023.bbq_clusters(rows, path)
    said.iloc[:2].to_json(path, orient="records", lines=True)
    with pytest.raises(DataError, match="are not those of the BBQ pairs"):
        turpin2023.bbq_clusters(rows, path)


@pytest.mark.parametrize("bad", [-2, 26, 0.5, math.nan])
def test_what_is_no_option_is_refused(bad):
    with pytest.raises(
        DataError, match=rf"^The column y has {bad}, which is no option; give 0-based options, and -1 for no answer\.$"
    ):
        released.letters(pd.Series([0, bad], name="y"))


def test_blanks_have_their_letter_where_it_is_said():
    assert released.letters(pd.Series([0.0, math.nan, -1.0]), strange="-").tolist() == ["A", "-", None]


def test_a_printed_cell_that_is_none_of_ours_is_refused():
    rows = bbh((0, 1, 0, 1), (0, 1, 0, 0))
    found = turpin2023.estimates(rows, bbq((0, 0), (0, 1)), np.array(["a", "b"], dtype=object))
    one = {
        "table": "bbq",
        "bias_type": None,
        "few_shot": 0,
        "rows": "all",
        "task": None,
        "quantity": "unfaithful_cot",
        "value": 50.0,
    }
    (made,) = turpin2023.compared(pd.DataFrame([one]), found)
    assert (made.equal, made.setting, made.name, made.n, made.clusters) == (True, "zero-shot, all", "unfaithful_cot", 2, 2)
    with pytest.raises(
        DataError, match=r"^published.csv has the cell bbq, , 1, all, , unfaithful_cot, but no estimate belongs to it"
    ):
        turpin2023.compared(pd.DataFrame([one | {"few_shot": 1}]), found)


# --- readers of Arcuschin et al. ------------------------------------------------------------------------------------------


def test_questions_are_paired_within_property_and_comparison():
    rows = pd.concat([iphr((1.0, 0.2), (0.9, 0.5)), iphr((0.6, 1.0), comparison="lt")], ignore_index=True)
    found = arcuschin2025.paired(rows.sample(frac=1, random_state=0)).set_index("pair")
    assert found.index.tolist() == ["prop, gt: a0 | b0", "prop, gt: a1 | b1", "prop, lt: a0 | b0"]
    assert found["lean"].tolist() == pytest.approx([(1.0 + 0.8 + 0.9 + 0.5) / 4 - 0.5] * 2 + [-0.2])
    # Of even pairs the question that is right with YES has the second entity first.
    assert found["yes_plain"].tolist() == [False, True, False]
    assert found["right_plain"].tolist() == [0.2, 0.9, 1.0]
    assert found["right_back"].tolist() == [1.0, 0.5, 0.6]


@pytest.mark.parametrize(
    "spoil", [lambda rows: rows.iloc[1:], lambda rows: rows.assign(answer="YES"), lambda rows: pd.concat([rows, rows])]
)
def test_a_question_without_its_one_reversal_is_refused(spoil):
    with pytest.raises(
        DataError, match=r"^The pair 'prop, gt: a0 \| b0' is not a question and its reversal, one with the answer YES"
    ):
        arcuschin2025.paired(spoil(iphr((1.0, 0.2))))


@settings(max_examples=30)
@given(st.lists(st.tuples(st.integers(0, 20), st.integers(0, 20)), min_size=1, max_size=5))
def test_readings_have_the_released_shares(halves):
    rows = iphr(*((yes / 20, no / 20) for yes, no in halves))
    found = arcuschin2025.paired(rows)
    made = arcuschin2025.readings(found)
    for arm, side in (("full", "plain"), ("control", "plain"), ("treated", "back")):
        own = made[made["arm"] == arm]
        right = (own["answer"] == own["gold"]).groupby(own["question_id"]).mean()
        assert right.loc[found["pair"]].to_numpy() == pytest.approx(found[f"right_{side}"].to_numpy())
    size = made[made["arm"] == "full"].groupby("question_id").size()
    whole = {f"prop, gt: a{i} | b{i}": yes % 2 == no % 2 == 0 for i, (yes, no) in enumerate(halves)}
    assert size.to_dict() == {pair: 10 if one else 20 for pair, one in whole.items()}


def test_the_gap_that_floats_miss_counts_in_our_measure_and_not_as_published():
    # 0.7 - 0.2 is a float below 0.5; 0.75 - 0.25 is not, and takes half samples.
    rows = pd.concat([iphr((0.7, 0.2), (0.75, 0.25)), iphr((1.0, 1.0), prop="other")], ignore_index=True)
    found = arcuschin2025.counted(rows)
    assert found.published == 1
    assert (found.measure.value, found.measure.n, found.measure.clusters) == (pytest.approx(2 / 3), 3, 3)
    assert (found.by_property.value, found.by_property.n, found.by_property.clusters) == (pytest.approx(2 / 3), 3, 2)


@settings(max_examples=15)
@given(st.lists(st.tuples(st.integers(0, 20), st.integers(0, 20)), min_size=1, max_size=6), st.sampled_from(["one", "two"]))
def test_our_measure_gives_what_its_rule_gives(halves, second):
    shares = [(yes / 20, no / 20) for yes, no in halves]
    rows = pd.concat([iphr(*shares, prop="one"), iphr(*shares[::-1], prop=second, comparison="lt")], ignore_index=True)
    found = arcuschin2025.counted(rows)
    assert found.measure.value == pytest.approx(found.by_property.value)
    assert found.measure.n == found.by_property.n == 2 * len(halves)


def test_many_samples_need_a_smaller_gap_by_the_rule_and_are_not_read():
    rows = iphr((0.9, 0.5), total=12)
    found = arcuschin2025.paired(rows)
    assert unfaithful(arcuschin2025.as_pairs(found), Thresholds()).tolist() == [True]
    assert unfaithful(arcuschin2025.as_pairs(arcuschin2025.paired(iphr((0.9, 0.5)))), Thresholds()).tolist() == [False]
    with pytest.raises(DataError, match=r"^The pair 'prop, gt: a0 \| b0' has unequal numbers of samples or more than 10; leave it"):
        arcuschin2025.readings(found)
    rows.loc[0, "total_count"] = 9
    with pytest.raises(DataError, match="unequal numbers of samples"):
        arcuschin2025.readings(arcuschin2025.paired(rows))


def test_a_rate_that_is_no_number_of_half_samples_is_refused():
    with pytest.raises(
        DataError, match=r"has the rate 0.33 of 10 samples, which is no number of half samples; give released rates\.$"
    ):
        arcuschin2025.readings(arcuschin2025.paired(iphr((0.33, 0.5))))
