"""Agreement with R on six model sizes: rtol 1e-6, shares of bootstrap draws within Monte-Carlo error."""

import math

import numpy as np
import pandas as pd
import pytest
from scipy import stats as distributions

from cotfaith.stats import Key, Label, Ratio, estimate, sums
from cotfaith.stats.adjusted import adjusted_trend
from cotfaith.stats.extremes import extreme_shares
from cotfaith.stats.over_models import over_models
from cotfaith.stats.ranks import page_of
from cotfaith.stats.regression import linear
from cotfaith.stats.trend import quadratic, trend
from cotfaith.stats.two_lines import two_lines

RTOL = 1e-6
X = np.log10([0.5, 1.5, 3, 7, 14, 32])
NAMES = {"(Intercept)": "intercept", "x": "x", "correct_cot": "covariate"}

HERE = {
    "per_model", "cov_between_models", "slope_questions_random_models_fixed", "quadratic_contrast", "slope_model_points_ols_t",
    "slope_meta_regression_REML_knha", "slope_rma_mv_fullV", "lpm_cluster", "logit_cluster_question", "two_lines_break4",
    "boot_argmax_share", "lmm_question_reml", "partial_accuracy_adjusted",
}  # fmt: skip
ELSEWHERE = {"page", "jonckheere_rows", "jonckheere_question_means", "anova_icc_within_model"}
# statsmodels has no maximum likelihood for logistic mixed models, and its variational one has standard errors 33 to 79 % too small.
NOWHERE = {"glmm_question_intercept", "glmm_question_model_intercepts", "glmm_question_slope"}


@pytest.fixture(scope="module")
def scaling(golden):
    reference, read = golden
    rows = read("d7_scaling")
    return reference["d7_scaling"], rows.assign(x=np.log10(rows["params_b"]), n=1, row=[str(i) for i in range(len(rows))])


def estimates(rows, column="changed"):
    """One estimate a model, smallest first."""
    found = []
    for _, one in rows.groupby("params_b"):
        found.append(estimate(sums(one, [column, "n"]), Ratio(column, "n"), Label("d7", Key(column)), interval="t"))
    return found


def fits(found, expected):
    assert (found.value, found.se) == pytest.approx((expected["estimate"], expected["se"]), rel=RTOL)
    assert (found.low, found.high) == pytest.approx(tuple(expected["ci95"]), rel=RTOL)
    assert found.p == pytest.approx(expected["p"], rel=RTOL)


def errors(fit):
    return {name: fit[ours].se for name, ours in NAMES.items() if ours in fit.coefficients}


def values(fit):
    return {name: fit[ours].value for name, ours in NAMES.items() if ours in fit.coefficients}


def test_every_reference_value_is_tested_or_has_its_reason(scaling):
    assert set(scaling[0]) == HERE | ELSEWHERE | NOWHERE


@pytest.mark.parametrize("place", range(6))
def test_each_model(scaling, place):
    expected, rows = scaling[0]["per_model"][place], scaling[1]
    one, those = estimates(rows)[place], rows[rows["model"] == expected["model"]]
    fit = linear(those, "changed", [])
    assert (one.n, one.clusters, fit.n, fit.clusters["question_id"]) == (180, 60, expected["n"], expected["clusters"])
    assert (fit["intercept"].value, fit["intercept"].se) == pytest.approx((expected["estimate"], expected["se_HC1"]), rel=RTOL)
    assert (fit["intercept"].low, fit["intercept"].high) == pytest.approx(tuple(expected["ci95_HC1_t"]), rel=RTOL)
    assert fit["intercept"].p == pytest.approx(expected["p_HC1_t_vs0"], rel=RTOL)
    assert (one.value, one.se) == pytest.approx((expected["estimate"], expected["se_HC0_cadjust"]), rel=RTOL)
    assert one.se * math.sqrt(59 / 60) == pytest.approx(expected["se_HC0_nocadjust"], rel=RTOL)
    assert 2 * distributions.norm.sf(one.value / one.se) == pytest.approx(expected["p_HC1_z_vs0"], rel=RTOL)
    # Each row a cluster of its own is no clustering. For a mean over equally many rows a question CR2 is CR1, and CR3 is G/(G-1) of it.
    alone = linear(those, "changed", [], "row")["intercept"].se
    assert alone == pytest.approx(expected["se_iid"], rel=RTOL)
    assert math.sqrt(alone**2 / 180 + one.se**2 * 59 / 60) == pytest.approx(expected["se_miller2024"], rel=RTOL)
    assert (one.se, one.df) == pytest.approx((expected["se_CR2"], expected["df_CR2_satterthwaite"]), rel=RTOL)
    assert (one.low, one.high) == pytest.approx(tuple(expected["ci95_CR2_satt"]), rel=RTOL)
    left_out = estimate(sums(those, ["changed", "n"]), Ratio("changed", "n"), Label("d7", Key("changed")), interval="jackknife").se
    assert left_out * math.sqrt(60 / 59) == pytest.approx(expected["se_CR3"], rel=RTOL)


