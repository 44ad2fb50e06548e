"""Estimates: worked examples by hand, laws, agreement with statsmodels, and a defined outcome for every edge."""

import math
import warnings

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy import stats as distributions

from cotfaith.errors import UsageError
from cotfaith.stats import Key, Label, Missing, Ratio, estimate, intervals, sums
from cotfaith.stats.statistic import influences

LABEL = Label("m", Key("rate"), direction="Larger: more.", rule="trace-weighted")
RATE = Ratio("y", "n")


def table(*pairs):
    """Sums of one (y, n) a question."""
    return sums(pd.DataFrame([{"question_id": f"q{i:03}", "y": y, "n": n} for i, (y, n) in enumerate(pairs)]), ["y", "n"])


def test_linearised_and_jackknife_by_hand():
    # p = 1/4; h = (y - p n)/4 = 3/16, -3/16; SE^2 = 2 (2 x 9/256) = 9/64. Without the first question 0, without the second 1: SE^2 = 1/2 x 1/2.
    uneven = table((1, 1), (0, 3))
    linear = estimate(uneven, RATE, LABEL, interval="t")
    assert (linear.value, linear.n, linear.clusters, linear.df) == (0.25, 4, 2, 1)
    assert linear.se == pytest.approx(3 / 8, rel=1e-9)
    assert linear.method == "trace-weighted; linearised, t(1)"
    assert linear.influence.tolist() == pytest.approx([3 / 16, -3 / 16])
    assert linear.influence.index.tolist() == ["q000", "q001"]
    assert estimate(uneven, RATE, LABEL).se == pytest.approx(0.5)


def test_t_interval_by_hand():
    """Three questions with two units each: effective questions are questions."""
    # h = 0, 1/6, -1/6; SE^2 = 3/2 x 2/36 = 1/12; t(2) at 95 percent is 4.302653
    found = estimate(table((1, 2), (2, 2), (0, 2)), RATE, LABEL, null=0.0)
    assert found.se == pytest.approx(math.sqrt(1 / 12))
    assert found.high == pytest.approx(0.5 + 4.302653 * math.sqrt(1 / 12), rel=1e-6)
    assert found.low == pytest.approx(0.5 - 4.302653 * math.sqrt(1 / 12), rel=1e-6)
    t = 0.5 * math.sqrt(12)  # with 2 degrees of freedom P(|T| > t) = 1 - t / sqrt(t^2 + 2)
    assert found.p == pytest.approx(1 - t / math.sqrt(t**2 + 2))
    inside = estimate(table((1, 2), (2, 2), (0, 2)), RATE, LABEL, support=(0.0, 1.0))
    assert 0 < inside.low < 0.5 < inside.high < 1
    clipped = estimate(table((1, 2), (2, 2), (0, 2)), RATE, LABEL, support=(0.0, 1.0), interval="t")
    assert (clipped.low, clipped.high) == (0.0, 1.0)


@pytest.mark.parametrize(("clusters", "method"), [(49, "jackknife, t(48)"), (50, "linearised, t(49)")])
def test_the_jackknife_takes_over_below_fifty_questions(clusters, method):
    found = estimate(table(*[(i % 2, 3) for i in range(clusters)]), RATE, Label("m", Key("rate")))
    assert found.method == method
    assert found.note == ""


def test_effective_questions_decide_and_not_their_number():
    """One question with 60 % of the units: 200 questions are worth 2.8, so the jackknife and t(1.8) apply, and the note says so."""
    found = estimate(table((298, 298), *[(i % 2, 1) for i in range(199)]), RATE, LABEL, support=(0.0, 1.0))
    effective = (298 + 199) ** 2 / (298**2 + 199)
    assert found.df == pytest.approx(effective - 1)
    assert found.note == "the 200 questions have very different numbers of units and count as 2.8, so the interval is wide"
    assert found.high - found.low > 0.5
    alike = estimate(table(*[(i % 2, 1) for i in range(200)]), RATE, LABEL, support=(0.0, 1.0))
    assert (alike.df, alike.note) == (199, "")


