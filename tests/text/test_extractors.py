"""Extractors: what an answer is, from what a run keeps of a reading."""

import pytest

from cotfaith.contracts.extractor import Stored
from cotfaith.plugins import registry
from cotfaith.text.extractors import flexible, standard, strict
from cotfaith.types import Question

CHOICE = Question("q", "toy", "Which?", ("one", "two", "three"), "B")
FREE = Question("q", "toy", "How many?", gold="7")
LIKELY_B = (-3.0, -1.0, -2.0)


def test_there_are_three() -> None:
    assert registry.names("cotfaith.extractors") == ("flexible", "standard", "strict")


def test_the_standard_one_is_what_the_run_read() -> None:
    assert standard(Stored("unparsed", None, LIKELY_B, 0.05), CHOICE) == ("unparsed", None)
    assert standard(Stored("answered", "B", LIKELY_B, 0.55), CHOICE) == ("answered", "B")


@pytest.mark.parametrize(("mass", "expected"), [(0.05, ("unparsed", None)), (0.4, ("unparsed", None)), (0.5, ("answered", "B"))])
def test_strictly_options_must_hold_half_of_the_probability(mass: float, expected: tuple[str, str | None]) -> None:
    assert strict(Stored("answered", "B", LIKELY_B, mass), CHOICE) == expected


def test_flexibly_the_likeliest_option_is_the_answer_however_little_it_holds() -> None:
    assert flexible(Stored("unparsed", None, LIKELY_B, 0.001), CHOICE) == ("answered", "B")


@pytest.mark.parametrize(
    ("text", "strictly", "flexibly"),
    [
        ("The answer is (C).", ("answered", "C"), ("answered", "C")),
        ("It could be (A) or (C), who knows?", ("unparsed", None), ("answered", "C")),
        ("Nobody knows.", ("unparsed", None), ("unparsed", None)),
    ],
)
def test_texts_of_choices(text: str, strictly: tuple[str, str | None], flexibly: tuple[str, str | None]) -> None:
    stored = Stored(strictly[0], strictly[1], text=text)  # type: ignore[arg-type]
    assert strict(stored, CHOICE) == strictly
    assert flexible(stored, CHOICE) == flexibly


def test_texts_of_values() -> None:
    weak = "Three and four are 3 + 4 = 7"
    assert strict(Stored("answered", "7", text=weak), FREE) == ("unparsed", None)
    assert strict(Stored("answered", "7", text="The answer is 7."), FREE) == ("answered", "7")
    assert flexible(Stored("unparsed", None, text="I saw 3 birds, then 4 cats"), FREE) == ("answered", "4")
    assert flexible(Stored("answered", "7", text="The answer is 7. I saw 9."), FREE) == ("answered", "7")


def test_a_text_that_the_budget_cut_stays_cut() -> None:
    assert strict(Stored("truncated", None, text="I think that"), FREE) == ("truncated", None)
    assert flexible(Stored("truncated", None, text="I think that"), FREE) == ("truncated", None)


def test_the_cue_of_the_prompt_makes_the_start_of_a_text_explicit() -> None:
    text = " is 60."
    assert strict(Stored("unparsed", None, text=text), FREE) == ("unparsed", None)
    assert strict(Stored("unparsed", None, text=text, cue="<answer>"), FREE) == ("answered", "60")
