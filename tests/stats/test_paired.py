"""Paired shares: by hand, laws over all small tables, and one outcome for every edge."""

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy import stats as distributions

from cotfaith.errors import DataError, UsageError
from cotfaith.stats.paired import newcombe, paired, paired_table

Z = 1.9599639845
COUNT = st.integers(0, 30)


def test_by_hand():
    # 7 pairs one way and 1 the other: exact p = 2 (1 + 8)/256, mid-p leaves out the probability of 1 in 8, which is 8/256.
    found = paired(20, 7, 1, 12)
    assert (found.difference, found.n, found.discordant) == (0.15, 40, 8)
    assert (found.p_exact, found.p_mid) == (pytest.approx(18 / 256), pytest.approx(10 / 256))
    assert found.odds_ratio == 7
    assert found.note == ""


def test_the_interval_holds_what_the_score_test_does_not_reject():
    # The restricted likelihood is maximised over a grid here: cells (no, yes) = s and (yes, no) = s + d.
    b, c, n = 7, 1, 40
    found = paired(20, b, c, 12)
    for d in (found.low, found.high):
        s = np.linspace(max(0.0, -d), (1 - d) / 2, 200_001)[1:-1]
        likelihood = b * np.log(s + d) + c * np.log(s) + (n - b - c) * np.log1p(-2 * s - d)
        best = s[likelihood.argmax()]
        assert abs(b - c - n * d) / math.sqrt(n * (2 * best + d - d**2)) == pytest.approx(Z, rel=1e-5)


@given(COUNT, COUNT, COUNT, COUNT, st.sampled_from([0.8, 0.95]))
def test_laws(a, b, c, d, level):
    there, back = paired(a, b, c, d, level), paired(a, c, b, d, level)
    if a + b + c + d == 0:
        return
    assert -1 <= there.low <= there.difference <= there.high <= 1
    assert there.low < there.high
    assert (there.low, there.high) == pytest.approx((-back.high, -back.low), abs=1e-9)
    assert (there.p_exact, there.p_mid) == pytest.approx((back.p_exact, back.p_mid))
    assert 0 < there.p_mid <= there.p_exact <= 1
    assert there.p_exact == pytest.approx(1 if b + c == 0 else distributions.binomtest(b, b + c).pvalue)
    # The score interval leaves 0 out where the score statistic (b - c)^2/(b + c) exceeds its quantile, and only there.
    outside = b + c > 0 and (b - c) ** 2 / (b + c) > distributions.norm.ppf(0.5 + level / 2) ** 2
    assert outside == (there.low > 0 or there.high < 0)
    low, high = newcombe(a, b, c, d, level)
    assert low <= there.difference <= high
    assert (low, high) == pytest.approx(tuple(-end for end in reversed(newcombe(a, c, b, d, level))))


def test_the_score_interval_covers():
    # Unconditional coverage by enumeration at n = 30, P(yes, no) = .2, P(no, yes) = .1.
    n, inside = 30, 0.0
    for b in range(n + 1):
        for c in range(n + 1 - b):
            found = paired(n - b - c, b, c, 0)
            inside += (found.low <= 0.1 <= found.high) * distributions.multinomial.pmf([b, c, n - b - c], n, [0.2, 0.1, 0.7])
    assert 0.94 < inside < 0.97


def test_equal_counts_have_a_mid_p_below_1():
    # Nothing is less extreme; as extreme is the split of 2 and 2 itself, 6/16, of which half is left out.
    found = paired(5, 2, 2, 5)
    assert (found.p_exact, found.p_mid) == (1, pytest.approx(1 - 3 / 16))


def test_where_no_pair_differs_the_difference_is_0_with_an_interval():
    found = paired(30, 0, 0, 20)
    assert (found.difference, found.p_exact, found.p_mid, found.discordant) == (0, 1, 1, 0)
    assert (found.low, found.high) == (pytest.approx(-(Z**2) / (50 + Z**2)), pytest.approx(Z**2 / (50 + Z**2)))
    assert np.isnan([found.odds_ratio, found.odds_low, found.odds_high]).all()
    assert found.note == "no pair differs, so the odds ratio is undefined and no test can reject"


def test_where_every_pair_differs_one_way_the_interval_ends_at_1():
    found = paired(0, 12, 0, 0)
    assert (found.low, found.high) == (pytest.approx((12 - Z**2) / (12 + Z**2)), 1)
    assert (found.odds_ratio, found.odds_high) == (math.inf, math.inf)
    assert math.isfinite(found.odds_low)
    almost = paired(1, 1000, 0, 0)
    assert almost.high == pytest.approx(1, abs=1e-3)
    other = paired(0, 0, 12, 0)
    assert (other.low, other.high) == (-1, pytest.approx(-found.low))
    assert (other.odds_ratio, other.odds_low) == (0, 0)


def test_without_a_pair_everything_is_undefined():
    found = paired(0, 0, 0, 0)
    assert np.isnan([found.difference, found.low, found.high, found.p_exact, found.p_mid, found.odds_ratio]).all()
    assert (found.n, found.note) == (0, "there is no pair")
    assert np.isnan(newcombe(0, 0, 0, 0)).all()


def test_counts_and_levels_are_checked():
    with pytest.raises(UsageError, match=r"\(1, -2, 0, 0\) are not counts of pairs; give whole numbers of 0 or more\."):
        paired(1, -2, 0, 0)
    with pytest.raises(UsageError, match="are not counts of pairs"):
        newcombe(1, 0.5, 0, 0)
    with pytest.raises(UsageError, match="are not counts of pairs"):
        paired(1, float("nan"), 0, 0)
    assert paired(1.0, 2.0, np.int64(1), 0) == paired(1, 2, 1, 0)
    with pytest.raises(UsageError, match=r"The level of an interval is 95, but it must be between 0 and 1"):
        paired(1, 1, 1, 1, level=95)


def test_the_table_counts_pairs():
    first = np.array([True, True, False, False, True])
    second = np.array([True, False, True, False, False])
    table = paired_table(first, second, list("abcde"))
    assert table == (1, 2, 1, 1)
    assert (table.n11, table.n10, table.n01, table.n00) == (1, 2, 1, 1)
    assert paired(*table).difference == pytest.approx(first.mean() - second.mean())
    assert paired_table([], [], []) == (0, 0, 0, 0)


def test_the_table_refuses_several_samples_a_question():
    said = (
        r"Question 'a' occurs twice, and McNemar's test is invalid with several samples per question; "
        r"use the paired difference of two estimates \(a - b\) or signflip\."
    )
    with pytest.raises(UsageError, match=said):
        paired_table([True, False, True], [True, True, True], ["a", "b", "a"])


def test_the_table_refuses_what_it_cannot_pair():
    for missing in (None, float("nan"), ""):
        with pytest.raises(DataError, match="A pair has no question id, so repeated questions cannot be detected"):
            paired_table([True, False], [True, True], ["a", missing])
    with pytest.raises(UsageError, match=r"Pairs must be True or False; exclude the questions without both answers, and report"):
        paired_table([True, None], [True, True], ["a", "b"])
    with pytest.raises(UsageError, match=r"\(2,\) and \(1,\) answers to \(2,\) questions are not pairs; give two per question\."):
        paired_table([True, False], [True], ["a", "b"])
