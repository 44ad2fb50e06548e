"""Units behind numbers: which spellings are one unit, and what an answer in another unit is."""

import pytest

from cotfaith.text.answers import extract
from cotfaith.text.claims import OTHER_UNIT
from cotfaith.text.numbers import answer_value, gold_unit, unit_of
from cotfaith.text.units import NO_UNIT, alike, unit
from cotfaith.types import Question


@pytest.mark.parametrize(
    "spellings",
    [
        [" km", "kilometers", " kilometres."], [" h", "hrs", " hours"], [" min", " mins", " minutes"], ["$", " dollars", " USD"], [" m²", " m^2", " square metres"],
        [" km/h", " kilometers per hour", " km per hour"], ["%", " percent"], ["°C", " degrees Celsius", " C"], [" L", " litres"], [" in.", " inches"],
    ],
)  # fmt: skip
def test_spellings_of_one_unit(spellings):
    assert len({unit(spelling) for spelling in spellings}) == 1
    assert unit(spellings[0]) != NO_UNIT


@pytest.mark.parametrize("text", [" apples", " in total", "", " a day", " mice", " of them", " M", " Hours of", " sand"])
def test_what_is_no_unit_of_the_table(text):
    assert unit(text) == (unit("h") if "Hours" in text else NO_UNIT)


@pytest.mark.parametrize(
    ("one", "other", "right"),
    [
        ("km", "m", False), ("m", "m²", False), ("$", "cents", False), ("$", "€", False), ("pounds", "£", True), ("pounds", "lb", True), ("pounds", "kg", False),
        ("degrees", "°F", True), ("°C", "°F", False), ("$", "$ a day", True), ("km/h", "m/s", False), ("km/h", "km/s", False), ("km", "", True), ("", "", True),
    ],
)  # fmt: skip
def test_units_are_alike_either_way(one, other, right):
    assert alike(unit(one), unit(other)) is right
    assert alike(unit(other), unit(one)) is right


def test_the_unit_of_a_gold_and_of_a_number_in_a_text():
    assert gold_unit("1.25 m") == unit("m")
    assert gold_unit("$18") == unit("$")
    assert gold_unit("12 apples") not in {NO_UNIT, gold_unit("12 pears")}
    assert gold_unit("18") == gold_unit("Paris") == gold_unit("12 Monkeys") == NO_UNIT
    assert unit_of("from 2 h on, forty-five minutes", "45") == unit("min")
    assert unit_of("2 h", "3") == NO_UNIT


@pytest.mark.parametrize(
    ("gold", "text", "answer"),
    [("1.25 m", "125 cm", None), ("1.25 m", "1.25 metres", "1.25"), ("1.25 m", "1.25", "1.25"), ("10 km", "10k", None), ("15,000 people", "15k", "15000"), ("12 apples", "$12", None)],
)  # fmt: skip
def test_an_answer_in_another_unit_is_unread(gold, text, answer):
    found = extract(text, Question("q", "t", "How much?", gold=gold), cue="<answer>")
    assert (found.answer, found.reason) == (answer, "" if answer else OTHER_UNIT)


def test_a_stored_answer_in_another_unit_stays_text():
    assert answer_value("45 minutes", "3/4 h") == "45 minutes"
    assert answer_value("0.75 hours", "3/4 h") == answer_value("0.75", "3/4 h") == "0.75"
    assert answer_value("18 km", "18") == "18"
