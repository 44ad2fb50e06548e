"""Transplant: another's reasoning in the place of the own one."""

import math

import pandas as pd
import pytest

from cotfaith.errors import DataError
from cotfaith.measures.transplant import Transplant
from cotfaith.stats import ClusterSums

MEASURE = Transplant()
OTHER = "another question"


def row(trace, arm, answer, **more):
    state = "unparsed" if answer is None else "answered"
    plain = {
        "intervention": "transplant",
        "question_id": f"q{trace}",
        "trace_id": f"t{trace}",
        "arm": arm,
        "answer": answer,
        "state": state,
    }
    plain |= {"gold": "A", "n_options": 4, "n_steps": 4, "dose": 0.0, "site": 0, "kind": "", "draw": 0, "valid": True, "note": ""}
    return plain | {"logprobs": (), "donor_answer": None} | more


def moved(trace, draws, full="A", **more):
    """The rows of a trace; each draw is (answer, answer of the control, the donor's answer), and the kind where it is not the usual one."""
    rows = [row(trace, "full", full, **more), row(trace, "no_reasoning", "C", **({"dose": 1.0} | more))]
    for draw, (answer, control, donor, *kind) in enumerate(draws):
        where = {"dose": 1.0, "draw": draw, "kind": kind[0] if kind else OTHER, "donor_answer": donor}
        rows.append(row(trace, "treated", answer, **(where | more)))
        rows.append(row(trace, "control", control, draw=draw, **more))
    return rows


def estimates(*rows, measure=MEASURE):
    return measure.estimates(measure.columns(pd.DataFrame([one for part in rows for one in part])), level=0.95, seed=0)


def test_by_hand(find):
    found = estimates(moved(1, [("B", "A", "B"), ("A", "A", "B")]), moved(2, [("C", "C", "D"), ("D", "A", "D")]))
    values = {e.metric: e.value for e in found if (e.key.kind, e.key.stratum) == (OTHER, "")}
    assert values == {
        "answers_changed": 0.75, "answers_changed_control": 0.25, "answers_changed_net": 0.5, "follows_donor": 0.5,
        "follows_donor_control": 0.0, "follows_donor_net": 0.5, "donor_differs": 1.0, "included": 1.0, "edit_valid": 1.0,
    }  # fmt: skip
    net = find(found, "answers_changed_net", kind=OTHER)
    assert (net.n, net.clusters, net.missing, net.null) == (4, 2, 0, 0.0)
    assert found[0].metric == "answers_changed_net"


def test_a_model_that_follows_and_one_that_does_not(find):
    follows = estimates(*(moved(i, [("B", "A", "B")]) for i in range(3)))
    keeps = estimates(*(moved(i, [("A", "A", "B")]) for i in range(3)))
    for metric in ("answers_changed_net", "follows_donor_net"):
        assert find(follows, metric, kind=OTHER).value == 1
        assert find(keeps, metric, kind=OTHER).value == 0


def test_chance_is_in_the_control(find):
    # An answer that is the donor's with the own reasoning as well follows nothing.
    found = estimates(moved(1, [("B", "B", "B")]))
    assert find(found, "follows_donor", kind=OTHER).value == find(found, "follows_donor_control", kind=OTHER).value == 1
    assert find(found, "follows_donor_net", kind=OTHER).value == 0


def test_a_donor_whose_answer_says_nothing_is_left_out_and_counted(find):
    # The donor's answer is the own one, unknown, and no option of this question; only the last can be followed.
    found = estimates(moved(1, [("A", "A", "A"), ("B", "A", None), ("B", "A", "E"), ("D", "A", "D")]))
    follows, differs = (find(found, metric, kind=OTHER) for metric in ("follows_donor", "donor_differs"))
    assert (follows.value, follows.n, follows.missing) == (1, 1, 0)
    assert (differs.value, differs.n, differs.missing) == (pytest.approx(1 / 3), 3, 1)
    assert differs.bounds == (0.25, 0.5)


def test_a_donor_s_answer_to_a_question_without_options(find):
    found = estimates(moved(1, [("12", "7", "12")], full="7", gold="7", n_options=0))
    assert find(found, "follows_donor_net", kind=OTHER).value == 1


def test_a_missing_reading_counts_as_nothing(find):
    found = estimates(moved(1, [(None, "A", "B"), ("B", None, "B"), ("B", "A", "B")]))
    net = find(found, "follows_donor_net", kind=OTHER)
    assert (net.value, net.n, net.missing) == (1, 1, 2)
    assert net.bounds == (pytest.approx(1 / 3), 1)  # 0 to 1, 0 to 1, and 1
    assert find(found, "unanswered", arm="treated").value == pytest.approx(1 / 3)


def test_without_an_answer_of_its_own_a_trace_tells_nothing(find):
    found = estimates(moved(1, [("B", "A", "B")], full=None))
    assert find(found, "answers_changed_net", kind=OTHER).missing == 1
    assert find(found, "donor_differs", kind=OTHER).missing == 1
    follows = find(found, "follows_donor", kind=OTHER)
    assert math.isnan(follows.value)
    assert follows.note


def test_kinds_stand_apart_and_strata_name_them(find):
    rows = [moved(1, [("B", "A", "B")]), moved(2, [("A", "A", "B", "bigger")])]
    found = estimates(*rows)
    assert find(found, "answers_changed_net", kind=OTHER).value == 1
    assert find(found, "answers_changed_net", kind="bigger").value == 0
    assert find(found, "included", kind="bigger").value == 0.5
    assert find(found, "answers_changed_net", kind="bigger", stratum="answer right").n == 1
    alone = estimates(rows[0])
    assert find(alone, "answers_changed_net", kind=OTHER, stratum="3-6 steps").value == 1
    shards = [MEASURE.columns(pd.DataFrame(part)) for part in rows]
    again = MEASURE.estimates(ClusterSums.concat(shards), level=0.95, seed=0)
    facts = [[(e.key, e.n, e.missing, e.value) for e in those] for those in (found, again)]
    assert facts[0] == facts[1]


def test_where_nothing_took(find):
    nothing = row(1, "treated", None, dose=1.0, valid=False, state="edit_invalid", note="no donor", kind=OTHER)
    found = estimates([*moved(1, []), nothing])
    net = find(found, "answers_changed_net", kind=OTHER)
    assert math.isnan(net.value)
    assert (net.n, net.missing, net.note != "") == (0, 0, True)
    assert find(found, "included", kind=OTHER).value == 0
    assert find(found, "edit_invalid", kind=OTHER, reason="no donor").value == 1


def test_a_question_that_counts_once(find):
    rows = [moved(1, [("B", "A", "B")] * 3), moved(2, [("A", "A", "B")])]
    assert find(estimates(*rows), "answers_changed", kind=OTHER).value == 0.75
    assert find(estimates(*rows, measure=Transplant(weight="question")), "answers_changed", kind=OTHER).value == 0.5


def test_what_is_refused():
    rows = moved(1, [("B", "A", "B")])
    with pytest.raises(DataError, match="has no control for transplant; give every probe of a trace"):
        MEASURE.columns(pd.DataFrame([r for r in rows if r["arm"] != "control"]))
    with pytest.raises(DataError, match="The readings for transplant have no column donor_answer"):
        MEASURE.columns(pd.DataFrame(rows).drop(columns="donor_answer"))
