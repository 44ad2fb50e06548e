"""Simultaneous bands: they hold the whole curve, follow their seed, and have a way out where a bootstrap has none."""

from importlib import import_module

import numpy as np
import pandas as pd
import pytest

from cotfaith.errors import UsageError
from cotfaith.stats import Key, Label, Ratio, band, estimate, sums
from cotfaith.stats.bootstrap import weights

POINTS = 6
CURVE = [Ratio(f"y{j}", "n") for j in range(POINTS)]


def table(random, size=50, samples=4):
    """Shares at POINTS points with question effects, as correlated as early answering is."""
    chance = np.clip(0.5 + 0.2 * random.standard_normal((size, 1)) + 0.1 * random.standard_normal((size, POINTS)), 0, 1)
    rows = {"question_id": [f"q{i:03}" for i in range(size)], "n": samples}
    return sums(
        pd.DataFrame(rows | {f"y{j}": random.binomial(samples, chance[:, j]) for j in range(POINTS)}),
        ["n", *(r.numerator for r in CURVE)],
    )


def test_the_whole_curve_lies_inside_as_often_as_it_should():
    random = np.random.default_rng(11)
    inside = alone = 0
    truth = 0.5
    for _ in range(150):
        t = table(random)
        found = band(t, CURVE, support=(0.0, 1.0), draws=400, seed=1)
        inside += bool(np.all((found.low <= truth) & (truth <= found.high)))
        points = [estimate(t, ratio, Label("m", Key("x")), kind="proportion") for ratio in CURVE]
        alone += all(p.low <= truth <= p.high for p in points)
    assert 0.9 <= inside / 150 <= 0.99
    assert alone / 150 < 0.9  # the meta-test: intervals for each point do not hold the curve


def test_the_seed_decides_the_draws_and_chunks_do_not(monkeypatch):
    t = table(np.random.default_rng(2))
    one, again, other = (band(t, CURVE, support=(0.0, 1.0), draws=500, seed=s) for s in (1, 1, 2))
    assert one.method == "simultaneous bootstrap-t band, 500 draws, seed 1"
    np.testing.assert_array_equal(one.low, again.low)
    assert not np.array_equal(one.low, other.low)
    monkeypatch.setattr(import_module("cotfaith.stats.bootstrap"), "CHUNK", 1000)
    np.testing.assert_array_equal(band(t, CURVE, support=(0.0, 1.0), draws=500, seed=1).low, one.low)


def test_each_draw_takes_as_many_questions_as_there_are():
    drawn = np.concatenate(list(weights(7, 25, seed=3)))
    assert drawn.shape == (25, 7)
    assert (drawn.sum(axis=1) == 7).all()
    assert drawn.std() > 0.5


def test_points_without_spread_get_their_own_interval():
    t = table(np.random.default_rng(4)).beside({"all": np.full(50, 4.0), "never": np.zeros(50)})
    found = band(t, [*CURVE, Ratio("all", "n"), Ratio("n", "never")], support=(0.0, 1.0), draws=300)
    assert found.high[-2] == 1
    assert 0.8 < found.low[-2] < 0.93  # Wilson for 0 of 50 deviating, at one share of seven of the error
    assert np.isnan(found.low[-1])
    assert np.isfinite(found.low[:-1]).all()
    smooth = band(t, [*CURVE, Ratio("all", "n")], support=(-1.0, 1.0), kind="smooth", draws=300)
    assert smooth.low[-1] < 1


def test_a_handful_of_questions_falls_back_on_bonferroni():
    rows = pd.DataFrame({"question_id": list("abc"), "y": [0.1, 0.5, 0.4], "n": 1.0})
    found = band(sums(rows, ["y", "n"]), [Ratio("y", "n")], support=(-1.0, 1.0), kind="smooth", draws=200)
    assert found.method == "simultaneous Bonferroni intervals"
    alone = estimate(sums(rows, ["y", "n"]), Ratio("y", "n"), Label("m", Key("y")), support=(-1.0, 1.0))
    assert (found.low[0], found.high[0]) == (pytest.approx(alone.low), pytest.approx(alone.high))


def test_one_question_has_no_band_and_no_point_no_curve():
    rows = pd.DataFrame({"question_id": ["a"], "y": [1], "n": [2]})
    assert np.isnan(band(sums(rows, ["y", "n"]), [Ratio("y", "n")], support=(0.0, 1.0)).low[0])
    with pytest.raises(UsageError, match=r"A band needs a curve of at least one point\."):
        band(sums(rows, ["y", "n"]), [], support=(0.0, 1.0))


@pytest.mark.parametrize("seed", range(20))
def test_rounding_in_the_sums_decides_nothing(seed):
    """Values such as 0.1 + 0.2 - 0.3 differ in their last bit with the order of a sum; a draw of equal questions has no spread."""
    random = np.random.default_rng(seed)
    size = int(random.integers(3, 9))
    rows = {"question_id": [f"q{i}" for i in range(size)], "n": 3.0}
    ys = {f"y{j}": 3 * random.choice([0.1, 0.3, 0.7], size) for j in range(POINTS)}
    moved = {name: y * (1 + random.choice([-4e-16, 0, 4e-16], size)) for name, y in ys.items()}
    one, other = (
        band(sums(pd.DataFrame(rows | those), ["n", *ys]), CURVE, support=(-1.0, 1.0), kind="smooth", draws=400)
        for those in (ys, moved)
    )
    assert one.method == other.method
    np.testing.assert_allclose([one.low, one.high], [other.low, other.high], rtol=1e-9)
