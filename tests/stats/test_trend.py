"""Trends over models: worked examples by hand, laws, the size of both tests, and a defined outcome for every edge."""

import math
from dataclasses import replace

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import stats as distributions

from cotfaith.errors import UsageError
from cotfaith.stats import ClusterSums, Key, Label, Ratio, estimate
from cotfaith.stats.trend import quadratic, trend

X = (0.0, 1.0, 2.0, 4.0)
NUMBERS = ("slope", "se", "df", "low", "high", "p", "intercept", "sd")


def models(matrix, names=None):
    """One estimate a column of questions x models, on the same questions unless named."""
    matrix = np.asarray(matrix, dtype=np.float64)
    found = []
    for j, column in enumerate(matrix.T):
        ids = pd.Index([f"q{i:04}" for i in range(len(column))] if names is None else names[j], dtype=object)
        table = ClusterSums(ids, ("y", "n"), np.column_stack([column, np.ones(len(column))]))
        found.append(estimate(table, Ratio("y", "n"), Label("m", Key("rate")), interval="t"))
    return found


def matrix(seed=1, size=40, slope=0.1, deviation=0.0, x=X):
    """Questions x models: a question's own level, the slope, each model's deviation, and noise."""
    random = np.random.default_rng(seed)
    level = random.standard_normal((size, 1)) + deviation * random.standard_normal(len(x))
    return level + slope * np.asarray(x) + 0.5 * random.standard_normal((size, len(x)))


def test_the_line_over_models_by_hand():
    # Means 0, 1, 1 at x = 0, 1, 2: slope 1/2, line 1/6 + x/2, residuals -1/6, 1/3, -1/6, so sd^2 = 1/6 on one degree of freedom; Sxx = 2.
    found = trend(models([[0, 2, 1], [0, 0, 1]]), [0, 1, 2])
    assert (found.slope, found.intercept, found.sd) == pytest.approx((1 / 2, 1 / 6, math.sqrt(1 / 6)))
    assert (found.se, found.df) == pytest.approx((math.sqrt(1 / 12), 1))
    q = math.tan(math.pi * 0.475)  # t(1) is Cauchy
    assert (found.low, found.high) == pytest.approx((0.5 - q * found.se, 0.5 + q * found.se))
    assert found.p == pytest.approx(1 - 2 * math.atan(math.sqrt(3)) / math.pi)
    assert (found.n_models, found.clusters, found.method) == (3, 2, "models as the sample: least squares, t(1)")
    half = q * math.sqrt(1 / 6) * math.sqrt(1 / 3 + 4 / 2)
    assert found.at(3) == pytest.approx((1 / 6 + 3 / 2, 1 / 6 + 3 / 2 - half, 1 / 6 + 3 / 2 + half))


def test_fixed_models_are_the_t_test_on_the_questions_slopes():
    y = matrix()
    weights = (np.array(X) - 1.75) / np.sum((np.array(X) - 1.75) ** 2)
    test = distributions.ttest_1samp(y @ weights, 0)
    found = trend(models(y), X, "fixed", level=0.9)
    assert (found.slope, found.p, found.df) == pytest.approx((np.mean(y @ weights), test.pvalue, 39))
    assert (found.low, found.high) == pytest.approx(tuple(test.confidence_interval(0.9)))
    assert found.method == "these checkpoints only; linearised, t(39)"
    at = y @ (1 / 4 + (3 - 1.75) * weights)
    ends = distributions.ttest_1samp(at, 0).confidence_interval(0.9)
    assert found.at(3) == pytest.approx((at.mean(), *ends))
    assert trend(models(y), X).slope == pytest.approx(found.slope)


def test_two_fixed_models_are_a_paired_difference():
    pair = models(matrix(x=(0, 1)))
    found, difference = trend(pair, [1, 3], "fixed"), pair[1] - pair[0]
    assert (2 * found.slope, 2 * found.se, found.p) == pytest.approx((difference.value, difference.se, difference.p))
    assert math.isnan(found.sd)