def test_models_on_the_same_questions_vary_together(scaling):
    found = estimates(scaling[1])
    influence = np.array([one.influence for one in found])
    np.testing.assert_allclose(60 / 59 * influence @ influence.T, scaling[0]["cov_between_models"], rtol=1e-6, atol=1e-12)
    for a, b in ((0, 5), (2, 3)):
        covariance = (found[a].se ** 2 + found[b].se ** 2 - (found[a] - found[b]).se ** 2) / 2
        assert covariance == pytest.approx(scaling[0]["cov_between_models"][a][b], rel=RTOL)


@pytest.mark.parametrize(
    ("models", "key"), [("fixed", "slope_questions_random_models_fixed"), ("random", "slope_model_points_ols_t")]
)
def test_the_slope(scaling, models, key):
    expected = scaling[0][key]
    found = trend(estimates(scaling[1]), X, models)
    assert (found.slope, found.se, found.df) == pytest.approx((expected["estimate"], expected["se"], expected["df"]), rel=RTOL)
    assert (found.low, found.high) == pytest.approx(tuple(expected["ci95"]), rel=RTOL)
    assert found.p == pytest.approx(expected["p"], rel=RTOL)


def test_the_weighted_slope(scaling):
    expected = scaling[0]["slope_meta_regression_REML_knha"]
    found = over_models(estimates(scaling[1]), X, weighted=True)
    assert (found["x"].value, found["x"].se) == pytest.approx((expected["estimate"], expected["se"]), rel=RTOL)
    assert (found["x"].low, found["x"].high) == pytest.approx(tuple(expected["ci95"]), rel=RTOL)
    assert found["x"].p == pytest.approx(expected["p"], rel=RTOL)
    assert found.details["variance between models"] == pytest.approx(expected["tau2"], rel=RTOL)


def test_the_weighted_slope_with_covariances_is_near(scaling):
    # It also uses the covariance of models on the same questions, which moves the intercept more than the slope.
    expected, found = scaling[0]["slope_rma_mv_fullV"], over_models(estimates(scaling[1]), X, weighted=True)
    assert (found["x"].value, found["x"].se) == pytest.approx((expected["estimate"], expected["se"]), rel=0.02)
    assert found["x"].p == pytest.approx(expected["p"], abs=0.006)


def test_the_ranks_of_question_means(scaling):
    expected, found = scaling[0]["page"], page_of(estimates(scaling[1]))
    assert (found.L, found.questions, found.models) == (expected["L"], expected["questions"], expected["models"])
    assert (found.z, found.p) == pytest.approx((expected["Z_coin"], expected["p_two_sided_coin"]), rel=RTOL)


def test_the_slope_over_models_beside_accuracy_is_near_a_plain_recomputation(scaling):
    """Here accuracies of models differ by little more than their errors, so the correction is small, and the note says so."""
    from statsmodels.regression.linear_model import OLS

    by_model = scaling[1].groupby("params_b")[["changed", "correct_cot"]].mean()
    expected = OLS(by_model["changed"].to_numpy(), np.column_stack([np.ones(6), X, by_model["correct_cot"]])).fit()
    found = over_models(estimates(scaling[1]), X, estimates(scaling[1], "correct_cot"))
    assert "differ by little more than their errors" in found.note
    assert found["x"].value == pytest.approx(expected.params[1], abs=expected.bse[1])


