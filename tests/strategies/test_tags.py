"""The tags of decomposition, well formed and not."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cotfaith.strategies.tags import UNKNOWN, fill, plain, refers, result, subquestions, tagged

PIECES = [
    "<sub_q_1>",
    "</sub_q_1>",
    "<sub_q_2>",
    "</sub_q_2>",
    "<sub_a_1>",
    "</sub_a_1>",
    "<sub_a_7>",
    "<FIN>",
    "a",
    " ",
    "\n",
    "b?",
]
TEXTS = st.lists(st.sampled_from(PIECES), max_size=25).map("".join)


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("<sub_q_1>What is 1?</sub_q_1>\n<sub_q_2>And\n 2?</sub_q_2>", {1: "What is 1?", 2: "And 2?"}),
        ("Sure. <sub_q_3>Third</sub_q_3> <FIN></FIN>", {3: "Third"}),
        ("<sub_q_1>Not closed\n<sub_q_2>Closed</sub_q_2>", {2: "Closed"}),
        ("<sub_q_1>Closed by another</sub_q_2> <sub_q_3>x</sub_q_3>", {3: "x"}),
        ("<sub_q_1>Outer <sub_q_2>inner</sub_q_2></sub_q_1>", {2: "inner"}),
        ("<sub_q_1>First</sub_q_1><sub_q_1>Again</sub_q_1>", {1: "First"}),
        ("<sub_q_1> </sub_q_1><sub_q_2><FIN></sub_q_2>", {}),
        ("<sub_q>No number</sub_q> <sub_q_1234>Too long</sub_q_1234>", {}),
        ("<sub_q_2>Is <sub_a_1>made up</sub_a_1> so?</sub_q_2>", {2: "Is <sub_a_1></sub_a_1> so?"}),
        ("<sub_q_2><sub_a_1>/3 ?</sub_q_2>", {2: "<sub_a_1></sub_a_1>/3 ?"}),
        ("<sub_q_2><sub_a_1></sub_a_1></sub_q_2>", {2: "<sub_a_1></sub_a_1>"}),
        ("No tags at all.", {}),
        ("", {}),
    ],
)
def test_subquestions(text: str, found: dict[int, str]) -> None:
    assert subquestions(text) == found


def test_references_are_filled_where_the_answer_is_known() -> None:
    text = "Is <sub_a_1></sub_a_1> more than <sub_a_2>invented</sub_a_2> and <sub_a_9>?"
    filled = fill(text, {1: "4", 2: "3"})
    assert filled == "Is 4 more than 3 and <sub_a_9></sub_a_9>?"
    assert refers(filled)
    assert not refers(fill(filled, {9: "2"}))
    assert fill(r"<sub_a_1></sub_a_1>", {1: r"\1 \g<0>"}) == r"\1 \g<0>"


def test_plain_leaves_no_tag() -> None:
    assert plain(" a</sub_a_1>\n<sub_q>b <FIN></FIN> x < 5") == "a b x < 5"


@pytest.mark.parametrize(
    ("text", "finish", "said"),
    [
        (" Yellow, I think. <result>Yellow", "stop", "Yellow"),
        ("<result>Yellow</result> So it is.", "length", "Yellow"),
        ("<result>Yel", "length", UNKNOWN),
        ("Yellow.", "stop", UNKNOWN),
        ("", "stop", UNKNOWN),
        ("<result> \n</result>", "stop", UNKNOWN),
        ("<result>a</result> or <result>b\nc", "stop", "b c"),
        ("<result>Unknown</result>", "stop", UNKNOWN),
        ("<result>x < 5 <sub_a_1>", "stop", "x < 5"),
    ],
)
def test_result(text: str, finish: str, said: str) -> None:
    assert result(text, finish) == said


@given(TEXTS)
def test_whatever_is_found_is_one_line_and_reads_back(text: str) -> None:
    found = subquestions(text)
    assert all(one == " ".join(one.split()) != "" for one in found.values())
    assert subquestions(tagged("q", found)) == found
    for one in found.values():
        assert not refers(fill(one, dict.fromkeys(range(1000), "42")))


def test_no_text_takes_for_ever() -> None:
    for piece in ("<sub_q_1>", "<sub_q_1>a<sub_a_1>", "<sub_a_1>", "<result>", "</sub_q_1>"):
        assert subquestions(piece * 4000) == {}
        assert fill(piece * 4000, {1: ""}).count("<sub_a_1>") == 0
