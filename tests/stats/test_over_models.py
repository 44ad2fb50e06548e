"""The slope over models: against statsmodels and an independent likelihood, what is held equal, and a defined outcome for every edge."""

import math
from dataclasses import replace

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import optimize
from statsmodels.regression.linear_model import OLS, WLS

from cotfaith.errors import UsageError
from cotfaith.stats import ClusterSums, Key, Label, Ratio, estimate
from cotfaith.stats.over_models import over_models
from cotfaith.stats.trend import trend

X = np.array([8.0, 8.5, 9.1, 9.8, 10.0, 10.9])


def estimates(values, se=0.05, seed=0):
    """One estimate a model with about these values, on 40 questions of its own noise."""
    random = np.random.default_rng(seed)
    ids = pd.Index([f"q{i:02}" for i in range(40)], dtype=object)
    found = []
    for value, error in zip(values, np.broadcast_to(se, len(values)), strict=True):
        noise = random.standard_normal(40)
        column = value + error * math.sqrt(40) * (noise - noise.mean()) / noise.std(ddof=1)
        table = ClusterSums(ids, ("y", "n"), np.column_stack([column, np.ones(40)]))
        found.append(estimate(table, Ratio("y", "n"), Label("m", Key("rate")), interval="t"))
    return found


def planted(slope=0.0, effect=-0.6, deviation=0.03, seed=1):
    """The values of six models that fall with accuracy, which rises with size; `slope` is what size does on its own."""
    random = np.random.default_rng(seed)
    accuracy = 0.4 + 0.15 * (X - X.mean()) + 0.08 * random.standard_normal(len(X))
    return 0.5 + slope * (X - X.mean()) + effect * accuracy + deviation * random.standard_normal(len(X)), accuracy


def test_plain_is_the_trend_over_models():
    values = estimates(planted()[0])
    found, line = over_models(values, X, level=0.9), trend(values, X, "random", level=0.9)
    assert (found["x"].value, found["x"].se, found.df) == pytest.approx((line.slope, line.se, line.df))
    assert (found["x"].low, found["x"].high, found["x"].p) == pytest.approx((line.low, line.high, line.p))
    assert found["intercept"].value == pytest.approx(line.intercept)
    assert (found.n, found.clusters, found.method) == (6, {"model": 6}, "models as the sample: least squares, t(4)")


def exact(values):
    """Estimates of these values without any error by questions."""
    return [replace(one, influence=0 * one.influence) for one in estimates(values)]


def test_beside_an_exact_accuracy_it_is_least_squares_on_one_row_a_model():
    y, accuracy = planted(slope=0.1)
    found = over_models(estimates(y), X, exact(accuracy))
    expected = OLS(y, np.column_stack([np.ones(6), X, accuracy])).fit()
    for place, name in enumerate(("intercept", "x", "covariate")):
        ours = found[name]
        assert (ours.value, ours.se, ours.p) == pytest.approx(
            (expected.params[place], expected.bse[place], expected.pvalues[place])
        )
        assert (ours.low, ours.high) == pytest.approx(tuple(expected.conf_int()[place]))
    assert found.method == "models as the sample: least squares with a covariate, corrected for its error (Fuller), t(3)"
    assert (found.df, found.details) == (3, {"reliability": 1.0})


@pytest.mark.parametrize("error", [0.01, 0.05, 0.4])
def test_beside_an_accuracy_with_an_error_it_is_fullers_slope(error):
    """By partial regression on size, with the covariances as sums over questions."""
    y, accuracy = planted(slope=0.1)
    values, beside = estimates(y, 0.04, seed=1), estimates(accuracy, error, seed=2)
    found = over_models(values, X, beside)
    line = np.column_stack([np.ones(6), X])
    off = np.eye(6) - line @ np.linalg.solve(line.T @ line, line.T)
    u, v = (np.column_stack([one.influence for one in those]) * math.sqrt(40 / 39) for those in (beside, values))
    uu, uv = np.trace(off @ u.T @ u), np.trace(off @ u.T @ v)
    spread, share = accuracy @ off @ accuracy, accuracy @ off @ y
    factor = min(1, spread / uu - 1 / 4) - 2 / 4
    slope = (share - factor * uv) / (spread - factor * uu)
    assert found["covariate"].value == pytest.approx(slope)
    rest = off @ (y - slope * accuracy)
    df = 4 - min(1, spread / (spread - factor * uu))
    assert found.df == pytest.approx(df)
    variance = (rest @ rest / df * spread + (uv - slope * uu) ** 2 / 4) / (spread - factor * uu) ** 2
    assert found["covariate"].se == pytest.approx(math.sqrt(variance))
    around = X - X.mean()
    ours = (around @ y - slope * around @ accuracy) / (around @ around)
    own = rest @ rest / df / (around @ around) + variance * (around @ accuracy / (around @ around)) ** 2
    assert (found["x"].value, found["x"].se) == pytest.approx((ours, math.sqrt(own)))
    assert found.details["reliability"] == pytest.approx(max(0, 1 - uu / spread))


