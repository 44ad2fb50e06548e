"""The sign-flip test against all signs written out, against scipy, and where it is not exact."""

from importlib import import_module
from itertools import product

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy import stats as distributions

from cotfaith.errors import DataError, UsageError
from cotfaith.stats.signflip import signflip

module = import_module("cotfaith.stats.signflip")  # the package's name for it is the function

WHOLE = st.lists(st.integers(-6, 6), min_size=1, max_size=9)


def by_writing_out(scores):
    sums = [
        abs(sum(sign * score for sign, score in zip(signs, scores, strict=True))) for signs in product((1, -1), repeat=len(scores))
    ]
    return np.mean([one >= abs(sum(scores)) for one in sums])


def test_by_hand():
    # 1 + 2 + 3 = 6 is the largest of eight sums, and -6 as large: 2/8.
    found = signflip(np.array([1.0, 2.0, 3.0]))
    assert (found.p, found.method, found.questions, found.note) == (0.25, "exact sign-flip", 3, "")


@pytest.mark.parametrize("enumerated", [0, 20])
@pytest.mark.parametrize("unit", [1, 1 / 3, 0.1, 1 / 12])
@given(scores=WHOLE)
def test_it_is_that_of_all_signs(unit, enumerated, scores):
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(module, "ENUMERATED", enumerated)
        found = signflip(np.array(scores) * unit)
    assert found.p == pytest.approx(by_writing_out(scores), rel=1e-9)
    assert found.method == "exact sign-flip"


@given(WHOLE, st.integers(0, 5))
def test_signs_order_scale_and_zeros_do_not_matter(scores, zeros):
    scores = np.array(scores, dtype=float)
    found = signflip(scores)
    for same in (-scores, scores[::-1], 7 * scores, np.append(scores, np.zeros(zeros))):
        assert signflip(same).p == pytest.approx(found.p)
    assert signflip(np.append(scores, np.zeros(zeros))).questions == len(scores) + zeros


def test_it_is_that_of_scipy():
    scores = np.random.default_rng(3).integers(-3, 5, 12).astype(float)
    found = distributions.permutation_test((scores,), np.sum, permutation_type="samples", n_resamples=np.inf)
    assert signflip(scores).p == pytest.approx(found.pvalue)


def test_many_questions_are_exact_still():
    # Scores of one size are a coin: P(|heads - tails| >= 40) = 2 P(heads >= 220) of 400.
    found = signflip(np.repeat([1.0, -1.0], [220, 180]) / 3)
    assert found.method == "exact sign-flip"
    assert found.p == pytest.approx(2 * distributions.binom.sf(219, 400, 0.5), rel=1e-12)
    many = signflip(np.repeat([1.0, 0.0, -1.0], [30_200, 40_000, 29_800]))
    assert (many.method, many.questions) == ("exact sign-flip", 100_000)
    assert many.p == pytest.approx(2 * distributions.binom.sf(30_199, 60_000, 0.5), rel=1e-9)


def test_a_rare_event_has_its_own_small_p():
    assert signflip(np.ones(200)).p == pytest.approx(2.0**-199, rel=1e-12)


def test_scores_without_a_common_unit_are_exact_where_they_are_few():
    scores = np.random.default_rng(5).standard_normal(13) + 0.3
    found = signflip(scores)
    assert found.p == by_writing_out(scores)
    assert found.method == "exact sign-flip"


def test_scores_without_a_common_unit_draw_signs():
    scores = np.random.default_rng(5).standard_normal(60) + 0.25
    found, again, other = (signflip(scores, seed=seed, draws=20_000) for seed in (1, 1, 2))
    assert found.method == "sign-flip, 20000 random draws, seed 1"
    assert found == again
    assert found.p != other.p
    assert found.p == pytest.approx(distributions.ttest_1samp(scores, 0).pvalue, abs=0.02)
    assert signflip(scores + 10, draws=999).p == 1 / 1000  # never 0


def test_drawn_signs_come_near_the_exact_p(monkeypatch):
    scores = np.random.default_rng(8).integers(-2, 4, 40).astype(float)
    exact = signflip(scores).p
    monkeypatch.setattr(module, "STATES", 10)
    monkeypatch.setattr(module, "CHUNK", 3000)
    drawn = signflip(scores, draws=40_000)
    assert drawn.method.startswith("sign-flip, 40000 random draws")
    assert drawn.p == pytest.approx(exact, abs=4 * np.sqrt(exact / 40_000))


def test_its_size_is_that_of_the_level():
    random = np.random.default_rng(2)
    p = np.array([signflip(random.integers(-3, 4, 25)).p for _ in range(400)])
    assert 0.02 < np.mean(p <= 0.05) < 0.08
    assert np.mean([signflip(random.integers(-2, 5, 25)).p <= 0.05 for _ in range(100)]) > 0.5


def test_nothing_to_flip():
    none, zeros = signflip(np.array([])), signflip(np.zeros(7))
    assert np.isnan(none.p)
    assert (none.method, none.questions, none.note) == ("undefined", 0, "there is no question")
    assert (zeros.p, zeros.questions, zeros.note) == (1, 7, "every question's score is 0, so no sign matters")
    assert signflip(np.array([0.3])).p == 1


def test_what_cannot_be_flipped_is_refused():
    for bad in (np.nan, np.inf):
        with pytest.raises(
            DataError, match=r"A question's score is missing or infinite, so its sign cannot be flipped; exclude it"
        ):
            signflip(np.array([1.0, bad]))
    with pytest.raises(
        UsageError, match=r"Scores of shape \(2, 2\) are not one per question; sum the rows of each question first\."
    ):
        signflip(np.ones((2, 2)))
    with pytest.raises(
        UsageError, match=r"A sign-flip test with 0 draws has no p-value; give at least 1, and 100000 for a precise one\."
    ):
        signflip(np.ones(2), draws=0)
