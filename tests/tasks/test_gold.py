"""Every way in which a file may name its right choice, and the values that are refused."""

import pytest

from cotfaith.errors import DataError
from cotfaith.tasks.jsonl import Jsonl


def gold_of(write, row, **options):
    (question,) = Jsonl(str(write("q.jsonl", row)), **options).questions()
    return question.gold


def refused(path, **options):
    """The sentence with which the file is refused before its first question, without the file's name."""
    with pytest.raises(DataError) as caught:
        next(Jsonl(str(path), **options).questions())
    return str(caught.value).removeprefix(f"{path}, ")


@pytest.mark.parametrize(
    ("choices", "gold", "letter"),
    [
        (["x", "y"], "B", "B"),
        (["x", "y"], "b", "B"),
        (["x", "y"], " y ", "B"),
        (["x", "y"], 1, "B"),
        (["x", "y"], 0, "A"),
        (["x", "y"], "0", "A"),
        ([10, 2.5], 10, "A"),
        ([10, 2.5], "2.5", "B"),
        ({"A": "x", "B": "y"}, "B", "B"),
        ({"A": "x", "B": "y"}, "x", "A"),
        ({"A": "x", "B": "y"}, 1, "B"),
        ({"1": "x", "2": "y"}, "1", "A"),
        ({"text": ["x", "y", "z"], "label": ["A", "B", "C"]}, "C", "C"),
        ({"text": ["x", "y", "z"], "label": ["1", "2", "3"]}, "1", "A"),
        ({"text": ["x", "y", "z"], "label": ["1", "2", "3"]}, "A", "A"),
        ({"text": ["B", "A"], "label": ["A", "B"]}, "A", "A"),
        (["0", "4", "2"], 2, "C"),
    ],
)
def test_gold_that_is_plain(write, choices, gold, letter):
    assert gold_of(write, {"question": "?!", "choices": choices, "gold": gold}) == letter


@pytest.mark.parametrize(
    ("choices", "gold", "senses", "ways"),
    [
        (["x", "y", "z"], "1", "the index of choice B or the label of choice A", ("index", "label")),
        (["2", "4", "0"], 2, "the index of choice C or the text of choice A", ("index", "text")),
        (["B", "A"], "A", "the letter of choice A or the text of choice B", ("letter", "text")),
        ({"text": ["x", "y"], "label": ["1", "2"]}, 1, "the label of choice A or the index of choice B", ("label", "index")),
    ],
)
def test_gold_that_may_be_two_things_is_asked_about(write, choices, gold, senses, ways):
    path = write("q.jsonl", {"question": "?!", "choices": choices, "gold": gold})
    cure = f"say which with the option gold={ways[0]} or gold={ways[1]}."
    assert refused(path) == f"line 1: the gold {gold!r} may be {senses}: {cure}"


@pytest.mark.parametrize(("gold", "letter"), [("index", "B"), ("label", "A"), ("text", "C")])
def test_the_option_settles_it(write, gold, letter):
    row = {"question": "?!", "choices": ["7", "8", "1"], "gold": "1"}
    assert gold_of(write, row, gold=gold) == letter


@pytest.mark.parametrize(
    ("good", "gold", "manner", "rest"),
    [
        ("x", "C", "", ": correct the row, or name the right column with -T map=gold=COLUMN."),
        ("x", 2, "", ": correct the row, or name the right column with -T map=gold=COLUMN."),
        ("x", None, "", ": correct the row, or name the right column with -T map=gold=COLUMN."),
        ("x", True, "", ": correct the row, or name the right column with -T map=gold=COLUMN."),
        (0, "x", "index", " as an index: correct the row or leave the option gold=index out."),
        (1, "0", "label", " as a label: correct the row or leave the option gold=label out."),
        ("A", 0, "letter", " as a letter: correct the row or leave the option gold=letter out."),
        ("x", "A", "text", " as a text: correct the row or leave the option gold=text out."),
    ],
)
def test_a_gold_that_is_no_option(write, good, gold, manner, rest):
    row = {"question": "?!", "choices": ["x", "y"]}
    path = write("q.jsonl", {**row, "gold": good}, {**row, "gold": gold})
    assert refused(path, gold=manner) == f"line 2: the gold {gold!r} is none of the 2 choices{rest}"


def test_a_gold_text_that_two_choices_have(write):
    path = write("q.jsonl", {"question": "?!", "choices": ["x", "x", "y"], "gold": "x"})
    expected = "line 1: the gold 'x' may be the text of choice A or the text of choice B: name it by its letter."
    assert refused(path, repeated="keep", gold="text") == expected


@pytest.mark.parametrize(
    ("choices", "gold", "letters"),
    [
        (["B) Paris", "A) Rome"], "A", "B, A"), (["(b) Paris", "(a) Rome"], "Rome", "B, A"), (["B. Paris", "A. Rome", "C. Bonn"], 0, "B, A, C"),
        (["B) Paris", "Rome"], "B", "B, none"), ({"A": "B) Paris", "B": "A) Rome"}, "A", "B, A"),
    ],
)  # fmt: skip
def test_printed_letters_that_contradict_their_places_are_refused(write, choices, gold, letters):
    message = refused(write("q.jsonl", {"question": "?!", "choices": choices, "gold": gold}))
    assert message.startswith(f"line 1: the letters printed before the choices ({letters}) are not those of their places (A, B")
    row = {"question": "?!", "choices": ["B) Paris", "A) Rome"], "gold": 1}
    assert gold_of(write, row, gold="index") == "B"


def test_initials_are_no_printed_letters(write):
    species = {"question": "?!", "choices": ["E. coli", "S. aureus", "C. albicans", "B. cereus", "P. vivax"], "gold": "C"}
    assert gold_of(write, species) == "C"
    assert gold_of(write, {**species, "gold": "E"}) == "E"


@pytest.mark.parametrize(
    ("golds", "letters", "said"),
    [
        ([1, "B"], "BB", "none of them 0 or the number of the choices, so they may count from 0 or from 1, and from 0 is assumed: name every choice by its letter"),
        ([1, "B", 0], "BBA", "numbers and letters as golds, and one of the numbers is 0, so the numbers count from 0"),
        ([1, "B", 3], "ABC", "so they count from 1 (letters stand among them)"),
        ([1, "two"], "BB", "numbers among others that are texts (such as 1), and these numbers count from 0"),
    ],
)  # fmt: skip
def test_how_numbers_among_letters_count_is_said(write, caplog, golds, letters, said):
    rows = [{"question": "?!", "choices": ["one", "two", "three"], "gold": gold} for gold in golds]
    questions = Jsonl(str(write("q.jsonl", *rows))).questions()
    assert "".join(question.gold or "-" for question in questions) == letters
    assert said in caplog.text


@pytest.mark.parametrize("choices", [{"5": 1, "7": 0}, {"x": 1, "y": 0}, {"5": True, "7": False}])
def test_choices_of_one_character_may_have_marks(write, choices):
    (question,) = Jsonl(str(write("q.jsonl", {"question": "?!", "choices": choices}))).questions()
    assert (question.choices, question.gold) == (tuple(choices), "A")


@pytest.mark.parametrize("choices", [{"1": 1, "2": 0}, {"0": 0, "1": 1}])
def test_numbers_in_order_may_be_labels_or_choices(write, choices):
    message = refused(write("q.jsonl", {"question": "?!", "choices": choices}))
    assert message == (
        f"line 1: the choices {choices!r} may be numbers with a mark at the right one, or labels and texts: write them as a list, and name the right "
        "one in a column of its own (gold)."
    )
