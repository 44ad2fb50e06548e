"""The corpus of completions: nearly all are read as labelled, and none where the text commits to nothing."""

import json
import subprocess
import sys
from collections import Counter
from pathlib import Path

import pytest

from cotfaith.text.answers import extract
from cotfaith.text.numbers import canonical, same
from cotfaith.types import Question

ROWS = [json.loads(line) for line in (Path(__file__).parents[1] / "data" / "answers.jsonl").read_text("utf-8").splitlines()]
GOLDS = {"choice": None, "any": None, "number": "7", "text": "a text"}
SHARE = 0.99


def read(row):
    """What the extractor finds: the answer or the state."""
    question = Question("q", "t", "Which?", tuple(row.get("options", ())), row.get("gold", GOLDS[row["kind"]]))
    found = extract(row["text"], question, finish=row.get("finish", "stop"), cue=row.get("cue", ""))
    return found.state if found.answer is None else found.answer


def test_the_corpus_is_large_and_has_every_kind():
    assert len(ROWS) >= 700
    assert len({json.dumps(row, sort_keys=True) for row in ROWS}) == len(ROWS)
    kinds = Counter((row["kind"], "cue" in row, "state" in row) for row in ROWS)
    assert all(kinds[kind, cue, silent] >= 2 for kind in GOLDS for cue in (False, True) for silent in (False, True)), kinds
    assert all(("answer" in row) != ("state" in row) for row in ROWS)
    assert all(row.get("state", "unparsed") in {"unparsed", "refused", "truncated"} for row in ROWS)


def test_nearly_all_completions_are_read_as_labelled():
    missed = [(row, found) for row in ROWS if (found := read(row)) != row.get("answer", row.get("state"))]
    listed = "\n".join(f"{row['text']!r}: {found}, not {row.get('answer', row.get('state'))}" for row, found in missed)
    assert len(missed) <= (1 - SHARE) * len(ROWS), listed


def test_no_answer_comes_from_a_text_that_commits_to_none():
    invented = [
        (row["text"], found) for row in ROWS if "state" in row and (found := read(row)) not in {"unparsed", "refused", "truncated"}
    ]
    assert invented == []


def test_no_completion_gives_another_answer_than_its_own():
    silent = {"unparsed", "refused", "truncated"}
    wrong = [(row["text"], found) for row in ROWS if "answer" in row and (found := read(row)) not in {row["answer"], *silent}]
    assert wrong == []


# --- equal values are equal strings ------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "spellings",
    [
        ["Yes", "Yes, it is.", "Yes - it is", "yes!", "**Yes**", "Yes\n\nIt is older."],
        [r"2\sqrt{3}", r"2 \sqrt{3}", r"2\sqrt3", r"\sqrt{12}", "2√3", r"2\cdot\sqrt{3}", r"\frac{6}{\sqrt{3}}"],
        [r"\dfrac{\pi}{2}", r"\frac{\pi}{2}", r"\pi/2", "π/2", r"0.5\pi", r"\tfrac12\pi"],
        ["6-5i", "6 - 5i", "6 - 5 i", "-5i + 6"],
        [r"11\sqrt2", r"11\sqrt{2}"],
        ["x=5", "5", "x = 5", r"x = \frac{10}{2}"],
        [r"\boxed{\$18}", r"\$18", "$18", "18"],
        ["(x+1)^2", "x^2 + 2x + 1", "(1+x)(x+1)"],
        [r"\frac{1}{1+\sqrt{2}}", r"\sqrt{2}-1"],
        [r"\frac{a}{b}", "a/b"],
        ["(1,2)", "(1, 2)", r"(1, \frac{4}{2})"],
        ["$2.5 million", "2500000", "2,500,000"],
        ["e^{2x}", "e^(2x)", "(e^x)^2", "e^{x+x}"],
        ["x<5", "x < 5", "5 > x", "x < 5.0", r"x \lt 5"],
        [r"x \le 5", r"x \leq 5", "x ≤ 5", "x <= 5", r"x \leqslant 5", r"5 \geq x"],
        ["1 < x < 5", "5>x>1", "1<x<5"],
        [r"\sqrt[3]{-8}", "-2", r"-\sqrt[3]{8}"],
        ["xy", "x*y", "yx", r"x \cdot y"],
        ["2xy", "2yx", "2 xy", "2*x*y"],
        [r"\sin x", r"\sin(x)", r"\sin{x}", r"\sin\left(x\right)"],
        ["1011_2", "1011_{2}"],
        ["5 km", "5km", "5.0 km", r"5\,\text{km}", r"5~\text{km}", "5 KM.", "10/2 km"],
        ["0.5m", "0.5 m", "1/2 m"],
        ["20 °C", "20°C", "20.0 °C"],
        ["50 percent", "50%", r"50\%", "50 per cent", "50.0 Percent."],
        ["10^{12}", "10^12", "1000000000000"],
        ["x^{2}", "x^2"],
        ["5!", " 5! ", "**5!**", '"5!"', "5!."],
        ["Paris!", "Paris"],
    ],
)
def test_equal_values_are_equal_strings(spellings):
    assert len({canonical(spelling) for spelling in spellings}) == 1
    assert canonical(canonical(spellings[0])) == canonical(spellings[0])


