"""CCT and phi-CCT: against numpy and the formula, on models that mention what moves them, what does not, and nothing."""

import math
from itertools import combinations_with_replacement

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from cotfaith.measures.cct import Cct
from cotfaith.stats import ClusterSums

MEASURE = Cct()
SURE, SPLIT, OTHER = (np.log([0.9, 0.1]), np.log([0.5, 0.5]), np.log([0.2, 0.8]))


def row(question, arm, answer, **more):
    state = "unparsed" if answer is None else "answered"
    plain = {"intervention": "insertion", "question_id": f"q{question}", "trace_id": f"t{question}", "arm": arm, "answer": answer}
    plain |= {"state": state, "gold": "A", "n_options": 2, "n_steps": 4, "dose": 0.0, "site": 0, "kind": "", "draw": 0}
    return plain | {"valid": True, "note": "", "logprobs": (), "thought": "", "response": ""} | more


def words(question, *draws, control=("A", SURE)):
    """The rows of a trace; each draw is the answer, the log-probabilities and whether the word (w0, w1, ...) is mentioned."""
    answer, scores = control
    rows = [row(question, "full", answer, logprobs=scores), row(question, "no_reasoning", "A", dose=1.0)]
    for draw, (said, own, mentioned) in enumerate(draws):
        thought = (
            f"The word W{draw} is odd." if mentioned else f"No w{draw}x here."
        )  # in any case of its letters, and as a whole word
        rows.append(row(question, "treated", said, dose=1.0, kind=f"w{draw}", draw=draw, logprobs=own, thought=thought))
        rows.append(row(question, "control", answer, draw=draw, logprobs=scores))
    return rows


def estimates(*rows, measure=MEASURE):
    return measure.estimates(measure.columns(pd.DataFrame([one for part in rows for one in part])), level=0.95, seed=0)


def value(rows, metric, measure=MEASURE):
    return next(e.value for e in estimates(*rows, measure=measure) if e.metric == metric)


def test_by_hand(find):
    # Impacts .4, .7, 0, 0; mentions 1, 1, 0, 1; changed 0, 1, 0, 0.
    rows = [words(1, ("A", SPLIT, 1.0), ("B", OTHER, 1.0)), words(2, ("A", SURE, 0.0), ("A", SURE, 1.0))]
    found = estimates(*rows)
    assert find(found, "impact").value == pytest.approx(1.1 / 4)
    assert find(found, "changed").value == 0.25
    assert find(found, "mention").value == 0.75
    assert find(found, "cct").value == pytest.approx(np.corrcoef([0.4, 0.7, 0, 0], [1, 1, 0, 1])[0, 1])
    assert find(found, "phi_cct").value == pytest.approx((1 * 1 - 0 * 2) / math.sqrt(1 * 3 * 3 * 1))
    assert (find(found, "cct").n, find(found, "cct").clusters, find(found, "cct").null) == (4, 2, 0.0)
    assert [e.metric for e in found[:5]] == ["cct", "phi_cct", "impact", "changed", "mention"]
    assert find(found, "included").value == find(found, "edit_valid").value == 1


@settings(deadline=None, max_examples=20)
@given(draws=st.lists(st.tuples(st.integers(0, 5), st.floats(0.05, 0.95), st.booleans(), st.booleans()), min_size=6, max_size=20))
def test_it_is_the_correlation(draws):
    rows = []
    for question in sorted({q for q, *_ in draws}):
        own = [("B" if flip else "A", np.log([p, 1 - p]), float(said)) for q, p, flip, said in draws if q == question]
        rows.append(words(question, *own, control=("A", SPLIT)))
    impact, mention = [abs(p - 0.5) for _, p, *_ in draws], [said for *_, said in draws]
    changed = [flip for *_, flip, _ in draws]
    for metric, moved in (("cct", impact), ("phi_cct", changed)):
        found = value(rows, metric)
        if len(set(mention)) == 1 or len(set(moved)) == 1:
            assert math.isnan(found)
        elif np.std(moved) > 1e-4:  # with less the sums of squares leave rounding only
            assert found == pytest.approx(np.corrcoef(np.array(moved, dtype=float), mention)[0, 1], abs=1e-9)


def test_models_of_known_truth(find):
    """One mentions the words that move it, one the words that do not, one mentions at random."""
    moved, still = ("B", OTHER), ("A", SURE)
    tells = [words(i, (*moved, 1.0), (*still, 0.0), (*moved, 1.0), (*still, 0.0)) for i in range(8)]
    hides = [words(i, (*moved, 0.0), (*still, 1.0), (*moved, 0.0), (*still, 1.0)) for i in range(8)]
    neither = [words(i, (*moved, 1.0), (*still, 1.0), (*moved, 0.0), (*still, 0.0)) for i in range(8)]
    for metric in ("cct", "phi_cct"):
        assert value(tells, metric) == pytest.approx(1)
        assert value(hides, metric) == pytest.approx(-1)
        assert value(neither, metric) == pytest.approx(0)


@pytest.mark.parametrize(
    ("draws", "reason"),
    [
        ([("B", OTHER, 0.0), ("A", SURE, 0.0)], "no inserted word is mentioned, so no correlation with mentions can be told"),
        ([("B", OTHER, 1.0), ("A", SURE, 1.0)], "every inserted word is mentioned, so no correlation with mentions can be told"),
        ([("A", SURE, 1.0), ("A", SURE, 0.0)], "all insertions have the same impact, so no correlation with it can be told"),
        ([("B", OTHER, 1.0), ("B", OTHER, 0.0)], "all insertions have the same impact, so no correlation with it can be told"),
        ([(None, (), 1.0), (None, (), 0.0)], "no reading has both an impact and a mention that are known"),
    ],
)
def test_undefined_says_why(find, draws, reason):
    found = estimates(words(1, *draws), words(2, *draws))
    for metric in ("cct", "phi_cct"):
        one = find(found, metric)
        assert math.isnan(one.value)
        assert one.note == reason


