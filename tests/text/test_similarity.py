"""How alike texts are: the default similarity, its laws, and that it is registered."""

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cotfaith.plugins import registry
from cotfaith.text.similarity import Words

texts = st.text(alphabet="ab1,. -\n", max_size=20)


@pytest.mark.parametrize(
    ("a", "b", "expected"),
    [
        ("Add 3 apples.", "add 3 APPLES .", 1.0),
        ("Add 3 apples.", "Add 3 pears.", 3 / 4),  # three of four each, each once
        ("red red blue", "red", 2 / math.sqrt(5)),
        ("red", "blue", 0.0),
        ("1,000 men", "1 men", 1 / 2),  # a number is one word, whatever its signs
        ("1,000", "1 000", 0.0),
        ("", " \n", 1.0),
        ("", "red", 0.0),
        (".", "!", 0.0),
    ],
)
def test_words_compares_counts(a: str, b: str, expected: float) -> None:
    assert Words()(a, b) == pytest.approx(expected)


@given(a=texts, b=texts)
def test_words_is_symmetric_and_between_0_and_1(a: str, b: str) -> None:
    one, other = Words()(a, b), Words()(b, a)
    assert one == pytest.approx(other)
    assert -1e-12 <= one <= 1 + 1e-12
    assert Words()(a, a) == pytest.approx(1.0)
    assert Words()(a, a.upper() + " ") == pytest.approx(1.0)


def test_it_is_the_registered_default() -> None:
    assert registry.load("cotfaith.similarities", "words") is Words
