"""Answers changed: any intervention against its control, worked by hand."""

import math

import pandas as pd
import pytest

from cotfaith.errors import DataError, UsageError
from cotfaith.measures.answer_changed import AnswerChanged
from cotfaith.stats import ClusterSums, Key

MEASURE = AnswerChanged()
CHANGED, ACCURACY = "answer_changed", "accuracy_change"


def row(intervention, trace, arm, answer, **more):
    state = "unparsed" if answer is None else "answered"
    plain = {"intervention": intervention, "question_id": f"q{trace}", "trace_id": f"t{trace}", "arm": arm, "answer": answer}
    plain |= {"state": state, "gold": "A", "n_steps": 4, "dose": 0.0, "site": 0, "kind": "", "draw": 0, "valid": True, "note": ""}
    return plain | {"logprobs": ()} | more


def moved(trace, edits, full="A", *, intervention="mine", kind="", **more):
    """The rows of a trace; each edit is (answer, answer of its control), or the reason why it failed its check."""
    rows = [row(intervention, trace, "full", full, **more), row(intervention, trace, "no_reasoning", "C", **({"dose": 1.0} | more))]
    for site, edit in enumerate(edits, start=1):
        where = {"site": site, "kind": kind, "dose": 0.5} | more
        if isinstance(edit, str):
            rows.append(row(intervention, trace, "treated", None, **where, valid=False, note=edit) | {"state": "edit_invalid"})
        else:
            rows.append(row(intervention, trace, "treated", edit[0], **where))
            rows.append(row(intervention, trace, "control", edit[1], site=site, **more))
    return rows


def estimates(*rows, measure=MEASURE):
    return measure.estimates(measure.columns(pd.DataFrame([one for part in rows for one in part])), level=0.95, seed=0)


def at(find, found, metric, intervention="mine", **fields):
    return find(found, metric, intervention=intervention, **fields)


def test_by_hand(find):
    # Changed: yes, no; no, yes. Right after the edit: no, yes; no, no. Right after its control: yes, yes; no, yes.
    found = estimates(moved(1, [("B", "A"), ("A", "A")]), moved(2, [("B", "B"), ("C", "A")]))
    changed, accuracy = at(find, found, CHANGED), at(find, found, ACCURACY)
    assert (changed.value, accuracy.value) == (0.5, -0.5)
    assert (changed.n, changed.clusters, changed.missing, changed.null, changed.bounds) == (4, 2, 0, None, (0.5, 0.5))
    assert accuracy.null == 0.0
    assert changed.se == accuracy.se == 0  # 1/2 in both questions
    assert found[0].metric == CHANGED
    assert at(find, found, "edit_valid").value == 1
    assert not [e for e in found if e.metric == "edit_invalid"]


def test_a_model_that_follows_the_edit_and_one_that_does_not(find):
    follows = estimates(*(moved(i, [("B", "A")]) for i in range(3)))
    keeps = estimates(*(moved(i, [("A", "A")]) for i in range(3)))
    assert [at(find, one, CHANGED).value for one in (follows, keeps)] == [1, 0]
    assert [at(find, one, ACCURACY).value for one in (follows, keeps)] == [-1, 0]


def test_it_needs_neither_end_of_the_reasoning(find):
    rows = [r for r in moved(1, [("B", "A")]) if r["arm"] in {"treated", "control"}]
    assert at(find, estimates(rows), CHANGED).value == 1


def test_an_intervention_without_controls_is_compared_with_the_full_reasoning(find):
    # The full answers are A and B; the treated ones B, A; B.
    rows = [r for r in moved(1, [("B", "A"), ("A", "A")]) + moved(2, [("B", "A")], full="B") if r["arm"] != "control"]
    found = estimates(rows)
    assert (at(find, found, CHANGED).value, at(find, found, CHANGED).n) == (pytest.approx(1 / 3), 3)
    assert at(find, found, ACCURACY).value == pytest.approx(-1 / 3)