@pytest.mark.parametrize("seed", range(4))
def test_weighted_is_restricted_likelihood_with_the_errors_of_hartung_and_knapp(seed):
    random = np.random.default_rng(seed)
    y, _ = planted(seed=seed, deviation=0.08)
    se = random.uniform(0.01, 0.12, len(X))
    terms = np.column_stack([np.ones(6), X - 9])
    found = over_models(estimates(y, se), X - 9, weighted=True)

    def loss(tau2):
        """Minus twice the restricted likelihood, by determinants: nothing of it is in cotfaith."""
        v = np.diag(se**2 + tau2)
        inverse = np.linalg.inv(v)
        rest = inverse - inverse @ terms @ np.linalg.inv(terms.T @ inverse @ terms) @ terms.T @ inverse
        return np.linalg.slogdet(v)[1] + np.linalg.slogdet(terms.T @ inverse @ terms)[1] + y @ rest @ y

    best = optimize.minimize_scalar(loss, bounds=(0, 0.2), method="bounded", options={"xatol": 1e-12}).x
    tau2 = found.details["variance between models"]
    assert tau2 == pytest.approx(best, abs=1e-7)
    expected = WLS(y, terms, weights=1 / (se**2 + tau2)).fit()  # its scale is the factor of Hartung and Knapp
    assert (found["x"].value, found["x"].se, found["x"].p) == pytest.approx(
        (expected.params[1], expected.bse[1], expected.pvalues[1])
    )
    assert found.df == expected.df_resid
    assert found.method.startswith("models as the sample: random effects (REML, Hartung-Knapp)")


def test_equal_errors_leave_the_unweighted_slope():
    values = estimates(planted()[0], 0.03)
    plain, weighted = over_models(values, X), over_models(values, X, weighted=True)
    assert (weighted["x"].value, weighted["x"].se) == pytest.approx((plain["x"].value, plain["x"].se))


def test_a_model_with_a_large_error_counts_for_less():
    y = 0.1 * (X - X.mean())
    y[-1] += 0.5
    se = np.array([0.02] * 5 + [0.4])
    values = [replace(one, se=error) for one, error in zip(estimates(y), se, strict=True)]
    assert over_models(values, X)["x"].value > 0.2
    assert over_models(values, X, weighted=True)["x"].value == pytest.approx(0.1, abs=0.02)


def test_size_that_acts_through_accuracy_alone_is_no_slope_at_equal_accuracy():
    plain, held, own = [], [], []
    for seed in range(300):
        y, accuracy = planted(seed=seed)
        beside = estimates(accuracy, 0.01)
        values = [replace(one, value=value) for one, value in zip(beside, y, strict=True)]
        plain.append(over_models(values, X)["x"].p < 0.05)
        held.append(over_models(values, X, beside)["x"].p < 0.05)
        y, accuracy = planted(slope=0.25, seed=seed)
        own.append(over_models([replace(one, value=v) for one, v in zip(beside, y, strict=True)], X, beside)["x"].p < 0.05)
    assert np.mean(plain) > 0.5
    assert np.mean(held) < 0.09
    assert np.mean(own) > 0.8


@settings(max_examples=25)
@given(shift=st.floats(-5, 5), scale=st.floats(1e-9, 1e9), order=st.permutations(range(6)), weighted=st.booleans())
def test_what_it_does_not_depend_on(shift, scale, order, weighted):
    y, accuracy = planted()
    values, beside = estimates(y, np.linspace(0.01, 0.1, 6)), estimates(accuracy)
    choices = {"weighted": True} if weighted else {"covariate": beside}
    found = over_models(values, X, **choices)
    shifted = [replace(values[i], value=values[i].value + shift) for i in order]
    if not weighted:
        choices = {"covariate": [beside[i] for i in order]}
    moved = over_models(shifted, scale * X[order], **choices)
    assert moved["x"].value * scale == pytest.approx(found["x"].value, rel=1e-6)
    assert moved["x"].p == pytest.approx(found["x"].p, rel=1e-5)


