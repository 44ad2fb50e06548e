"""Agreement with R's sandwich and clubSandwich on every mean of reference.json: what we report, and what statsmodels is relied on for."""

import numpy as np
import pandas as pd
import pytest
from golden_sums import MEANS, at, places
from scipy import stats as distributions

from cotfaith.stats import Key, Label, Ratio, estimate, sums

KEYS = {
    "n",
    "clusters",
    "estimate",
    "se_iid",
    "se_HC0_nocadjust",
    "se_miller2024",
    "se_HC0_cadjust",
    "se_HC1",
    "se_CR2",
    "df_CR2_satterthwaite",
    "se_CR3",
    "ci95_HC1_t",
    "ci95_CR2_satt",
    "p_HC1_t_vs0",
    "p_HC1_z_vs0",
}


def close(value):
    """At rtol 1e-6; the smallest p-value of the reference is 0."""
    return pytest.approx(value, rel=1e-6, abs=1e-300)


def read_at(golden, place):
    reference, read = golden
    questions, y = MEANS[place](read)
    return at(reference, place), questions, y


def fit(questions, y, cov_type, *, use_t=True, **settings):
    from statsmodels.api import OLS

    groups = {} if cov_type == "nonrobust" else {"groups": pd.factorize(questions)[0]}
    return OLS(y, np.ones(len(y))).fit(cov_type=cov_type, cov_kwds=groups | settings, use_t=use_t)


def test_every_mean_of_the_reference_is_here(golden):
    reference, _ = golden
    assert set(places(reference, "se_CR3")) == set(MEANS)
    assert {key for place in MEANS for key in at(reference, place)} == KEYS | {"model"}


@pytest.mark.parametrize("place", MEANS)
def test_what_the_engine_reports(golden, place):
    expected, questions, y = read_at(golden, place)
    table = sums(pd.DataFrame({"question_id": questions, "y": y, "n": 1}), ["y", "n"])
    found = estimate(table, Ratio("y", "n"), Label("m", Key("x")), interval="t", null=0.0)
    assert (found.n, found.clusters, found.df) == (expected["n"], expected["clusters"], expected["clusters"] - 1)
    assert (found.value, found.se, found.se) == close((expected["estimate"], expected["se_HC1"], expected["se_HC0_cadjust"]))
    assert (found.low, found.high) == close(tuple(expected["ci95_HC1_t"]))
    assert found.p == close(expected["p_HC1_t_vs0"])
    assert found.se * np.sqrt((found.clusters - 1) / found.clusters) == close(expected["se_HC0_nocadjust"])


@pytest.mark.parametrize("place", MEANS)
def test_the_clustered_errors_that_follow_from_the_sums(golden, place):
    expected, questions, y = read_at(golden, place)
    table = sums(pd.DataFrame({"question_id": questions, "r": y - y.mean(), "n": 1}), ["r", "n"])
    residual, share, n = table["r"], table["n"] / len(y), len(y)
    # Bell and McCaffrey's CR2 of a mean divides a question's residual by sqrt(1 - its share of the rows); degrees of freedom by Satterthwaite.
    cr2 = np.sqrt(np.sum(residual**2 / (1 - share))) / n
    form = np.diag(share / (1 - share)) - np.outer(share, share) / np.sqrt(np.outer(1 - share, 1 - share))
    df = np.trace(form) ** 2 / np.sum(form**2)
    half = distributions.t.ppf(0.975, df) * cr2
    assert (cr2, df) == close((expected["se_CR2"], expected["df_CR2_satterthwaite"]))
    assert (y.mean() - half, y.mean() + half) == close(tuple(expected["ci95_CR2_satt"]))
    assert np.sqrt(np.sum((residual / (1 - share)) ** 2)) / n == close(expected["se_CR3"])
    within = np.sum(residual**2) - np.sum((y - y.mean()) ** 2)
    assert np.sqrt(y.var(ddof=1) / n + within / n**2) == close(expected["se_miller2024"])


@pytest.mark.parametrize("place", MEANS)
def test_statsmodels_with_the_settings_that_agree(golden, place):
    expected, questions, y = read_at(golden, place)
    assert fit(questions, y, "nonrobust").bse[0] == close(expected["se_iid"])
    assert fit(questions, y, "cluster").bse[0] == close(expected["se_HC1"])
    assert fit(questions, y, "cluster", use_correction=False).bse[0] == close(expected["se_HC0_nocadjust"])
    assert fit(questions, y, "cluster-crv3", use_correction=False).bse[0] == close(expected["se_CR3"])
    assert fit(questions, y, "cluster", use_t=False).pvalues[0] == close(expected["p_HC1_z_vs0"])
