"""Planning: the worked numbers, formulas against each other and against simulation, and what cannot be."""

import math
from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy import stats as distributions

from cotfaith.errors import UsageError
from cotfaith.stats import planning, tost
from cotfaith.stats.mcnemar_planning import n_mcnemar, n_mcnemar_exact, power_mcnemar

NAN = float("nan")
POWERS = st.floats(0.5, 0.99)
ALPHAS = st.sampled_from([0.01, 0.05, 0.1])


def test_more_samples_stop_helping():
    needed = [planning.n_questions(0.03, 1 / 9, 1 / 6, k) for k in (1, 10, math.inf)]
    assert [math.floor(n + 0.5) for n in needed] == [3876, 1260, 969]
    assert planning.n_questions(-0.03, 1 / 9, 1 / 6, 10) == needed[1]
    assert planning.n_questions(0.03, 1 / 9, (1 / 6, 0), (5, 1)) == pytest.approx(planning.n_questions(0.03, 1 / 9 + 1 / 30, 0, 1))


@given(st.floats(0.01, 2), st.floats(0.05, 2), POWERS, ALPHAS)
def test_the_paired_t_test_has_the_power_that_was_asked_for(delta, sd, power, alpha):
    n = planning.n_paired_t(delta, sd, power=power, alpha=alpha)
    assert n >= 2
    found = planning.power_difference(n, -delta, sd, alpha=alpha)
    assert found == pytest.approx(power, abs=1e-8) if n > 2 else found >= power
    normal = planning.n_questions(delta, sd**2, 0, 1, power=power, alpha=alpha)
    assert n == pytest.approx(max(2, normal), rel=0.01, abs=6)  # t needs a few more than the normal distribution says


def test_statsmodels_says_the_same_where_it_finds_a_solution():
    from statsmodels.stats.power import tt_solve_power

    for delta, sd, power, alpha in ((0.05, 0.4, 0.8, 0.05), (0.1, 0.5, 0.9, 0.01), (1, 0.5, 0.8, 0.05)):
        wanted = float(tt_solve_power(effect_size=delta / sd, alpha=alpha, power=power))
        assert planning.n_paired_t(delta, sd, power=power, alpha=alpha) == pytest.approx(wanted, rel=1e-6)


def test_large_effects_and_no_effect():
    assert planning.n_paired_t(50, 0.5) == 2
    assert planning.power_difference(20, 0, 0.5) == 0.05
    assert planning.power_difference(20, 1e-8, 0.5, alpha=0.01) == pytest.approx(0.01, abs=1e-9)
    assert planning.power_difference(10**9, 0.05, 0.5) == pytest.approx(1)
    with pytest.raises(UsageError, match=r"No number up to 1e\+12 gives a power of 0.8; give a larger effect or a smaller sd."):
        planning.n_paired_t(0, 0.5)


@given(st.integers(2, 400), st.floats(0.001, 0.5), st.floats(0.05, 1))
def test_power_grows_with_questions_and_the_margin(n, effect, sd):
    assert planning.power_difference(n, effect, sd) < planning.power_difference(n + 1, effect, sd) + 1e-9
    found = planning.power_equivalence(n, effect, sd)
    assert -1e-9 <= found <= 1 + 1e-9
    assert found <= planning.power_equivalence(n, 1.1 * effect, sd) + 1e-7
    if found > 0.1:  # below that the quantile of t on a few questions shrinks the wrong way round
        assert found <= planning.power_equivalence(n + 1, effect, sd) + 1e-7
    assert planning.power_equivalence(n, effect, sd, difference=effect / 3) <= found + 1e-7


def test_equivalence_by_simulation():
    random = np.random.default_rng(5)
    for n, margin, difference in ((12, 0.3, 0.0), (40, 0.2, 0.05), (60, 0.2, -0.15)):
        d = difference + 0.3 * random.standard_normal((4000, n))
        held = np.abs(d.mean(1)) + distributions.t.ppf(0.95, n - 1) * d.std(1, ddof=1) / n**0.5 < margin
        first = tost(d[0].mean(), d[0].std(ddof=1) / n**0.5, n - 1, margin=margin)
        assert held[0] == first.holds
        assert planning.power_equivalence(n, margin, 0.3, difference=difference) == pytest.approx(np.mean(held), abs=0.025)


def test_equivalence_at_the_ends():
    assert planning.power_equivalence(2, 0.01, 1) < 0.001
    assert planning.power_equivalence(80, 0.02, 0.5) == 0
    assert planning.power_equivalence(200_000, 0.05, 0.3) == pytest.approx(1)
    assert planning.power_equivalence(4000, 0.05, 0.3, difference=0.05) == pytest.approx(0.05, abs=1e-4)  # at the margin: its level
    assert math.ceil(planning.n_equivalence(0.05, 0.3)) == 309
    short = 0.8 - planning.power_equivalence(309, 0.05, 0.3)
    assert 0 < short < 0.0015
    assert 0.8 - planning.power_equivalence(math.ceil(planning.n_equivalence(0.2, 0.3)), 0.2, 0.3) < 0.02