def test_the_curvature(scaling):
    fits(quadratic(estimates(scaling[1]), X), scaling[0]["quadratic_contrast"])


def test_two_lines(scaling):
    expected, found = scaling[0]["two_lines_break4"], two_lines(estimates(scaling[1]), X, math.log10(7))
    assert (found.up.value, found.down.value) == pytest.approx((expected["slope_up"], expected["slope_down"]), rel=RTOL)
    assert (found.p_up, found.p_down, found.p) == pytest.approx((expected["p_up"], expected["p_down"], expected["p_iut"]), rel=RTOL)


def test_shares_of_the_largest(scaling):
    found = extreme_shares(estimates(scaling[1]), seed=7)["largest"]
    for share, expected in zip(found, scaling[0]["boot_argmax_share"].values(), strict=True):
        monte_carlo = math.sqrt(max(expected * (1 - expected), 1e-4) * (1 / 10_000 + 1 / 20_000))
        assert share == pytest.approx(expected, abs=4 * monte_carlo)


def test_rows_with_clusters_one_way_and_two_way(scaling):
    expected, rows = scaling[0]["lpm_cluster"], scaling[1]
    by_question, by_model = (linear(rows, "changed", ["x"], name) for name in ("question_id", "model"))
    assert values(by_question) == pytest.approx(expected["coef"], rel=RTOL)
    assert errors(by_question) == pytest.approx(expected["se_question_HC1"], rel=RTOL)
    assert errors(by_model) == pytest.approx(expected["se_model_HC1"], rel=RTOL)
    two_way = linear(rows, "changed", ["x"], ["question_id", "model"])
    assert errors(two_way) == pytest.approx(expected["se_twoway_HC1"], rel=RTOL)
    assert (two_way.df, two_way.clusters) == (5, {"question_id": 60, "model": 6})
    # The other two corrections, put together from one-way errors: by question, plus by model, less by both.
    cells = linear(rows.assign(cell=rows["question_id"] + rows["model"]), "changed", ["x"], "cell")
    for key, adjusted in (("se_twoway_HC0", 0), ("se_twoway_HC0_cadjust", 1)):
        for name, wanted in expected[key].items():
            parts = [
                errors(fit)[name] ** 2 * 1078 / 1079 * (1 if adjusted else (size - 1) / size)
                for fit, size in ((by_question, 60), (by_model, 6), (cells, 360))
            ]
            assert math.sqrt(parts[0] + parts[1] - parts[2]) == pytest.approx(wanted, rel=RTOL)


def test_rows_as_if_independent(scaling):
    from statsmodels.regression.linear_model import OLS  # cotfaith has no such error; the data and the line are the same

    expected, rows = scaling[0]["lpm_cluster"], scaling[1]
    fit = OLS(rows["changed"].to_numpy(), np.column_stack([np.ones(len(rows)), rows["x"]])).fit()
    assert dict(zip(expected["se_iid"], fit.bse, strict=True)) == pytest.approx(expected["se_iid"], rel=RTOL)


def test_the_slope_beside_accuracy(scaling):
    expected, rows = scaling[0]["partial_accuracy_adjusted"], scaling[1]
    fit = adjusted_trend(estimates(rows), estimates(rows, "correct_cot"), X)
    assert values(fit) == pytest.approx(expected["coef"], rel=RTOL)
    assert errors(fit) == pytest.approx(expected["se_cluster_question_HC1"], rel=RTOL)
    assert (fit.n, fit.clusters, fit.note) == (360, {"question_id": 60}, "")
    means = rows.groupby(["question_id", "x"], as_index=False)[["changed", "correct_cot"]].mean()
    again = linear(pd.DataFrame(means), "changed", ["x", "correct_cot"])
    assert again["x"].se == pytest.approx(fit["x"].se, rel=RTOL)
