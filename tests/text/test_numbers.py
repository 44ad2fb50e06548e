"""Values: one spelling for all spellings, by exact arithmetic."""

from fractions import Fraction

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from cotfaith.text.number_words import spelled
from cotfaith.text.numbers import canonical, gold_value, is_number, leading, numbers, same

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
        (["12", "12.0", "12.", " 12 ", "+12", "**12**", "$12", "12%", r"12\%", "€12", "1.2*10^1", r"$1.2 \times 10^{1}$", "24/2", "(12)"], "12"),
        (["0.5", "1/2", ".5", r"\frac{1}{2}", r"\dfrac12", "½", r"\boxed{\frac{1}{2}}", r"\(\frac{1}{2}\)", "50e-2", "0,5 %", r"0,5 €"], "0.5"),
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
     (r"\frac{x+1}{2}", "x+1/2"), ("1.2.3", "1.2"), ("1,2", "1.2"), ("1,5", "15"), ("0,5", "0.5"), ("6-5i", "6+5i"), (r"2\sqrt{3}", r"3\sqrt{2}"), ("x^2", "2x"),
     ("9**9**9**9", "9**9**9"), ("5km", "5"), ("No. 5", "no"), ("5-3", "2")],
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
    [("about 5 km", "5"), ("x = 3 + 4 = 7", "7"), ("3x", None), ("3:45", None), ("5 or 6", None), ("5 - 3", None), ("5, 6", None), ("six", "6"),
     ("5 - as we saw", "5"), ("5 because", "5"), ("2 hours 30 minutes", None), ("$5", "5"), ("5th", None), ("May 5", None), ("5 May", None), ("7-9", None), ("$7-$9", None), ("18 = 3 * 6", "18"), ("18 = 3 * 7", None), ("18, since 9 + 8 + 1 = 18", "18"), ("18 (check: 18 / 3 = 6)", "18"), ("9 + 9 = 18", "18")],
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


@pytest.mark.parametrize(
    ("gold", "value"),
    [("18 km", "18"), ("12 apples", "12"), ("5 m/s", "5"), ("20 °C", "20"), ("2 square metres", "2"), ("100 W", "100"), ("3 dozen", "36"), ("$18", "18"), ("1/2", "0.5"),
     ("50%", "50"), ("12 Monkeys", "12 monkeys"), ("7 Up", "7 up"), ("3 am", "3 am"), ("5th", "5th"), ("2 hours 30 minutes", "2 hours 30 minutes"), ("10 Downing Street", "10 downing street"),
     ("Paris", "paris"), ("1/0 km", "1/0 km")],
)  # fmt: skip
def test_a_gold_of_a_number_and_a_unit_is_the_number(gold, value):
    assert gold_value(gold) == value
    assert canonical(value) == value


@pytest.mark.parametrize(
    ("text", "right"),
    [("eighteen", "18"), ("forty-two", "42"), ("Twenty one", "21"), ("one hundred and five", "105"), ("three hundred forty-two", "342"), ("one thousand", "1000"),
     ("two thousand and six", "2006"), ("nineteen hundred", "1900"), ("two hundred thousand", "200000"), ("one million two thousand", "1002000"), ("zero", "0"), ("five or six", "5 or 6"),
     ("one", "1"), ("one of them", "one of them"), ("one half", "one half"), ("two three", "two three"), ("two-fold", "two-fold"), ("someone", "someone"), ("hundred", "hundred"),
     ("twenty hundred", "twenty hundred"), ("tenths", "tenths")],
)  # fmt: skip
def test_number_words_are_digits(text, right):
    assert spelled(text) == right