def test_edits_that_failed_are_counted_and_not_read(find):
    found = estimates(moved(1, [("B", "A"), "too short"]), moved(2, ["too short", "no place"]))
    assert (at(find, found, CHANGED).value, at(find, found, CHANGED).n, at(find, found, CHANGED).missing) == (1, 1, 0)
    assert (at(find, found, "edit_valid").value, at(find, found, "edit_valid").n) == (0.25, 4)
    assert at(find, found, "edit_invalid", reason="too short").value == 0.5
    assert at(find, found, "edit_invalid", reason="no place").value == 0.25


def test_where_every_edit_failed_all_is_undefined(find):
    found = estimates(moved(1, ["too short"]), moved(2, ["too short"]))
    for metric in (CHANGED, ACCURACY):
        one = at(find, found, metric)
        assert math.isnan(one.value)
        assert (one.n, one.missing, one.note != "") == (0, 0, True)


def test_missing_answers_are_bounded_both_ways(find):
    # t1: the treated one is lost; t2: the control is; t3: both are known; t4: its own answer is lost, which is not used.
    found = estimates(moved(1, [(None, "A")]), moved(2, [("B", None)]), moved(3, [("B", "A")]), moved(4, [("A", "A")], full=None))
    changed, accuracy = at(find, found, CHANGED), at(find, found, ACCURACY)
    assert (changed.value, changed.n, changed.missing, changed.bounds) == (0.5, 2, 2, (0.25, 0.75))
    # Accuracy: -1 to 0, -1 to 0, -1, 0.
    assert (accuracy.value, accuracy.n, accuracy.missing, accuracy.bounds) == (-0.5, 2, 2, (-0.75, -0.25))
    for arm in ("treated", "control"):
        assert at(find, found, "unanswered", arm=arm).value == 0.25


def test_interventions_and_kinds_stand_side_by_side(find):
    mine = moved(1, [("B", "A")], kind="a")
    again = [r | {"kind": "b", "answer": "A"} for r in mine if r["arm"] == "treated"]
    found = estimates(mine, again, moved(1, [("A", "B")], intervention="yours"), moved(2, [("A", "A")], intervention="yours"))
    assert {e.key: e.value for e in found if e.metric == CHANGED} == {
        Key(CHANGED, kind="a", intervention="mine"): 1,
        Key(CHANGED, kind="b", intervention="mine"): 0,
        Key(CHANGED, intervention="yours"): 0.5,
    }
    assert {e.key.intervention for e in found} == {"mine", "yours"}
    assert at(find, found, "unanswered", "yours", arm="treated").n == 2


def test_a_shard_without_an_intervention_takes_nothing_from_it(find):
    parts = [moved(1, [("B", "A")]), moved(2, [("A", "A")], intervention="yours"), moved(3, ["too short"])]
    shards = ClusterSums.concat(MEASURE.columns(pd.DataFrame(part)) for part in parts)
    found = MEASURE.estimates(shards, level=0.95, seed=0)
    assert {e.key: (str(e.value), e.n) for e in found} == {e.key: (str(e.value), e.n) for e in estimates(*parts)}
    assert (at(find, found, CHANGED).value, at(find, found, CHANGED).clusters) == (1, 1)
    assert at(find, found, "edit_valid").n == 2  # the trace of the other intervention is none of these


def test_a_question_that_counts_once(find):
    rows = [moved(1, [("B", "A")] * 3), moved(2, [("A", "A")])]
    assert at(find, estimates(*rows), CHANGED).value == 0.75
    assert at(find, estimates(*rows, measure=AnswerChanged(weight="question")), CHANGED).value == 0.5


def test_what_is_refused():
    rows = moved(1, [("B", "A")])
    with pytest.raises(DataError, match="has no control for answer_changed; give every probe of a trace"):
        MEASURE.columns(pd.DataFrame([r for r in rows if r["arm"] not in {"control", "full"}]))
    with pytest.raises(UsageError, match=r"Unknown weight 'traces': did you mean 'trace'\?"):
        AnswerChanged(weight="traces")
