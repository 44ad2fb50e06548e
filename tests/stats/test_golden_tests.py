"""Agreement with R: intervals, multiplicity, McNemar, Tango, Newcombe, means over tasks, judges, ranks, equivalence; rtol 1e-6 but where said."""

import numpy as np
import pandas as pd
import pytest
from scipy import stats as distributions
from statsmodels.regression.linear_model import OLS
from statsmodels.stats.contingency_tables import mcnemar
from statsmodels.stats.inter_rater import cohens_kappa
from statsmodels.stats.nonparametric import jonckheere_terpstra
from statsmodels.stats.proportion import proportion_confint
from statsmodels.stats.weightstats import DescrStatsW

from cotfaith.stats import Key, Label, Ratio, combined, difference, estimate, intervals, sums
from cotfaith.stats.families import adjust
from cotfaith.stats.paired import paired
from cotfaith.stats.ranks import page
from cotfaith.stats.tasks import macro, pooled

LABEL = Label("m", Key("x"))
RTOL = 1e-6


def near(expected, rel=RTOL):
    """Equal to a value from R, or to a list of them, in which infinities are the text "Inf"."""
    numbers = [float(one) for one in expected] if isinstance(expected, list) else float(expected)
    return pytest.approx(numbers, rel=rel, abs=1e-12)


def test_intervals_of_a_share(golden):
    for case in golden[0]["intervals"]:
        x, n = case["x"], case["n"]
        assert list(intervals.wilson(x / n, n, distributions.norm.ppf(0.975))) == near(case["wilson"])
        test = distributions.binomtest(x, n)
        assert test.pvalue == near(case["p_exact_vs_half"])
        assert list(test.proportion_ci(method="exact")) == near(case["clopper_pearson"])
        # R makes no correction where x is n/2, and sets the ends of Jeffreys's interval at 0 and n.
        corrected = case["wilson"] if 2 * x == n else list(test.proportion_ci(method="wilsoncc"))
        assert corrected == near(case["wilson_cc"])
        low, high = proportion_confint(x, n, method="jeffreys")
        assert [low if x else 0, high if x < n else 1] == near(case["jeffreys"])


@pytest.mark.parametrize(("method", "key"), [("holm", "holm"), ("fdr_bh", "BH"), ("fdr_by", "BY"), ("hochberg", "hochberg")])
def test_multiplicity(golden, method, key):
    expected = golden[0]["multiplicity"]
    assert adjust(expected["p"], method).tolist() == near(expected[key])


def agrees_with_mcnemar(found, expected):
    """The fields of `Paired`, and the asymptotic tests, for which there is statsmodels."""
    b, c = expected["b"], expected["c"]
    assert found.discordant == b + c
    assert (found.p_exact, found.p_mid) == (near(expected["p_exact"]), near(expected["p_midp"]))
    for correction, end in ((False, ""), (True, "_cc")):
        plain = mcnemar(np.array([[0, b], [c, 0]]), exact=False, correction=correction)
        assert [plain.statistic, plain.pvalue] == near([expected[f"chi2{end}"], expected[f"p_asymptotic{end}"]])


@pytest.mark.parametrize("place", range(6))
def test_paired_tables(golden, place):
    expected = golden[0]["paired_tables"][place]
    table = [expected[name] for name in ("n11", "n10", "n01", "n00")]
    found = paired(expected["n10"], expected["n01"], sum(table))
    if place == 4:  # no discordant pair: the reference has 0/0 in the middle, and no value; ours is the limit
        assert expected["tango"] is None
        assert expected["mcnemar"] is None
        assert (found.low, found.high, found.p_exact) == (pytest.approx(-found.high), pytest.approx(0.0713476, rel=1e-5), 1)
        return
    assert [found.low, found.high] == near(expected["tango"])
    agrees_with_mcnemar(found, expected["mcnemar"])


def bias(read):
    rows = read("d4_bias_accuracy")
    return rows.assign(n=1, drop=rows["correct_unbiased"] - rows["correct_biased"])


