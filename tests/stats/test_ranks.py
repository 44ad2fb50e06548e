"""Page's test: by hand, against all permutations and scipy, and under ties."""

import math
from itertools import permutations, product

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy import stats as distributions

from cotfaith.errors import DataError, UsageError
from cotfaith.stats import ClusterSums, Key, Label, Ratio, estimate
from cotfaith.stats.ranks import page, page_of


def test_by_hand():
    # Ranks (1, 2, 3) and (1, 3, 2): L = 14 + 13 = 27; without a trend 2 x 3 x 4 = 24, and each question's variance is 2 x 2 / 2 = 2.
    found = page(np.array([[0.1, 0.2, 0.9], [0.3, 0.8, 0.5]]))
    assert (found.L, found.questions, found.models, found.dropped, found.note) == (27, 2, 3, 0, "")
    assert found.z == pytest.approx(3 / 2)
    assert found.p == pytest.approx(2 * distributions.norm.sf(1.5))


@given(st.lists(st.lists(st.integers(0, 3), min_size=3, max_size=3), min_size=1, max_size=3))
def test_the_variance_is_that_of_all_orders_within_questions(rows):
    rows = np.array(rows, dtype=float)
    found = page(rows)
    order = np.arange(1, 4)
    every = [
        sum(float(np.dot(ranks, order)) for ranks in chosen)
        for chosen in product(*(list(permutations(distributions.rankdata(row))) for row in rows))
    ]
    if np.std(every) < 1e-9:
        assert np.isnan(found.z)
        assert found.note == "every question ties all models"
    else:
        assert found.z == pytest.approx((found.L - np.mean(every)) / np.std(every), abs=1e-9)


def test_without_ties_it_is_that_of_scipy():
    rows = np.random.default_rng(1).random((30, 5)) + 0.1 * np.arange(5)
    found, expected = page(rows), distributions.page_trend_test(rows, method="asymptotic")
    assert (found.L, found.p) == (expected.statistic, pytest.approx(2 * expected.pvalue))


def test_the_other_direction_has_the_other_sign():
    rows = np.random.default_rng(2).integers(0, 4, (20, 4)) / 3
    there, back = page(rows), page(rows[:, ::-1])
    assert there.z == pytest.approx(-back.z)
    assert there.p == pytest.approx(back.p)


def test_rounding_does_not_break_ties():
    rows = np.array([[0.1 + 0.2, 0.3, 0.9], [0.7, 0.8 - 0.1, 0.2]])
    assert page(rows).L == page(np.array([[0.3, 0.3, 0.9], [0.7, 0.7, 0.2]])).L == 13.5 + 10.5


def test_questions_without_a_model_are_left_out_and_counted():
    rows = np.random.default_rng(3).random((10, 4))
    holes = np.vstack([rows, [0.1, np.nan, 0.3, 0.4], [np.nan] * 4])
    found = page(holes)
    assert (found.questions, found.dropped) == (10, 2)
    assert found.note == "2 of 12 questions lack a value of some model, so they are not ranked"
    assert (found.L, found.z) == (page(rows).L, page(rows).z)


def test_where_nothing_can_be_ranked_it_is_undefined():
    for rows, reason in (
        (np.empty((0, 3)), "no question has a value of every model"),
        (np.ones((4, 3)), "every question ties all models"),
    ):
        found = page(rows)
        assert np.isnan([found.z, found.p]).all()
        assert found.note == reason
    assert np.isnan(page(np.full((2, 3), np.nan)).L)
    assert page(np.ones((4, 3))).L == 4 * 3 * 4
    assert page(np.array([[1.0, 2.0]])).z == pytest.approx(1)  # one question ranks two models


def test_what_has_no_order_is_refused():
    with pytest.raises(
        UsageError, match=r"Values of shape \(3, 1\) have no trend over models; give one row per question and at least two models"
    ):
        page(np.ones((3, 1)))
    with pytest.raises(UsageError, match=r"Values of shape \(3,\) have no trend over models"):
        page(np.ones(3))
    with pytest.raises(DataError, match="A value to be ranked is infinite; give finite values, and NaN for missing ones"):
        page(np.array([[1.0, np.inf]]))


def models(lost, grows=0.0, seed=0, questions=150, samples=5):
    """Four models whose answers change equally often, or `grows` more often from model to model, with these shares of them unread."""
    random = np.random.default_rng(seed)
    rate = random.beta(0.3, 2.7, questions)
    ids = pd.Index([f"q{i:03}" for i in range(questions)], dtype=object)
    found = []
    for place, share in enumerate(lost):
        units = samples - (random.random((questions, samples)) < share).sum(axis=1)
        changed = random.binomial(units, np.minimum(rate * (1 + grows * place), 1))
        table = ClusterSums(ids, ("changed", "n"), np.column_stack([changed, units]).astype(float))
        found.append(estimate(table, Ratio("changed", "n"), Label("m", Key("changed")), kind="proportion"))
    return found


def share_rejected(test, lost, grows=0.0, studies=120):
    return np.mean([test(models(lost, grows, seed)).p < 0.05 for seed in range(studies)])


def by_pseudo_values(found):
    return page(pd.concat({j: e.pseudo_values() for j, e in enumerate(found)}, axis=1).dropna().to_numpy())


def test_unequal_missing_answers_are_no_trend():
    lost = (0.0, 0.01, 0.03, 0.06)
    assert share_rejected(by_pseudo_values, lost) > 0.9  # what the ranks of pseudo-values did: the reason for question means
    assert share_rejected(page_of, lost) < 0.11  # 0.05, and three of its Monte Carlo errors
    assert share_rejected(page_of, lost, grows=0.15) > 0.65


def test_question_means_are_ranked():
    found = models((0.0, 0.3, 0.0, 0.6), seed=4, questions=30, samples=2)
    means = np.column_stack([one.means.reindex([f"q{i:03}" for i in range(30)]) for one in found])
    assert page_of(found) == page(means)
    assert page_of(found).dropped == np.isnan(means).any(axis=1).sum() > 0


def test_what_has_no_question_means_is_not_ranked():
    one = models((0.0,))[0]
    product = estimate(
        ClusterSums(one.means.index, ("a", "b"), np.ones((150, 2))),
        lambda totals: totals["a"] * totals["b"],
        Label("m", Key("u")),
        count="a",
    )
    found = page_of([one, product])
    assert np.isnan([found.L, found.z, found.p]).all()
    assert (found.questions, found.models) == (0, 2)
    assert found.note == "it is not a mean over units, so its questions have no means to rank"
    with pytest.raises(UsageError, match="give one row per question and at least two models"):
        page_of([])


def test_models_of_one_size_share_their_rank() -> None:
    rows = np.array([[0.1, 0.2, 0.9], [0.3, 0.8, 0.5], [0.2, 0.4, 0.7]])
    swapped = rows[:, [1, 0, 2]]
    assert page(rows, [1.0, 1.0, 2.0]).z == pytest.approx(page(swapped, [1.0, 1.0, 2.0]).z)
    assert page(rows).z != pytest.approx(page(swapped).z)
    assert page(rows, [3.0, 7.0, 70.0]).z == page(rows).z
    alike = page(rows, [1.0, 1.0, 1.0])
    assert math.isnan(alike.z)
    assert alike.note == "all models have one size"