def test_shares_take_the_design_effect():
    assert planning.n_proportion(0.05) == pytest.approx(384.146, abs=1e-3)
    assert planning.n_proportion(0.05, 0.5, 0.5, 5) == pytest.approx(384.146 * 3 / 5, abs=1e-3)
    assert planning.n_proportion(0.05, 0.5, 1.0, 100) == pytest.approx(384.146, abs=1e-3)
    assert planning.n_proportion(0.05, 0.5, 0.0, 10, level=0.9) == pytest.approx(27.055, abs=1e-3)


SIZES = {
    (0.5, 1.5, 3, 7, 14, 32): (0.051, 0.102, 0.204),
    (0.07, 0.16, 0.41, 1, 1.4, 2.8, 6.9, 12): (0.033, 0.066, 0.131),
    (0.5, 1.5, 7, 32): (0.083, 0.166, 0.331),
}


@pytest.mark.parametrize("sizes", SIZES)
def test_slopes_that_six_eight_and_four_sizes_show(sizes):
    x = np.log10(sizes)
    found = [planning.detectable_slope(x, sd) for sd in (0.02, 0.04, 0.08)]
    assert found == pytest.approx(SIZES[sizes], abs=5e-4)
    assert planning.power_slope(x, found[0], 0.02) == pytest.approx(0.8)
    assert planning.power_slope(x, -found[0], 0.02) == pytest.approx(0.8)


def test_slopes_by_simulation():
    random = np.random.default_rng(6)
    x = np.array([0.0, 0.4, 1.0, 1.3, 2.0])
    y = 0.06 * x + 0.04 * random.standard_normal((4000, 5))
    centred = x - x.mean()
    slope = y @ centred / (centred @ centred)
    rest = y - y.mean(1, keepdims=True) - slope[:, None] * centred
    t = slope / np.sqrt((rest**2).sum(1) / 3 / (centred @ centred))
    rejected = np.mean(np.abs(t) > distributions.t.ppf(0.975, 3))
    assert planning.power_slope(x, 0.06, 0.04) == pytest.approx(rejected, abs=0.025)


def test_three_models_and_how_many_are_needed():
    x = [0.0, 0.5, 1.0]
    assert planning.power_slope(x, planning.detectable_slope(x, 0.04), 0.04) == pytest.approx(0.8)
    models = planning.n_models(0.1, 0.04, 1.8)
    spread = [planning.power_slope(np.linspace(0, 1.8, k), 0.1, 0.04) for k in (math.ceil(models) - 1, math.ceil(models))]
    assert spread[0] < 0.8 <= spread[1]
    assert planning.n_models(100, 0.04, 1.8) == 3


def test_mcnemar_by_the_formula_and_exactly():
    assert [math.ceil(n_mcnemar(*one)) for one in ((0.05, 0.2), (0.1, 0.2), (0.1, 0.3))] == [626, 155, 234]
    for delta, psi in ((0.05, 0.2), (0.1, 0.2), (-0.1, 0.3), (0.2, 0.2), (1, 1)):
        for test in ("exact", "mid"):
            n = n_mcnemar_exact(delta, psi, test=test)
            assert power_mcnemar(n, delta, psi, test=test) >= 0.8 > power_mcnemar(n - 1, delta, psi, test=test)
        assert n <= n_mcnemar_exact(delta, psi)  # mid-p rejects more
    assert n_mcnemar_exact(0.05, 0.2) == 658  # 5 percent more than by the formula


def test_mcnemar_against_every_table():
    from statsmodels.stats.contingency_tables import mcnemar

    n, delta, psi, alpha = 12, 0.3, 0.6, 0.1
    power = {"exact": 0.0, "mid": 0.0}
    for b in range(n + 1):
        for c in range(n + 1 - b):
            chance = distributions.multinomial.pmf([b, c, n - b - c], n, [(psi + delta) / 2, (psi - delta) / 2, 1 - psi])
            p = float(mcnemar([[0, b], [c, 0]], exact=True).pvalue) if b + c else 1.0
            power["exact"] += chance * (p <= alpha)
            power["mid"] += chance * (b + c > 0 and p - distributions.binom.pmf(min(b, c), b + c, 0.5) <= alpha)
    for test, wanted in power.items():
        assert power_mcnemar(n, delta, psi, alpha=alpha, test=test) == pytest.approx(wanted, rel=1e-10)


def test_mcnemar_keeps_its_level_and_needs_questions_that_differ():
    assert power_mcnemar(5, 0, 0.5) == 0  # 5 of 5 have p = 0.0625
    assert 0.02 < power_mcnemar(200, 0, 0.3) < 0.05
    assert power_mcnemar(200, 0, 0.3) < power_mcnemar(200, 0, 0.3, test="mid") < 0.055
    assert power_mcnemar(1_000_000, 0.01, 0.3) == pytest.approx(1)


