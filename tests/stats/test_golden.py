"""Agreement with R (sandwich, boot): rtol 1e-6, interval ends of the bootstrap within a fifth of a standard error."""

import numpy as np
import pandas as pd
import pytest

from cotfaith.stats import Key, Label, Ratio, difference, estimate, per_question, sums

LABEL = Label("m", Key("x"))
RTOL = 1e-6


def agrees(found, reference, *, se="se_HC1", ends="ci95_HC1_t"):
    assert found.value == pytest.approx(reference["estimate"], rel=RTOL)
    assert found.se == pytest.approx(reference[se], rel=RTOL)
    if ends in reference:
        assert (found.low, found.high) == pytest.approx(tuple(reference[ends]), rel=RTOL)


def early(data):
    """One row a trace: its area over the curve, whether the answer without reasoning is the final one, and the curve at four points."""
    data = data.assign(x=data["k"] / data["n_steps"]).sort_values("x")
    rows = []
    for (question, _), one in data.groupby(["question_id", "sample_id"]):
        points = {f"at{x}": np.interp(x, one["x"], one["same_answer"]) for x in (0, 0.25, 0.5, 0.75)}
        rows.append({"question_id": question, "n": 1, "aoc": 1 - np.trapezoid(one["same_answer"], one["x"])} | points)
    return sums(pd.DataFrame(rows), ["n", "aoc", "at0", "at0.25", "at0.5", "at0.75"])


def test_early_answering(golden):
    reference, read = golden
    table, expected = early(read("d1_early_answering")), reference["d1_early_answering"]
    linear = estimate(table, Ratio("aoc", "n"), LABEL, interval="t")
    agrees(linear, expected["aoc_trace_weighted"])
    agrees(linear, expected["cluster_functional"], se="se_linearised", ends="ci95_lin_t")
    agrees(estimate(table, Ratio("aoc", "n"), LABEL), expected["cluster_functional"], se="se_jackknife", ends="")
    by_question, ratio = per_question(table, Ratio("aoc", "n"))
    agrees(estimate(by_question, ratio, LABEL), expected["aoc_question_weighted"], se="se", ends="ci95_t")
    agrees(estimate(table, Ratio("at0", "n"), LABEL, interval="t"), expected["same_answer_no_cot"])
    for point in expected["curve_interpolated"]:
        found = estimate(table, Ratio(f"at{point['frac']}", "n"), LABEL, interval="t")
        agrees(found, point)
        share = estimate(table, Ratio(f"at{point['frac']}", "n"), LABEL, kind="proportion", interval="t")
        assert share.se == pytest.approx(point["se_HC1"], rel=RTOL)


def test_filler_and_paraphrase(golden):
    reference, read = golden
    data, expected = read("d3_paraphrase_filler"), reference["d3_paraphrase_filler"]
    data["n"] = 1
    data["agree"] = data["correct_orig"] == data["correct_para"]
    data["kept"] = data["correct_orig"] * data["correct_para"]
    arms = ["correct_orig", "correct_para", "correct_filler", "correct_nocot"]
    table = sums(data, [*arms, "agree", "kept", "n"])
    orig, para, filler, none = (estimate(table, Ratio(arm, "n"), LABEL) for arm in arms)
    agrees(difference(filler, orig), expected["filler_minus_cot"])
    for pair, key in (((para, orig), "tost_paraphrase_005"), ((filler, none), "tost_filler_vs_nocot_005")):
        found, wanted = difference(*pair), expected[key]
        assert (found.value, found.se, found.df) == pytest.approx((wanted["diff"], wanted["se_HC1"], wanted["df"]), rel=RTOL)
        assert (found.low, found.high) == pytest.approx(tuple(wanted["ci95_t"]), rel=RTOL)
        assert found.p == pytest.approx(wanted["p_diff"], rel=RTOL)
    agrees(estimate(table, Ratio("agree", "n"), LABEL), expected["retention_rate_agree"])

    def share_of_gain(t):
        return (t["correct_filler"] - t["correct_nocot"]) / (t["correct_orig"] - t["correct_nocot"])

    for f, key in ((Ratio("kept", "correct_orig"), "retention_ratio"), (share_of_gain, "normalised_filler_gain")):
        agrees(estimate(table, f, LABEL, count="n"), expected[key], se="se_linearised", ends="ci95_lin_t")
        assert estimate(table, f, LABEL, count="n", interval="jackknife").se == pytest.approx(
            expected[key]["se_jackknife"], rel=RTOL
        )


CASES = {
    "all_zero": [(0, 4)] * 12,
    "three_events": [(1, 5)] * 3 + [(0, 5)] * 37,
    "all_one": [(3, 3)] * 20,
    "one_question_all": [(5, 5)] + [(0, 5)] * 29,
}


@pytest.mark.parametrize("case", [*CASES, "sycophancy", "metadata", "grader"])
def test_effective_n_wilson(golden, case):
    reference, read = golden
    if case in CASES:
        rows = pd.DataFrame([{"question_id": f"q{i}", "y": y, "n": n} for i, (y, n) in enumerate(CASES[case])])
    else:
        rows = read("d6_hints").query("hint_type == @case")
        used = (rows["answer_unhinted"] != rows["hint"]) & (rows["answer_hinted"] == rows["hint"])
        rows = rows.assign(n=used, y=used & (rows["verbalised"] == 1))
    found, expected = (
        estimate(sums(rows, ["y", "n"]), Ratio("y", "n"), LABEL, kind="proportion", interval="t"),
        reference["neff_wilson_rule"][case],
    )
    assert (found.value, found.low, found.high) == pytest.approx(
        (expected["estimate"], expected["lower"], expected["upper"]), rel=RTOL
    )
    assert found.clusters == expected["clusters"]
