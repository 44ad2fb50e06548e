"""Regressions: agreement with formulas of statsmodels, planted coefficients, and a defined outcome for every edge."""

import math

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from cotfaith.errors import DataError, UsageError
from cotfaith.stats import Key, Label, Ratio, estimate, sums
from cotfaith.stats.regression import gee, linear, logistic, mixed

EVERY = [linear, logistic, gee, mixed]
BINARY = [logistic, gee]


def rows(seed=1, questions=40, samples=3):
    """Rows of questions x samples, each with two covariates, a number, an outcome of 0 or 1, and the model it came from."""
    random = np.random.default_rng(seed)
    n = questions * samples
    level = np.repeat(0.7 * random.standard_normal(questions), samples)
    x, z = random.standard_normal((2, n))
    y = 1 + 0.5 * x - 0.25 * z + level + 0.3 * random.standard_normal(n)
    hit = random.random(n) < 1 / (1 + np.exp(-(0.2 + 0.8 * x + level)))
    return pd.DataFrame({
        "question_id": np.repeat([f"q{i:02}" for i in range(questions)], samples), "model": [f"m{i % samples}" for i in range(n)],
        "x": x, "z": z, "y": y, "hit": hit, "one": 1.0,
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


def formulas(data):
    import statsmodels.api as sm
    import statsmodels.formula.api as smf

    cluster = {"cov_type": "cluster", "cov_kwds": {"groups": pd.factorize(data["question_id"])[0]}, "use_t": True}
    data = data.assign(hit=data["hit"].astype(float))
    exchangeable = {"family": sm.families.Binomial(), "cov_struct": sm.cov_struct.Exchangeable()}
    return {
        linear: smf.ols("y ~ x + z", data).fit(**cluster),
        logistic: smf.logit("hit ~ x + z", data).fit(disp=False, **cluster),
        gee: smf.gee("hit ~ x + z", "question_id", data, **exchangeable).fit(),
        mixed: smf.mixedlm("y ~ x + z", data, groups=data["question_id"]).fit(),
    }


@pytest.mark.parametrize("call", EVERY)
def test_it_is_statsmodels_with_columns_for_a_formula(call):
    data = rows()
    fit, expected = call(data, "hit" if call in BINARY else "y", ["x", "z"]), formulas(data)[call]
    for name, theirs in (("intercept", "Intercept"), ("x", "x"), ("z", "z")):
        assert (fit[name].value, fit[name].se) == pytest.approx((expected.params[theirs], expected.bse[theirs]), rel=1e-6)
        if call in {linear, logistic}:
            assert fit[name].p == pytest.approx(expected.pvalues[theirs], rel=1e-5)
            assert (fit[name].low, fit[name].high) == pytest.approx(tuple(expected.conf_int().loc[theirs]), rel=1e-6)
    assert fit.df == 39


def test_crossed_intercepts_are_those_of_a_formula():
    import statsmodels.formula.api as smf

    data = rows()
    data["y"] += data["model"].map({"m0": -1.0, "m1": 0.2, "m2": 0.9})
    crossed = {"question": "0 + C(question_id)", "model": "0 + C(model)"}
    expected = smf.mixedlm("y ~ x", data, groups=np.ones(len(data)), vc_formula=crossed).fit()
    fit = mixed(data, "y", ["x"], crossed="model")
    assert (fit["x"].value, fit["x"].se) == pytest.approx((expected.params["x"], expected.bse["x"]), rel=1e-4)
    variances = dict(zip(expected.model.exog_vc.names, expected.vcomp, strict=True))
    assert fit.details["variance of question_id"] == pytest.approx(variances["question"], rel=1e-3)
    assert fit.details["variance of model"] == pytest.approx(variances["model"], rel=1e-3)
    assert (fit.df, fit.clusters) == (2, {"question_id": 40, "model": 3})
    assert fit.method == "REML, random intercepts of question_id and model, t(2)"
    assert fit.note == "only 3 clusters in 'model', so the intervals may be too narrow"


def test_with_one_row_a_question_gee_is_the_logistic_model():
    data = rows(samples=1, questions=80)
    a, b = gee(data, "hit", ["x"]), logistic(data, "hit", ["x"])
    assert a["x"].value == pytest.approx(b["x"].value, rel=1e-6)
    assert a["x"].se == pytest.approx(b["x"].se * math.sqrt(79 / 80 * 78 / 79), rel=1e-5)
    assert a.details["correlation"] == 0


@pytest.mark.parametrize("call", EVERY)
def test_planted_coefficients_are_recovered(call):
    fit = call(rows(seed=4, questions=400), "hit" if call in BINARY else "y", ["x", "z"])
    wanted = (
        {"x": 0.7, "z": 0.0} if call in BINARY else {"x": 0.5, "z": -0.25}
    )  # log odds averaged over questions shrink: 0.8 to 0.7
    for name, value in wanted.items():
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


@pytest.mark.parametrize("call", EVERY)
def test_the_order_of_rows_changes_nothing(call):
    data = rows()
    outcome = "hit" if call in BINARY else "y"
    fit, mixed_up = call(data, outcome, ["x"]), call(data.sample(frac=1, random_state=3), outcome, ["x"])
    assert (mixed_up["x"].value, mixed_up["x"].se) == pytest.approx((fit["x"].value, fit["x"].se), rel=1e-4)


@pytest.mark.parametrize("call", EVERY)
def test_a_term_in_billions_loses_no_digits(call):
    data = rows()
    outcome = "hit" if call in BINARY else "y"
    fit, billions = call(data, outcome, ["x"]), call(data.assign(x=7e9 * data["x"]), outcome, ["x"])
    assert billions["x"].value * 7e9 == pytest.approx(fit["x"].value, rel=1e-6)
    assert (billions["x"].p, billions["intercept"].p) == pytest.approx((fit["x"].p, fit["intercept"].p), rel=1e-6)
    if call is logistic:
        assert billions.details == pytest.approx(fit.details)


def nothing(fit, reason):
    assert fit.method == "undefined"
    assert fit.note == reason
    for found in fit.coefficients.values():
        assert all(math.isnan(number) for number in (found.value, found.se, found.low, found.high, found.p))


@pytest.mark.parametrize("call", EVERY)
def test_rows_that_determine_nothing(call):
    data = rows()
    outcome = "hit" if call in BINARY else "y"
    nothing(call(data[:0], outcome, ["x"]), "there are no rows")
    nothing(call(data[:3], outcome, ["x"]), "there is one cluster only in 'question_id', so the spread cannot be told")
    nothing(call(data[2:4], outcome, ["x"]), "2 rows do not determine 2 coefficients and their spread")
    reason = "the terms intercept, x, again determine one another, so their coefficients cannot be told apart"
    nothing(call(data.assign(again=3 - 2 * data["x"]), outcome, ["x", "again"]), reason)
    nothing(
        call(data, outcome, ["one"]), "the terms intercept, one determine one another, so their coefficients cannot be told apart"
    )
    assert call(data, outcome, ["x"])["x"].se > 0


@pytest.mark.parametrize("call", BINARY)
def test_separated_outcomes_have_no_finite_coefficients(call):
    data = rows()
    reason = "the terms separate the outcomes 0 and 1, so the coefficients have no finite value"
    nothing(call(data.assign(hit=data["x"] > 0.3), "hit", ["x", "z"]), reason)
    nothing(call(data.assign(hit=True), "hit", ["x"]), reason)
    group = data["x"] > 0
    nothing(
        call(data.assign(group=group, hit=data["hit"] | group), "hit", ["group"]), reason
    )  # all of one group, some of the other


def test_an_outcome_that_never_varies():
    flat = linear(rows().assign(y=2.0), "y", ["x"])
    assert flat["intercept"].value == pytest.approx(2)
    assert math.isnan(flat["x"].p)
    assert flat.note == "the clusters give 'intercept' no spread; the clusters give 'x' no spread"
    nothing(mixed(rows().assign(y=2.0), "y", ["x"]), "the outcome is the same in all rows")


def test_a_mixed_model_that_fits_exactly_is_undefined():
    data = rows()
    nothing(mixed(data.assign(y=data["x"] + 1), "y", ["x"]), "the fit did not converge to finite values")


def test_a_fit_that_cannot_be_solved_is_undefined(monkeypatch):
    from statsmodels.regression.mixed_linear_model import MixedLM

    def fails(self):
        raise np.linalg.LinAlgError

    monkeypatch.setattr(MixedLM, "fit", fails)
    nothing(mixed(rows(), "y", ["x"]), "the fit did not converge to finite values")


def test_a_fit_that_says_so_has_not_converged(monkeypatch):
    from statsmodels.discrete.discrete_model import Logit

    whole = Logit.fit
    monkeypatch.setattr(Logit, "fit", lambda self, **options: whole(self, maxiter=1, **options))
    nothing(logistic(rows(), "hit", ["x"]), "the fit did not converge to finite values")


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


@pytest.mark.parametrize("call", EVERY)
def test_messages_for_rows_that_are_not_whole(call):
    data = rows()
    outcome = "hit" if call in BINARY else "y"
    holes = data.assign(x=data["x"].mask(data.index < 2))
    message = r"The column 'x' is missing or infinite in 2 of 120 rows; count and remove these rows first\."
    with pytest.raises(DataError, match=message):
        call(holes, outcome, ["z", "x"])
    with pytest.raises(DataError, match=message):
        call(holes.fillna({"x": np.inf}), outcome, ["x"])
    with pytest.raises(DataError, match=r"The column 'count' is missing or infinite in 1 of 120 rows"):
        call(data.assign(count=pd.array([None, *range(119)], dtype="Int64")), outcome, ["count"])
    for lacking in (None, ""):
        with pytest.raises(
            DataError, match=r"A row has no id in 'question_id', so its cluster is unknown; give every row its id\."
        ):
            call(data.assign(question_id=[lacking, *data["question_id"][1:]]), outcome, ["x"])


@pytest.mark.parametrize("call", EVERY)
def test_messages_for_wrong_use(call):
    data = rows()
    outcome = "hit" if call in BINARY else "y"
    with pytest.raises(UsageError, match=r"Unknown column 'questions_id': did you mean 'question_id'\?"):
        call(data, outcome, ["x"], "questions_id")
    with pytest.raises(UsageError, match=r"Unknown column 'w'"):
        call(data, outcome, ["w"])
    with pytest.raises(UsageError, match=r"The column 'model' is not numeric; give a column of numbers or booleans\."):
        call(data, outcome, ["model"])
    with pytest.raises(UsageError, match=r"the terms \['intercept', 'x', 'x'\] contain a name twice; name each column once\."):
        call(data, outcome, ["x", "x"])
    with pytest.raises(UsageError, match=r"The terms are the text 'x'; give a list of columns\."):
        call(data, outcome, "x")
    with pytest.raises(UsageError, match=r"level of an interval is 95"):
        call(data, outcome, ["x"], level=95)
    with pytest.raises(UsageError, match=r"Unknown term 'v'"):
        call(data, outcome, ["x"])["v"]


def test_messages_for_clusters_and_outcomes():
    with pytest.raises(UsageError, match=r"The clusters are the columns \[\]; give one column, or two different ones\."):
        linear(rows(), "y", ["x"], [])
    with pytest.raises(UsageError, match=r"The clusters are the columns \['model', 'model'\]"):
        linear(rows(), "y", ["x"], ["model", "model"])
    for call in BINARY:
        with pytest.raises(
            DataError, match=r"The outcome 'y' has values other than 0 and 1, which this model does not accept; use linear\."
        ):
            call(rows(), "y", ["x"])


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
