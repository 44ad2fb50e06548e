"""Hint mediation: effects through the reasoning, past it, and both, from probabilities made by hand."""

import math

import pytest
from hinting import HINT, ends, estimates, facts, frame, row
from hypothesis import given, settings
from hypothesis import strategies as st

from cotfaith.errors import DataError
from cotfaith.measures.hint_mediation import HintMediation
from cotfaith.stats import ClusterSums

MEASURE = HintMediation()


def scores(p, target="B"):
    """Log-probabilities of four options of which `target` has p of what they have together; None for none."""
    if p is None:
        return ()
    rest = (1 - p) / 3
    return tuple(math.log(0.8 * (p if letter == target else rest)) for letter in "ABCD")  # the options share 0.8 of all


def mediated(question, trace, both, past, steps, plain, none=0.25, *, draw=0, hint=HINT, target="B", with_ends=True):  # noqa: PLR0917  as they stand in a line of a test
    """The rows of a trace: the probability of the hinted option under hinted question and reasoning, hinted question, each cut, and neither."""
    rows = []
    if with_ends:
        full, empty = ends(question, trace, "A", intervention="mediation")
        rows += [full | {"logprobs": scores(plain, target)}, empty | {"logprobs": scores(none, target)}]
    cuts = [(0, 1.0, both), (-1, 1.0, past), *((j, j / len(steps), p) for j, p in enumerate(steps, 1))]
    for site, dose, p in cuts:
        same = {"intervention": "mediation", "site": site, "draw": draw}
        rows.append(row(question, trace, "treated", "A", dose=dose, kind=hint, target=target, logprobs=scores(p, target), **same))
        rows.append(row(question, trace, "control", "A", logprobs=scores(plain, target), **same))
    return rows


def by_metric(*parts, measure=MEASURE, kind=HINT, stratum=""):
    found = estimates(measure, *parts)
    return {(e.metric, e.key.dose): e for e in found if (e.key.kind, e.key.stratum) == (kind, stratum)}


def values(found, *metrics):
    return [round(found[metric, None].value, 12) for metric in metrics]


def test_by_hand():
    # p(x,c) = .2 and .4; both .9 and .8; hinted question .5 and .4; hinted reasoning .3, .6 after its halves and .4, .4, .4, .8, .8.
    found = by_metric(
        mediated("q1", 0, 0.9, 0.5, [0.3, 0.6], 0.2, 0.1), mediated("q2", 0, 0.8, 0.4, [0.4, 0.4, 0.4, 0.8, 0.8], 0.4, 0.3)
    )
    assert values(found, "nie", "nde", "total", "nie_others", "nde_others", "hinted_option_plain") == pytest.approx(
        [0.4, 0.15, 0.55, -0.4, -0.15, 0.3]
    )
    curve = {x: (e.value, e.n) for (metric, x), e in found.items() if metric == "hinted_option"}
    # Parts have their upper ends: .2, .4, .6 and .8 of the second trace stand at .1, .3, .5 and .7, and the half of the first at .5.
    assert curve == {
        0.0: (pytest.approx(0.2), 2), 0.1: (pytest.approx(0.4), 1), 0.3: (pytest.approx(0.4), 1),
        0.5: (pytest.approx((0.3 + 0.4) / 2), 2), 0.7: (pytest.approx(0.8), 1), 1.0: (pytest.approx(0.7), 2),
    }  # fmt: skip
    assert {x for metric, x in found if metric == "hinted_option_band"} == set(curve)
    assert next(iter(found)) == ("nie", None)
    assert found["nie", None].null == 0
    assert (found["edit_valid", None].value, found["included", None].value) == (1, 1)


@pytest.mark.parametrize(
    ("both", "past", "through", "effects"),
    [
        (0.9, 0.2, 0.9, [0.7, 0, 0.7]),  # only through the reasoning
        (0.9, 0.9, 0.2, [0, 0.7, 0.7]),  # only past it
        (0.8, 0.5, 0.5, [0.3, 0.3, 0.6]),  # half each
        (0.2, 0.2, 0.2, [0, 0, 0]),  # not at all
    ],
)
def test_where_a_hint_acts(both, past, through, effects):
    found = by_metric(*(mediated(f"q{i}", 0, both, past, [0.2, through], 0.2) for i in range(3)))
    assert values(found, "nie", "nde", "total") == pytest.approx(effects)


def test_without_log_probabilities_all_is_undefined():
    found = by_metric(*(mediated(f"q{i}", 0, None, None, [None], None, None) for i in range(3)))
    for metric in ("nie", "nde", "total", "nie_others", "hinted_option_plain"):
        one = found[metric, None]
        assert math.isnan(one.value)
        assert (one.n, one.missing) == (0, 0)
        assert one.note == "not defined for answers that are written, since these have no probabilities of options"
    assert not [place for place in found if place[0] == "hinted_option"]


