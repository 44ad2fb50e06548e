"""Regressions: agreement with formulas of statsmodels, planted coefficients, and a defined outcome for every edge."""

import math

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from cotfaith.errors import DataError, UsageError
from cotfaith.stats import Key, Label, Ratio, estimate, sums
from cotfaith.stats.regression import linear


def rows(seed=1, questions=40, samples=3):
    """Rows of questions x samples, each with two covariates, a number, and the model it came from."""
    random = np.random.default_rng(seed)
    n = questions * samples
    level = np.repeat(0.7 * random.standard_normal(questions), samples)
    x, z = random.standard_normal((2, n))
    y = 1 + 0.5 * x - 0.25 * z + level + 0.3 * random.standard_normal(n)
    return pd.DataFrame({
        "question_id": np.repeat([f"q{i:02}" for i in range(questions)], samples), "model": [f"m{i % samples}" for i in range(n)],
        "x": x, "z": z, "y": y, "one": 1.0,
    })  # fmt: skip


def test_without_terms_it_is_the_mean_of_the_engine():
    data = rows()
    one = estimate(sums(data, ["y", "one"]), Ratio("y", "one"), Label("m", Key("y")), interval="t")
    fit = linear(data, "y", [])
    found = fit["intercept"]
    assert (found.value, found.se, found.low, found.high) == pytest.approx((one.value, one.se, one.low, one.high), rel=1e-9)
    assert (fit.n, fit.clusters, fit.df, fit.method, fit.note) == (
        120, {"question_id": 40}, 39, "OLS, CR1 by question_id, t(39)", "",
    )  # fmt: skip


def test_it_is_statsmodels_with_columns_for_a_formula():
    import statsmodels.formula.api as smf

    data = rows()
    cluster = {"cov_type": "cluster", "cov_kwds": {"groups": pd.factorize(data["question_id"])[0]}, "use_t": True}
    fit, expected = linear(data, "y", ["x", "z"]), smf.ols("y ~ x + z", data).fit(**cluster)
    for name, theirs in (("intercept", "Intercept"), ("x", "x"), ("z", "z")):
        assert (fit[name].value, fit[name].se) == pytest.approx((expected.params[theirs], expected.bse[theirs]), rel=1e-6)
        assert fit[name].p == pytest.approx(expected.pvalues[theirs], rel=1e-5)
        assert (fit[name].low, fit[name].high) == pytest.approx(tuple(expected.conf_int().loc[theirs]), rel=1e-6)
    assert fit.df == 39


def test_planted_coefficients_are_recovered():
    fit = linear(rows(seed=4, questions=400), "y", ["x", "z"])
    for name, value in {"x": 0.5, "z": -0.25}.items():
        assert fit[name].low < value < fit[name].high
    assert fit["x"].p < 1e-6


@settings(max_examples=20)
@given(shift=st.floats(-5, 5), scale=st.sampled_from([-2.0, 1e-10, 1e10]), seed=st.integers(0, 20))
def test_a_shift_of_the_outcome_changes_no_slope_and_the_unit_of_a_term_no_p(shift, scale, seed):
    data = rows(seed, questions=12)
    fit, moved = linear(data, "y", ["x", "z"]), linear(data.assign(y=data["y"] + shift, x=scale * data["x"]), "y", ["z", "x"])
    assert moved["x"].value * scale == pytest.approx(fit["x"].value, rel=1e-6)
    assert (moved["x"].p, moved["z"].p) == pytest.approx((fit["x"].p, fit["z"].p), rel=1e-5)
    assert moved["intercept"].value == pytest.approx(fit["intercept"].value + shift, rel=1e-6, abs=1e-9)


def test_the_order_of_rows_changes_nothing():
    data = rows()
    fit, mixed_up = linear(data, "y", ["x"]), linear(data.sample(frac=1, random_state=3), "y", ["x"])
    assert (mixed_up["x"].value, mixed_up["x"].se) == pytest.approx((fit["x"].value, fit["x"].se), rel=1e-4)


def test_a_term_in_billions_loses_no_digits():
    data = rows()
    fit, billions = linear(data, "y", ["x"]), linear(data.assign(x=7e9 * data["x"]), "y", ["x"])
    assert billions["x"].value * 7e9 == pytest.approx(fit["x"].value, rel=1e-6)
    assert (billions["x"].p, billions["intercept"].p) == pytest.approx((fit["x"].p, fit["intercept"].p), rel=1e-6)


def nothing(fit, reason):
    assert fit.method == "undefined"
    assert fit.note == reason
    for found in fit.coefficients.values():
        assert all(math.isnan(number) for number in (found.value, found.se, found.low, found.high, found.p))


