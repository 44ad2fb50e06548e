"""Means over tasks: for these tasks and for tasks like these, pooled with weights, and where a task has no estimate."""

import math

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy import stats as distributions
from statsmodels.stats.meta_analysis import combine_effects

from cotfaith.errors import UsageError
from cotfaith.stats import ClusterSums, Key, Label, Ratio, estimate
from cotfaith.stats.tasks import macro, pooled

LABEL = Label("m", Key("drop"), rule="trace-weighted")


def task(name, values, level=0.95):
    ids = pd.Index([f"{name}{i:03}" for i in range(len(values))], dtype=object)
    table = ClusterSums(ids, ("y", "n"), np.column_stack([np.array(values, dtype=float), np.ones(len(values))]))
    return estimate(table, Ratio("y", "n"), LABEL, interval="t", level=level)


def several(seed=1, tasks=6, between=0.1, size=30):
    random = np.random.default_rng(seed)
    return {f"t{k}": random.normal(0.2 + between * random.standard_normal(), 0.3, size + 5 * k) for k in range(tasks)}


def made(data, **more):
    return {name: task(name, values, **more) for name, values in data.items()}


def test_these_tasks_by_hand():
    data = several()
    found = macro(made(data), LABEL)
    assert found.value == pytest.approx(np.mean([values.mean() for values in data.values()]))
    assert found.se == pytest.approx(math.sqrt(sum(values.var(ddof=1) / len(values) for values in data.values())) / 6)
    assert (found.n, found.clusters, found.missing) == (255, 255, 0)
    assert 35 < found.df < 255
    assert found.method.startswith("trace-weighted; mean of 6 tasks; from the intervals of the tasks, t(")
    assert len(found.influence) == 255


def test_tasks_like_these_by_hand():
    data = several()
    found, expected = macro(made(data), LABEL, tasks="random"), distributions.ttest_1samp([v.mean() for v in data.values()], 0)
    interval = expected.confidence_interval()
    assert (found.p, found.df) == (pytest.approx(expected.pvalue), 5)
    assert (found.low, found.high) == pytest.approx((interval.low, interval.high))
    assert (found.method, found.clusters, found.n) == ("trace-weighted; mean of 6 tasks; tasks as the sample, t(5)", 6, 255)
    against = macro(made(data), LABEL, tasks="random", null=0.2)
    assert against.p == pytest.approx(distributions.ttest_1samp([v.mean() for v in data.values()], 0.2).pvalue)


def test_differences_over_the_same_tasks_are_paired_by_task():
    one, two = several(), several(seed=2)
    found = macro(made(one), LABEL, tasks="random") - macro(made(two), LABEL, tasks="random")
    expected = distributions.ttest_rel([one[name].mean() for name in one], [two[name].mean() for name in one])
    assert (found.p, found.df) == (pytest.approx(expected.pvalue), 5)


def test_questions_that_tasks_share_bring_their_covariance():
    values = np.random.default_rng(4).random(40)
    twice = {"a": task("q", values), "b": task("q", values)}
    assert macro(twice, LABEL).se == pytest.approx(twice["a"].se)
    apart = {"a": task("q", values), "b": task("p", values)}
    assert macro(apart, LABEL).se == pytest.approx(twice["a"].se / math.sqrt(2))


def test_one_task_is_itself_and_says_nothing_of_others():
    lone = made(several(tasks=1))
    there, like = macro(lone, LABEL), macro(lone, LABEL, tasks="random")
    assert (there.value, there.low, there.high) == pytest.approx((lone["t0"].value, lone["t0"].low, lone["t0"].high))
    assert like.value == there.value
    assert np.isnan([like.se, like.low, like.high, like.df]).all()
    assert (like.p, like.method, like.note) == (None, "no interval", "one task only, so the spread of tasks cannot be told")
    assert pooled(lone, LABEL).estimate.note == like.note
    assert pooled(lone, LABEL).estimate.value == like.value


def test_an_undefined_task_makes_the_mean_undefined_and_is_named():
    estimates = made(several()) | {"none": task("n", [])}
    said = "task 'none' is undefined: the denominator is 0: 0 units entered, 0 missing"
    for found in (macro(estimates, LABEL), macro(estimates, LABEL, tasks="random"), pooled(estimates, LABEL).estimate):
        assert np.isnan([found.value, found.se, found.low, found.high]).all()
        assert (found.p, found.method, found.note) == (None, "undefined", said)


def test_a_task_of_one_question_has_a_value_and_no_spread():
    estimates = made(several()) | {"lone": task("l", [0.4])}
    there, like, weighed = macro(estimates, LABEL), macro(estimates, LABEL, tasks="random"), pooled(estimates, LABEL)
    assert math.isfinite(there.value)
    assert math.isnan(there.low)
    assert there.note == "task 'lone' has no interval: one question only, so its spread cannot be told"
    assert like.low < like.value < like.high
    assert np.isnan([weighed.estimate.value, weighed.tau2, weighed.q, weighed.p_q, weighed.i2]).all()
    assert weighed.estimate.note == "task 'lone' has no spread, so it cannot be weighted"


def test_equal_tasks_have_no_interval_of_width_zero():
    values = np.random.default_rng(4).random(40)
    found = macro({name: task(name, values) for name in "abc"}, LABEL, tasks="random")
    these = macro({name: task(name, values) for name in "abc"}, LABEL)
    assert found.se == 0
    assert (found.low, found.high) == (these.low, these.high)  # never narrower than the claim about these tasks
    assert these.low < found.value < these.high
    weighed = pooled({name: task(name, values) for name in "abc"}, LABEL)
    assert (weighed.tau2, weighed.q, weighed.i2) == (0, pytest.approx(0, abs=1e-12), 0)
    assert weighed.estimate.se == pytest.approx(task("a", values).se / math.sqrt(3))  # no narrower than the questions' own


