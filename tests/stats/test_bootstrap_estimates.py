"""Bootstrap intervals of estimates: how they are named, the outcome of every edge, and what is refused."""

import numpy as np
import pandas as pd
import pytest

from cotfaith.errors import UsageError
from cotfaith.stats import Key, Label, Ratio, estimate, sums
from cotfaith.stats.bootstrap import bca, bootstrap, percentile

LABEL = Label("m", Key("rate"))
RATE = Ratio("y", "n")


def table(*pairs):
    """Sums of one (y, n) a question."""
    return sums(pd.DataFrame([{"question_id": f"q{i:03}", "y": y, "n": n} for i, (y, n) in enumerate(pairs)]), ["y", "n"])


def several():
    random = np.random.default_rng(3)
    n = random.integers(1, 6, 30)
    return table(*zip(random.binomial(n, random.beta(1, 2, 30)), n, strict=True))


def test_the_estimate_says_how_its_interval_was_drawn():
    t = several()
    linear = estimate(t, RATE, LABEL, interval="t")
    drawn = bootstrap(t, RATE, draws=500, seed=7)
    found = estimate(t, RATE, LABEL, interval="percentile", draws=500, seed=7)
    assert found.method == "percentile bootstrap of questions, 500 draws, seed 7"
    assert (found.low, found.high) == (percentile(drawn).low, percentile(drawn).high)
    assert (found.value, found.se, found.df, found.p) == (linear.value, linear.se, linear.df, None)
    pd.testing.assert_series_equal(found.influence, linear.influence)
    accelerated = estimate(t, RATE, Label("m", Key("rate"), rule="trace-weighted"), interval="bca", draws=500, seed=7)
    assert accelerated.method == "trace-weighted; BCa bootstrap of questions, 500 draws, seed 7"
    without = (t["y"].sum() - t["y"]) / (t["n"].sum() - t["n"])
    expected = bca(drawn, linear.value, without)
    assert (accelerated.low, accelerated.high) == (expected.low, expected.high)
    narrower = estimate(t, RATE, LABEL, interval="bca", level=0.8, draws=500, seed=7)
    assert accelerated.low < narrower.low < narrower.value < narrower.high < accelerated.high


@pytest.mark.parametrize("interval", ["percentile", "bca"])
def test_edges_have_the_outcome_that_they_have_without_a_bootstrap(interval):
    for t, support in (
        (table(*[(1, 4)] * 20), None),
        (table(*[(1, 4)] * 20), (0.0, 1.0)),
        (table((1, 4), (0, 0)), None),
        (table((0, 0), (0, 0)), None),
    ):
        plain, found = (estimate(t, RATE, LABEL, interval=how, support=support) for how in ("t", interval))
        assert (found.method, found.note) == (plain.method, plain.note)
        assert (found.value, found.se, found.low, found.high) == pytest.approx(
            (plain.value, plain.se, plain.low, plain.high), nan_ok=True, rel=1e-12
        )


def test_a_small_denominator_is_undefined_with_its_reason():
    rows = pd.DataFrame({"question_id": [f"q{i}" for i in range(8)], "y": [1, 0] * 4, "m": [1, 2, 0, 0, 0, 0, 0, 0], "n": 1})
    t = sums(rows, ["y", "m", "n"])
    found = estimate(t, Ratio("y", "m"), LABEL, count="n", interval="percentile", draws=1000)
    assert np.isnan([found.low, found.high]).all()
    assert found.se > 0
    assert found.method == "no interval"
    gone = int(
        np.isinf(bootstrap(t, Ratio("y", "m"), draws=1000)).sum() + np.isnan(bootstrap(t, Ratio("y", "m"), draws=1000)).sum()
    )
    assert 60 < gone < 150  # (6/8)^8 of them
    few = "only 8 questions, so the interval may be too narrow"
    assert found.note == f"{gone} of 1000 bootstrap draws are undefined, so the interval is; {few}"
    alone = sums(rows.assign(m=[1, 0, 0, 0, 0, 0, 0, 0]), ["y", "m", "n"])
    assert estimate(alone, Ratio("y", "m"), LABEL, count="n", interval="bca", draws=100).method == "no interval"


def test_the_interval_stays_in_the_support():
    t = several()
    found = estimate(t, RATE, LABEL, interval="percentile", support=(0.3, 0.4), draws=200)
    assert (found.low, found.high) == (0.3, 0.4)


def test_messages_of_the_engine():
    t = several()
    with pytest.raises(UsageError, match=r"10 draws are too few for an interval at level 0\.95; give at least 40\."):
        estimate(t, RATE, LABEL, interval="bca", draws=10)
    with pytest.raises(UsageError, match=r"The interval 'bca' has no test; omit null, or use the interval 't'\."):
        estimate(t, RATE, LABEL, interval="bca", null=0.0)
    with pytest.raises(UsageError, match=r"Unknown interval of an estimate 'percentil': did you mean 'percentile'\?"):
        estimate(t, RATE, LABEL, interval="percentil")
    with pytest.raises(UsageError, match=r"Unknown kind of an estimate 'share'"):
        estimate(t, RATE, LABEL, kind="share")
    with pytest.raises(UsageError, match=r"has the effective-n Wilson interval; use kind 'smooth' for the interval 'bca'\."):
        estimate(t, RATE, LABEL, kind="proportion", interval="bca")