@pytest.mark.parametrize(
    ("a", "b"),
    [
        ("e^{2x}", "e^2 x"), ("2^{3x}", "8x"), ("10^{2n}", "100n"), ("x^{ab}", "x^a b"), ("e^{-2x}", "e^{-2}x"), ("3^{2}4", "3^24"),
        ("2^{3}.5", "2^3.5"), ("2^{3}!", "2^3"), ("5!", "5"), ("5!", "120"), ("3!!", "3!"), ("n!", "n"), ("(n+1)!", "n+1"),
        ("02134", "2134"), ("007", "7"), ("+007", "7"), ("00.5", "0.5"), ("007x", "7x"), ("0.1234567890123456789", "0.12345678901234568"),
        ("x<5", "x>5"), ("x<5", "x<6"), (r"x \le 5", "x<5"), ("x<5", "5<x"), (r"x \neq 5", "x = 5"), ("1<x>5", "1<x<5"), ("a->b", "a-b"),
        (r"\sin x", r"\cos x"), (r"\sin 2x", r"x\sin 2"), ("1011_2", "1011"), ("1011_{2}", "1011_{3}"), ("x_{12}", "x_{1}2"),
        ("5 km", "5 m"), ("5 km", "5"), ("5 MW", "5 mW"), ("5 °C", "5 C"), ("5 am", "5 pm"), (r"\sqrt[3]{-8}", "2"), ("(-8)^{1/3}", "2"),
        ("no", "on"), ("ab", "ba"), ("3 oz", "3 zo"), ("50 percent", "0.5"),
    ],
)  # fmt: skip
def test_different_values_are_different_strings(a, b):
    assert same(a, b) is False
    assert same(b, a) is False
    assert canonical(canonical(a)) == canonical(a)


@pytest.mark.parametrize(
    ("text", "gold", "answer"),
    [
        ("The answer is 5!", "5", "5"), ("The answer is Paris!", "Paris", "paris"), ("The zip code is 02134.", "02134", "02134"),
        ("The answer is 05.", "5", None), ("The answer is x<5.", "x < 5", "x < 5"), ("It is 0.1234567890123456789.", "0.1", "0.1234567890123456789"),
    ],
)  # fmt: skip
def test_an_answer_keeps_its_digits_and_loses_the_mark_of_its_sentence(text, gold, answer):
    assert extract(text, Question("q", "t", "Which?", gold=gold)).answer == answer


@pytest.mark.parametrize(
    "value",
    [
        "2^(999999999x)",
        "9^{9^{9^x}}",
        r"\sin(" * 30 + "x" + ")" * 30,
        "x<" * 5000 + "x",
        "9**9**9**9",
        "9^{9^{9^9}}",
        "(a+b+c)^{99}",
        "2^{99999999}",
        "(" * 40 + "x" + ")" * 40,
        r"\frac{1}{0}",
        "0^0",
    ],
)
def test_what_could_be_huge_stays_text(value):
    assert same(value, value) is True
    assert same(value, "1") is False
    assert len(canonical(value)) <= len(value) + 2


def test_options_are_read_without_sympy():
    code = (
        "import sys; from cotfaith.text.answers import extract; from cotfaith.types import Question;"
        "q = Question('q', 't', 'Which?', ('Rome', 'Paris', '14'));"
        "found = extract('The answer is Rome, (A), or rather 14. So 14.', q, cue='(');"
        "sys.exit('sympy' in sys.modules)"
    )
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0
