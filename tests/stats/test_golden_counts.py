"""Agreement with R on what is left of d1, d3, d6 and d8: counts, shares, areas by length, Wilson, and effective sample sizes."""

import numpy as np
import pytest
from golden_sums import GRID, HINTS, OPTIONS, SIZES, cuts, early, hints, sizes

from cotfaith.stats import Key, Label, Ratio, estimate, intervals, per_question

LABEL = Label("m", Key("x"))
RTOL = 1e-6
# What other tests have: intervals (test_golden_bootstrap, test_golden_means), and in test_golden the curve and the mean of question means.
ELSEWHERE = {
    "d1_early_answering": {
        "aoc_trace_weighted",
        "cluster_functional",
        "same_answer_no_cot",
        "aoc_question_weighted",
        "curve_interpolated",
    },
    "d3_paraphrase_filler": {"filler_minus_cot", "retention_rate_agree", "retention_ratio", "normalised_filler_gain"},
    "d6_hints": {"verbalised_given_used", "contrast_grader_minus_sycophancy"},
    "d8_normalised": {"contrast_large_minus_small_product"},
}
HERE = {
    "d1_early_answering": {"aoc_lanham_weighted_by_length", "aoc_by_length", "n_by_length", "naive_rows_k_lt_n"},
    "d3_paraphrase_filler": set(),
    "d6_hints": {"all", "by_type", "neff_intervals"},
    "d8_normalised": {"by_model", "chance_corrected"},
}
# Intraclass correlation, equivalence and judge error have tests of their own.
OTHER_PARTS = ("icc_", "tost_", "rogan_gladen")


@pytest.mark.parametrize("data", HERE)
def test_every_key_has_a_test(golden, data):
    reference, _ = golden
    left = set(reference[data]) - ELSEWHERE[data] - HERE[data]
    assert all(key.startswith(OTHER_PARTS) for key in left)


def value(table, f):
    return estimate(table, f, LABEL, count="all").value


def test_areas_by_length(golden):
    reference, read = golden
    expected, table = reference["d1_early_answering"], early(read)
    lengths = expected["n_by_length"]
    assert {name[1:] for name in table.columns if name[0] == "n" and name[1:]} == set(lengths)
    whole = 0.0
    for length, traces in lengths.items():
        found = estimate(table, Ratio(f"area{length}", f"n{length}"), LABEL)
        assert found.n == traces
        assert found.value == pytest.approx(expected["aoc_by_length"][length], rel=RTOL)
        whole += found.value * found.n / table["n"].sum()
    assert whole == pytest.approx(expected["aoc_lanham_weighted_by_length"], rel=RTOL)
    assert value(table, Ratio("area", "n")) == pytest.approx(whole, rel=1e-12)  # weighting lengths by their share is the plain mean


def test_the_curve_and_the_mean_of_question_means(golden):
    reference, read = golden
    expected, table = reference["d1_early_answering"], early(read)
    assert [point["frac"] for point in expected["curve_interpolated"]] == list(GRID)
    for x, point in zip(GRID, expected["curve_interpolated"], strict=True):
        found = estimate(table, Ratio(f"at{x}", "n"), LABEL, interval="t")
        assert (found.value, found.se) == pytest.approx((point["estimate"], point["se_HC0_cadjust"]), rel=RTOL)
        assert found.se == pytest.approx(point["se_HC1"], rel=RTOL)
    there = expected["aoc_question_weighted"]
    found = estimate(*per_question(table, Ratio("area", "n")), LABEL, interval="t")
    assert (found.value, found.se, found.df) == pytest.approx((there["estimate"], there["se"], there["df"]), rel=RTOL)


def test_rows_taken_as_independent(golden):
    reference, read = golden
    expected = reference["d1_early_answering"]["naive_rows_k_lt_n"]
    found = estimate(cuts(read), Ratio("same_answer", "all"), LABEL)
    assert (found.n, found.value) == (expected["n"], pytest.approx(expected["mean"], rel=RTOL))
    assert np.sqrt(found.value * (1 - found.value) / found.n) == pytest.approx(expected["se_binomial"], rel=RTOL)


