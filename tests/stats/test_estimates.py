"""Differences: paired by question of their own accord."""

import math

import numpy as np
import pandas as pd
import pytest
from scipy import stats as distributions
from statsmodels.stats.weightstats import DescrStatsW

from cotfaith.errors import UsageError
from cotfaith.stats import ClusterSums, Key, Label, Missing, Ratio, difference, estimate, sums


def frame(size=60, seed=1):
    random = np.random.default_rng(seed)
    base = random.random(size)
    return pd.DataFrame({
        "question_id": [f"q{i:02}" for i in range(size)], "a": base + 0.1 * random.random(size), "b": base, "n": 1.0,
    })  # fmt: skip


def test_a_difference_is_the_paired_one():
    rows = frame()
    rows["d"] = rows["a"] - rows["b"]
    table = sums(rows, ["a", "b", "d", "n"])
    a, b, d = (estimate(table, Ratio(name, "n"), Label("m", Key(name)), null=0.0) for name in "abd")
    found = difference(a, b)
    assert (found.value, found.se, found.p) == (pytest.approx(d.value), pytest.approx(d.se, rel=1e-6), pytest.approx(d.p, rel=1e-5))
    assert (found.low, found.high) == (pytest.approx(d.low), pytest.approx(d.high))
    assert found.se < 0.2 * math.hypot(a.se, b.se)
    assert (found.metric, found.method, found.clusters) == ("a - b", "difference by question; linearised, t(59)", 60)


def test_questions_in_one_only_add_their_own_variance():
    table = sums(frame(), ["a", "n"])
    first = estimate(table.where(table.questions < "q30"), Ratio("a", "n"), Label("m", Key("a")), interval="t")
    second = estimate(table.where(table.questions >= "q30"), Ratio("a", "n"), Label("m", Key("a")), interval="t")
    found = difference(first, second)
    rows = frame()["a"].to_numpy()
    welch = distributions.ttest_ind(rows[:30], rows[30:], equal_var=False)
    assert found.se == pytest.approx(math.hypot(first.se, second.se))
    assert (found.p, found.df) == pytest.approx((welch.pvalue, welch.df), rel=1e-6)
    assert (found.metric, found.clusters) == ("a", 60)


def test_questions_in_one_only_beside_common_ones():
    table = sums(frame(), ["a", "b", "n"])
    a = estimate(table, Ratio("a", "n"), Label("m", Key("a")), interval="t")
    b = estimate(table.where(table.questions < "q30"), Ratio("b", "n"), Label("m", Key("b")), interval="t")
    rows, common = frame(), np.arange(60) < 30
    parts = (rows["a"] - a.value) * math.sqrt(60 / 59) / 60, (rows["b"] - b.value) * math.sqrt(30 / 29) / 30
    total = parts[0] - np.where(common, parts[1], 0.0)
    found = a - b
    assert found.se == pytest.approx(math.sqrt((total**2).sum()))
    assert 29 < found.df < 59


def test_equivalence_is_that_of_statsmodels():
    rows = frame()
    table = sums(rows.assign(d=rows["a"] - rows["b"]), ["d", "n"])
    found = estimate(table, Ratio("d", "n"), Label("m", Key("d")), interval="t").equivalent(0.06)
    p, low, high = DescrStatsW(rows["a"] - rows["b"]).ttost_mean(-0.06, 0.06)
    assert (found.p, found.p_low, found.p_high) == pytest.approx((p, low[1], high[1]), rel=1e-6)
    assert found.holds == (found.low > -0.06 and found.high < 0.06)


def test_equivalence_refuses_what_cannot_be_and_claims_nothing_without_a_spread():
    a = estimate(sums(frame(), ["a", "n"]), Ratio("a", "n"), Label("m", Key("a")))
    with pytest.raises(UsageError, match=r"The margin of equivalence is 0, but it must be above 0; give 0\.05 for five"):
        a.equivalent(0)
    with pytest.raises(UsageError, match=r"alpha is 0\.5, but it must be between 0 and 1/2; give 0\.05\."):
        a.equivalent(0.05, alpha=0.5)
    nothing = (a - a).equivalent(0.05)
    assert math.isnan(nothing.p)
    assert not nothing.holds


def test_means_are_the_questions_own_whatever_their_number_of_units():
    columns = np.array([[1.0, 2, 1], [0, 4, 1], [3, 3, 1]])
    table = ClusterSums(pd.Index(["q0", "q1", "q2"], dtype=object), ("a", "n", "one"), columns)
    found = estimate(table, Ratio("a", "n"), Label("m", Key("a")))
    assert found.means.to_dict() == {"q0": 0.5, "q1": 0.0, "q2": 1.0}
    assert found.pseudo_values().tolist() != pytest.approx(found.means.tolist(), abs=0.1)
    assert found.pseudo_values().mean() == pytest.approx(found.value) == pytest.approx(4 / 9)
    other = estimate(table.where(np.array([True, True, False])), Ratio("one", "n"), Label("m", Key("b")))
    assert (found - other).means.to_dict() == {"q0": 0.0, "q1": -0.25}
    product = estimate(table, lambda totals: totals["a"] * totals["one"], Label("m", Key("c")), count="n")
    assert product.means is None
    assert (found - product).means is None


