"""The rule writer: one thing changed, in the same format, and always a mistake."""

import re

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from cotfaith.types import Question
from interventions import checks, rules

QUESTION = Question("q", "toy", "At the start, Amara and Boris have 3 apples.", ("yes", "no", "maybe"), "B")
PLAIN = Question("p", "toy", "How many?")
PIECES = (
    "12", "1,000", "0.05", "-7", "100", "+", " - ", "=", " 3 * 4 ", "more", "Less", "first", "is", "is not", "cannot", "can't", "won't",
    "(B)", "(D)", "Amara", "Boris", "I", "the", "Step 2:", "3. ", "\n", "**", "x", "\u2260", ">", "not",
)  # fmt: skip


def outcomes(sentence: str, question: Question = PLAIN, tries: int = 60) -> set[str | None]:
    return {rules.mistake(sentence, question, np.random.default_rng(seed)) for seed in range(tries)}


@pytest.mark.parametrize(
    ("sentence", "expected"),
    [
        ("Let me look.", {None}),
        ("It is so.", {"It is not so."}),
        ("That is not so.", {"That is so."}),
        ("I cannot see.", {"I can see."}),
        ("We can't see.", {"We can see."}),
        ("It won't rain.", {"It will rain."}),
        ("She ate three.", {"She ate two.", "She ate four."}),
        ("Two came.", {"Three came."}),
        ("Nineteen came.", {"Eighteen came."}),
        ("They have more.", {"They have less."}),
        ("Less came.", {"More came."}),
        ("Take a + b here.", {"Take a - b here."}),
        ("Here x = y, say.", {"Here x \u2260 y, say."}),
        ("So (B), say.", {"So (A), say.", "So (C), say."}),
    ],
)
def test_each_rule(sentence: str, expected: set[str | None]) -> None:
    question = QUESTION if "(B)" in sentence else PLAIN
    assert outcomes(sentence, question) == expected


def test_a_letter_has_no_other_where_there_are_no_choices() -> None:
    assert outcomes("So (B), say.") == {None}


def test_a_name_becomes_another_of_the_question() -> None:
    assert outcomes("Then Amara left.", QUESTION) == {"Then Boris left."}
    assert outcomes("Amara left.", QUESTION) == {"Boris left."}
    assert outcomes("Then Amara left.") == {None}


@pytest.mark.parametrize(
    ("number", "shape"),
    [
        ("512", r"\d{3}"),
        ("1,000", r"\d{1,3}(,\d{3})*"),
        ("0.05", r"0\.\d\d"),
        ("1.50", r"1\.\d\d"),
        ("0", r"[12]"),
        ("007", r"0\d\d"),
        ("-7", r"-\d"),
        ("100", r"(9|1[01])\d"),
    ],
)
def test_a_number_changes_a_little_and_keeps_its_format(number: str, shape: str) -> None:
    found = outcomes(f"Take {number} now.", tries=100)
    assert len(found) > 1
    value = float(number.replace(",", ""))
    for sentence in found:
        assert sentence is not None
        changed = sentence.removeprefix("Take ").removesuffix(" now.")
        assert re.fullmatch(shape, changed), changed
        last = 10.0 ** -len(number.partition(".")[2])
        assert 0 < abs(float(changed.replace(",", "")) - value) <= max(2 * last, abs(value) / 10) + 1e-9


def test_the_numbers_of_lists_and_steps_stay() -> None:
    assert outcomes("3. Look.") == {None}
    assert all(text is not None and text.startswith("Step 2: take ") for text in outcomes("Step 2: take 90 of them."))


@settings(deadline=None, max_examples=300)
@given(
    pieces=st.lists(st.one_of(st.sampled_from(PIECES), st.text(max_size=5)), max_size=8),
    glue=st.sampled_from([" ", ""]),
    seed=st.integers(0, 99),
)
def test_what_comes_back_always_took(pieces: list[str], glue: str, seed: int) -> None:
    sentence = glue.join(pieces).strip()
    for question in (QUESTION, PLAIN):
        changed = rules.mistake(sentence, question, np.random.default_rng(seed))
        assert changed is None or checks.mistake(sentence, changed, "stop", rules.names(question)) == ""
        assert changed == rules.mistake(sentence, question, np.random.default_rng(seed))
