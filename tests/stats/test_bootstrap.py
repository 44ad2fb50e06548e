"""The bootstrap by question: examples by hand, agreement with scipy, laws, and a defined outcome for every edge."""

import math
from importlib import import_module

import numpy as np
import pandas as pd
import pytest
from scipy import stats as distributions

from cotfaith.errors import UsageError
from cotfaith.stats import Ratio, sums
from cotfaith.stats.bootstrap import bootstrap, weights

MODULE = import_module("cotfaith.stats.bootstrap")
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
    for chunk in (1, 7, 100):
        monkeypatch.setattr(MODULE, "CHUNK", chunk)
        np.testing.assert_array_equal(bootstrap(t, RATE, draws=50, seed=1), one)


def test_memory_is_bounded_by_the_chunk(monkeypatch):
    monkeypatch.setattr(MODULE, "CHUNK", 60)
    assert {part.shape for part in weights(7, 20, seed=0)} == {(8, 7), (4, 7)}


def test_several_statistics_share_their_draws():
    t = several().beside({"z": np.arange(30.0)})
    both = bootstrap(t, lambda x: np.stack([x["y"] / x["n"], x["z"] / x["n"]], axis=-1), draws=200, seed=4)
    assert both.shape == (200, 2)
    np.testing.assert_array_equal(both[:, 0], bootstrap(t, RATE, draws=200, seed=4))
    np.testing.assert_array_equal(both[:, 1], bootstrap(t, Ratio("z", "n"), draws=200, seed=4))


def test_the_spread_of_draws_agrees_with_scipy():
    t = several(40, seed=8)
    found = distributions.bootstrap(
        (t["y"], t["n"]), lambda y, n, axis: y.sum(axis) / n.sum(axis), paired=True, vectorized=True, n_resamples=20_000,
        rng=np.random.default_rng(1),
    )  # fmt: skip
    assert np.std(bootstrap(t, RATE, draws=20_000), ddof=1) == pytest.approx(found.standard_error, rel=0.03)


def test_no_question_and_one():
    assert np.isnan(bootstrap(table((1, 1)).where(np.array([False])), RATE, draws=5)).all()
    assert bootstrap(table((1, 4)), RATE, draws=5).tolist() == [0.25] * 5
    assert np.isnan(bootstrap(table((0, 0), (0, 0)), RATE, draws=5)).all()


def test_messages():
    t = table((1, 2), (0, 1))
    with pytest.raises(UsageError, match=r"A bootstrap of 0 draws is not possible; give at least 1\."):
        bootstrap(t, RATE, draws=0)
    with pytest.raises(UsageError, match=r"gives an array of shape \(\) for 9 draws; it must work elementwise"):
        bootstrap(t, lambda x: x["y"].sum(), draws=9)
    with pytest.raises(UsageError, match=r"Unknown column of sums 'z'"):
        bootstrap(t, Ratio("z", "n"))
