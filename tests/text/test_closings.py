"""What the prompt's cue opened ends where it is closed."""

import pytest

from cotfaith.text.answers import extract
from cotfaith.text.closings import enclosed
from cotfaith.types import Question


@pytest.mark.parametrize(
    ("text", "cue", "right"),
    [
        ("18</answer> 5", "<answer>", "18"), ("18</ANSWER> 5", "so: <Answer> ", "18"), ("18[/answer] 5", "[answer]", "18"), ("18</b> 5", "<answer>", None), ("18</answer>", "Answer:", None),
        ("</answer> 5", "<answer>", None), ("18", "<answer>", None), (r"\frac{1}{2}}. 5", r"The answer is \boxed{", r"\frac{1}{2}"), ("18 {5}", r"\boxed{", None), ("18} 5", "{", None),
    ],
)  # fmt: skip
def test_what_is_enclosed(text, cue, right):
    assert enclosed(text, cue) == right


def test_what_follows_the_closing_tag_is_no_answer():
    question = Question("q", "t", "How many?", gold="7")
    text = "18</answer>\nThe answer is 5 for Bob, and"
    found = extract(text, question, finish="length", cue="<answer>")
    assert (found.answer, found.raw) == ("18", text)
    assert extract("I am not sure</answer> The answer is 5.", question, cue="<answer>").answer is None
    assert extract("18</answer> The answer is 5.", question).answer == "5"
