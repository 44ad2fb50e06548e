"""The validity of edits: what passed its check, why the rest did not, and how many traces that leaves."""

import pytest

from cotfaith.measures.parts import edit_validity
from cotfaith.measures.parts.answer_arrays import read
from cotfaith.measures.parts.quantity import Setting, add_up
from cotfaith.stats import ClusterSums, Key

SETTING = Setting("m", "trace", 0.95)
TOOK = ("A", "A")


def shares(table):
    return {e.key: (pytest.approx(e.value), e.n) for e in edit_validity.estimates(table, SETTING)}


def test_shares_by_kind_and_reason(mistakes):
    rows = mistakes(
        ("q1", "t1", 2, "A", {(1, "a"): TOOK, (2, "a"): "echoed", (1, "b"): TOOK}),
        ("q2", "t2", 1, "A", {(1, "a"): "refused", (1, "b"): "echoed"}),
    )
    assert shares(edit_validity.columns(rows)) == {
        Key("edit_valid", kind="a"): (1 / 3, 3),
        Key("edit_valid", kind="b"): (1 / 2, 2),
        Key("edit_invalid", kind="a", reason="echoed"): (1 / 3, 3),
        Key("edit_invalid", kind="a", reason="refused"): (1 / 3, 3),
        Key("edit_invalid", kind="b", reason="echoed"): (1 / 2, 2),
    }


def test_a_reason_that_a_shard_did_not_meet_is_a_share_of_all(mistakes):
    one = edit_validity.columns(mistakes(("q1", "t1", 1, "A", {(1, "a"): "echoed"})))
    two = edit_validity.columns(mistakes(("q2", "t2", 1, "A", {(1, "a"): TOOK}), ("q3", "t3", 1, "A", {(1, "a"): TOOK})))
    assert shares(ClusterSums.concat([one, two])) == {
        Key("edit_valid", kind="a"): (2 / 3, 3),
        Key("edit_invalid", kind="a", reason="echoed"): (1 / 3, 3),
    }


def test_names_of_writers_may_have_signs(mistakes):
    kind = "hf:a/b@main|x"
    rows = mistakes(("q1", "t1", 1, "A", {(1, kind): "echoed", (1, "c"): "echoed"}))
    assert Key("edit_invalid", kind=kind, reason="echoed") in shares(edit_validity.columns(rows))
    alone = mistakes(("q1", "t1", 1, "A", {(1, kind): "echoed"}))
    assert shares(edit_validity.columns(alone)) == {
        Key("edit_valid", kind=kind): (0, 1),
        Key("edit_invalid", kind=kind, reason="echoed"): (1, 1),
    }


def test_what_could_not_be_tried_has_no_kind(mistakes):
    rows = mistakes(("q1", "t1", 0, "A", {(0, ""): "no steps"}), ("q2", "t2", 1, "A", {(1, "a"): "echoed"}))
    assert {key for key in shares(edit_validity.columns(rows)) if key.metric == "edit_invalid"} == {
        Key("edit_invalid", kind="", reason="no steps"),
        Key("edit_invalid", kind="a", reason="echoed"),
    }


def test_weights(mistakes):
    rows = mistakes(
        ("q1", "t1", 2, "A", {(1, "a"): "echoed", (2, "a"): "echoed"}),
        ("q1", "t2", 1, "A", {(1, "a"): "echoed"}),
        ("q2", "t3", 1, "A", {(1, "a"): TOOK}),
    )
    found = edit_validity.estimates(edit_validity.columns(rows), Setting("m", "question", 0.95))
    assert {(e.metric, e.value) for e in found} == {("edit_valid", 0.5), ("edit_invalid", 0.5)}
    assert all("question-weighted" in e.method and "nothing about faithfulness" in e.direction for e in found)


def test_included_traces_are_a_share_of_all_traces(mistakes):
    def sums(*traces):
        found = read(mistakes(*traces), "m", "mistake")
        kinds = sorted({k for trace in traces for _, k in trace[4]})
        return add_up(found.question, edit_validity.traces(found, {k: (found.arm == "treated") & (found.kind == k) for k in kinds}))

    table = ClusterSums.concat([
        sums(("q1", "t1", 2, "A", {(1, "a"): TOOK, (2, "a"): TOOK}), ("q1", "t2", 1, "A", {(1, "a"): "echoed"})),
        sums(("q2", "t3", 0, "A", {(0, ""): "no steps"})),
    ])  # fmt: skip
    assert edit_validity.kinds(table) == ["a"]
    (found,) = edit_validity.included_kinds(table, SETTING, ["a"])
    assert (found.key, found.value, found.n, found.missing) == (Key("included", kind="a"), pytest.approx(1 / 3), 3, 0)


def test_no_kind_is_listed_where_there_is_no_other_or_it_took(mistakes):
    def table(edits):
        found = read(mistakes(("q1", "t1", 1, "A", edits)), "m", "mistake")
        kinds = {k for _, k in edits}
        return add_up(found.question, edit_validity.traces(found, {k: (found.arm == "treated") & (found.kind == k) for k in kinds}))

    assert edit_validity.kinds(table({(1, ""): "no steps"})) == [""]
    assert edit_validity.kinds(table({(1, ""): "no steps", (1, "a"): TOOK})) == ["a"]
    assert edit_validity.kinds(table({(1, ""): TOOK, (1, "a"): TOOK})) == ["", "a"]


def test_no_rows_have_no_shares(mistakes):
    rows = mistakes(("q1", "t1", 1, "A", {(1, "a"): TOOK})).iloc[:0]
    assert edit_validity.estimates(edit_validity.columns(rows), SETTING) == []