@pytest.mark.parametrize("hint", ["", *HINTS])
def test_hints(golden, hint):
    reference, read = golden
    expected = reference["d6_hints"]["by_type"][hint] if hint else reference["d6_hints"]["all"]
    table = hints(read, hint)
    assert {name: table[name].sum() for name in table.columns if name != "all"} == expected["totals"]
    normalised = value(table, lambda t: t["verb"] / t["used"] / (1 - t["other"] / ((OPTIONS - 2) * t["used"])))
    assert min(normalised, 1.0) == pytest.approx(expected["score_normalised_capped"], rel=RTOL)
    used, verb = table["used"].sum(), table["verb"].sum()
    naive = intervals.wilson(verb / used, used, intervals.quantile(np.inf, 0.95))
    assert naive == pytest.approx(tuple(expected["wilson_naive_raw"]), rel=RTOL)


def test_effective_sample_size_of_all_hints(golden):
    from statsmodels.stats.proportion import proportion_confint

    reference, read = golden
    expected, table = reference["d6_hints"]["neff_intervals"], hints(read)
    found = estimate(table, Ratio("verb", "used"), LABEL, kind="proportion", interval="t")
    size = expected["n_eff"]
    assert (found.low, found.high) == pytest.approx(tuple(expected["wilson_neff_t"]), rel=RTOL)
    exact = proportion_confint(found.value * size, size, method="beta")
    assert tuple(map(float, exact)) == pytest.approx(tuple(expected["clopper_neff"]), rel=RTOL)


MADE_UP = {
    "all_zero": [(0, 4)] * 12,
    "three_events": [(1, 5)] * 3 + [(0, 5)] * 37,
    "all_one": [(3, 3)] * 20,
    "one_question_all": [(5, 5)] + [(0, 5)] * 29,
}


def test_effective_sample_sizes(golden):
    reference, read = golden
    assert set(reference["neff_wilson_rule"]) == {*MADE_UP, *HINTS}
    for case, expected in reference["neff_wilson_rule"].items():
        if case in MADE_UP:
            events, trials = np.array(MADE_UP[case], dtype=float).T
        else:
            table = hints(read, case)
            events, trials = (table[name][table["used"] > 0] for name in ("verb", "used"))
        made = intervals.bounded(
            events,
            trials,
            (0.0, 1.0),
            intervals.mean_variance(trials, corrected=False),
            float(len(trials)),
            units=float(trials.sum()),
        )
        q = intervals.quantile(len(trials) - 1, 0.95)
        found = made.ends(q)
        assert intervals.wilson(events.sum() / trials.sum(), expected["n_eff"], q) == pytest.approx(found, rel=RTOL)
        assert found == pytest.approx((expected["lower"], expected["upper"]), rel=RTOL)


@pytest.mark.parametrize("size", SIZES)
def test_normalised(golden, size):
    from statsmodels.stats.inter_rater import cohens_kappa

    reference, read = golden
    table, expected = sizes(read, size), reference["d8_normalised"]["by_model"][size]
    for column, key in (("U", "U"), ("N", "N"), ("correct_cot", "accuracy")):
        assert value(table, Ratio(column, "all")) == pytest.approx(expected[key], rel=RTOL)
    counts = np.array([[table[f"{i}{j}"].sum() for j in range(OPTIONS)] for i in range(OPTIONS)])
    kappa, there = cohens_kappa(counts), reference["d8_normalised"]["chance_corrected"][size]
    assert (kappa.kappa, kappa.std_kappa) == pytest.approx((there["kappa_vcd"], there["ase_vcd"]), rel=RTOL)
    assert there["kappa_vcd"] == pytest.approx(there["estimate"], rel=RTOL)  # which is ours, in test_golden_bootstrap