def pairs(drop):
    return paired(int((drop == 1).sum()), int((drop == -1).sum()), len(drop))


def drops(rows, **more):
    return {
        task: estimate(sums(one, ["drop", "n"]), Ratio("drop", "n"), LABEL, interval="t", **more)
        for task, one in rows.groupby("task")
    }


def test_each_task(golden):
    reference, read = golden
    rows, expected = bias(read), reference["d4_bias_accuracy"]
    assert set(expected["per_task"]) == set(rows["task"])
    for (task, one), made in zip(rows.groupby("task"), drops(rows).values(), strict=True):
        wanted = expected["per_task"][task]
        found = pairs(one["drop"])
        assert found == paired(wanted["n10"], wanted["n01"], wanted["n"])
        assert (found.n, found.difference, made.value) == (wanted["n"], near(wanted["drop"]), near(wanted["drop"]))
        assert made.se == near(wanted["se_paired"])
        assert np.sqrt(sum(one[arm].var(ddof=0) for arm in ("correct_unbiased", "correct_biased")) / found.n) == near(
            wanted["se_unpaired"]
        )
        assert [found.low, found.high] == near(wanted["tango"])
        agrees_with_mcnemar(found, wanted["mcnemar"])


def test_a_family_of_tasks(golden):
    expected = golden[0]["d4_bias_accuracy"]
    p = [task["mcnemar"]["p_exact"] for task in expected["per_task"].values()]
    for method, key in (("holm", "p_exact_holm"), ("fdr_bh", "p_exact_BH")):
        assert list(expected[key]) == list(expected["per_task"])
        assert adjust(p, method).tolist() == near(list(expected[key].values()))


def test_the_mean_over_tasks(golden):
    reference, read = golden
    estimates, expected = drops(bias(read)), reference["d4_bias_accuracy"]["macro"]
    these, like = macro(estimates, LABEL), macro(estimates, LABEL, tasks="random")
    assert (these.value, like.value) == (near(expected["estimate"]), near(expected["estimate"]))
    assert (these.se, like.se) == (near(expected["se_questions_fixed_tasks"]), near(expected["se_random_tasks"]))
    assert [like.low, like.high] == near(expected["ci95_random_tasks_t"])


def test_the_mean_over_questions(golden):
    reference, read = golden
    rows, expected = bias(read), reference["d4_bias_accuracy"]["micro"]
    plain = estimate(sums(rows, ["drop", "n"]), Ratio("drop", "n"), LABEL, interval="t")
    assert (plain.value, plain.se) == (near(expected["estimate"]), near(expected["se_paired"]))
    estimates = drops(rows)
    stratified = combined(list(estimates.values()), [one.n / len(rows) for one in estimates.values()], LABEL)
    assert (stratified.value, stratified.se) == (near(expected["estimate"]), near(expected["se_stratified"]))
    agrees_with_mcnemar(pairs(rows["drop"]), reference["d4_bias_accuracy"]["pooled_mcnemar"])


def test_the_mean_with_tasks_as_clusters(golden):
    reference, read = golden
    rows, expected = bias(read), reference["d4_bias_accuracy"]["micro"]["cluster_by_task"]
    found = estimate(sums(rows, ["drop", "n"], cluster="task"), Ratio("drop", "n"), LABEL, interval="t", null=0.0)
    assert (found.n, found.clusters, found.value) == (expected["n"], expected["clusters"], near(expected["estimate"]))
    assert [found.se, found.se] == near([expected["se_HC1"], expected["se_HC0_cadjust"]])
    assert [found.low, found.high] == near(expected["ci95_HC1_t"])
    assert found.p == near(expected["p_HC1_t_vs0"])
    assert 2 * distributions.norm.sf(found.value / found.se) == near(expected["p_HC1_z_vs0"])
    assert found.se * np.sqrt(12 / 13) == near(expected["se_HC0_nocadjust"])
    y, tasks = rows["drop"].to_numpy(float), pd.factorize(rows["task"])[0]
    assert np.sqrt(y.var(ddof=1) / len(y)) == near(expected["se_iid"])
    crv3 = OLS(y, np.ones_like(y)).fit(cov_type="cluster-crv3", cov_kwds={"groups": tasks, "use_correction": False})
    assert float(crv3.bse[0]) == near(expected["se_CR3"])
    agrees_with_cr2_and_miller(y, tasks, expected)