def test_without_probabilities_phi_stays(find):
    found = estimates(words(1, ("B", (), 1.0), ("A", (), 0.0), control=("A", ())))
    assert find(found, "phi_cct").value == 1
    cct, impact = find(found, "cct"), find(found, "impact")
    assert math.isnan(cct.value)
    assert (cct.n, cct.missing, impact.n, impact.missing) == (0, 0, 0, 0)
    assert cct.note == impact.note == "not defined for answers that are written, since these have no probabilities of options"


def test_probabilities_without_those_of_the_control_are_missing(find):
    found = estimates(words(1, ("B", OTHER, 1.0), ("A", SURE, 0.0), control=("A", ())))
    cct, impact = find(found, "cct"), find(found, "impact")
    assert (cct.missing, cct.bounds) == (2, (-1.0, 1.0))
    assert (impact.missing, impact.bounds) == (2, (0.0, 1.0))
    assert impact.note == "no reading has the probabilities of its options, and its control's"


def test_missing_readings_are_counted_and_bounded(find):
    found = estimates(words(1, ("B", OTHER, 1.0), ("A", SURE, 0.0)), words(2, (None, (), 1.0), ("B", OTHER, 1.0)))
    phi, changed = find(found, "phi_cct"), find(found, "changed")
    assert (phi.value, phi.n, phi.missing) == (pytest.approx(1), 3, 1)
    assert phi.bounds == (pytest.approx((2 * 1) / math.sqrt(3 * 1 * 2 * 2)), pytest.approx(1))
    assert (changed.value, changed.missing, changed.bounds) == (pytest.approx(2 / 3), 1, (0.5, 0.75))
    assert find(found, "mention").missing == 1
    assert find(found, "unanswered", arm="treated").value == 0.25


CELLS = [(1, 1), (1, 0), (0, 1), (0, 0)]  # changed, mentioned


@settings(deadline=None, max_examples=40)
@given(counts=st.lists(st.integers(0, 6), min_size=4, max_size=4), missing=st.integers(1, 4))
def test_the_bounds_of_phi_hold_every_completion(counts, missing):
    known = [cell for cell, count in zip(CELLS, counts, strict=True) for _ in range(count)]
    draws = [("B" if changed else "A", (), mentioned) for changed, mentioned in known] + [(None, (), 0)] * missing
    phi = next(e for e in estimates(words(1, *draws, control=("A", ()))) if e.metric == "phi_cct")
    low, high = phi.bounds
    assert phi.missing == missing
    for completed in combinations_with_replacement(CELLS, missing):
        changed, mentioned = zip(*known, *completed, strict=True)
        if len(set(changed)) == len(set(mentioned)) == 2:
            assert low - 1e-9 <= np.corrcoef(changed, mentioned)[0, 1] <= high + 1e-9


def test_where_nothing_took_and_where_shards_differ(find):
    lost = [*words(1), row(1, "treated", None, dose=1.0, valid=False, state="edit_invalid", note="no place")]
    found = estimates(lost)
    assert math.isnan(find(found, "cct").value)
    assert (find(found, "cct").n, find(found, "cct").missing) == (0, 0)
    assert find(found, "cct").note
    assert find(found, "included").value == 0
    assert find(found, "edit_invalid", reason="no place").value == 1
    parts = [lost, words(2, ("B", OTHER, 1.0)), words(3, ("A", SPLIT, 0.0), ("A", SURE, 1.0))]
    shards = [MEASURE.columns(pd.DataFrame(part)) for part in parts]
    again = MEASURE.estimates(ClusterSums.concat(shards), level=0.95, seed=0)
    facts = [[(e.key, e.n, e.missing, round(e.value, 12)) for e in those] for those in (estimates(*parts), again)]
    assert facts[0] == facts[1]


def test_a_question_that_counts_once(find):
    rows = [words(1, *[("B", OTHER, 1.0)] * 6, ("A", SURE, 1.0)), words(2, ("A", SURE, 0.0)), words(3, ("B", OTHER, 0.0))]
    once = Cct(weight="question")
    assert value(rows, "changed", once) == pytest.approx((6 / 7 + 0 + 1) / 3)
    n11, n10, n01, n00 = 6 / 7, 1, 1 / 7, 1
    expected = (n11 * n00 - n10 * n01) / math.sqrt((n11 + n10) * (n01 + n00) * (n11 + n01) * (n10 + n00))
    assert value(rows, "phi_cct", once) == pytest.approx(expected)
    assert value(rows, "cct", once) == pytest.approx(expected)  # all impacts are .7 or 0, so it is the same correlation


def test_the_interval_covers(find):
    """Twelve studies of a correlation of .5: most of the intervals have it."""
    rng = np.random.default_rng(5)
    inside = 0
    for _ in range(12):
        rows = []
        for question in range(60):
            moved = rng.random(4) < 0.5
            said = np.where(rng.random(4) < 0.75, moved, ~moved)
            rows.append(
                words(question, *(("B", OTHER, float(s)) if m else ("A", SURE, float(s)) for m, s in zip(moved, said, strict=True)))
            )
        cct = find(estimates(*rows), "cct")
        inside += cct.low <= 0.5 <= cct.high
    assert inside >= 10
