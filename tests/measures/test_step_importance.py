"""Step importance: edits of steps read at once, steps thought anew, and resilience."""

import math

import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from cotfaith.errors import DataError, UsageError
from cotfaith.measures.parts.distances import divergence, largest_divergence, total_variation
from cotfaith.measures.step_importance import StepImportance
from cotfaith.stats import ClusterSums

MEASURE = StepImportance()
YES, NO = (math.log(0.9), math.log(0.1)), (math.log(0.2), math.log(0.8))  # log-probabilities of A and B


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
    plain |= {"gold": "A", "n_options": 4, "n_steps": 4, "dose": 0.0, "site": 0, "kind": "", "draw": 0, "valid": True, "note": ""}
    return plain | {"logprobs": (), "similar": math.nan} | more


def ends(intervention, trace, full="A", **more):
    return [row(intervention, trace, "full", full, **more), row(intervention, trace, "no_reasoning", "C", **({"dose": 1.0} | more))]


def edited(intervention, trace, edits, full="A", **more):
    """The rows of a trace; `edits` maps (site, draw) to the answers of the treated reading and its control."""
    rows = ends(intervention, trace, full, **more)
    for (site, draw), (answer, control) in edits.items():
        rows.append(row(intervention, trace, "treated", answer, dose=0.25, site=site, draw=draw, **more))
        rows.append(row(intervention, trace, "control", control, site=site, draw=draw, **more))
    return rows


def failed(intervention, trace, note, **more):
    return row(intervention, trace, "treated", None, dose=1.0, valid=False, note=note, **({"state": "edit_invalid"} | more))


def resampled(trace, site, treated, control, alike=None):
    """The rows of a trace with one site; `treated` and `control` are the answers draw by draw, "-" for none."""
    alike = alike or [0.0] * len(treated)
    rows = ends("resampling", trace)
    for draw, (answer, similar) in enumerate(zip(treated, alike, strict=True)):
        got = None if answer == "-" else answer
        rows.append(row("resampling", trace, "treated", got, dose=1.0, site=site, draw=draw, similar=similar))
    for draw, answer in enumerate(control):
        rows.append(row("resampling", trace, "control", None if answer == "-" else answer, site=site, draw=draw))
    return rows


def estimates(*rows, measure=MEASURE):
    return measure.estimates(measure.columns(pd.DataFrame([one for part in rows for one in part])), level=0.95, seed=0)


@pytest.mark.parametrize("edit", ["removal", "shuffle", "replacement"])
def test_edits_by_hand(edit, find):
    found = estimates(
        edited("removal", 9, {(1, 0): ("A", "A")}) if edit != "removal" else [],
        edited(edit, 1, {(1, 0): ("B", "A"), (2, 0): ("A", "A")}),
        edited(edit, 2, {(1, 0): ("B", "B"), (2, 0): ("B", "A")}),
    )
    assert find(found, f"{edit}_changed").value == 0.75
    assert find(found, f"{edit}_changed_control").value == 0.25
    net = find(found, f"{edit}_changed_net")
    assert (net.value, net.n, net.clusters, net.missing, net.null) == (0.5, 4, 2, 0, 0.0)


def test_a_model_that_heeds_no_step_loses_nothing(find):
    found = estimates(*(edited("removal", i, {(1, 0): ("A", "A"), (2, 0): ("A", "A")}) for i in range(3)))
    net = find(found, "removal_changed_net")
    assert (net.value, net.se) == (0, 0)
    assert net.low < 0 < net.high


def test_the_last_steps_by_how_many_there_are(find):
    found = estimates(
        edited("last_steps", 1, {(1, 0): ("B", "A"), (2, 0): ("A", "A")}),
        edited("last_steps", 2, {(1, 0): ("B", "A"), (2, 0): ("B", "A")}),
    )
    assert (find(found, "last_steps_changed_net", dose=1.0).value, find(found, "last_steps_changed_net", dose=2.0).value) == (
        1,
        0.5,
    )
    assert not [e for e in found if e.metric.startswith("last_steps") and e.key.dose is None]


