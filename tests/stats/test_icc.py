"""Intraclass correlation: its laws, its edges, and what samples are worth."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from cotfaith.errors import UsageError
from cotfaith.stats.icc import anova, design_effect, effective_size, icc


def columns(questions):
    """The three sums of a list of lists of values."""
    return [[float(np.sum(np.power(q, k))) for q in questions] for k in (1, 2)] + [[len(q) for q in questions]]


UNITS = st.lists(st.lists(st.floats(-3, 3), min_size=1, max_size=5), min_size=2, max_size=12)


def test_all_alike_within_is_one_and_all_alike_between_is_negative():
    assert icc(*columns([[0, 0], [1, 1], [1, 1]])) == pytest.approx(1)
    assert icc(*columns([[0, 1], [1, 0], [0, 1]])) == pytest.approx(-1)


def test_by_hand():
    # means 1 and 3, grand mean 2.2; MSB = 4.8, MSW = 4/3, n0 = 5 - 13/5 = 2.4
    made = anova(*columns([[0, 2], [2, 3, 4]]))
    assert (made.between, made.within, made.size) == pytest.approx((4.8, 4 / 3, 2.4))
    assert made.icc == pytest.approx((4.8 - 4 / 3) / (4.8 + 1.4 * 4 / 3))


@given(UNITS, st.floats(-2, 2), st.floats(0.5, 3))
def test_it_is_a_correlation_and_follows_no_shift_scale_or_order(questions, shift, scale):
    found = icc(*columns(questions))
    if max(map(len, questions)) == 1 or np.ptp(np.concatenate(questions)) == 0:
        assert np.isnan(found)
    if np.isnan(found) or np.ptp(np.concatenate(questions)) < 0.01:
        return
    least = -1 / (anova(*columns(questions)).size - 1)
    assert least - 1e-6 <= found <= 1 + 1e-9
    moved = [[scale * (y + shift) for y in q] for q in reversed(questions)]
    assert icc(*columns(moved)) == pytest.approx(found, abs=1e-6)


def test_it_finds_what_was_planted():
    random = np.random.default_rng(3)
    y = 0.6**0.5 * random.standard_normal((4000, 1)) + 0.4**0.5 * random.standard_normal((4000, 4))
    assert icc(y.sum(1), (y**2).sum(1), np.full(4000, 4)) == pytest.approx(0.6, abs=0.02)


def test_questions_without_units_take_no_part():
    assert icc([1, 0, 2], [1, 0, 2], [2, 0, 3]) == icc([1, 2], [1, 2], [2, 3])


@pytest.mark.parametrize(
    "questions", [[], [[1.0, 0.0]], [[1.0], [0.0], [1.0]], [[1.0, 1.0], [1.0, 1.0]], [[0.0, 0.0], [0.0]], [[0.1] * 3, [0.1] * 7]]
)
def test_undefined_is_nan(questions):
    assert np.isnan(icc(*columns(questions)))


def test_samples_are_worth_at_most_one_over_the_correlation():
    assert design_effect(0.5, 5) == 3
    assert effective_size(0.5, 5) == pytest.approx(1.667, abs=1e-3)
    assert effective_size(0.5, 100) == pytest.approx(1.98, abs=1e-3)
    assert effective_size(0.0, 100) == 100
    assert effective_size(1.0, 100) == 1
    assert design_effect(-0.25, 3) == 0.5
    assert np.isnan(design_effect(float("nan"), 5))
    assert np.isnan(effective_size(float("nan"), 5))


@given(st.floats(0.01, 1), st.integers(1, 500))
def test_more_samples_are_worth_more_but_never_more_than_that(correlation, m):
    assert effective_size(correlation, m) <= effective_size(correlation, m + 1) + 1e-9
    assert effective_size(correlation, m) <= 1 / correlation + 1e-9


def test_what_cannot_be_is_said():
    with pytest.raises(UsageError, match=r"The intraclass correlation is 1.2, but it cannot be above 1; give the value of icc"):
        design_effect(1.2, 5)
    with pytest.raises(UsageError, match=r"There are 0 units per question, but there must be 1 or more"):
        design_effect(0.2, 0)
    with pytest.raises(UsageError, match=r"There are nan units per question"):
        design_effect(0.2, float("nan"))
    with pytest.raises(
        UsageError, match=r"5 units cannot have an intraclass correlation of -0.5, which is not above -0.25; give fewer"
    ):
        effective_size(-0.5, 5)
    with pytest.raises(UsageError, match=r"Sums of shapes \(2,\), \(2,\) and \(1,\) do not fit each other"):
        icc([1, 2], [1, 2], [1])
    for bad in (np.nan, -1.0, np.inf):
        with pytest.raises(UsageError, match=r"missing, infinite or below 0; exclude missing units from all three"):
            icc([1, 2], [1, 2], [2, bad])
