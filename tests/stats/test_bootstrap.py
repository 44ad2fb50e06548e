"""The bootstrap by question: examples by hand, agreement with scipy, laws, strata, and a defined outcome for every edge."""

import math
from importlib import import_module

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy import stats as distributions

from cotfaith.errors import DataError, UsageError
from cotfaith.stats import ClusterSums, Key, Label, Ratio, estimate, sums
from cotfaith.stats.bootstrap import Ends, bca, bootstrap, percentile, weights

MODULE = import_module("cotfaith.stats.bootstrap")
LABEL = Label("m", Key("rate"))
RATE = Ratio("y", "n")


def table(*pairs):
    """Sums of one (y, n) a question."""
    return sums(pd.DataFrame([{"question_id": f"q{i:03}", "y": y, "n": n} for i, (y, n) in enumerate(pairs)]), ["y", "n"])


def several(size=30, seed=3):
    random = np.random.default_rng(seed)
    n = random.integers(1, 6, size)
    return table(*zip(random.binomial(n, random.beta(1, 2, size)), n, strict=True))


def test_two_questions_by_hand():
    # Of 0 and 1 a draw takes both with probability 1/2, and one of them twice with 1/4 each.
    drawn = bootstrap(table((0, 1), (1, 1)), RATE, draws=8000, seed=1)
    assert set(drawn) == {0.0, 0.5, 1.0}
    assert np.mean(drawn == 0.5) == pytest.approx(0.5, abs=0.02)
    assert np.mean(drawn == 0.0) == pytest.approx(0.25, abs=0.02)
    assert percentile(drawn) == Ends(0.0, 1.0)
    assert percentile(drawn, 0.4) == Ends(0.5, 0.5)


def test_the_spread_of_draws_is_that_of_question_sums():
    t = several()
    share = t["y"].sum() / t["n"].sum()
    expected = math.sqrt(np.sum((t["y"] - share * t["n"]) ** 2)) / t["n"].sum()  # HC0, since a draw has no G/(G-1)
    assert np.std(bootstrap(t, RATE, draws=20_000)) == pytest.approx(expected, rel=0.03)


def test_a_question_is_drawn_with_all_its_rows():
    rows = pd.DataFrame({"question_id": list("aabbbc"), "y": [1, 1, 0, 0, 0, 1], "n": 1})
    drawn = bootstrap(sums(rows, ["y", "n"]), lambda t: t["n"], draws=3000)
    assert {*drawn} == {2.0 * a + 3 * b + c for a in range(4) for b in range(4) for c in range(4) if a + b + c == 3}


def test_seed_and_chunks(monkeypatch):
    t = several(7)
    one, again, other = (bootstrap(t, RATE, draws=50, seed=seed) for seed in (1, 1, 2))
    np.testing.assert_array_equal(one, again)
    assert not np.array_equal(one, other)
    np.testing.assert_array_equal(bootstrap(t, RATE, draws=20, seed=1), one[:20])
    strata = ["a", "b", "a", "b", "b", "a", "a"]
    apart = bootstrap(t, RATE, draws=50, seed=1, strata=strata)
    for chunk in (1, 7, 100):
        monkeypatch.setattr(MODULE, "CHUNK", chunk)
        np.testing.assert_array_equal(bootstrap(t, RATE, draws=50, seed=1), one)
        np.testing.assert_array_equal(bootstrap(t, RATE, draws=50, seed=1, strata=strata), apart)


def test_memory_is_bounded_by_the_chunk(monkeypatch):
    monkeypatch.setattr(MODULE, "CHUNK", 60)
    assert {part.shape for part in weights(7, 20, seed=0)} == {(8, 7), (4, 7)}


def test_several_statistics_share_their_draws():
    t = several().beside({"z": np.arange(30.0)})
    both = bootstrap(t, lambda x: np.stack([x["y"] / x["n"], x["z"] / x["n"]], axis=-1), draws=200, seed=4)
    assert both.shape == (200, 2)
    np.testing.assert_array_equal(both[:, 0], bootstrap(t, RATE, draws=200, seed=4))
    np.testing.assert_array_equal(both[:, 1], bootstrap(t, Ratio("z", "n"), draws=200, seed=4))


