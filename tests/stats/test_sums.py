"""Sums by question: they add up, shard by shard or all at once, and refuse rows that belong to no question."""

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from cotfaith.errors import DataError, UsageError
from cotfaith.stats import ClusterSums, Ratio, per_question, sums

ROWS = pd.DataFrame({"question_id": ["b", "a", "b", "c"], "y": [1, 0, 0.5, 1], "n": [1, 1, 1, 1]})


def test_rows_of_a_question_are_added_up_in_the_order_of_the_ids():
    table = sums(ROWS, ["y", "n"])
    assert list(table.questions) == ["a", "b", "c"]
    assert table["y"].tolist() == [0, 1.5, 1]
    assert table["n"].tolist() == [1, 2, 1]


def test_no_rows_give_a_table_without_questions():
    table = sums(ROWS.iloc[:0], ["y"])
    assert table.matrix.shape == (0, 1)


@given(st.permutations(range(4)), st.sets(st.sampled_from("abc")))
def test_order_of_rows_and_division_into_shards_change_nothing(order, first):
    rows = ROWS.iloc[list(order)]
    inside = rows["question_id"].isin(first)
    joined = ClusterSums.concat([sums(rows[inside], ["y", "n"]), sums(rows[~inside], ["y", "n"])])
    whole = sums(ROWS, ["y", "n"])
    assert list(joined.questions) == list(whole.questions)
    assert joined.columns == whole.columns
    np.testing.assert_allclose(joined.matrix, whole.matrix)


def test_a_column_that_a_shard_lacks_sums_to_zero_there():
    one, two = sums(ROWS[ROWS.question_id == "a"], ["y"]), sums(ROWS[ROWS.question_id == "b"], ["n"])
    joined = ClusterSums.concat([one, two])
    assert joined.columns == ("y", "n")
    assert joined["n"].tolist() == [0, 2]


@pytest.mark.parametrize("bad", [None, np.nan, ""])
def test_a_row_without_question_is_refused(bad):
    rows = pd.DataFrame({"question_id": ["a", bad], "y": [1, 1]})
    with pytest.raises(DataError, match=r"A row has no question id, .* give every row its id\."):
        sums(rows, ["y"])


@pytest.mark.parametrize("bad", [np.nan, np.inf])
def test_a_value_that_is_missing_is_never_summed(bad):
    rows = pd.DataFrame({"question_id": ["a", "b"], "y": [1, bad]})
    with pytest.raises(DataError, match=r"The column 'y' has a missing or infinite value"):
        sums(rows, ["y"])


def test_a_question_in_two_shards_is_refused():
    table = sums(ROWS, ["y"])
    with pytest.raises(DataError, match=r"Question 'a' is in two shards .* keep all rows of a question in one shard\."):
        ClusterSums.concat([table, table])


def test_messages_for_wrong_use():
    table = sums(ROWS, ["y", "n"])
    with pytest.raises(UsageError, match=r"Unknown column of sums 'm'"):
        table["m"]
    with pytest.raises(UsageError, match=r"Unknown column 'yy': did you mean 'y'\?"):
        sums(ROWS, ["yy"])
    with pytest.raises(UsageError, match=r"There are no sums to join; give at least one shard\."):
        ClusterSums.concat([])
    with pytest.raises(UsageError, match=r"Sums of shape \(3, 2\) do not fit 3 questions"):
        ClusterSums(table.questions, ("y",), table.matrix)


def test_per_question_makes_every_question_count_once():
    table, ratio = per_question(sums(ROWS, ["y", "n"]), Ratio("y", "n"))
    assert table[ratio.numerator].tolist() == [0, 0.75, 1]
    assert table[ratio.denominator].tolist() == [1, 1, 1]