def test_pseudo_values_are_the_questions_means_where_all_have_equally_many_units():
    a = estimate(sums(frame(), ["a", "n"]), Ratio("a", "n"), Label("m", Key("a")))
    assert a.pseudo_values().to_numpy() == pytest.approx(frame()["a"].to_numpy(), rel=1e-9)
    lone = estimate(sums(frame(1), ["a", "n"]), Ratio("a", "n"), Label("m", Key("a")))
    with pytest.raises(UsageError, match="The estimate of m, a, has no spread over questions: one question only"):
        lone.pseudo_values()


def test_nothing_less_itself_is_zero_without_a_spread():
    a = estimate(sums(frame(), ["a", "n"]), Ratio("a", "n"), Label("m", Key("a")))
    found = difference(a, a)
    assert (found.value, found.se, found.p) == (0, 0, None)
    assert math.isnan(found.low)
    assert found.note == "no question differs from another, so the spread cannot be told"


def test_undefined_and_lone_sides_stay_so():
    table = sums(frame(), ["a", "n"])
    a = estimate(table, Ratio("a", "n"), Label("m", Key("a")))
    nothing = estimate(table.where(table.questions < "q"), Ratio("a", "n"), Label("m", Key("a")))
    lone = estimate(table.where(table.questions == "q00"), Ratio("a", "n"), Label("m", Key("a")))
    assert math.isnan(difference(a, nothing).value)
    assert difference(a, nothing).note == "one side of the difference is undefined"
    assert math.isfinite(difference(a, lone).value)
    assert difference(a, lone).note == "one side of the difference has no spread"
    few = estimate(table.where(table.questions < "q05"), Ratio("a", "n"), Label("m", Key("a")))
    small = estimate(table.where(table.questions < "q04"), Ratio("a", "n"), Label("m", Key("a")))
    assert difference(few, small).note == "only 5 questions, so the interval may be too narrow"


def test_levels_must_agree():
    table = sums(frame(), ["a", "n"])
    a, b = (estimate(table, Ratio("a", "n"), Label("m", Key("a")), level=level) for level in (0.9, 0.95))
    with pytest.raises(UsageError, match=r"intervals at 0\.9 and 0\.95 cannot be combined; compute both at one level\."):
        difference(a, b)


def test_without_missing_units_an_estimate_is_its_own_worst_case():
    a = estimate(sums(frame(), ["a", "n"]), Ratio("a", "n"), Label("m", Key("a")))
    assert a.bounded() is a


def test_the_worst_case_of_anything_but_a_mean_widens_the_bounds_by_the_interval():
    a = estimate(sums(frame(), ["a", "n"]), Ratio("a", "n"), Label("m", Key("a")), left=Missing(5, (0.2, 0.9)), null=0.0)
    found = a.bounded()
    assert (found.low, found.high) == pytest.approx((0.2 - (a.value - a.low), 0.9 + (a.high - a.value)))
    assert (found.p, found.value) == (None, a.value)
    assert found.method.endswith("worst case over the missing units")


def test_the_worst_case_of_what_is_undefined_is_its_bounds():
    table = sums(frame(), ["a", "n"])
    nothing = estimate(table.where(table.questions < "q"), Ratio("a", "n"), Label("m", Key("a")), left=Missing(5, (0.2, 0.9)))
    found = nothing.bounded()
    assert math.isnan(found.value)
    assert (found.low, found.high) == (0.2, 0.9)


def share(yes, size, start=0):
    """The share of `yes` of `size` questions, one answer each; the questions are numbered from `start`."""
    rows = pd.DataFrame([{"question_id": f"q{start + i:03}", "y": float(i < yes), "n": 1.0} for i in range(size)])
    return estimate(sums(rows, ["y", "n"]), Ratio("y", "n"), Label("m", Key("y")), kind="proportion")


@pytest.mark.parametrize("size", [10, 20, 50])
def test_a_difference_of_different_questions_has_the_test_of_its_interval(size):
    for one in range(0, size + 1, 2):
        for two in range(0, size + 1, 3):
            made = share(one, size) - share(two, size, start=100)
            assert (made.p < 0.05) == (made.low > 0 or made.high < 0)
            assert -1 <= made.low <= made.value <= made.high <= 1
            assert made.low < made.high


def test_two_arms_at_opposite_ends_differ_and_say_how_surely():
    made = share(0, 20) - share(20, 20, start=100)
    assert made.value == -1
    assert made.high == pytest.approx(-0.75, abs=0.02)
    assert made.p < 1e-6


def test_equivalence_follows_the_interval_for_rare_changes():
    """One of 100 questions differs: the interval reaches beyond .03, so equivalence within .03 is not shown, and within .2 it is."""
    rows = pd.DataFrame([{"question_id": f"q{i:03}", "d": float(i < 1), "n": 1.0} for i in range(100)])
    made = estimate(sums(rows, ["d", "n"]), Ratio("d", "n"), Label("m", Key("d")), support=(-1.0, 1.0), null=0.0)
    assert made.high > 0.03
    assert made.equivalent(0.03).p > 0.05
    assert made.equivalent(0.2).holds
    none = estimate(sums(rows.assign(d=0.0), ["d", "n"]), Ratio("d", "n"), Label("m", Key("d")), support=(-1.0, 1.0), null=0.0)
    assert none.equivalent(0.2).holds
    assert not none.equivalent(0.01).holds