def test_the_curve_of_removal_over_the_place_of_the_step(find):
    # (i-1)/n of 4 steps: 0, .25, .5, .75, in the bins around .1, .3, .5 and .7; of 5 steps the third is at .4 exactly, in the bin from .4.
    found = estimates(
        edited("removal", 1, {(1, 0): ("B", "A"), (2, 0): ("A", "A"), (3, 0): ("A", "A"), (4, 0): ("B", "A")}),
        edited("removal", 2, {(3, 0): ("B", "A"), (5, 0): ("B", "A")}, n_steps=5),
    )
    curve = {e.key.dose: (e.value, e.n) for e in found if e.metric == "removal_changed_by_place"}
    assert curve == {0.1: (1, 1), 0.3: (0, 1), 0.5: (0.5, 2), 0.7: (1, 1), 0.9: (1, 1)}
    assert [e.key.dose for e in found if e.metric == "removal_changed_by_place"] == [0.1, 0.3, 0.5, 0.7, 0.9]


def test_the_loss_of_probability(find):
    rows = edited("removal", 1, {(1, 0): ("B", "A")})
    for one in rows:
        one["logprobs"] = NO if one["arm"] == "treated" else YES
    assert find(estimates(rows), "removal_probability_loss").value == pytest.approx(0.7)
    none = find(estimates(edited("removal", 1, {(1, 0): ("B", "A")})), "removal_probability_loss")
    assert math.isnan(none.value)
    assert (none.n, none.missing) == (0, 0)
    assert none.note == "not defined for answers that are written, since these have no probabilities of options"


def test_a_missing_reading_is_no_unchanged_one(find):
    found = estimates(edited("removal", 1, {(1, 0): (None, "A"), (2, 0): ("B", None)}), edited("removal", 2, {(1, 0): ("B", "A")}))
    changed, net = find(found, "removal_changed"), find(found, "removal_changed_net")
    assert (changed.value, changed.n, changed.missing, changed.bounds) == (1, 2, 1, (pytest.approx(2 / 3), 1))
    # Net 0 to 1, then 0 to 1 (1 minus the control), then 1.
    assert (net.value, net.n, net.missing, net.bounds) == (1, 1, 2, (pytest.approx(1 / 3), 1))
    assert find(found, "unanswered", intervention="removal", arm="treated").value == pytest.approx(1 / 3)


def test_without_an_answer_of_its_own_a_trace_has_nothing_to_compare_with(find):
    net = find(estimates(edited("removal", 1, {(1, 0): ("B", "A")}, full=None)), "removal_changed_net")
    assert (net.n, net.missing, net.bounds, net.method) == (0, 1, (-1, 1), "undefined")


def test_what_did_not_take_is_counted_and_not_read(find):
    found = estimates(
        [*edited("removal", 1, {(1, 0): ("B", "A")}), failed("removal", 1, "too hard", site=2)],
        [*ends("removal", 2, n_steps=0), failed("removal", 2, "no steps", n_steps=0)],
        [*ends("shuffle", 1), failed("shuffle", 1, "nothing to shuffle")],
    )
    net = find(found, "removal_changed_net")
    assert (net.value, net.n, net.missing) == (1, 1, 0)
    assert (find(found, "included", intervention="removal").value, find(found, "included", intervention="shuffle").value) == (
        0.5,
        0,
    )
    assert find(found, "edit_valid", intervention="removal").value == pytest.approx(1 / 3)
    assert find(found, "edit_invalid", intervention="removal", reason="no steps").value == pytest.approx(1 / 3)
    assert find(found, "edit_invalid", intervention="shuffle", reason="nothing to shuffle").value == 1
    assert math.isnan(find(found, "shuffle_changed_net").value)
    assert find(found, "shuffle_changed_net").missing == 0


def test_strata(find):
    found = estimates(
        edited("removal", 1, {(1, 0): ("B", "A")}), edited("removal", 2, {(1, 0): ("B", "B")}, full="B", n_steps=9),
    )  # fmt: skip
    assert find(found, "removal_changed_net", stratum="answer right").value == 1
    assert find(found, "removal_changed_net", stratum="answer wrong").value == 0
    assert {e.key.stratum for e in found if e.metric == "removal_changed_net"} == {
        "", "answer right", "answer wrong", "3-6 steps", "7 or more steps",
    }  # fmt: skip


