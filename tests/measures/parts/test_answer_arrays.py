"""Rows that cannot be readings are refused in one sentence that says which."""

import pandas as pd
import pytest

from cotfaith.errors import DataError
from cotfaith.measures import MEASURES
from cotfaith.measures.parts.answer_arrays import read

CASES = {
    "question_id": ({"question_id": None}, r"A reading for m has no question_id; every row needs one\."),
    "trace_id": ({"trace_id": None}, r"A reading for m has no trace_id; every row needs one\."),
    "arm": ({"arm": "half"}, r"has the arm 'half'; known are treated, control, no_reasoning, full\."),
    "state": ({"state": "fine"}, r"has the state 'fine'; known are answered, unparsed"),
    "answer": (
        {"answer": None},
        r"trace 't1' for m has state 'answered' and no answer; exactly the answered ones have an answer\.",
    ),
    "silence": ({"state": "refused"}, r"trace 't1' for m has state 'refused' and the answer 'B'"),
    "twice": (
        {"arm": "full", "dose": 0.0, "site": 9},
        r"Trace 't1' has 0 readings of the arm 'no_reasoning', but m needs exactly one",
    ),
    "again": ({"arm": "full", "dose": 0.0}, r"Trace 't1' has two readings of the arm 'full' at dose 0 and site 0 for m"),
    "question": ({"question_id": "q2"}, r"A trace for m has readings of two questions; a trace belongs to one question\."),
}


@pytest.mark.parametrize("case", CASES)
def test_messages(cuts, case):
    change, message = CASES[case]
    rows = cuts(("q1", "t1", ["B", "A", "A"]))
    for name, value in change.items():
        rows.loc[0, name] = value
    with pytest.raises(DataError, match=message):
        read(rows, "m", "truncation")


def test_a_missing_column_is_named(cuts):
    with pytest.raises(DataError, match=r"The readings for m have no column gold, state; give every column of a reading\."):
        read(cuts(("q1", "t1", ["B", "A"])).drop(columns=["gold", "state"]), "m", "truncation")


def test_a_trace_without_an_end_is_named(cuts):
    rows = cuts(("q1", "t1", ["B", "A"]), ("q2", "t2", ["B", "A"]))
    with pytest.raises(
        DataError, match=r"Trace 't2' has 0 readings of the arm 'full', but m needs exactly one; give the same command again"
    ):
        read(rows[(rows["trace_id"] != "t2") | (rows["arm"] != "full")], "m", "truncation")


@pytest.mark.parametrize("name", ["early_answering", "adding_mistakes", "filler_tokens", "paraphrasing", "reasoning_gain"])
def test_no_rows_give_undefined_estimates(cuts, name):
    (intervention,) = MEASURES[name].requires
    rows = cuts(("q1", "t1", ["B", "A"])).assign(intervention=intervention).iloc[:0]
    found = MEASURES[name].estimates(MEASURES[name].columns(rows), level=0.95, seed=0)
    assert found
    assert all((e.n, e.clusters, e.method) == (0, 0, "undefined") for e in found)


def test_parquet_rows_mean_the_same(cuts, tmp_path):
    rows = cuts(("q1", "t1", ["B", None, "A"], {"logprobs": [(-1.0, -2.0)] * 3, "gold": None}), ("q2", "t2", ["A", "A"]))
    rows.drop(columns="verdicts").to_parquet(tmp_path / "rows.parquet")  # verdicts are mappings, which a run stores apart
    back = pd.read_parquet(tmp_path / "rows.parquet").assign(verdicts=rows["verdicts"])
    for name in ("early_answering", "reasoning_gain"):
        one, two = MEASURES[name].columns(rows), MEASURES[name].columns(back)
        assert (one.matrix == two.matrix).all()