def test_rows_that_determine_nothing():
    data = rows()
    nothing(linear(data[:0], "y", ["x"]), "there are no rows")
    nothing(linear(data[:3], "y", ["x"]), "there is one cluster only in 'question_id', so the spread cannot be told")
    nothing(linear(data[2:4], "y", ["x"]), "2 rows do not determine 2 coefficients and their spread")
    reason = "the terms intercept, x, again determine one another, so their coefficients cannot be told apart"
    nothing(linear(data.assign(again=3 - 2 * data["x"]), "y", ["x", "again"]), reason)
    nothing(
        linear(data, "y", ["one"]), "the terms intercept, one determine one another, so their coefficients cannot be told apart"
    )
    assert linear(data, "y", ["x"])["x"].se > 0


def test_an_outcome_that_never_varies():
    flat = linear(rows().assign(y=2.0), "y", ["x"])
    assert flat["intercept"].value == pytest.approx(2)
    assert math.isnan(flat["x"].p)
    assert flat.note == "the clusters give 'intercept' no spread; the clusters give 'x' no spread"


def test_a_fit_that_cannot_be_solved_is_undefined(monkeypatch):
    from statsmodels.regression.linear_model import OLS

    def fails(self, **options):
        raise np.linalg.LinAlgError

    monkeypatch.setattr(OLS, "fit", fails)
    nothing(linear(rows(), "y", ["x"]), "the fit did not converge to finite values")


def test_two_clusters_cannot_give_two_coefficients_a_spread():
    data = rows(questions=2, samples=20)
    data["side"] = (data["question_id"] == "q01").astype(float)
    fit = linear(data, "y", ["side"])
    assert math.isfinite(fit["side"].value)
    assert math.isnan(fit["side"].p)
    assert fit.note == (
        "only 2 clusters in 'question_id', so the intervals may be too narrow; "
        "the clusters give 'intercept' no spread; the clusters give 'side' no spread"
    )


def test_messages_for_rows_that_are_not_whole():
    data = rows()
    holes = data.assign(x=data["x"].mask(data.index < 2))
    message = r"The column 'x' is missing or infinite in 2 of 120 rows; count and remove these rows first\."
    with pytest.raises(DataError, match=message):
        linear(holes, "y", ["z", "x"])
    with pytest.raises(DataError, match=message):
        linear(holes.fillna({"x": np.inf}), "y", ["x"])
    with pytest.raises(DataError, match=r"The column 'count' is missing or infinite in 1 of 120 rows"):
        linear(data.assign(count=pd.array([None, *range(119)], dtype="Int64")), "y", ["count"])
    for lacking in (None, ""):
        with pytest.raises(
            DataError, match=r"A row has no id in 'question_id', so its cluster is unknown; give every row its id\."
        ):
            linear(data.assign(question_id=[lacking, *data["question_id"][1:]]), "y", ["x"])


def test_messages_for_wrong_use():
    data = rows()
    with pytest.raises(UsageError, match=r"Unknown column 'questions_id': did you mean 'question_id'\?"):
        linear(data, "y", ["x"], "questions_id")
    with pytest.raises(UsageError, match=r"Unknown column 'w'"):
        linear(data, "y", ["w"])
    with pytest.raises(UsageError, match=r"The column 'model' is not numeric; give a column of numbers or booleans\."):
        linear(data, "y", ["model"])
    with pytest.raises(UsageError, match=r"the terms \['intercept', 'x', 'x'\] contain a name twice; name each column once\."):
        linear(data, "y", ["x", "x"])
    with pytest.raises(UsageError, match=r"The terms are the text 'x'; give a list of columns\."):
        linear(data, "y", "x")
    with pytest.raises(UsageError, match=r"level of an interval is 95"):
        linear(data, "y", ["x"], level=95)
    with pytest.raises(UsageError, match=r"Unknown term 'v'"):
        linear(data, "y", ["x"])["v"]


def test_messages_for_clusters():
    with pytest.raises(UsageError, match=r"The clusters are the columns \[\]; give one column, or two different ones\."):
        linear(rows(), "y", ["x"], [])
    with pytest.raises(UsageError, match=r"The clusters are the columns \['model', 'model'\]"):
        linear(rows(), "y", ["x"], ["model", "model"])


def test_names_are_never_read_as_formulas():
    data = rows().rename(columns={"x": "I(1/0)", "y": "__import__('os')"})
    fit = linear(data, "__import__('os')", ["I(1/0)"])
    assert fit["I(1/0)"].value == pytest.approx(linear(rows(), "y", ["x"])["x"].value)


def test_negative_two_way_variances_are_undefined():
    """Errors that change their sign from model to model and from question to question cancel within both, and not in their cells."""
    data = rows(seed=0, questions=20, samples=4)
    place = np.arange(len(data))
    sign = np.where((place // 4 + place % 4) % 2 == 0, 1.0, -1.0)
    level = np.repeat(np.random.default_rng(0).standard_normal(20), 4)
    data["y"] = 1 + level + 2 * sign / np.sign(data["x"])
    fit = linear(data, "y", ["x"], ["question_id", "model"])
    assert fit["intercept"].se > 0
    assert math.isnan(fit["x"].se)
    assert math.isfinite(fit["x"].value)
    assert "the clusters give 'x' no spread" in fit.note