def test_lost_log_probabilities_are_missing():
    found = by_metric(*(mediated(f"q{i}", 0, None, None, [None], None) for i in range(3)))
    for metric in ("nie", "nde", "total", "nie_others", "hinted_option_plain"):
        one = found[metric, None]
        assert (one.n, one.missing) == (0, 3)
        assert "no reading has log-probabilities of the options" in one.note
    assert found["nie", None].bounds == (-1, 1)


def test_a_missing_reading_is_bounded_by_what_is_known():
    lost = mediated("q1", 0, 0.9, 0.5, [0.3, 0.6], 0.2)
    lost = [
        r | ({"logprobs": (), "state": "error", "answer": None} if (r["arm"], r["site"]) == ("treated", 2) else {}) for r in lost
    ]
    found = by_metric(lost, mediated("q2", 0, 0.9, 0.5, [0.3, 0.6], 0.2))
    nie, end = found["nie", None], found["hinted_option", 1.0]
    assert (nie.value, nie.n, nie.missing) == (pytest.approx(0.4), 1, 1)
    assert nie.bounds == (pytest.approx((0.4 - 0.2) / 2), pytest.approx((0.4 + 0.8) / 2))
    assert (end.n, end.missing, end.bounds) == (1, 1, (pytest.approx(0.3), pytest.approx(0.8)))
    assert found["nde", None].missing == 0


def test_draws_and_hints_stand_apart_and_share_controls():
    rows = mediated("q1", 0, 0.9, 0.5, [0.6], 0.2) + mediated("q1", 0, 0.9, 0.5, [0.4], 0.2, draw=1, with_ends=False)
    other = [r for r in mediated("q1", 0, 0.2, 0.2, [0.2], 0.2, hint="metadata", with_ends=False) if r["arm"] == "treated"]
    assert by_metric(rows, other)["nie", None].value == pytest.approx(0.3)
    assert by_metric(rows, other)["nie", None].n == 2
    assert by_metric(rows, other)["hinted_option", 1.0].n == 1  # a trace counts once in the curve
    assert by_metric(rows, other, kind="metadata")["nie", None].value == pytest.approx(0)
    assert by_metric(rows, other, stratum="answer right")["nie", None].n == 2


def test_what_did_not_take():
    nothing = row(
        "q1",
        0,
        "treated",
        None,
        intervention="mediation",
        kind=HINT,
        dose=1.0,
        valid=False,
        state="edit_invalid",
        note="no options",
    )
    found = by_metric([*ends("q1", 0, "A", intervention="mediation"), nothing])
    assert math.isnan(found["nie", None].value)
    assert (found["nie", None].n, found["nie", None].missing, found["edit_valid", None].value) == (0, 0, 0)
    assert not [metric for metric, _ in found if metric == "hinted_option"]


def test_a_question_that_counts_once():
    rows = [mediated("q1", i, 0.9, 0.5, [0.6], 0.2) for i in range(3)] + [mediated("q2", 0, 0.9, 0.5, [0.2], 0.2)]
    assert by_metric(*rows)["nie", None].value == pytest.approx(0.3)
    assert by_metric(*rows, measure=HintMediation(weight="question"))["nie", None].value == pytest.approx(0.2)


def test_what_is_refused():
    rows = mediated("q", 0, 0.9, 0.5, [0.3, 0.6], 0.2)
    message = "question 'q' has the share 0.5 up to step 1 for hint_mediation, but shares lie above 0 and the last one is 1"
    with pytest.raises(DataError, match=message):
        MEASURE.columns(frame([r for r in rows if r["site"] != 2]))
    with pytest.raises(DataError, match="has the share 0 up to step 1"):
        MEASURE.columns(frame([r | ({"dose": 0.0} if r["site"] == 1 else {}) for r in rows]))
    with pytest.raises(DataError, match="has no control for hint_mediation"):
        MEASURE.columns(frame([r for r in rows if r["arm"] != "control"]))


P = st.sampled_from([0.1, 0.25, 0.5, 0.9, None])
TRACES = st.lists(st.tuples(P, P, st.lists(P, min_size=1, max_size=3), P, P), min_size=1, max_size=4)


@settings(max_examples=15)
@given(TRACES, st.sampled_from("ABCD"), st.randoms(use_true_random=False))
def test_names_of_options_order_and_shards_change_nothing(traces, target, random):
    rows = [mediated(f"q{i}", 0, *parts) for i, parts in enumerate(traces)]
    renamed = [one for i, parts in enumerate(traces) for one in mediated(f"q{i}", 0, *parts, target=target)]
    random.shuffle(renamed)
    shards = ClusterSums.concat(MEASURE.columns(frame(part)) for part in rows)
    whole = facts(estimates(MEASURE, *rows))
    # Strata go by the answer, which is A in all of these, whatever the target.
    assert whole == facts(estimates(MEASURE, renamed)) == facts(MEASURE.estimates(shards, level=0.95, seed=0))