def test_a_rare_effect_has_an_interval_that_reaches_beyond_what_was_seen():
    """One of 40 questions gains and none loses: t gives [-.03, .08]. The gains may be as frequent as Wilson allows for 1 of 40."""
    rows = table((1, 1), *[(0, 1)] * 39)
    found = estimate(rows, RATE, LABEL, support=(-1.0, 1.0), null=0.0)
    q = 2.0226909  # t(39)

    def wilson(share, size):
        half = q * math.sqrt(share * (1 - share) / size + q**2 / (4 * size**2)) / (1 + q**2 / size)
        centre = (share + q**2 / (2 * size)) / (1 + q**2 / size)
        return centre - half, centre + half

    assert found.value == 0.025
    # The effective size of the gains is 39, since SE^2 has G/(G-1). Without a loss the effective size is 40, and nothing correlates.
    (low, high), (_, losses) = wilson(0.025, 39), wilson(0.0, 40)
    assert found.high == pytest.approx(high, rel=1e-6)
    assert found.low == pytest.approx(0.025 - math.hypot(0.025 - low, losses), rel=1e-6)
    assert found.note == "only 1 question with a value other than 0, so the interval is wide"
    nothing = estimate(table(*[(0, 1)] * 40), RATE, LABEL, support=(-1.0, 1.0), null=0.0)
    assert nothing.low == -nothing.high < 0
    assert nothing.p == 1


def test_the_test_of_a_bounded_mean_is_its_interval_turned_round():
    rows = table(*[(1, 2)] * 9, *[(-1, 1)] * 2, *[(0, 1)] * 49)
    found = estimate(rows, RATE, LABEL, support=(-1.0, 1.0), null=0.0)
    at = estimate(rows, RATE, LABEL, support=(-1.0, 1.0), null=0.0, level=1 - found.p)
    assert at.low == pytest.approx(0, abs=1e-6)
    assert estimate(rows, RATE, LABEL, support=(-1.0, 1.0), null=found.low).p == pytest.approx(0.05, abs=1e-6)


def test_effective_n_wilson_by_hand():
    # Twelve questions of 0 in 4: SE is 0, so the effective size is 12; q = t(11) = 2.200985, the upper end is (q^2/12)/(1 + q^2/12).
    none = estimate(table(*[(0, 4)] * 12), RATE, LABEL, kind="proportion")
    assert (none.value, none.se, none.low) == (0, 0, 0)
    assert none.high == pytest.approx((2.200985**2 / 12) / (1 + 2.200985**2 / 12), rel=1e-6)
    assert none.method == "trace-weighted; effective-n Wilson, t(11)"
    assert none.note == "only 0 questions with the event, so the interval is wide"
    every = estimate(table(*[(4, 4)] * 12), RATE, LABEL, kind="proportion")
    assert (every.low, every.high) == (pytest.approx(1 - none.high), 1)


def test_one_answer_a_question_has_the_plain_wilson_interval_with_t():
    # 20 of 40, one each: the effective size is p(1-p)/SE^2 = 39 (SE^2 has G/(G-1)).
    found = estimate(table(*[(i % 2, 1) for i in range(40)]), RATE, LABEL, kind="proportion")
    q = 2.0226909  # t(39)
    half = q * math.sqrt(0.25 / 39 + q**2 / (4 * 39**2)) / (1 + q**2 / 39)
    assert (found.low, found.high) == (pytest.approx(0.5 - half, rel=1e-6), pytest.approx(0.5 + half, rel=1e-6))


def test_few_events_cost_the_samples_their_weight():
    many = estimate(table(*[(1, 5)] * 3, *[(0, 5)] * 37), RATE, LABEL, kind="proportion")
    q = 2.0226909
    centre = (0.015 + q**2 / 80) / (1 + q**2 / 40)
    half = q * math.sqrt(0.015 * 0.985 / 40 + q**2 / 6400) / (1 + q**2 / 40)
    assert many.high == pytest.approx(centre + half, rel=1e-6)


