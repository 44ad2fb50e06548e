"""Quantities: their means with all that is said beside them: bounds, worst case, intraclass correlation, design effect."""

import numpy as np
import pandas as pd
import pytest
import statsmodels.api as sm
from statsmodels.stats.proportion import proportion_confint

from cotfaith.contracts.measure import headline
from cotfaith.contracts.metric import Metric
from cotfaith.measures import MEASURES
from cotfaith.measures.parts.quantity import Quantity, Setting, add_up, indicator, mean
from cotfaith.stats import Key

SETTING = Setting("m", "trace", 0.95)
SHARE, MEAN = Metric("x", "A share", "Larger: more."), Metric("x", "A mean", "Larger: more.", "mean")


def units(questions=40, samples=4, seed=0):
    random = np.random.default_rng(seed)
    share = np.repeat(random.beta(1, 1, questions), samples)
    question = np.repeat([f"q{i:02}" for i in range(questions)], samples).astype(object)
    return question, random.random(questions * samples) < share


def test_the_worst_case_is_from_the_interval_of_one_bound_to_that_of_the_other():
    question = np.array([f"q{i}" for i in range(30)], dtype=object)
    known, true = np.arange(30) < 24, np.arange(30) < 12
    found = mean(add_up(question, {Key("x"): indicator(known, true)}), SETTING, SHARE)
    assert (found.value, found.missing, found.bounds) == (0.5, 6, (12 / 30, 18 / 30))
    low, high = found.worst_case
    z_like = (proportion_confint(12, 30, method="wilson")[0], proportion_confint(18, 30, method="wilson")[1])
    assert (low, high) == pytest.approx(z_like, abs=0.012)  # t in the place of z
    assert low < z_like[0]
    assert (found.bounded().low, found.bounded().high) == found.worst_case


def test_nothing_missing_is_no_worse():
    question, y = units()
    found = mean(add_up(question, {Key("x"): indicator(np.ones_like(y), y)}), SETTING, SHARE)
    assert found.worst_case == (found.low, found.high)


def test_the_icc_is_that_of_the_analysis_of_variance_and_deff_that_of_the_clustered_error():
    question, y = units()
    value = y.astype(float)
    found = mean(add_up(question, {Key("x"): Quantity(value, value, value)}), SETTING, MEAN)
    frame = pd.DataFrame({"question": question, "y": value})
    between = 4 * frame.groupby("question")["y"].mean().var(ddof=1)
    within = (frame["y"] - frame.groupby("question")["y"].transform("mean")).pow(2).sum() / (160 - 40)
    assert found.icc == pytest.approx((between - within) / (between + 3 * within))
    codes = pd.factorize(question)[0]
    plain = sm.OLS(value, np.ones(160)).fit()
    clustered = sm.OLS(value, np.ones(160)).fit(cov_type="cluster", cov_kwds={"groups": codes}, use_t=True)
    jackknife = (found.se / clustered.bse[0]) ** 2  # below 50 questions the error is the jackknife's
    assert found.deff == pytest.approx(jackknife * (clustered.bse[0] / plain.bse[0]) ** 2, rel=1e-9)
    assert found.deff == pytest.approx(1 + 3 * found.icc, rel=0.05)


def test_neither_is_told_where_nothing_varies_or_each_question_has_one_unit():
    question = np.array([f"q{i}" for i in range(30)], dtype=object)
    same = indicator(np.ones(30, dtype=bool), np.ones(30, dtype=bool))
    found = mean(add_up(question, {Key("x"): same}), SETTING, SHARE)
    assert np.isnan(found.icc)
    assert np.isnan(found.deff)
    once = indicator(np.ones(30, dtype=bool), np.arange(30) < 12)
    found = mean(add_up(question, {Key("x"): once}), SETTING, SHARE)
    assert np.isnan(found.icc)
    assert found.deff == pytest.approx(1, rel=1e-9)


@pytest.mark.parametrize(
    ("measure", "metric"), [("early_answering", "aoc"), ("filler_tokens", "accuracy_difference"), ("hint_effect", "influence")]
)
def test_the_headline_is_the_metric_that_a_measure_is_about(measure, metric):
    table = add_up(np.array(["q0"], dtype=object), {Key("x"): indicator(np.array([True]), np.array([True]))})
    wanted = MEASURES[measure].headline()
    assert wanted.name == metric

    def one(of, **fields):
        return mean(table, Setting(measure, "trace", 0.95), of, Key(of.name, **fields), of=Key("x"))

    others = [one(SHARE), one(wanted, dose=0.5), one(wanted, stratum="answer right"), one(wanted, dose=1.0, stratum="answer right")]
    found = headline([*others, one(wanted, dose=1.0), one(wanted, kind="a"), one(MEAN)])
    assert [e.key for e in found] == [Key(metric, dose=1.0), Key(metric, kind="a")]
