"""Shares of draws in which a model comes out largest or smallest."""

import math
from dataclasses import replace

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import stats as distributions

from cotfaith.errors import UsageError
from cotfaith.stats import ClusterSums, Key, Label, Ratio, estimate
from cotfaith.stats.extremes import extreme_shares


def models(*columns, names=None):
    found = []
    for j, column in enumerate(columns):
        ids = pd.Index([f"q{i:03}" for i in range(len(column))] if names is None else names[j], dtype=object)
        table = ClusterSums(ids, ("y", "n"), np.column_stack([column, np.ones(len(column))]))
        found.append(estimate(table, Ratio("y", "n"), Label("m", Key("rate")), interval="t"))
    return found


def noise(columns=3, size=40, seed=1):
    return np.random.default_rng(seed).standard_normal((columns, size))


def test_of_two_the_share_is_about_the_one_sided_p_of_their_difference():
    a, b = noise(2, 200)
    found = extreme_shares(models(a, b + 0.15))
    pair = models(b + 0.15 - a)[0]
    assert found["largest"][1] == pytest.approx(distributions.norm.cdf(pair.value / pair.se), abs=0.02)
    assert found["largest"][0] == found["smallest"][1]
    assert list(found.columns) == ["place", "largest", "smallest", "note"]
    assert (found["place"].tolist(), found["note"].tolist()) == ([0, 1], ["", ""])


def test_a_shared_level_of_the_questions_does_not_blur_the_order():
    level = 100 * noise(1, 50)[0]
    found = extreme_shares(models(level, level + 0.1 + 0.01 * noise(1, 50, 2)[0]), draws=500)
    assert found["largest"].tolist() == [0, 1]


def test_equal_values_share_the_draw():
    a, b, _ = noise()
    found = extreme_shares(models(a, a, b - 9, b - 9, b - 9), draws=300)
    assert found["largest"].tolist() == pytest.approx([1 / 2, 1 / 2, 0, 0, 0])
    assert found["smallest"].tolist() == pytest.approx([0, 0, 1 / 3, 1 / 3, 1 / 3])


@settings(max_examples=25)
@given(seed=st.integers(0, 99), shift=st.floats(-5, 5), order=st.permutations(range(4)))
def test_laws(seed, shift, order):
    parts = models(*noise(4, 12, seed))
    found = extreme_shares(parts, draws=200, seed=seed)
    assert found["largest"].sum() == pytest.approx(1)
    assert found["smallest"].sum() == pytest.approx(1)
    moved = extreme_shares([replace(parts[i], value=parts[i].value + shift) for i in order], draws=200, seed=seed)
    assert moved["largest"].tolist() == pytest.approx(found["largest"][order].tolist())
    flipped = extreme_shares([replace(e, value=-e.value, influence=-e.influence) for e in parts], draws=200, seed=seed)
    assert flipped["smallest"].tolist() == pytest.approx(found["largest"].tolist())


def test_the_seed_decides():
    parts = models(*noise())
    one, again, other = (extreme_shares(parts, draws=200, seed=s) for s in (1, 1, 2))
    pd.testing.assert_frame_equal(one, again)
    assert one["largest"].tolist() != other["largest"].tolist()


def test_questions_in_one_model_only_are_not_left_out():
    a, b = noise(2, 200)
    apart = extreme_shares(models(a, b + 0.15, names=[[f"a{i}" for i in range(200)], [f"b{i}" for i in range(200)]]))
    first, second = models(a)[0], models(b + 0.15)[0]
    z = (second.value - first.value) / math.hypot(first.se, second.se)
    assert apart["largest"][1] == pytest.approx(distributions.norm.cdf(z), abs=0.02)


def test_an_undefined_estimate_leaves_no_shares():
    parts = models(*noise())
    gone = extreme_shares([parts[0], replace(parts[1], value=math.nan, influence=None, note="the denominator is 0")])
    assert gone[["largest", "smallest"]].isna().all(axis=None)
    assert gone["note"].tolist() == ["the estimate at place 1 is undefined: the denominator is 0"] * 2
    one = extreme_shares([parts[0], models([0.5])[0]])
    assert one["largest"].isna().all()
    assert one["note"][0] == "the estimate at place 1 has no spread: one question only, so its spread cannot be told"


def test_a_value_without_spread_is_taken_as_known_and_that_is_said():
    found = extreme_shares([*models(*noise(2)), *models(np.full(40, 9.0), np.full(40, 9.0))], draws=100)
    assert found["largest"].tolist() == [0, 0, 0.5, 0.5]
    assert found["note"][0] == "no question differs from another at place 2, 3, so the value there is taken as known"


def test_few_models():
    alone = extreme_shares(models(noise(1)[0]), draws=10)
    assert alone.loc[0, ["largest", "smallest"]].tolist() == [1, 1]
    none = extreme_shares([])
    assert (len(none), list(none.columns)) == (0, ["place", "largest", "smallest", "note"])
    with pytest.raises(UsageError, match=r"A share of 0 draws is undefined; give draws=10000, or at least 1\."):
        extreme_shares(models(*noise()), draws=0)