def test_a_question_that_counts_once(find):
    rows = [edited("removal", 1, {(i, 0): ("B", "A") for i in (1, 2, 3)}), edited("removal", 2, {(1, 0): ("A", "A")})]
    assert find(estimates(*rows), "removal_changed_net").value == 0.75
    assert find(estimates(*rows, measure=StepImportance(weight="question")), "removal_changed_net").value == 0.5


def test_resampling_by_hand(find):
    found = estimates(resampled(1, 1, "BB", "AA"), resampled(2, 3, "AB", "AB"))
    # Two of each answer in both: distances 1 and 0, and 1/3 expected (see the tests of distributions).
    tv, null, excess = (find(found, f"resampling_tv{part}") for part in ("", "_null", "_excess"))
    assert (tv.value, null.value, excess.value) == (0.5, pytest.approx(1 / 3), pytest.approx(1 / 6))
    assert (tv.n, tv.clusters, tv.missing, excess.null) == (2, 2, 0, 0.0)
    kl, nothing = divergence("BB", "AA"), divergence("AB", "AB")
    assert find(found, "resampling_kl").value == pytest.approx((kl.value + nothing.value) / 2)
    assert find(found, "resampling_kl_excess").value == pytest.approx((kl.excess + nothing.excess) / 2)


def test_samples_of_unequal_size_and_sites_that_are_clustered(find):
    rows = [*resampled(1, 1, "BBA", "AA"), *resampled(1, 2, "AA", "AAB")[2:]]
    found = find(estimates(rows), "resampling_tv_excess")
    expected = [total_variation("BBA", "AA").excess, total_variation("AA", "AAB").excess]
    assert (found.value, found.n, found.clusters) == (pytest.approx(sum(expected) / 2), 2, 1)


def test_draws_without_an_answer_leave_the_samples_and_too_few_leave_a_site_missing(find):
    found = estimates(resampled(1, 1, "BB-", "AA-"), resampled(2, 1, "B--", "AAA"))
    tv, excess, kl = (find(found, f"resampling_{name}") for name in ("tv", "tv_excess", "kl"))
    assert (tv.value, tv.n, tv.missing, tv.bounds) == (1, 1, 1, (0.5, 1))
    assert excess.bounds == (pytest.approx((2 / 3 - 1) / 2), pytest.approx((2 / 3 + 1) / 2))
    value = divergence("BB", "AA").value
    assert kl.bounds == (pytest.approx(value / 2), pytest.approx((value + largest_divergence(3, 3)) / 2))
    assert find(found, "unanswered", intervention="resampling", arm="treated").value == 0.5


def test_counterfactual_importance_reads_the_draws_that_are_unlike_the_step(find):
    # Of the first site BB is unlike, of the second one draw alone, which is too few; 0.8 itself is alike.
    found = estimates(
        resampled(1, 1, "BBAA", "AA", [0.1, 0.79, 0.8, 0.9]), resampled(2, 1, "BBAA", "AA", [0.1, 0.8, 0.9, math.nan]),
    )  # fmt: skip
    tv, null = find(found, "counterfactual_tv"), find(found, "counterfactual_tv_null")
    assert (tv.value, tv.n, tv.missing) == (1, 1, 1)
    assert null.value == pytest.approx(1 / 3)
    assert find(found, "resampling_tv").value == 0.5
    share = find(found, "different")
    assert (share.value, share.n, share.missing) == (pytest.approx(3 / 7), 7, 1)


def test_where_no_draw_is_unlike_the_step_its_weight_is_unknown_and_not_nothing(find):
    found = estimates(resampled(1, 1, "BB", "AA", [1.0, 1.0]))
    for metric in ("counterfactual_tv", "counterfactual_kl_excess"):
        one = find(found, metric)
        assert math.isnan(one.value)
        assert (one.n, one.missing, one.note != "") == (0, 1, True)
    assert find(found, "different").value == 0


def test_the_threshold_is_a_choice(find):
    rows = resampled(1, 1, "BBAA", "AA", [0.1, 0.4, 0.6, 0.9])
    assert find(estimates(rows, measure=StepImportance(threshold=0.5)), "different").value == 0.5
    for wrong in (0, 1.5):
        with pytest.raises(
            UsageError, match=r"Measure step_importance: threshold is .*, but a similarity lies between 0 and 1: give"
        ):
            StepImportance(threshold=wrong)


