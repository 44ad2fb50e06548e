"""The trend beside a covariate: what is planted is found, and what cannot enter is told."""

import math
from dataclasses import replace

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from cotfaith.errors import UsageError
from cotfaith.stats import ClusterSums, Key, Label, Ratio, estimate
from cotfaith.stats.adjusted import adjusted_trend
from cotfaith.stats.regression import linear
from cotfaith.stats.trend import trend

X = np.array([0.0, 1.0, 2.0, 3.5])


def estimates(matrix):
    ids = pd.Index([f"q{i:03}" for i in range(len(matrix))], dtype=object)
    tables = [ClusterSums(ids, ("y", "n"), np.column_stack([column, np.ones(len(matrix))])) for column in matrix.T]
    return [estimate(table, Ratio("y", "n"), Label("m", Key("rate")), interval="t") for table in tables]


def planted(size=60, seed=1, slope=0.2, effect=-0.5):
    """Larger models are more accurate, and the more accurate a question is answered the lower its value."""
    random = np.random.default_rng(seed)
    accuracy = 0.1 * X + 0.3 * random.standard_normal((size, len(X)))
    level = 0.2 * random.standard_normal((size, 1))
    value = slope * X + effect * accuracy + level + 0.1 * random.standard_normal((size, len(X)))
    return value, accuracy


def test_the_slope_is_told_apart_from_accuracy():
    value, accuracy = (estimates(part) for part in planted())
    found = adjusted_trend(value, accuracy, X)
    assert found["x"].low < 0.2 < found["x"].high
    assert found["covariate"].low < -0.5 < found["covariate"].high
    assert trend(value, X).slope == pytest.approx(0.15, abs=0.02)
    assert found["x"].value - trend(value, X).slope > 0.03
    assert (found.n, found.clusters, found.df, found.note) == (240, {"question_id": 60}, 59, "")


def test_it_is_the_regression_on_the_questions_values():
    value, accuracy = planted()
    rows = pd.DataFrame({
        "question_id": np.repeat([f"q{i}" for i in range(60)], 4), "x": np.tile(X, 60), "y": value.ravel(), "c": accuracy.ravel(),
    })  # fmt: skip
    found, expected = adjusted_trend(estimates(value), estimates(accuracy), X, level=0.9), linear(rows, "y", ["x", "c"], level=0.9)
    for name, theirs in (("intercept", "intercept"), ("x", "x"), ("covariate", "c")):
        ours, other = found[name], expected[theirs]
        assert (ours.value, ours.se, ours.low, ours.p) == pytest.approx((other.value, other.se, other.low, other.p), rel=1e-6)


@settings(max_examples=25)
@given(shift=st.floats(-5, 5), scale=st.floats(0.1, 10), order=st.permutations(range(4)))
def test_what_it_does_not_depend_on(shift, scale, order):
    value, accuracy = (estimates(part) for part in planted(size=20))
    found = adjusted_trend(value, accuracy, X)
    shifted = [replace(value[i], value=value[i].value + shift) for i in order]
    moved = adjusted_trend(shifted, [accuracy[i] for i in order], scale * X[order])
    assert moved["x"].value * scale == pytest.approx(found["x"].value, rel=1e-6)
    assert (moved["x"].p, moved["covariate"].p) == pytest.approx((found["x"].p, found["covariate"].p), rel=1e-5)


def test_questions_with_half_of_it_are_counted():
    value, accuracy = planted()
    parts = [*estimates(accuracy)[:3], estimates(accuracy[:58])[3]]
    found = adjusted_trend(estimates(value), parts, X)
    assert (found.n, found.note) == (238, "2 of 240 questions of models have value or covariate only, and do not enter")
    assert found["x"].se > 0


def test_missing_units_do_not_change_the_value_of_a_question():
    random = np.random.default_rng(3)
    units = random.integers(1, 6, (60, 4)).astype(float)
    value, accuracy = planted()
    ids = pd.Index([f"q{i:03}" for i in range(60)], dtype=object)

    def uneven(matrix):
        tables = [ClusterSums(ids, ("y", "n"), np.column_stack([one * n, n])) for one, n in zip(matrix.T, units.T, strict=True)]
        return [estimate(table, Ratio("y", "n"), Label("m", Key("rate")), interval="t") for table in tables]

    found, even = adjusted_trend(uneven(value), uneven(accuracy), X), adjusted_trend(estimates(value), estimates(accuracy), X)
    for name in ("x", "covariate"):
        assert (found[name].value, found[name].se) == pytest.approx((even[name].value, even[name].se), rel=1e-9)


def test_a_value_that_is_no_mean_has_pseudo_values_and_says_so():
    value, accuracy = (estimates(part) for part in planted())
    quotients = [replace(one, means=None) for one in value]
    found = adjusted_trend(quotients, accuracy, X)
    assert found.note == "the value is not a mean over units, so pseudo-values take the place of question means"
    assert found["x"].value == pytest.approx(adjusted_trend(value, accuracy, X)["x"].value)


def test_no_common_question_leaves_nothing():
    value, accuracy = (estimates(part) for part in planted())
    names = {f"q{i:03}": f"other {i}" for i in range(60)}
    other = [replace(e, influence=e.influence.rename(names), means=e.means.rename(names)) for e in accuracy]
    found = adjusted_trend(value, other, X)
    assert (found.method, found.n) == ("undefined", 0)
    assert found.note == "480 of 480 questions of models have value or covariate only, and do not enter; there are no rows"
    assert math.isnan(found["x"].value)


def test_what_is_undefined_is_named():
    value, accuracy = (estimates(part) for part in planted())
    gone = replace(accuracy[1], value=math.nan, influence=None, note="the denominator is 0")
    cases = {
        "covariate: the estimate of model 2 of 4 is undefined: the denominator is 0": (
            value,
            [accuracy[0], gone, *accuracy[2:]],
            X,
        ),
        "value: the x of model 1 of 4 is nan": (value, accuracy, [math.nan, 1, 2, 3]),
        "value: it takes models at 2 different x, not 1": (value, accuracy, [1, 1, 1, 1]),
        "value: it takes 2 models, not 0": ([], [], []),
        "value: there is no spread over questions in model 1 of 4": ([estimates(planted()[0][:1])[0], *value[1:]], accuracy, X),
    }
    for reason, (values, covariate, x) in cases.items():
        found = adjusted_trend(values, covariate, x)
        assert (found.note, found.method, found.n) == (reason, "undefined", 0)
        assert math.isnan(found["x"].value)


def test_a_covariate_that_never_varies_cannot_be_told_from_the_intercept():
    value, accuracy = planted()
    found = adjusted_trend(estimates(value), estimates(np.full_like(accuracy, 0.5)), X)
    assert found.note == "the terms intercept, x, covariate determine one another, so their coefficients cannot be told apart"


def test_messages_for_wrong_use():
    value, accuracy = (estimates(part) for part in planted())
    with pytest.raises(UsageError, match=r"4 values do not fit 3 covariates; give one for each model, in the same order\."):
        adjusted_trend(value, accuracy[:3], X)
    with pytest.raises(UsageError, match=r"4 estimates do not fit 2 values of x"):
        adjusted_trend(value, accuracy, X[:2])
    with pytest.raises(UsageError, match=r"level of an interval is 1, but"):
        adjusted_trend(value, accuracy, X, level=1)