def test_strata_are_drawn_to_their_own_size_and_independently():
    one = np.eye(9)  # a column for each question, so that sums are weights
    t = ClusterSums(pd.Index([f"q{i}" for i in range(9)]), tuple("abcdefghi"), one)
    strata = ["x"] * 4 + ["y"] * 4 + ["z"]
    drawn = bootstrap(t, lambda x: np.stack([x[name] for name in "abcdefghi"], axis=-1), draws=4000, strata=strata)
    assert (drawn[:, :4].sum(axis=1) == 4).all()
    assert (drawn[:, 4:8].sum(axis=1) == 4).all()
    assert (drawn[:, 8] == 1).all()
    assert abs(np.corrcoef(drawn[:, 0], drawn[:, 4])[0, 1]) < 0.06
    assert np.corrcoef(drawn[:, 0], drawn[:, 1])[0, 1] == pytest.approx(-1 / 3, abs=0.06)
    plain = bootstrap(t, lambda x: x["a"] + x["b"] + x["c"] + x["d"], draws=500)
    assert plain.std() > 0.5  # the meta-test: without strata their sizes vary


def test_the_name_of_a_stratum_decides_its_draws():
    t, first = several(6), np.array([True, False] * 3)
    f = [bootstrap(t, RATE, draws=40, strata=[names[i % 2] for i in range(6)]) for names in (("a", "b"), ("b", "a"))]
    assert not np.array_equal(*f)
    parts = [
        bootstrap(t.where(inside), lambda x: x["y"], draws=40, strata=[name] * 3) for name, inside in (("a", first), ("b", ~first))
    ]
    np.testing.assert_array_equal(sum(parts), bootstrap(t, lambda x: x["y"], draws=40, strata=["a", "b"] * 3))


# --- BCa --------------------------------------------------------------------------------------------------------------------


def test_bca_by_hand():
    # Without bias and with an even jackknife it is the percentile interval.
    draws = np.linspace(-1, 1, 2001)
    even = np.array([-1.0, 1.0, -2.0, 2.0])
    found, plain = bca(draws, 0.0, even), percentile(draws)
    assert (found.low, found.high) == pytest.approx((plain.low, plain.high), abs=1e-12)
    assert found.low == pytest.approx(-0.95)
    # 60 % of the draws lie below .2: z0 = .253347; no acceleration: ends at Phi(2 z0 -+ 1.959964) = Phi(-1.453270), Phi(2.466658).
    biased = bca(draws, 0.2, even)
    assert biased.low == pytest.approx(2 * distributions.norm.cdf(-1.453270) - 1, abs=1e-3)
    assert biased.high == pytest.approx(2 * distributions.norm.cdf(2.466658) - 1, abs=1e-3)
    # Values 0, 0, 3 without each question deviate 1, 1, -2 from their mean: a = -6 / (6 x 6^1.5) = -.0680414.
    tilted = bca(draws, 0.0, np.array([0.0, 0.0, 3.0]))
    z = np.array([-1.959964, 1.959964])
    ends = 2 * distributions.norm.cdf(z / (1 + 0.0680414 * z)) - 1
    assert (tilted.low, tilted.high) == pytest.approx(tuple(ends), abs=1e-6)


def test_a_draw_that_equals_the_value_counts_half():
    draws = np.array([0.0] * 100 + [0.1 + 0.2] * 300 + [1.0] * 100)  # .1 + .2 is .3 but for rounding
    without = np.array([-1.0, 1.0])
    assert bca(draws, 0.3, without, 0.8) == Ends(0.0, 1.0)
    assert bca(draws, 0.31, without, 0.8).low > 0.29


def test_bca_agrees_with_scipy():
    t = several(40, seed=8)
    found = distributions.bootstrap(
        (t["y"], t["n"]), lambda y, n, axis: y.sum(axis) / n.sum(axis), paired=True, vectorized=True, n_resamples=20_000,
        method="BCa", rng=np.random.default_rng(1),
    )  # fmt: skip
    ours = estimate(t, RATE, LABEL, interval="bca", draws=20_000, seed=1)
    theirs = found.confidence_interval
    assert (ours.low, ours.high) == pytest.approx((theirs.low, theirs.high), abs=0.1 * found.standard_error)
    assert np.std(bootstrap(t, RATE, draws=20_000), ddof=1) == pytest.approx(found.standard_error, rel=0.03)


NUMBERS = st.lists(st.integers(-1000, 1000), min_size=40, max_size=80, unique=True).map(lambda x: np.array(x) / 8)