def test_without_a_site_there_is_nothing_to_tell(find):
    found = estimates([*ends("resampling", 1, n_steps=0), failed("resampling", 1, "no steps", n_steps=0)])
    assert (find(found, "resampling_tv").n, find(found, "included", intervention="resampling").value) == (0, 0)


def resilient(trace, outcomes):
    rows = ends("resilience", trace)
    for site, (rounds, kind, answer) in enumerate(outcomes, start=1):
        rows.append(row("resilience", trace, "treated", answer, dose=rounds, site=site, kind=kind))
        rows.append(row("resilience", trace, "control", "A", site=site))
    return rows


def test_resilience_by_hand(find):
    found = estimates(
        resilient(1, [(1.0, "gone", "B"), (5.0, "still there", "B")]), resilient(2, [(2.0, "gone", "A"), (4.0, "gone", None)])
    )
    rounds = find(found, "resilience")
    assert (rounds.value, rounds.n, rounds.missing) == (3, 4, 0)
    assert find(found, "resilience_gone").value == 0.75
    changed = find(found, "counterfactual_plus_changed")
    assert (changed.value, changed.n, changed.missing, changed.bounds) == (0.5, 2, 1, (pytest.approx(1 / 3), pytest.approx(2 / 3)))
    assert find(found, "counterfactual_plus_changed_net").value == 0.5
    assert find(found, "included", intervention="resilience").value == 1


def everything():
    return [
        *edited("removal", 1, {(1, 0): ("B", "A")}), *edited("removal", 2, {(2, 0): ("A", "A")}), *edited("shuffle", 1, {(0, 0): ("B", "A")}),
        *edited("last_steps", 2, {(1, 0): ("B", "A")}), *resampled(1, 1, "BB", "AA"), *resampled(2, 2, "AB", "AA"),
        *resilient(1, [(2.0, "gone", "B")]),
    ]  # fmt: skip


def facts(found):
    return [(e.key, e.n, e.missing, round(e.value, 12) if e.n else None) for e in found]


def test_shards_in_which_interventions_are_lacking_come_together():
    rows = everything()
    shards = [MEASURE.columns(pd.DataFrame([r for r in rows if r["question_id"] == q])) for q in ("q2", "q1")]
    joined = MEASURE.estimates(ClusterSums.concat(shards), level=0.95, seed=0)
    assert facts(joined) == facts(estimates(rows))
    assert joined[0].metric == "removal_changed_net"


def test_no_metric_is_said_twice_and_all_say_what_larger_means():
    found = estimates(everything())
    keys = [e.key for e in found]
    assert len(set(keys)) == len(keys)
    assert all(e.direction.startswith("Larger: ") and e.direction.endswith(".") for e in found)


@settings(max_examples=5, deadline=None)
@given(order=st.permutations(range(len(everything()))), letters=st.permutations("ABCD"))
def test_order_of_rows_and_names_of_letters_change_nothing(order, letters):
    rename = dict(zip("ABCD", letters, strict=True))
    rows = [everything()[i] for i in order]
    renamed = [r | {"answer": rename.get(r["answer"]), "gold": rename[r["gold"]]} for r in rows]
    assert facts(estimates(renamed)) == facts(estimates(everything()))


def test_what_is_refused():
    rows = edited("removal", 1, {(1, 0): ("B", "A")})
    with pytest.raises(
        DataError, match=r"does not read filler; give rows of removal, shuffle, last_steps, replacement, resampling, resilience\."
    ):
        MEASURE.columns(pd.DataFrame([r | {"intervention": "filler"} for r in rows]))
    alone = [r for r in rows if r["arm"] != "control"]
    with pytest.raises(
        DataError, match=r"A treated reading of question 'q1' at site 1, draw 0 has no control for step_importance; give every"
    ):
        MEASURE.columns(pd.DataFrame(alone))
    with pytest.raises(DataError, match="The readings for step_importance have no column similar"):
        MEASURE.columns(pd.DataFrame(resampled(1, 1, "BB", "AA")).drop(columns="similar"))