def test_models_with_other_questions_bring_no_covariance():
    names = [[f"{j}q{i}" for i in range(40)] for j in range(4)]
    parts = models(matrix(), names)
    found = trend(parts, X, "fixed")
    weights = (np.array(X) - 1.75) / np.sum((np.array(X) - 1.75) ** 2)
    assert found.se == pytest.approx(math.sqrt(sum((w * e.se) ** 2 for w, e in zip(weights, parts, strict=True))))
    assert found.clusters == 160
    assert found.df > 39


@pytest.mark.parametrize("kind", ["random", "fixed"])
@settings(max_examples=25)
@given(
    shift=st.floats(-5, 5), scale=st.sampled_from([-3.0, 1e-9, 0.5, 1e9]), order=st.permutations(range(4)), seed=st.integers(0, 9)
)
def test_what_a_trend_does_not_depend_on(kind, shift, scale, order, seed):
    parts = models(matrix(seed, size=10))
    found = trend(parts, X, kind)
    shifted = trend([replace(e, value=e.value + shift) for e in parts], X, kind)
    assert [getattr(shifted, name) for name in ("slope", "se", "p")] == pytest.approx(
        [found.slope, found.se, found.p], rel=1e-6, abs=1e-9
    )
    moved = trend([parts[i] for i in order], [X[i] for i in order], kind)
    assert [getattr(moved, name) for name in NUMBERS] == pytest.approx([getattr(found, name) for name in NUMBERS], rel=1e-6)
    scaled = trend(parts, [scale * x for x in X], kind)
    assert (scaled.slope * scale, scaled.se * abs(scale), scaled.p) == pytest.approx((found.slope, found.se, found.p), rel=1e-6)
    assert scaled.at(3 * scale) == pytest.approx(found.at(3), rel=1e-6)


@pytest.mark.parametrize("kind", ["random", "fixed"])
def test_a_planted_slope_is_recovered(kind):
    x = np.log10([0.5, 1.5, 3, 7, 14, 32])
    found = trend(models(matrix(3, size=400, slope=0.3, x=x)), x, kind)
    assert found.slope == pytest.approx(0.3, abs=0.05)
    assert found.low < 0.3 < found.high
    assert found.p < 0.001


def test_models_that_deviate_fool_the_test_on_questions_and_not_the_one_on_models():
    x, rejected = np.log10([0.5, 1.5, 3, 7, 14, 32]), {"random": 0, "fixed": 0}
    for seed in range(200):
        parts = models(matrix(1000 + seed, size=60, slope=0.0, deviation=0.2, x=x))
        for kind in rejected:
            rejected[kind] += trend(parts, x, kind).p < 0.05
    assert 0.01 <= rejected["random"] / 200 <= 0.1
    assert rejected["fixed"] / 200 > 0.3


def test_without_deviations_both_tests_keep_their_size():
    x, rejected = np.arange(5.0), {"random": 0, "fixed": 0}
    for seed in range(200):
        parts = models(matrix(5000 + seed, size=30, slope=0.0, x=x))
        for kind in rejected:
            rejected[kind] += trend(parts, x, kind).p < 0.05
    assert all(0.01 <= count / 200 <= 0.1 for count in rejected.values())


def test_curvature_is_the_coefficient_of_the_square():
    y, x = matrix(), np.array(X)
    squares = np.linalg.lstsq(np.vander(x, 3), y.T, rcond=None)[0][0]
    test = distributions.ttest_1samp(squares, 0)
    found = quadratic(models(y), X)
    assert (found.value, found.p) == pytest.approx((squares.mean(), test.pvalue))
    assert (found.low, found.high) == pytest.approx(tuple(test.confidence_interval(0.95)))
    assert (found.metric, found.method, found.null) == ("curvature of rate", "these checkpoints only; linearised, t(39)", 0.0)
    assert quadratic(models(y + 7 - 3 * x), X).value == pytest.approx(found.value)
    assert quadratic(models(y + 0.25 * x**2), X).value == pytest.approx(found.value + 0.25)
    assert (quadratic(models(y), X) - found).value == 0


