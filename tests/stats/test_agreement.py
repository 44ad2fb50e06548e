"""Agreement of judges: worked examples by hand, agreement with R and statsmodels, and what is said where it means nothing."""

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from cotfaith.stats import Key, Label, agreement, sums
from cotfaith.stats.agreement import CELLS

LABEL = Label("m", Key("agreement"))
COUNT = st.integers(0, 9)


def table(*rows):
    """Sums of (n11, n10, n01, n00), a question each."""
    frame = pd.DataFrame([dict(zip(CELLS, row, strict=True)) | {"question_id": f"q{i:03}"} for i, row in enumerate(rows)])
    return sums(frame, CELLS)


def all_three(t, **more):
    return [f(t, CELLS, LABEL, **more) for f in (agreement.raw, agreement.kappa, agreement.ac2)]


def test_by_hand():
    # 40 yes-yes, 9 and 6 split, 45 no-no: same .85; chance .49 x .46 + .51 x .54 = .5008; prevalence .475, chance 2 x .475 x .525 = .49875
    found = all_three(table(*[(4, 1, 1, 4)] * 3, *[(4, 1, 0, 5)] * 6, (4, 0, 3, 3)))
    assert [one.value for one in found] == pytest.approx([0.85, (0.85 - 0.5008) / 0.4992, (0.85 - 0.49875) / 0.50125])
    assert {(one.n, one.clusters, one.missing) for one in found} == {(100, 10, 0)}
    assert all(one.low < one.value < one.high for one in found)
    assert [one.method for one in found] == ["effective-n Wilson, t(9)"] * 3


def test_ac2_of_three_ordered_categories_by_hand():
    # Linear weights 1, 1/2, 0 with the sum 5: .6 the same, .3 next to each other; prevalences .45, .35, .2; q (q - 1) = 6.
    shares = np.array([[0.3, 0.1, 0.05], [0.1, 0.2, 0.05], [0.05, 0.05, 0.1]])
    weights = np.array([[1, 0.5, 0], [0.5, 1, 0.5], [0, 0.5, 1]])
    same = 0.6 + 0.5 * 0.3
    chance = 5 / 6 * (0.45 * 0.55 + 0.35 * 0.65 + 0.2 * 0.8)
    assert agreement.gwet(shares, weights) == pytest.approx((same - chance) / (1 - chance))
    assert agreement.gwet(np.stack([shares, shares]), weights).shape == (2,)


def test_kappa_agrees_with_r(golden):
    reference, read = golden
    rows = read("d9_judge").query("human >= 0")
    cells = {"n11": (1, 1), "n10": (1, 0), "n01": (0, 1), "n00": (0, 0)}
    frame = rows.assign(**{name: (rows["judge"] == a) & (rows["human"] == b) for name, (a, b) in cells.items()})
    found = agreement.kappa(sums(frame, CELLS), CELLS, LABEL)
    assert found.value == pytest.approx(reference["d9_judge"]["kappa"], rel=1e-9)
    assert found.n == reference["d9_judge"]["n_labelled"]


@given(COUNT, COUNT, COUNT, COUNT)
def test_kappa_agrees_with_statsmodels(a, b, c, d):
    from statsmodels.stats.inter_rater import cohens_kappa

    found = agreement.kappa(table((a, b, c, d)), CELLS, LABEL).value
    if not min(a + b + c, b + c + d):
        assert np.isnan(found)
    else:
        assert found == pytest.approx(cohens_kappa(np.array([[a, b], [c, d]]), return_results=False), abs=1e-12)


@given(st.lists(st.tuples(COUNT, COUNT, COUNT, COUNT), min_size=2, max_size=6))
def test_the_order_of_judges_and_the_words_for_yes_and_no_do_not_matter(rows):
    there = all_three(table(*rows))
    for other in (table(*[(a, c, b, d) for a, b, c, d in rows]), table(*[(d, b, c, a) for a, b, c, d in rows])):
        for one, two in zip(there, all_three(other), strict=True):
            assert (one.value, one.se, one.low, one.high) == pytest.approx((two.value, two.se, two.low, two.high), nan_ok=True)


def test_saturation_is_told():
    # One judge says yes of 2 in 100, the other of 3: raw .95, kappa near 0, and AC2 near .95.
    t = table(*[(0, 2, 3, 5)], *[(0, 0, 0, 10)] * 9)
    same, kappa, ac2 = all_three(t)
    assert agreement.saturated(t)
    assert same.value == 0.95
    assert kappa.value < 0
    assert ac2.value == pytest.approx((0.95 - 0.04875) / (1 - 0.04875))
    assert kappa.note.startswith("saturated: a judge says the same of more than 95 % of the units")
    assert kappa.note.endswith("only 1 question with the event, so the interval is wide")
    assert not same.note.startswith("saturated")
    # Exactly 95 % is not more than that.
    edge = table((5, 0, 0, 95))
    assert not agreement.saturated(edge)
    assert not agreement.saturated(table((0, 0, 0, 0)))


def test_undefined_cases_are_not_zero():
    always = table((0, 0, 0, 4), (0, 0, 0, 3))
    same, kappa, ac2 = all_three(always)
    assert (same.value, ac2.value) == (1, 1)
    assert np.isnan(kappa.value)
    assert kappa.note == "both judges say the same of every unit, so they agree by chance alone"
    for one in all_three(table((0, 0, 0, 0))):
        assert np.isnan(one.value)
        assert one.note == "the denominator is 0: 0 units entered, 0 missing"


def test_bounds_hold_whatever_is_missing():
    rows, missing = [(3, 1, 0, 2), (2, 0, 1, 1)], 3
    found = all_three(table(*rows), missing=missing)
    assert [one.missing for one in found] == [3, 3, 3]
    assert found[0].bounds == pytest.approx((8 / 13, 11 / 13))
    for a in range(missing + 1):
        for b in range(missing + 1 - a):
            for c in range(missing + 1 - a - b):
                filled = all_three(table(*rows, (a, b, c, missing - a - b - c)))
                for one, full in zip(found, filled, strict=True):
                    assert one.bounds[0] - 1e-12 <= full.value <= one.bounds[1] + 1e-12
    assert all_three(table((0, 0, 0, 0)), missing=2)[1].bounds == (-1.0, 1.0)
    assert all(one.bounds == (one.value, one.value) for one in all_three(table(*rows)))