def agrees_with_cr2_and_miller(y, clusters, expected):
    """What nothing in Python has and cotfaith does not report, from the definitions, so that the reference itself is checked."""
    off, n = y - y.mean(), len(y)
    totals, sizes = np.bincount(clusters, off), np.bincount(clusters)
    assert np.sqrt(y.var(ddof=1) / n + (np.sum(totals**2) - np.sum(off**2)) / n**2) == near(expected["se_miller2024"])
    adjusted = 1 / np.sqrt(1 - sizes / n) / n
    se = np.sqrt(np.sum((adjusted * totals) ** 2))
    assert se == near(expected["se_CR2"])
    weights = (clusters[:, None] == np.arange(len(sizes))) * adjusted
    moments = np.linalg.eigvalsh(weights.T @ weights - np.outer(weights.sum(0), weights.sum(0)) / n)
    df = moments.sum() ** 2 / np.sum(moments**2)
    assert df == near(expected["df_CR2_satterthwaite"])
    half = distributions.t.ppf(0.975, df) * se
    assert [y.mean() - half, y.mean() + half] == near(expected["ci95_CR2_satt"])


# R's iterations for tau2 stop before ours, which a test on Q holds to 1e-9.
@pytest.mark.parametrize(
    ("method", "key", "rel"),
    [
        ("reml", "meta_random_effects_REML_hk", 1e-5),
        ("pm", "meta_random_effects_PM_hk", 5e-5),
        ("dl", "meta_random_effects_DL", RTOL),
    ],
)
def test_meta_analysis_over_tasks(golden, method, key, rel):
    reference, read = golden
    found, expected = pooled(drops(bias(read)), LABEL, method=method), reference["d4_bias_accuracy"][key]
    made = found.estimate
    assert [made.value, made.se, made.low, made.high] == near([expected["estimate"], expected["se"], *expected["ci95"]])
    assert found.tau2 == near(expected["tau2"], rel)
    if method == "reml":
        assert [found.q, found.p_q] == near([expected["Q"], expected["pQ"]])
        assert 100 * found.i2 == near(expected["I2"], rel)


def labelled(read):
    rows = read("d9_judge")
    by_hand = rows["human"] >= 0
    yes, no = rows["human"] == 1, rows["human"] == 0
    return rows.assign(n=1, labelled=by_hand, yes=yes, no=no, hit=yes & (rows["judge"] == 1), passed=no & (rows["judge"] == 0))


def test_the_judge_against_hand_labels(golden):
    reference, read = golden
    rows, expected = labelled(read), reference["d9_judge"]
    table = sums(rows, ["judge", "n", "labelled", "yes", "no", "hit", "passed"])
    assert (len(rows), table["labelled"].sum()) == (expected["n"], expected["n_labelled"])
    assert (len(table.questions), (table["labelled"] > 0).sum()) == (expected["questions"], expected["questions_labelled"])
    cells = pd.crosstab(*(rows.loc[rows["labelled"], name] for name in ("judge", "human"))).to_numpy()
    assert cells.tolist() == expected["table"]
    # vcd's standard error takes rows as independent: statsmodels has it, while cotfaith's own interval is clustered by question
    kappa = cohens_kappa(cells)
    assert [float(kappa.kappa), float(kappa.std_kappa)] == near([expected["kappa"], expected["kappa_ase"]])
    for ratio, key in ((Ratio("hit", "yes"), "sensitivity"), (Ratio("passed", "no"), "specificity")):
        assert estimate(table, ratio, LABEL, kind="proportion").value == near(expected[key])


