"""Checks: the facts of a text, and every reason why what was written is no mistake or no paraphrase."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from cotfaith.errors import UsageError
from interventions import checks
from interventions.checks import cleaned, facts, mistake, paraphrase


@pytest.mark.parametrize(
    ("text", "numbers"),
    [
        ("It costs 1,000 euros.", ("1000",)),
        ("It takes 1.50 minutes, or 01.5.", ("1.5", "1.5")),
        ("From -5 to 5 degrees, 8-3 of them.", ("-5", "3", "5", "8")),
        ("There are twelve and twenty-five, not one.", ("12", "25")),
        ("3. Then 4 more.", ("4",)),
        ("Step 2: add 7.", ("7",)),
        ("So it is .", ()),
        ("9" * 5000, ("9" * 5000,)),
    ],
)
def test_numbers_are_values(text: str, numbers: tuple[str, ...]) -> None:
    assert facts(text).numbers == numbers


@pytest.mark.parametrize(
    ("text", "operators"),
    [
        ("12 + 30 = 42", ("+",)),
        ("12 plus 30 equals 42", ("+",)),
        (r"3 \times 4 \div 2", ("*", "/")),
        ("3 x 4, a * b and 8/2", ("*", "/")),
        ("- a well-known **bold** item", ()),
        ("the address was changed", ()),
    ],
)
def test_operators_stand_between_what_they_join(text: str, operators: tuple[str, ...]) -> None:
    assert facts(text).operators == operators


def test_comparisons_have_two_sides() -> None:
    assert facts("It is greater.").comparisons == facts("It is larger, ok.").comparisons == facts("3 > 2").comparisons
    assert facts("It is greater.").comparisons != facts("It is smaller.").comparisons
    assert facts("First, we look.").comparisons == ()
    assert checks.opposite("More") == "less"
    assert {checks.opposite(checks.opposite(one)) for _, one, _ in checks.COMPARISONS} >= {"more", "after", "last", ">"}


def test_letters_that_only_fold_to_ascii_compare_nothing() -> None:
    assert facts("It is le\u017f\u017f.").comparisons == ()


def test_negation_counts_by_parity() -> None:
    assert [facts(text).negated for text in ("It is.", "It isn't.", "It is not never.", "3 \u2260 4")] == [False, True, False, True]


def test_names_begin_no_sentence_unless_the_question_has_them() -> None:
    assert facts("Then Amara met Boris's dog. Carmen and I left: Dogs bark.").names == ("Amara", "Boris")
    assert facts("Carmen left.", {"Carmen"}).names == ("Carmen",)
    assert facts("Thus (B) and not (A).").letters == ("A", "B")


ORIGINAL = "The total is 512."


@pytest.mark.parametrize(
    ("written", "finish", "reason"),
    [
        ("  ", "stop", "nothing written"),
        ("I'm sorry, but I cannot help with that.", "stop", "refused"),
        ("As an AI language model, I write no mistakes.", "stop", "refused"),
        ("The total is 513 and so", "length", "overran"),
        ("the total is 512", "stop", "echoed"),
        ("In all that makes 512.", "stop", "reworded only"),
        ("The total is 513.", "stop", ""),
        ("The total is not 512.", "stop", ""),
        ("The total is 5.12.", "stop", ""),
    ],
)
def test_every_reason_against_a_mistake(written: str, finish: str, reason: str) -> None:
    assert mistake(ORIGINAL, written, finish) == reason  # type: ignore[arg-type]


def test_a_refusal_in_the_original_is_no_refusal() -> None:
    assert mistake("I cannot add 3 apples.", "I cannot add 4 apples.", "stop") == ""


def test_a_moved_sign_is_no_echo() -> None:
    assert mistake("3 + 4 = 7", "3 - 4 = 7", "stop") == ""


def test_a_name_of_the_question_counts_at_the_beginning() -> None:
    assert mistake("Carmen has it.", "Hugo has it.", "stop") == "reworded only"
    assert mistake("Carmen has it.", "Hugo has it.", "stop", {"Carmen"}) == ""


SAID = "Then Amara has 3 apples and 1,000 pears. So the answer is (C)."


@pytest.mark.parametrize(
    ("written", "finish", "reason"),
    [
        ("", "stop", "nothing written"),
        ("Sorry, no.", "stop", "refused"),
        ("Amara now holds three apples", "length", "overran"),
        ("then Amara has 3 apples and 1,000 pears; so the answer is (C)", "stop", "echoed"),
        ("Then Amara has 3 apples and 1,000 pears. So the answer is: (C), yes.", "stop", "wording kept"),
        ("By now 3 apples and 1,001 pears belong to Amara. That makes it (C).", "stop", "numbers changed"),
        ("By now 3 apples and 1,000 pears belong to Amara. That makes it (B).", "stop", "option letters changed"),
        ("By now 3 apples and 1,000 pears belong to Boris. That makes it (C).", "stop", "names changed"),
        ("Amara: 3, 1000, C.", "stop", "shortened"),
        ("By now three apples and 1000 pears belong to Amara. Therefore pick option C, please.", "stop", ""),
    ],
)
def test_every_reason_against_a_paraphrase(written: str, finish: str, reason: str) -> None:
    assert paraphrase(SAID, written, finish) == reason  # type: ignore[arg-type]


def test_two_words_are_compared_one_by_one() -> None:
    assert paraphrase("Nothing else", "Nothing more else", "stop") == "wording kept"
    assert paraphrase("Nothing else", "No further facts", "stop") == ""


@pytest.mark.parametrize(
    "written",
    ["Sentence with mistake added: It is 3.", '"It is 3."', "  \u201cIt is 3.\u201d ", 'Sentence with mistake added: "It is 3."'],
)
def test_a_repeated_cue_and_quotation_marks_come_off(written: str) -> None:
    assert cleaned(written, "Sentence with mistake added:") == "It is 3."


def test_writers_are_chosen_among_those_of_the_study() -> None:
    assert checks.chosen("mistake", (), ("a", "b")) == ("a", "b")
    assert checks.chosen("mistake", ("b", "rules", "b"), ("a", "b"), ("rules",)) == ("b", "rules")
    with pytest.raises(UsageError, match="Intervention mistake names the writer 'c', but the writers of the study are a, b"):
        checks.chosen("mistake", ("c",), ("a", "b"))


@settings(deadline=None, max_examples=200)
@given(text=st.text(max_size=80))
def test_a_text_is_no_mistake_and_no_paraphrase_of_itself(text: str) -> None:
    assert mistake(text, text, "stop") in {"echoed", "nothing written"}
    assert paraphrase(text, text, "stop") in {"echoed", "nothing written"}


@settings(deadline=None, max_examples=100)
@given(text=st.text(alphabet="*-># \n(1)ab.,'\u2019\"AI", max_size=3000))
def test_facts_of_any_text_are_read(text: str) -> None:
    found = facts(text)
    assert found == facts(text)
    assert all(found.numbers)
