"""Two lines: planted peaks and troughs are found, and a slope that is no V is not taken for one."""

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
from cotfaith.stats.two_lines import two_lines

X = np.array([0.0, 1.0, 2.0, 3.0, 5.0])
PEAK = np.array([0.0, 0.3, 0.6, 0.4, 0.0])


def models(means, size=50, seed=1, noise=0.5):
    random = np.random.default_rng(seed)
    y = np.asarray(means) + random.standard_normal((size, 1)) + noise * random.standard_normal((size, len(means)))
    ids = pd.Index([f"q{i:03}" for i in range(size)], dtype=object)
    tables = [ClusterSums(ids, ("y", "n"), np.column_stack([column, np.ones(size)])) for column in y.T]
    return [estimate(table, Ratio("y", "n"), Label("m", Key("rate")), interval="t") for table in tables]


def test_the_break_belongs_to_both_sides():
    parts = models(PEAK)
    found = two_lines(parts, X, 2)
    values = np.array([e.value for e in parts])
    assert found.up.value == pytest.approx(np.polyfit(X[:3], values[:3], 1)[0])
    assert found.down.value == pytest.approx(np.polyfit(X[2:], values[2:], 1)[0])
    between = two_lines(parts, X, 1.5)
    assert between.up.value == pytest.approx(values[1] - values[0])
    assert between.down.value == pytest.approx(found.down.value)


def test_each_slope_is_tested_on_one_side_by_question():
    parts = models(PEAK)
    y = np.column_stack([e.pseudo_values() for e in parts])
    found = two_lines(parts, X, 2)
    left, right = np.polyfit(X[:3], y[:, :3].T, 1)[0], np.polyfit(X[2:], y[:, 2:].T, 1)[0]
    assert found.p_up == pytest.approx(distributions.ttest_1samp(left, 0, alternative="greater").pvalue)
    assert found.p_down == pytest.approx(distributions.ttest_1samp(right, 0, alternative="less").pvalue)
    assert found.p == max(found.p_up, found.p_down)
    assert (found.p < 0.001, found.note, found.shape, found.at) == (True, "", "inverted V", 2.0)
    assert (found.up.metric, found.down.metric) == ("slope on the left of rate", "slope on the right of rate")


def test_a_trough_is_a_peak_upside_down():
    parts = models(PEAK)
    down = [replace(e, value=-e.value, influence=-e.influence) for e in parts]
    peak, trough = two_lines(parts, X, 2), two_lines(down, X, 2, "V")
    assert (trough.p_down, trough.p_up, trough.p) == pytest.approx((peak.p_up, peak.p_down, peak.p))
    assert (trough.down.value, trough.up.value) == pytest.approx((-peak.up.value, -peak.down.value))
    assert two_lines(parts, X, 2, "V").p == pytest.approx(1 - min(peak.p_up, peak.p_down))


def test_a_line_is_no_peak():
    for slope in (0.3, -0.3):
        assert two_lines(models(slope * X), X, 2).p > 0.5


def test_a_break_in_another_last_digit_is_the_same_model():
    sizes = np.array([0.5, 7.0, 14.0, 32.0])
    parts, x = models(PEAK[:4]), np.log10(sizes)
    exact, off = two_lines(parts, x, float(x[1])), two_lines(parts, x, float(np.nextafter(x[1], 9)))
    assert off.down.value == exact.down.value
    assert off.up.value == exact.up.value


@settings(max_examples=25)
@given(shift=st.floats(-5, 5), scale=st.floats(0.1, 10), order=st.permutations(range(5)))
def test_what_it_does_not_depend_on(shift, scale, order):
    parts = models(PEAK, size=10)
    found = two_lines(parts, X, 2)
    moved = two_lines([replace(parts[i], value=parts[i].value + shift) for i in order], scale * X[order], 2 * scale)
    assert (moved.p_up, moved.p_down) == pytest.approx((found.p_up, found.p_down), rel=1e-6, abs=1e-12)
    assert moved.up.value * scale == pytest.approx(found.up.value, rel=1e-6, abs=1e-9)


def test_without_a_peak_it_is_seldom_found():
    found = [two_lines(models(np.zeros(5), size=25, seed=seed), X, 2).p < 0.05 for seed in range(60)]
    ridge = [two_lines(models(np.minimum(X, 2), size=25, seed=seed), X, 2).p < 0.05 for seed in range(200)]
    assert sum(found) <= 3  # both slopes have to come out
    assert 0.01 <= sum(ridge) / 200 <= 0.1  # the edge of the null: one slope is there, the other 0


@pytest.mark.parametrize(
    ("at", "up", "down"),
    [(0, "it takes 2 models, not 1", ""), (5, "", "it takes 2 models, not 1"), (-1, "it takes 2 models, not 0", "")],
)
def test_a_side_without_two_models_is_undefined(at, up, down):
    found = two_lines(models(PEAK), X, at)
    assert (found.up.note, found.down.note) == (up, down)
    assert math.isnan(found.p)
    assert found.note == (f"up: {up}" if up else f"down: {down}")
    assert math.isnan(found.p_up) == bool(up)


def test_an_undefined_model_leaves_its_side_undefined():
    parts = models(PEAK)
    parts[0] = replace(parts[0], value=math.nan, influence=None, note="the denominator is 0")
    found = two_lines(parts, X, 2)
    assert found.note == "up: the estimate of model 1 of 3 is undefined: the denominator is 0"
    assert math.isnan(found.p)
    assert math.isfinite(found.p_down)
    assert math.isnan(found.up.value)


def test_a_model_of_unknown_size_could_be_on_either_side():
    found = two_lines(models(PEAK), [0, 1, 2, math.nan, 5], 2)
    assert found.note == "up: the x of model 4 of 4 is nan; down: the x of model 2 of 3 is nan"


def test_equal_questions_have_slopes_and_no_p():
    found = two_lines(models(PEAK, noise=0.0), X, 2)
    assert found.up.value == pytest.approx(0.3)
    assert math.isnan(found.p)
    assert "up: no question differs from another, so the spread cannot be told" in found.note


def test_no_models_at_all():
    assert two_lines([], [], 2).note == "up: it takes 2 models, not 0; down: it takes 2 models, not 0"


def test_messages_for_wrong_use():
    with pytest.raises(UsageError, match=r"Unknown shape 'v': known are: V, inverted V\."):
        two_lines(models(PEAK), X, 2, "v")
    with pytest.raises(UsageError, match=r"5 estimates do not fit 2 values of x"):
        two_lines(models(PEAK), X[:2], 2)
    with pytest.raises(UsageError, match=r"The break is nan; give the number on the scale of x at which the shape turns\."):
        two_lines(models(PEAK), X, math.nan)