def test_the_judges_rate(golden):
    reference, read = golden
    table, expected = sums(labelled(read), ["judge", "n"]), reference["d9_judge"]["judge_rate"]
    found = estimate(table, Ratio("judge", "n"), LABEL, interval="t")
    assert (found.value, found.se) == (near(expected["estimate"]), near(expected["se_linearised"]))
    assert [found.low, found.high] == near(expected["ci95_lin_t"])
    assert found.clusters == expected["clusters"]


def test_page(golden):
    reference, read = golden
    rows, expected = read("d7_scaling"), reference["d7_scaling"]["page"]
    by_question = rows.pivot_table(index="question_id", columns="params_b", values="changed", aggfunc="mean")
    found = page(by_question.to_numpy())
    assert (found.L, found.z, found.p) == (near(expected["L"]), near(expected["Z_coin"]), near(expected["p_two_sided_coin"]))
    assert (found.questions, found.models, found.dropped) == (expected["questions"], expected["models"], 0)


@pytest.mark.parametrize("key", ["jonckheere_rows", "jonckheere_question_means"])
def test_jonckheere(golden, key):
    reference, read = golden
    rows, expected = read("d7_scaling"), reference["d7_scaling"][key]
    if key == "jonckheere_question_means":
        rows = rows.groupby(["params_b", "question_id"], as_index=False)["changed"].mean().round(9)
    found = jonckheere_terpstra([one["changed"].to_numpy() for _, one in rows.groupby("params_b")], alternative="two-sided")
    assert [found.zstat, found.pvalue, found.tau] == near([expected["z"], expected["p_two_sided"], expected["tau_b"]])


PAIRS = {"paraphrase": ("correct_para", "correct_orig"), "filler": ("correct_filler", "correct_nocot")}


@pytest.mark.parametrize("key", ["paraphrase_005", "paraphrase_010", "filler_vs_nocot_005", "filler_vs_nocot_015"])
def test_equivalence_of_rows_by_question(golden, key):
    reference, read = golden
    rows, expected = read("d3_paraphrase_filler").assign(n=1), reference["d3_paraphrase_filler"][f"tost_{key}"]
    arms = PAIRS[key.split("_")[0]]
    table = sums(rows, [*arms, "n"])
    gap = difference(*(estimate(table, Ratio(arm, "n"), LABEL) for arm in arms))
    found = gap.equivalent(expected["margin"])
    assert [gap.value, gap.se, gap.df, gap.p] == near([expected[name] for name in ("diff", "se_HC1", "df", "p_diff")])
    assert [gap.low, gap.high] == near(expected["ci95_t"])
    assert [found.p_low, found.p_high, found.p] == near([expected[name] for name in ("p_lower", "p_upper", "p_tost")])
    assert [found.low, found.high] == near(expected["ci90_t"])


@pytest.mark.parametrize("key", ["paraphrase_question_means_005", "filler_question_means_015"])
def test_equivalence_of_question_means(golden, key):
    reference, read = golden
    rows, expected = read("d3_paraphrase_filler"), reference["d3_paraphrase_filler"][f"tost_{key}"]
    arms, margin = PAIRS[key.split("_")[0]], int(key[-3:]) / 100
    means = rows.groupby("question_id", as_index=False)[list(arms)].mean()
    means = means.assign(gap=means[arms[0]] - means[arms[1]], n=1)
    gap = estimate(sums(means, ["gap", "n"]), Ratio("gap", "n"), LABEL, interval="t")
    assert gap.equivalent(margin).p == near(expected["p_tost"])
    assert [gap.value, gap.se] == near([expected["estimate"], expected["se"]])
    assert [(gap.value + margin) / gap.se, (gap.value - margin) / gap.se] == near([expected["t_lower"], expected["t_upper"]])
    assert DescrStatsW(means["gap"]).ttost_mean(-margin, margin)[0] == near(expected["p_tost"])