@given(NUMBERS, st.integers(1, 9), st.integers(-50, 50))
def test_intervals_move_with_shift_and_scale(numbers, scale, shift):
    without = numbers[:10]
    for one, two in (
        (percentile(numbers), percentile(numbers * scale + shift)),
        (
            bca(numbers, numbers[0], without),
            bca(numbers * scale + shift, numbers[0] * scale + shift, without * scale + shift),
        ),
    ):
        assert two.low == pytest.approx(one.low * scale + shift, rel=1e-6, abs=1e-6, nan_ok=True)
        assert two.high == pytest.approx(one.high * scale + shift, rel=1e-6, abs=1e-6, nan_ok=True)
        assert two.note == one.note


@given(NUMBERS)
def test_mirrored_draws_have_a_mirrored_interval(numbers):
    for one, two in (
        (percentile(numbers), percentile(-numbers)),
        (bca(numbers, numbers[3], numbers[:9]), bca(-numbers, -numbers[3], -numbers[:9])),
    ):
        assert (two.low, two.high) == pytest.approx((-one.high, -one.low), abs=1e-9, nan_ok=True)


# --- What is undefined ------------------------------------------------------------------------------------------------------


def test_few_undefined_draws_are_said_and_many_undo_the_interval():
    draws, without = np.arange(100.0), np.array([-1.0, 1.0])
    draws[:5] = [np.nan, np.inf, -np.inf, np.nan, np.nan]
    for found in (percentile(draws), bca(draws, 50.0, without)):
        assert found.note == "5 of 100 bootstrap draws are undefined and left out"
        assert np.isfinite([found.low, found.high]).all()
    assert (percentile(draws).low, percentile(draws).high) == pytest.approx((7.35, 96.65))
    draws[5] = np.nan
    for found in (percentile(draws), bca(draws, 50.0, without)):
        assert found.note == "6 of 100 bootstrap draws are undefined, so the interval is"
        assert np.isnan([found.low, found.high]).all()
    assert percentile(np.array([])).note == "there is no draw"
    assert bca(np.array([]), 0.0, without).note == "there is no draw"


@pytest.mark.parametrize(
    ("value", "without", "level", "reason"),
    [
        (50.0, [1.0, np.nan], 0.95, "undefined without one of the questions, so the bootstrap cannot be accelerated"),
        (-1.0, [1.0, 2.0], 0.95, "all draws lie to one side of the value, so the bootstrap cannot be corrected for bias"),
        (1000.0, [1.0, 2.0], 0.95, "all draws lie to one side of the value, so the bootstrap cannot be corrected for bias"),
        (98.5, [0.0] * 99 + [-1.0], 0.99999, "the value lies too far out among the draws, so the bootstrap cannot be accelerated"),
    ],
)
def test_where_bca_has_no_meaning(value, without, level, reason):
    found = bca(np.arange(100.0), value, np.array(without), level)
    assert np.isnan([found.low, found.high]).all()
    assert found.note == reason


def test_a_jackknife_that_does_not_vary_does_not_accelerate():
    draws = np.linspace(0, 1, 101)
    assert bca(draws, 0.5, np.ones(5)).low == pytest.approx(percentile(draws).low)


def test_no_question_and_one():
    assert np.isnan(bootstrap(table((1, 1)).where(np.array([False])), RATE, draws=5)).all()
    assert bootstrap(table((1, 4)), RATE, draws=5).tolist() == [0.25] * 5
    assert np.isnan(bootstrap(table((0, 0), (0, 0)), RATE, draws=5)).all()


def test_messages():
    t = table((1, 2), (0, 1))
    with pytest.raises(UsageError, match=r"A bootstrap of 0 draws is not possible; give at least 1, and 10000 for an interval\."):
        bootstrap(t, RATE, draws=0)
    with pytest.raises(UsageError, match=r"There are 1 strata for 2 questions; give one stratum per question\."):
        bootstrap(t, RATE, strata=["a"])
    for missing in (None, float("nan"), ""):
        with pytest.raises(DataError, match=r"Question 'q001' has the stratum .*, which is not a name; name every stratum\."):
            bootstrap(t, RATE, strata=["a", missing])
    with pytest.raises(UsageError, match=r"gives an array of shape \(\) for 9 draws; it must work elementwise"):
        bootstrap(t, lambda x: x["y"].sum(), draws=9)
    with pytest.raises(UsageError, match=r"Unknown column of sums 'z'"):
        bootstrap(t, Ratio("z", "n"))