def test_an_accuracy_on_few_questions_is_corrected_for_its_error():
    """Questions are as hard for all models, and size acts through accuracy alone: plain least squares give size a part of that effect."""
    plain, ours, rejected = [], [], []
    x, ids = np.linspace(8, 11, 11), pd.Index([f"q{i:02}" for i in range(40)], dtype=object)
    for seed in range(300):
        random = np.random.default_rng(seed)
        accuracy = np.clip(0.5 + 0.12 * (x - x.mean()) + 0.06 * random.standard_normal(11), 0.02, 0.98)
        level = 0.8 - 0.6 * accuracy + 0.02 * random.standard_normal(11)
        counts = [random.binomial(5, np.clip(one, 0, 1), (40, 11)) for one in (accuracy, level)]
        a, y = (
            [
                estimate(
                    ClusterSums(ids, ("y", "n"), np.column_stack([column, np.full(40, 5)]).astype(float)),
                    Ratio("y", "n"), Label("m", Key("rate")),
                )
                for column in one.T
            ]
            for one in counts
        )  # fmt: skip
        found = over_models(y, x, a)["x"]
        ours.append(found.value)
        rejected.append(found.p < 0.05)
        terms = np.column_stack([np.ones(11), x, [e.value for e in a]])
        plain.append(np.linalg.lstsq(terms, [e.value for e in y], rcond=None)[0][1])
    error = np.std(ours) / math.sqrt(300)
    assert abs(np.mean(ours)) < 3 * error
    assert np.mean(plain) < -3 * error
    assert np.mean(rejected) < 0.08


def test_what_is_undefined_is_named():
    values, beside = (estimates(part) for part in planted())
    gone = replace(values[1], value=math.nan, note="the denominator is 0")
    flat = replace(values[2], se=0.0)
    cases = (
        ((values[:3], X[:3], beside[:3]), {}, "it takes 4 models, not 3"),
        ((values[:2], X[:2]), {}, "it takes 3 models, not 2"),
        (([values[0], gone, *values[2:]], X), {}, "the estimate of model 2 of 6 is undefined: the denominator is 0"),
        ((values, X, [beside[0], gone, *beside[2:]]), {}, "covariate: the estimate of model 2 of 6 is undefined: the denominator is 0"),
        ((values, [1.0] * 6), {}, "it takes models at 2 different x, not 1"),
        ((values, X, [*beside[:4], replace(beside[4], influence=None), beside[5]]), {},
         "there is no spread over questions in model 5 of 6"),
        (([*values[:2], flat, *values[3:]], X), {"weighted": True}, "there is no standard error to weigh model 3 of 6 by"),
        ((values, X, [replace(one, value=float(x)) for one, x in zip(beside, X, strict=True)]), {},
         "the terms intercept, x, covariate determine one another, so their coefficients cannot be told apart"),
    )  # fmt: skip
    for arguments, choices, reason in cases:
        found = over_models(*arguments, **choices)
        assert (found.note, found.method) == (reason, "undefined")
        assert math.isnan(found["x"].value)
    assert over_models([*values[:2], flat, *values[3:]], X)["x"].p > 0


def test_models_on_a_line_have_no_spread():
    values = [replace(one, value=float(0.1 * x)) for one, x in zip(estimates(X), X, strict=True)]
    for weighted in (False, True):
        found = over_models(values, X, weighted=weighted)
        assert (found.method, found.note) == ("no interval", "all models lie on the line, so the spread cannot be told")
        assert found["x"].value == pytest.approx(0.1)
        assert math.isnan(found["x"].p)


def test_messages_for_wrong_use():
    values, beside = (estimates(part) for part in planted())
    with pytest.raises(UsageError, match=r"6 values do not fit 3 covariates; give one for each model, in the same order\."):
        over_models(values, X, beside[:3])
    with pytest.raises(UsageError, match=r"A slope beside a covariate has no weighted form; give either weighted or a covariate\."):
        over_models(values, X, beside, weighted=True)
    with pytest.raises(UsageError, match=r"6 estimates do not fit 2 values of x"):
        over_models(values, X[:2])
    with pytest.raises(UsageError, match=r"level of an interval is 1, but"):
        over_models(values, X, level=1)