def test_a_zero_denominator_is_undefined_and_not_zero():
    found = estimate(table((0, 0), (0, 0)), RATE, LABEL, kind="proportion", left=Missing(7, (0.0, 1.0)))
    assert math.isnan(found.value)
    assert math.isnan(found.low)
    assert math.isnan(found.df)
    assert (found.n, found.clusters, found.missing, found.bounds, found.method) == (0, 0, 7, (0.0, 1.0), "undefined")
    assert found.note == "the denominator is 0: 0 units entered, 7 missing"
    assert math.isnan(estimate(table((1, 2)), lambda t: t["n"] / (t["y"] - t["y"]), LABEL, count="n").value)


@pytest.mark.parametrize("kind", ["smooth", "proportion"])
def test_one_question_has_a_value_and_no_spread(kind):
    found = estimate(table((1, 4), (0, 0)), RATE, LABEL, kind=kind)
    assert (found.value, found.n, found.clusters) == (0.25, 4, 1)
    assert all(math.isnan(x) for x in (found.se, found.low, found.high))
    assert found.note == "one question only, so its spread cannot be told"


def test_equal_questions_have_no_interval_of_width_zero():
    equal = table(*[(1, 4)] * 20)
    unknown = estimate(equal, RATE, LABEL, null=0.0)
    assert math.isnan(unknown.low)
    assert unknown.p is None
    assert unknown.note == "no question differs from another, so the spread cannot be told"
    # The effective size of a share without spread is the number of questions.
    known = estimate(equal, RATE, LABEL, support=(0.0, 1.0))
    assert (known.low, known.high) == pytest.approx(intervals.wilson(0.25, 20.0, 2.093024), rel=1e-6)
    assert known.se == 0
    nothing = estimate(table(*[(0, 4)] * 20), RATE, LABEL, support=(0.0, 1.0))
    share = estimate(table(*[(0, 4)] * 20), RATE, LABEL, kind="proportion")
    assert (nothing.low, nothing.high) == (share.low, pytest.approx(share.high))


def test_a_jackknife_that_is_undefined_gives_way_to_the_linearised_error():
    rows = pd.DataFrame({"question_id": list("abc"), "y": [1, 0, 2], "m": [0, 0, 3], "n": [1, 1, 1]})
    found = estimate(sums(rows, ["y", "m", "n"]), Ratio("y", "m"), Label("m", Key("r")), count="n")
    assert found.method == "linearised, t(2)"
    forced = estimate(sums(rows, ["y", "m", "n"]), Ratio("y", "m"), Label("m", Key("r")), count="n", interval="jackknife")
    assert forced.method == "no interval"
    assert forced.note.startswith("undefined without one of the questions")


def test_bounds_are_the_value_when_nothing_is_missing_and_unknown_when_not_told():
    assert estimate(table((1, 2), (0, 1)), RATE, LABEL).bounds == (1 / 3, 1 / 3)
    assert all(math.isnan(b) for b in estimate(table((1, 2), (0, 1)), RATE, LABEL, left=Missing(1)).bounds)


def test_the_gradient_is_exact_enough_for_a_product_of_ratios():
    random = np.random.default_rng(3)
    rows = pd.DataFrame(
        {"question_id": [f"q{i}" for i in range(30)], "u": random.integers(0, 4, 30), "v": random.integers(0, 4, 30), "n": 3}
    )
    t = sums(rows, ["u", "v", "n"])
    u, v, n = (t[name].sum() for name in "uvn")
    h = t["u"] * v / n**2 + t["v"] * u / n**2 - 2 * t["n"] * u * v / n**3
    found = influences(t, lambda x: x["u"] / x["n"] * (x["v"] / x["n"]))
    np.testing.assert_allclose(found, h - h.mean(), rtol=1e-9, atol=1e-13)


