"""Paired shares: by hand, laws over all small tables, and one outcome for every edge."""

import math

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy import stats as distributions

from cotfaith.errors import UsageError
from cotfaith.stats import Key, Label, Ratio, estimate, sums
from cotfaith.stats.paired import METHOD, of_differences, paired

Z = 1.9599639845
COUNT = st.integers(0, 30)


def test_by_hand():
    # 7 pairs one way and 1 the other: exact p = 2 (1 + 8)/256, mid-p leaves out the probability of 1 in 8, which is 8/256.
    found = paired(7, 1, 40)
    assert (found.difference, found.n, found.discordant) == (0.15, 40, 8)
    assert (found.p_exact, found.p_mid) == (pytest.approx(18 / 256), pytest.approx(10 / 256))


def test_the_interval_holds_what_the_score_test_does_not_reject():
    # The restricted likelihood is maximised over a grid here: cells (no, yes) = s and (yes, no) = s + d.
    b, c, n = 7, 1, 40
    found = paired(b, c, n)
    for d in (found.low, found.high):
        s = np.linspace(max(0.0, -d), (1 - d) / 2, 200_001)[1:-1]
        likelihood = b * np.log(s + d) + c * np.log(s) + (n - b - c) * np.log1p(-2 * s - d)
        best = s[likelihood.argmax()]
        assert abs(b - c - n * d) / math.sqrt(n * (2 * best + d - d**2)) == pytest.approx(Z, rel=1e-5)


@given(COUNT, COUNT, st.integers(1, 60), st.sampled_from([0.8, 0.95]))
def test_laws(b, c, same, level):
    there, back = paired(b, c, b + c + same, level), paired(c, b, b + c + same, level)
    assert -1 <= there.low <= there.difference <= there.high <= 1
    assert there.low < there.high
    assert (there.low, there.high) == pytest.approx((-back.high, -back.low), abs=1e-9)
    assert (there.p_exact, there.p_mid) == pytest.approx((back.p_exact, back.p_mid))
    assert 0 < there.p_mid <= there.p_exact <= 1
    assert (there.p < 1 - level) == (there.low > 0 or there.high < 0)
    assert there.p_exact == pytest.approx(1 if b + c == 0 else distributions.binomtest(b, b + c).pvalue)
    # The score interval leaves 0 out where the score statistic (b - c)^2/(b + c) exceeds its quantile, and only there.
    outside = b + c > 0 and (b - c) ** 2 / (b + c) > distributions.norm.ppf(0.5 + level / 2) ** 2
    assert outside == (there.low > 0 or there.high < 0)


def test_the_score_interval_covers():
    # Unconditional coverage by enumeration at n = 30, P(yes, no) = .2, P(no, yes) = .1.
    n, inside = 30, 0.0
    for b in range(n + 1):
        for c in range(n + 1 - b):
            found = paired(b, c, n)
            inside += (found.low <= 0.1 <= found.high) * distributions.multinomial.pmf([b, c, n - b - c], n, [0.2, 0.1, 0.7])
    assert 0.94 < inside < 0.97


def test_equal_counts_have_a_mid_p_below_1():
    # Nothing is less extreme; as extreme is the split of 2 and 2 itself, 6/16, of which half is left out.
    found = paired(2, 2, 14)
    assert (found.p_exact, found.p_mid) == (1, pytest.approx(1 - 3 / 16))


def test_where_no_pair_differs_the_difference_is_0_with_an_interval():
    found = paired(0, 0, 50)
    assert (found.difference, found.p_exact, found.p_mid, found.discordant) == (0, 1, 1, 0)
    assert (found.low, found.high) == (pytest.approx(-(Z**2) / (50 + Z**2)), pytest.approx(Z**2 / (50 + Z**2)))


def test_where_every_pair_differs_one_way_the_interval_ends_at_1():
    found = paired(12, 0, 12)
    assert (found.low, found.high) == (pytest.approx((12 - Z**2) / (12 + Z**2)), 1)
    almost = paired(1000, 0, 1001)
    assert almost.high == pytest.approx(1, abs=1e-3)
    other = paired(0, 12, 12)
    assert (other.low, other.high) == (-1, pytest.approx(-found.low))


def test_counts_and_levels_are_checked():
    with pytest.raises(
        UsageError, match=r"\(-2, 0, 9\) are not counts of pairs \(yes, no\), \(no, yes\) and all; give whole numbers"
    ):
        paired(-2, 0, 9)
    for counts in ((0.5, 0, 9), (float("nan"), 0, 9), (3, 3, 5), (0, 0, 0)):
        with pytest.raises(UsageError, match="are not counts of pairs"):
            paired(*counts)
    assert paired(2.0, np.int64(1), 9) == paired(2, 1, 9)
    with pytest.raises(UsageError, match=r"The level of an interval is 95, but it must be between 0 and 1"):
        paired(1, 1, 4, level=95)


def test_differences_by_question_are_pairs_only_if_each_is_a_whole_one_and_enough_differ():
    some = np.array([1.0] * 7 + [-1.0] * 3 + [0.0] * 5)
    assert of_differences(some) == paired(7, 3, 15)
    assert of_differences(np.append(some, 0.5)) is None
    assert of_differences(some[1:]) is None  # only 9 differ


def answers(samples=1, seed=0, questions=60):
    """Rows with a yes or no before and after, and their difference."""
    random = np.random.default_rng(seed)
    before, after = (random.random(questions * samples) < share for share in (0.7, 0.5))
    ids = np.repeat([f"q{i}" for i in range(questions)], samples)
    rows = {"question_id": ids, "before": before, "after": after, "drop": before.astype(int) - after.astype(int), "n": 1}
    return pd.DataFrame(rows)


def share(rows, name):
    return estimate(sums(rows, [name, "n"]), Ratio(name, "n"), Label("m", Key(name)), kind="proportion")


def test_one_pair_a_question_has_tangos_interval_and_mcnemars_test():
    rows = answers()
    expected = paired(int((rows["drop"] == 1).sum()), int((rows["drop"] == -1).sum()), len(rows))
    effect = estimate(sums(rows, ["drop", "n"]), Ratio("drop", "n"), Label("m", Key("drop")), support=(-1.0, 1.0), null=0.0)
    difference = share(rows, "before") - share(rows, "after")
    for made in (effect, difference):
        assert (made.value, made.low, made.high, made.p) == pytest.approx(
            (expected.difference, expected.low, expected.high, expected.p)
        )
        assert METHOD in made.method


def test_several_samples_or_unshared_questions_are_no_pairs():
    rows = answers(samples=3)
    effect = estimate(sums(rows, ["drop", "n"]), Ratio("drop", "n"), Label("m", Key("drop")), support=(-1.0, 1.0), null=0.0)
    assert METHOD not in effect.method
    assert METHOD not in (share(rows, "before") - share(rows, "after")).method
    one = answers()
    assert METHOD not in (share(one, "before") - share(one[:40], "after")).method