def test_an_undefined_model_leaves_no_trend_and_is_named():
    parts = models(matrix())
    nothing = replace(
        parts[1], value=math.nan, se=math.nan, influence=None, note="the denominator is 0", key=Key("rate", kind="small")
    )
    with_it = [parts[0], nothing, *parts[2:]]
    reason = "the estimate of model 2 of 4 (small) is undefined: the denominator is 0"
    for found in (trend(with_it, X), trend(with_it, X, "fixed")):
        assert all(math.isnan(getattr(found, name)) for name in NUMBERS)
        assert all(math.isnan(end) for end in found.at(1))
        assert (found.method, found.note, found.n_models) == ("undefined", reason, 4)
    bent = quadratic(with_it, X)
    assert math.isnan(bent.value)
    assert (bent.method, bent.note) == ("undefined", reason)


@pytest.mark.parametrize(
    ("x", "kind", "reason"),
    [
        ([], "random", "it takes 3 models, not 0"),
        ([], "fixed", "it takes 2 models, not 0"),
        ([1], "fixed", "it takes 2 models, not 1"),
        ([1, 2], "random", "it takes 3 models, not 2"),
        ([1, 1, 1], "random", "it takes models at 2 different x, not 1"),
        ([1, 1], "fixed", "it takes models at 2 different x, not 1"),
        ([1, math.inf, 2], "random", "the x of model 2 of 3 is inf"),
        ([1, math.nan], "fixed", "the x of model 2 of 2 is nan"),
    ],
)
def test_too_few_points_leave_no_trend(x, kind, reason):
    found = trend(models(matrix())[: len(x)], x, kind)
    assert math.isnan(found.slope)
    assert (found.note, found.method) == (reason, "undefined")


@pytest.mark.parametrize(
    ("x", "reason"), [([], "it takes 3 models, not 0"), ([1, 1, 2], "it takes models at 3 different x, not 2")]
)
def test_too_few_points_leave_no_curvature(x, reason):
    found = quadratic(models(matrix())[: len(x)], x)
    assert math.isnan(found.value)
    assert (found.note, found.p) == (reason, None)


def test_points_on_a_line_have_a_slope_and_no_spread():
    same = np.repeat(np.arange(10.0)[:, None], 4, axis=1)
    for kind, reason in (
        ("random", "all models lie on the line, so the spread cannot be told"),
        ("fixed", "no question differs from another, so the spread cannot be told"),
    ):
        found = trend(models(same + 0.2 * np.array(X)), X, kind)
        assert (found.slope, found.se) == (pytest.approx(0.2), 0)
        assert (found.method, found.note) == ("no interval", reason)
        assert math.isnan(found.p)
        assert math.isnan(found.low)
        value, low, _ = found.at(1)
        assert value == pytest.approx(4.7)
        assert math.isnan(low)
    equal = trend(models(np.full((10, 4), 0.5)), X)
    assert (equal.slope, equal.method) == (0, "no interval")


def test_a_model_on_one_question_has_a_value_but_no_spread():
    parts = models(matrix())
    one = [*parts[:3], models(matrix()[:1])[3]]
    fixed = trend(one, X, "fixed")
    reason = "the estimate of model 4 of 4 has no spread: one question only, so its spread cannot be told"
    assert (fixed.method, fixed.note) == ("no interval", reason)
    assert math.isfinite(fixed.slope)
    assert math.isnan(fixed.p)
    assert trend(one, X).slope == pytest.approx(fixed.slope)
    assert trend(one, X).p < 1
    assert quadratic(one, X).note == reason


def test_messages_for_wrong_use():
    parts = models(matrix())
    with pytest.raises(UsageError, match=r"Unknown choice of models 'fixd': did you mean 'fixed'\?"):
        trend(parts, X, "fixd")
    with pytest.raises(UsageError, match=r"4 estimates do not fit 3 values of x; give the x of each model, in the same order\."):
        trend(parts, X[:3])
    for call in (trend, quadratic):
        with pytest.raises(UsageError, match=r"level of an interval is 95, but it must be between 0 and 1; give 0\.95"):
            call(parts, X, level=95)


def test_estimates_at_other_levels_make_one_trend():
    parts = models(matrix())
    mixed = [replace(e, level=level) for e, level in zip(parts, (0.9, 0.95, 0.95, 0.99), strict=True)]
    assert trend(mixed, X, "fixed").low == trend(parts, X, "fixed").low