@given(st.integers(0, 10_000), st.integers(2, 15), st.sampled_from([0.0, 0.05, 0.2]))
def test_pooling_agrees_with_statsmodels(seed, tasks, between):
    estimates = made(several(seed, tasks, between, size=10))
    y, v = (np.array(numbers) for numbers in zip(*((e.value, e.se**2) for e in estimates.values()), strict=True))
    found = pooled(estimates, LABEL)
    # With its own tolerance, statsmodels' iteration never passes the root; with a finer one it can, and then returns 0.
    expected = combine_effects(y, v, method_re="pm", use_t=True)
    assert found.tau2 == pytest.approx(expected.tau2, rel=1e-3, abs=1e-9)
    assert found.estimate.value == pytest.approx(expected.mean_effect_re, abs=1e-6)
    assert found.estimate.se == pytest.approx(max(expected.sd_eff_w_re_hksj, expected.sd_eff_w_re), rel=1e-3)
    assert found.q == pytest.approx(expected.q)
    simple = pooled(estimates, LABEL, method="dl")
    with np.errstate(invalid="ignore"):  # statsmodels goes on with a negative variance between tasks
        moments = combine_effects(y, v, method_re="dl")
        interval = moments.conf_int()[1 if moments.tau2 > 0 else 0]
    assert simple.tau2 == pytest.approx(max(0.0, moments.tau2))
    assert simple.i2 == pytest.approx(max(0.0, moments.i2))
    assert (simple.estimate.low, simple.estimate.high) == pytest.approx(tuple(interval))


def test_pooling_keeps_the_root_that_statsmodels_can_lose():
    lost = 0
    for seed in range(40):
        estimates = made(several(seed, 8, 0.2, size=10))
        y, v = (np.array(numbers) for numbers in zip(*((e.value, e.se**2) for e in estimates.values()), strict=True))
        tau2 = pooled(estimates, LABEL).tau2
        assert np.sum((y - np.average(y, weights=1 / (v + tau2))) ** 2 / (v + tau2)) == pytest.approx(7, rel=1e-9)
        lost += combine_effects(y, v, method_re="pm", use_t=True, atol=1e-12).tau2 == 0
    assert lost > 0  # why it is not used: once this fails, it can be


@given(st.integers(0, 10_000), st.sampled_from([0.0, 0.2]))
def test_reml_maximises_the_restricted_likelihood(seed, between):
    estimates = made(several(seed, 6, between))
    y, v = (np.array(numbers) for numbers in zip(*((e.value, e.se**2) for e in estimates.values()), strict=True))

    def likelihood(tau2):
        w = 1 / (v + tau2)
        return -0.5 * (-np.log(w).sum() + np.log(w.sum()) + (w * (y - (w * y).sum() / w.sum()) ** 2).sum())

    tau2 = pooled(estimates, LABEL, method="reml").tau2
    assert all(likelihood(tau2) >= likelihood(other) - 1e-9 for other in np.geomspace(1e-7, 1, 50))


def test_pooling_weighs_by_certainty():
    certain, vague = np.tile([0.0, 0.2], 500), np.tile([-1.0, 2.0], 5)
    found = pooled({"a": task("a", certain), "b": task("b", vague)}, LABEL)
    assert found.tau2 == 0
    assert 0.1 < found.estimate.value < 0.11
    assert found.estimate.df == 1
    assert found.estimate.influence is None
    assert found.estimate.method == "trace-weighted; random effects over 2 tasks (Paule-Mandel, Hartung-Knapp, t(1))"
    assert (found.estimate.n, found.estimate.clusters, found.tasks) == (1010, 1010, 2)


def test_tasks_like_these_cover_the_mean_of_all_tasks():
    covered = dict.fromkeys(("fixed", "random", "pm"), 0)
    for seed in range(100):
        estimates = made(several(seed, 6, 0.1))
        fixed, like, weighed = macro(estimates, LABEL), macro(estimates, LABEL, tasks="random"), pooled(estimates, LABEL).estimate
        for name, one in zip(covered, (fixed, like, weighed), strict=True):
            covered[name] += one.low <= 0.2 <= one.high
    assert covered["fixed"] < 0.8 * 100
    assert covered["random"] > 0.9 * 100
    assert covered["pm"] > 0.9 * 100


def test_what_cannot_be_pooled_is_refused():
    estimates = made(several())
    with pytest.raises(UsageError, match="Unknown view of tasks 'randm': did you mean 'random'"):
        macro(estimates, LABEL, tasks="randm")
    with pytest.raises(UsageError, match="Unknown method of pooling 'rem': did you mean 'reml'"):
        pooled(estimates, LABEL, method="rem")
    for view in (macro, pooled):
        with pytest.raises(
            UsageError, match="0 estimates cannot be combined with 0 weights; give one weight for each, and at least"
        ):
            view({}, LABEL)
        with pytest.raises(UsageError, match="cannot be combined; compute both at one level"):
            view(estimates | {"other": task("o", [1.0, 2.0], level=0.9)}, LABEL)


def test_tasks_that_share_a_question_are_not_pooled():
    found = pooled({"a": task("q", [0.1, 0.4, 0.2]), "b": task("q", [0.3, 0.1, 0.2])}, LABEL)
    assert math.isnan(found.estimate.value)
    assert found.estimate.note == "tasks 'a' and 'b' share the question 'q000', but the weighted mean needs independent tasks"