def test_a_mean_agrees_with_statsmodels():
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        from statsmodels.api import OLS
    random = np.random.default_rng(5)
    rows = pd.DataFrame({"question_id": random.integers(0, 60, 200).astype(str), "y": random.random(200), "n": 1.0})
    fit = OLS(rows["y"], np.ones(200)).fit(
        cov_type="cluster", cov_kwds={"groups": pd.factorize(rows["question_id"])[0]}, use_t=True
    )
    found = estimate(sums(rows, ["y", "n"]), RATE, LABEL, interval="t", null=0.25)
    low, high = fit.conf_int().to_numpy()[0]
    assert (found.value, found.se) == (pytest.approx(fit.params.iloc[0], rel=1e-9), pytest.approx(fit.bse.iloc[0], rel=1e-6))
    assert (found.low, found.high) == (pytest.approx(low, rel=1e-6), pytest.approx(high, rel=1e-6))
    assert found.p == pytest.approx(float(fit.t_test("const = 0.25").pvalue), rel=1e-5)


PAIRS = st.lists(st.integers(1, 5).flatmap(lambda n: st.tuples(st.integers(0, n), st.just(n))), min_size=2, max_size=30)


@given(PAIRS)
def test_a_share_lies_in_its_interval_and_the_interval_in_zero_to_one(pairs):
    found = estimate(table(*pairs), RATE, LABEL, kind="proportion")
    assert 0 <= found.low <= found.value <= found.high <= 1
    assert found.high > found.low
    wider = estimate(table(*pairs), RATE, LABEL, kind="proportion", level=0.99)
    assert wider.low <= found.low
    assert wider.high >= found.high


def test_messages_for_wrong_use():
    t = table((1, 2), (0, 1))
    with pytest.raises(UsageError, match=r"level of an interval is 95, but it must be between 0 and 1"):
        estimate(t, RATE, LABEL, level=95)
    with pytest.raises(UsageError, match=r"needs a Ratio and no null"):
        estimate(t, RATE, LABEL, kind="proportion", null=0.5)
    with pytest.raises(UsageError, match=r"needs a Ratio and no null"):
        estimate(t, lambda x: x["y"], LABEL, kind="proportion", count="n")
    with pytest.raises(UsageError, match=r"needs the column that counts its units; give count"):
        estimate(t, lambda x: x["y"], LABEL)
    with pytest.raises(UsageError, match=r"Unknown column of sums 'z'"):
        estimate(t, lambda x: x["z"], LABEL, count="n")
    with pytest.raises(UsageError, match=r"Unknown column of sums 'm'"):
        estimate(t, RATE, LABEL, count="m")


def test_a_quotient_has_the_interval_of_its_logarithm():
    rows = table(*[(i % 3, 1 + i % 2) for i in range(60)])
    plain, found = (estimate(rows, RATE, LABEL, interval=how) for how in ("auto", "log"))
    q = 2.0009954  # t(56.1), by the effective questions (90^2 / 150 = 54)
    assert (found.value, found.se) == (plain.value, plain.se)
    assert found.low * found.high == pytest.approx(found.value**2)
    assert math.log(found.high / found.value) == pytest.approx(distributions.t.ppf(0.975, found.df) * plain.se / plain.value)
    assert q == pytest.approx(distributions.t.ppf(0.975, found.df), abs=0.01)
    assert found.method.endswith("on the log scale")
    one = estimate(rows, RATE, LABEL, interval="log", null=1.0)
    at = estimate(rows, RATE, LABEL, interval="log", level=1 - one.p)
    assert 1.0 in (pytest.approx(at.low), pytest.approx(at.high))


def test_a_quotient_of_0_has_no_logarithm():
    found = estimate(table(*[(0, 1)] * 30), RATE, LABEL, interval="log")
    assert found.value == 0
    assert math.isnan(found.low)


def test_messages_for_wrong_choices():
    rows = table((1, 2), (0, 1))
    with pytest.raises(UsageError, match=r"Unknown interval of an estimate 'jacknife': did you mean 'jackknife'\?"):
        estimate(rows, RATE, LABEL, interval="jacknife")
    with pytest.raises(UsageError, match=r"Unknown kind of an estimate 'share'"):
        estimate(rows, RATE, LABEL, kind="share")
    with pytest.raises(UsageError, match=r"has the effective-n Wilson interval; use kind 'smooth' for the interval 'log'\."):
        estimate(rows, RATE, LABEL, kind="proportion", interval="log")
