"""Distances between small samples of answers, and their exact expectation under no effect."""

import math
from collections import Counter
from itertools import combinations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cotfaith.errors import UsageError
from cotfaith.measures.parts.distances import Distance, divergence, largest_divergence, total_variation

SAMPLES = st.lists(st.sampled_from("ABCD"), min_size=1, max_size=5)
DISTANCES = [total_variation, divergence]


def plain_tv(q, p):
    return sum(abs(q.count(a) / len(q) - p.count(a) / len(p)) for a in {*q, *p}) / 2


def plain_kl(q, p):
    seen = {*q, *p}
    q_of = {a: (q.count(a) + 0.5) / (len(q) + 0.5 * len(seen)) for a in seen}
    p_of = {a: (p.count(a) + 0.5) / (len(p) + 0.5 * len(seen)) for a in seen}
    return sum(q_of[a] * math.log(q_of[a] / p_of[a]) for a in seen)


def splits(q, p):
    """Every way of dealing all answers out to samples of these sizes."""
    pooled = [*q, *p]
    for here in combinations(range(len(pooled)), len(q)):
        yield [pooled[i] for i in here], [pooled[i] for i in range(len(pooled)) if i not in here]


def test_total_variation_by_hand():
    # Shares 1, 0 against 1/2, 1/2. Of the 6 ways to deal out A, A, A, B two each, 1 of 2 puts B here: 1/2 both times.
    assert total_variation("AA", "AB") == Distance(0.5, 0.5)
    # A, A, B, B: one sample is pure in 2 of 6 deals (distance 1), mixed in 4 (distance 0).
    found = total_variation("AA", "BB")
    assert (found.value, found.null) == (1, pytest.approx(1 / 3))
    assert found.excess == pytest.approx(2 / 3)


def test_divergence_by_hand():
    # Smoothed by half a draw: 2.5/3 and 0.5/3 on each side.
    found = divergence("AA", "BB")
    pure = 2.5 / 3 * math.log(5) + 0.5 / 3 * math.log(1 / 5)
    assert found.value == pytest.approx(pure)
    assert found.null == pytest.approx(pure / 3)


def test_an_answer_on_one_side_only_adds_no_twenty_nats():
    # 50 against none of 50: 24.6 nats with 1e-9, and here log(101) times nearly 1.
    assert divergence("A" * 50, "B" * 50).value == pytest.approx(50 / 51 * math.log(101))


def test_the_null_of_single_draws_is_the_chance_to_differ():
    # One draw each, two answers: they always differ, so nothing is left over.
    assert total_variation("A", "B") == Distance(1.0, 1.0)


def test_two_values_with_ten_draws_each_have_the_closed_form():
    # The mean absolute deviation of a hypergeometric count of 10 among 20 with 10 of a kind: sum over x |x - 5| C(10, x)^2 / C(20, 10) / 5.
    expected = sum(abs(x - 5) * math.comb(10, x) ** 2 for x in range(11)) / math.comb(20, 10) / 5
    assert total_variation("A" * 7 + "B" * 3, "A" * 3 + "B" * 7).null == pytest.approx(expected)


@pytest.mark.parametrize(("distance", "plain"), [(total_variation, plain_tv), (divergence, plain_kl)])
@given(q=SAMPLES, p=SAMPLES)
def test_value_and_null_agree_with_every_deal_counted_out(distance, plain, q, p):
    found = distance(q, p)
    assert found.value == pytest.approx(plain(q, p))
    values = [plain(*split) for split in splits(q, p)]
    assert found.null == pytest.approx(sum(values) / len(values))


@pytest.mark.parametrize("distance", DISTANCES)
@given(q=SAMPLES, p=SAMPLES)
def test_the_excess_is_nothing_on_average(distance, q, p):
    excesses = [distance(*split).excess for split in splits(q, p)]
    assert sum(excesses) / len(excesses) == pytest.approx(0, abs=1e-12)


@given(q=SAMPLES, p=SAMPLES)
def test_ranges(q, p):
    assert -1e-12 <= total_variation(q, p).value <= 1 + 1e-12
    assert -1e-12 <= divergence(q, p).value <= largest_divergence(len(q), len(p))
    assert (total_variation(q, p).value < 1e-12) == (
        {a: n / len(q) for a, n in Counter(q).items()} == {a: n / len(p) for a, n in Counter(p).items()}
    )


@pytest.mark.parametrize("distance", DISTANCES)
@given(q=SAMPLES, p=SAMPLES)
def test_names_and_order_of_answers_do_not_matter(distance, q, p):
    renamed = str.maketrans("ABCD", "DCBA")
    first, again = (
        distance(q, p),
        distance([a.translate(renamed) for a in reversed(q)], [a.translate(renamed) for a in reversed(p)]),
    )
    assert (again.value, again.null) == (pytest.approx(first.value), pytest.approx(first.null))


@given(m=st.integers(1, 6), n=st.integers(0, 6), data=st.data())
def test_the_largest_divergence_holds_for_fewer_draws_too(m, n, data):
    if n:
        q = ["A"] * data.draw(st.integers(1, m))
        p = [f"B{i}" for i in range(data.draw(st.integers(1, n)))]
        assert divergence(q, p).value <= largest_divergence(m, n)
    assert largest_divergence(m, n) >= math.log(3)


@pytest.mark.parametrize("distance", DISTANCES)
@pytest.mark.parametrize(("q", "p"), [("", "A"), ("A", ""), ("", "")])
def test_an_empty_sample_has_no_distance(distance, q, p):
    with pytest.raises(
        UsageError, match="A distance between two samples of answers needs an answer in each: leave out samples that have none"
    ):
        distance(q, p)