@given(st.floats(0.02, 0.3), st.floats(0.3, 0.9))
def test_halving_the_effect_takes_about_four_times_the_questions(delta, psi):
    whole = n_mcnemar(delta, psi)
    assert n_mcnemar(delta / 2, psi) > 3.9 * whole
    sizes = [planning.n_questions(delta / k, 0.2, 0.1, 2) for k in (1, 2, 4)]
    assert [b / a for a, b in pairwise(sizes)] == pytest.approx([4, 4])


REFUSED = [
    (
        lambda: planning.n_questions(0, 0.1, 0.1, 1),
        r"delta is 0, but it must be a number above 0; give it in the unit of the scores",
    ),
    (
        lambda: planning.n_questions(0.1, -0.1, 0.1, 1),
        r"omega2 is -0.1, s2 0.1 and k 1, but variances must be 0 or more and samples",
    ),
    (lambda: planning.n_questions(0.1, 0.1, (0.1, NAN), 1), r"omega2 is 0.1, s2 \(0.1, nan\) and k 1, but variances"),
    (lambda: planning.n_questions(0.1, 0.1, 0.1, (1, 0)), r"omega2 is 0.1, s2 0.1 and k \(1, 0\), but variances"),
    (
        lambda: planning.n_questions(0.1, 0.1, 0.1, 1, power=1),
        r"The power is 1, but it must be between alpha \(0.05\) and 1; give 0.8.",
    ),
    (
        lambda: planning.n_paired_t(0.1, 0.5, power=0.04),
        r"The power is 0.04, but it must be between alpha \(0.05\) and 1; give 0.8.",
    ),
    (lambda: planning.n_paired_t(0.1, 0.5, alpha=0.5), r"alpha is 0.5, but it must be between 0 and 1/2; give 0.05."),
    (lambda: planning.n_paired_t(0.1, 0), r"sd is 0, but it must be a number above 0"),
    (
        lambda: planning.power_difference(1, 0.1, 0.5),
        r"There are 1 questions, but a standard error needs 2 or more; give the size of the study.",
    ),
    (lambda: planning.power_difference(20, NAN, 0.5), r"The difference is nan, but it must be a number; give it in the unit"),
    (lambda: planning.n_equivalence(-0.05, 0.3), r"margin is -0.05, but it must be a number above 0"),
    (lambda: planning.power_equivalence(20, 0.1, NAN), r"sd is nan, but it must be a number above 0"),
    (lambda: planning.power_equivalence(20, 0.1, 1, difference=math.inf), r"The difference is inf, but it must be a number"),
    (lambda: planning.n_proportion(0), r"halfwidth is 0, but it must be a number above 0"),
    (lambda: planning.n_proportion(0.1, 1), r"The share is 1 and the level 0.95, but both must be between 0 and 1"),
    (lambda: planning.n_proportion(0.1, 0.5, 2), r"The intraclass correlation is 2, but it cannot be above 1"),
    (
        lambda: planning.detectable_slope([0, 1], 0.1),
        r"A slope cannot be tested over the sizes \[0, 1\]; give at least three models",
    ),
    (lambda: planning.detectable_slope([1, 1, 1], 0.1), r"give at least three models, of at least two sizes."),
    (lambda: planning.power_slope([0, 1, NAN], 0.1, 0.1), r"A slope cannot be tested over the sizes \[0, 1, nan\]"),
    (lambda: planning.power_slope([0, 1, 2], NAN, 0.1), r"The slope is nan, but it must be a number"),
    (lambda: planning.n_models(0.1, 0.1, 0), r"decades is 0, but it must be a number above 0"),
    (
        lambda: n_mcnemar(0.3, 0.2),
        r"The share of questions that differ is 0.2 and the difference 0.3, but the first must be between",
    ),
    (lambda: n_mcnemar(0, 0.2), r"delta is 0, but no number of questions detects that; give the difference to detect."),
    (lambda: n_mcnemar(0.1, NAN), r"The share of questions that differ is nan"),
    (lambda: power_mcnemar(10, 0.1, 0.2, test="midp"), r"Unknown McNemar test 'midp': did you mean 'mid'?"),
    (
        lambda: power_mcnemar(10.5, 0.1, 0.2),
        r"There are 10.5 questions, but the exact power needs a whole number from 1 to 10000000.",
    ),
    (lambda: n_mcnemar_exact(1e-5, 0.2), r"questions, but the exact power needs a whole number from 1 to 10000000."),
]


@pytest.mark.parametrize(("call", "message"), REFUSED)
def test_what_cannot_be_is_said(call, message):
    with pytest.raises(UsageError, match=message):
        call()
