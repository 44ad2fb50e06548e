"""Agreement with R on planning and on intraclass correlations: rtol 1e-6, and 1e-4 where R iterates to a looser end."""

from math import ceil

import numpy as np
import pandas as pd
import pytest
from scipy import stats as distributions

from cotfaith.stats import planning, sums
from cotfaith.stats.icc import anova, design_effect, effective_size, icc
from cotfaith.stats.mcnemar_planning import n_mcnemar, power_mcnemar

RTOL = 1e-6


def by_question(frame, value):
    """The three sums of icc, of a column of `frame`."""
    return by(frame["question_id"], frame[value])


def by(question, value):
    frame = pd.DataFrame({"question_id": question, "y": value, "y2": np.asarray(value) ** 2, "n": 1})
    table = sums(frame, ["y", "y2", "n"])
    return table["y"], table["y2"], table["n"]


def areas(data):
    """One row a trace of d1: its area over the curve."""
    data = data.assign(x=data["k"] / data["n_steps"]).sort_values("x")
    rows = [
        {"question_id": question, "aoc": 1 - np.trapezoid(one["same_answer"], one["x"])}
        for (question, _), one in data.groupby(["question_id", "sample_id"])
    ]
    return pd.DataFrame(rows)


def check(columns, expected):
    """Every key of one of R's analyses of variance."""
    made, n = anova(*columns), columns[2]
    rho = icc(*columns)
    assert (rho, made.size) == pytest.approx((expected["icc"], expected["n0"]), rel=RTOL)
    assert (made.between, made.within) == pytest.approx((expected["msb"], expected["msw"]), rel=RTOL)
    assert design_effect(rho, n.mean()) == pytest.approx(expected["deff_mean_size"], rel=RTOL)
    assert design_effect(rho, (n**2).sum() / n.sum()) == pytest.approx(expected["deff_kish"], rel=RTOL)
    assert set(expected) == {"icc", "n0", "msb", "msw", "deff_mean_size", "deff_kish"}


def test_icc_of_areas(golden):
    reference, read = golden
    check(by_question(areas(read("d1_early_answering")), "aoc"), reference["d1_early_answering"]["icc_aoc"])


def test_a_mixed_model_says_the_same_of_areas_within_its_estimator(golden):
    import statsmodels.formula.api as smf

    reference, read = golden
    data, expected = areas(read("d1_early_answering")), reference["d1_early_answering"]["icc_aoc_reml_lmer"]
    fit = smf.mixedlm("aoc ~ 1", data, groups=data["question_id"]).fit()
    question, rest = float(fit.cov_re.iloc[0, 0]), float(fit.scale)
    found = (question / (question + rest), question, rest, fit.fe_params.iloc[0], fit.bse_fe.iloc[0])
    wanted = [expected[key] for key in ("icc", "var_question", "var_resid", "intercept", "se")]
    assert found == pytest.approx(tuple(wanted), rel=1e-4)
    assert icc(*by_question(data, "aoc")) == pytest.approx(expected["icc"], abs=0.01)


def test_icc_of_answers_and_of_their_differences(golden):
    reference, read = golden
    data, expected = read("d3_paraphrase_filler"), reference["d3_paraphrase_filler"]
    check(by_question(data, "correct_orig"), expected["icc_orig"])
    check(by(data["question_id"], data["correct_para"] - data["correct_orig"]), expected["icc_paired_diff"])


def test_icc_within_each_model(golden):
    reference, read = golden
    data = read("d7_scaling").sort_values("params_b")
    found = [icc(*by_question(rows, "changed")) for _, rows in data.groupby("params_b")]
    assert found == pytest.approx(reference["d7_scaling"]["anova_icc_within_model"], rel=RTOL)


def test_mcnemar(golden):
    for case in golden[0]["planning"]["mcnemar_n_connor"]:
        n = n_mcnemar(case["delta"], case["psi"])
        assert n == pytest.approx(case["n"], rel=RTOL)
        power = power_mcnemar(ceil(n), case["delta"], case["psi"])
        assert power == pytest.approx(case["exact_power_at_ceil"], rel=RTOL)


def test_miller(golden):
    for case in golden[0]["planning"]["miller_n"]:
        pairs = (case["sa2"], case["sb2"]), (case["ka"], case["kb"])
        assert planning.n_questions(case["delta"], case["omega2"], *pairs) == pytest.approx(case["n"], rel=RTOL)


def test_paired_t(golden):
    for case in golden[0]["planning"]["paired_t_n"]:
        assert planning.n_paired_t(case["delta"], case["sd"]) == pytest.approx(case["n"], rel=5e-6)  # R stops its search early
        away, df = case["delta"] / case["sd"] * case["n"] ** 0.5, case["n"] - 1
        assert distributions.nct.sf(distributions.t.ppf(0.975, df), df, away) == pytest.approx(0.8, rel=5e-6)


def test_share(golden):
    case = golden[0]["planning"]["prop_n_halfwidth_wald"]
    assert planning.n_proportion(case["halfwidth"], case["p"]) == pytest.approx(case["n"], rel=RTOL)


def test_equivalence(golden):
    for case in golden[0]["planning"]["tost_paired_n_zero_diff"]:
        n = planning.n_equivalence(case["margin"], case["sd"])
        assert n == pytest.approx(case["n_z"], rel=RTOL)
        power = planning.power_equivalence(ceil(n), case["margin"], case["sd"])
        assert power == pytest.approx(case["power_t_at_ceil"], rel=RTOL)


def test_design_effects(golden):
    for case in golden[0]["planning"]["deff"]:
        assert design_effect(case["icc"], case["m"]) == pytest.approx(case["deff"], rel=RTOL)
        assert effective_size(case["icc"], case["m"]) == pytest.approx(case["n_eff_per_question"], rel=RTOL)


def test_nothing_of_planning_is_left_out(golden):
    tested = {"mcnemar_n_connor", "miller_n", "paired_t_n", "prop_n_halfwidth_wald", "tost_paired_n_zero_diff", "deff"}
    assert set(golden[0]["planning"]) == tested
