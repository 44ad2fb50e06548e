"""Values: one spelling for all spellings, by exact arithmetic."""

from fractions import Fraction

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from cotfaith.text.numbers import canonical, is_number, leading, numbers, same

Q_ROWS = {
    "Q1": ("", "", None),
    "Q2": ("a", "choose a or b", False),
    "Q3": ("option 3 b", "3 a", False),
    "Q4": ("0.5", "1/2", True),
    "Q5": ("12", "12.0", True),
    "U2": (None, "B", None),
    "U2 both": (None, None, None),
}


@pytest.mark.parametrize("row", Q_ROWS)
def test_peer_row(row):
    a, b, right = Q_ROWS[row]
    assert same(a, b) is right
    assert same(b, a) is right


@pytest.mark.parametrize(
    ("spellings", "right"),
    [
        (["12", "12.0", "1,2e1", "12.", " 12 ", "+12", "**12**", "$12", "12%", r"12\%", "€12", "1.2*10^1", r"$1.2 \times 10^{1}$", "24/2", "(12)"], "12"),
        (["0.5", "1/2", ".5", r"\frac{1}{2}", r"\dfrac12", "½", r"\boxed{\frac{1}{2}}", r"\(\frac{1}{2}\)", "50e-2", "0,5"], "0.5"),
        (["1234.5", "1,234.50", "$1,234.50", r"1{,}234.5", r"1\,234.5"], "1234.5"),
        (["-5", "−5", "-5.0", "-10/2", "- 5", r"\frac{-10}{2}"], "-5"),
        (["1.5", "1 1/2", "1½", r"1\frac{1}{2}", "3/2"], "1.5"),
        (["1/3", "2/6", r"\frac{2}{6}"], "1/3"),
        (["0", "-0.0", "0/7", "0e99"], "0"),
        (["1000000", "10,00,000", "1e6", "1E+6"], "1000000"),
        (["the cat", " The  CAT. ", '"the cat"', "**The cat**!", r"\text{the cat}"], "the cat"),
    ],
)  # fmt: skip
def test_spellings_of_one_value(spellings, right):
    assert {canonical(spelling) for spelling in spellings} == {right}
    assert all(same(spelling, right) for spelling in spellings)


@pytest.mark.parametrize(
    ("a", "b"),
    [("x", "-x"), ("5 km", "5"), ("(1, 2)", "1,2"), ("3:45", "3.45"), ("3x", "3"), ("1/0", "0"), ("1e9999", "1"), ("a", "b"), ("5-3", "5"),
     (r"\frac{x+1}{2}", "x+1/2"), ("1.2.3", "1.2")],
)  # fmt: skip
def test_different_values(a, b):
    assert same(a, b) is False


@pytest.mark.parametrize("value", ["...", "  ", "**", "$"])
def test_marks_alone_are_no_value(value):
    assert canonical(value) == ""
    assert same(value, value) is None


@pytest.mark.parametrize("value", ["9" * 5000, "1e999999999", "9" * 5000 + "/3", "1e999", "1e-999", "1/0", "0." + "0" * 3000 + "1"])
def test_absurd_numbers_do_no_harm(value):
    assert canonical(value) == canonical(canonical(value)) != ""
    assert len(canonical(value)) <= 6000
    assert leading(value) is None or is_number(value)
    assert len(numbers(value)) <= 2


@settings(deadline=None)
@given(st.one_of(st.text(max_size=30), st.text("0123456789.,-+/e%$€ ()\\{}frac text^*½'\"\n", max_size=30)))
def test_canonical_is_idempotent(value):
    assert canonical(canonical(value)) == canonical(value)


@settings(deadline=None)
@given(st.fractions(max_denominator=10**6))
def test_a_fraction_keeps_its_value(number):
    shown = canonical(f"{number.numerator}/{number.denominator}")
    assert Fraction(shown) == number
    assert same(shown, f"\\frac{{{number.numerator}}}{{{number.denominator}}}")


@settings(deadline=None)
@given(st.integers(-(10**15), 10**15), st.integers(-(10**15), 10**15))
def test_integers_are_the_same_when_they_are_equal(a, b):
    assert same(f"{a:,}", str(b)) == (a == b)
    assert same(f"{a:,}", f"{a}.00")


@pytest.mark.parametrize(
    ("piece", "right"),
    [("about 5 km", "5"), ("x = 3 + 4 = 7", "7"), ("3x", None), ("3:45", None), ("5 or 6", None), ("5 - 3", None), ("5, 6", None), ("six", None),
     ("5 - as we saw", "5"), ("5 because", "5"), ("2 hours 30 minutes", None), ("$5", "5"), ("5th", "5"), ("7-9", None)],
)  # fmt: skip
def test_leading_number(piece, right):
    assert leading(piece) == right


@pytest.mark.parametrize(
    ("piece", "right"), [("5 km", "5"), ("5 km a day", None), ("about 5.", "5"), ("x = 5", None), ("5 * 3", None)]
)
def test_a_number_alone(piece, right):
    assert leading(piece, alone=True) == right


def test_numbers_in_a_piece():
    assert numbers("there are 12 apples; 3x and $1,000") == ["12", None, "1000"]
    assert numbers("none at all") == []
