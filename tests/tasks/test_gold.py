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
        ("x", "C", "", ": correct the row, or name the right column with the option map=gold=COLUMN."),
        ("x", 2, "", ": correct the row, or name the right column with the option map=gold=COLUMN."),
        ("x", None, "", ": correct the row, or name the right column with the option map=gold=COLUMN."),
        ("x", True, "", ": correct the row, or name the right column with the option map=gold=COLUMN."),
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
