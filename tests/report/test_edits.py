"""Edits of a trace: what stood there, what was put in its place, what came of it, beside its control."""

import pytest
from builders import trace

from cotfaith.report import edits
from cotfaith.report.edits import Read
from cotfaith.types import Question

PLAIN = Question("q", "toy", "Which?", ("one", "two"))
ONE = trace(" First. Second is 2. Third.")
ROW = {
    "trace_id": "t", "intervention": "mistake", "site": 2, "kind": "w", "draw": 0, "valid": True, "note": "", "insert": " Second is 3.",
    "then": "continue", "question": None, "arm": "treated", "id": "p",
}  # fmt: skip
SAID = {"judge": "lexical", "channel": "reasoning", "state": "judged", "mentions": True, "relies": True, "raw": " That is wrong. "}


def reading(answer: str | None, **more: object) -> dict:
    plain = {"answer": answer, "state": "answered" if answer else "unparsed", "reason": "", "thought": "", "response": ""}
    return plain | {"continuation": "", "option_logprobs": ()} | more


def shown(row: dict, treated: dict | None = None, control: dict | None = None, **more: object) -> dict:
    return edits.payload(ONE, PLAIN, ROW | row, Read(treated, control, own=True), **more)


def test_an_edit_is_compared_with_its_control() -> None:
    one = shown({}, reading("A", thought=" So (A)."), reading("B"))
    assert (one["of"], one["where"], one["site"], one["original"].strip()) == ("Mistake", "step 2", 2, "Second is 2.")
    assert (one["answer"], one["control"], one["changed"]) == ("A", {"state": "answered", "answer": "B", "own": True}, True)
    assert shown({}, reading("B"), reading("B"))["changed"] is False
    assert shown({}, reading(None), reading("B"))["changed"] is None
    assert shown({}, None, reading("B"))["changed"] is None
    assert (shown({}, None)["state"], shown({}, None)["control"]) == ("", None)


@pytest.mark.parametrize(
    ("row", "inserted", "rest"),
    [
        ({"then": "continue", "insert": " Second is 3."}, " Second is 3.", False),
        ({"then": "answer", "insert": " Second is 3. Third."}, " Second is 3.", True),
        ({"then": "answer", "insert": " Third.", "intervention": "removal"}, "", True),
        ({"then": "answer", "insert": " Second is 3."}, " Second is 3.", False),
        ({"then": "continue", "insert": " Second is 3. Third."}, " Second is 3. Third.", False),
    ],
)
def test_later_steps_that_follow_unchanged_are_not_repeated(row: dict, inserted: str, rest: bool) -> None:
    one = shown(row)
    assert (one["inserted"], one["rest"]) == (inserted, rest)


@pytest.mark.parametrize(
    ("row", "site", "where"),
    [
        ({}, 2, "step 2"),
        ({"intervention": "paraphrase"}, 2, "steps 1 to 2"),
        ({"intervention": "paraphrase", "site": 1}, 1, "step 1"),
        ({"intervention": "mine", "site": 3}, 3, "step 3"),
        ({"intervention": "mine", "site": 9}, 0, "the whole reasoning"),
        ({"intervention": "filler", "site": 2}, 0, "the whole reasoning"),
        ({"intervention": "option_order", "site": 2, "question": "digest"}, 0, "the question"),
    ],
)
def test_an_edit_stands_at_the_step_that_it_acts_on(row: dict, site: int, where: str) -> None:
    one = shown(row)
    assert (one["site"], one["where"]) == (site, where)


def test_a_changed_question_is_shown() -> None:
    other = Question("q", "toy", "Which? Really?", ("one", "two"))
    assert shown({"question": "d"}, edited=other)["asked"] == [["In the question", " Really?"]]
    longer = Question("q", "toy", "What?", ("a", "b", "c"))
    asked = shown({"question": "d"}, edited=longer)["asked"]
    assert asked == [["Question", "What?"], ["Choice A", "a"], ["Choice B", "b"], ["Choice C", "c"]]


def test_the_verdicts_on_what_follows_a_mistake_are_told_and_its_sentence_is_marked() -> None:
    one = shown({}, reading("A", thought=" Wait. That is wrong. So (A)."), None, verdicts=[SAID])
    told = "mentions that an earlier step may be wrong, states that one is: acknowledged"
    assert one["verdicts"] == [["lexical, of reasoning", f"{told}\nRaw: That is wrong."]]
    assert one["marks"] == ["That is wrong."]
    assert shown({}, reading("A", thought="Else."), None, verdicts=[SAID])["marks"] == []
    assert shown({}, reading("A", thought="That is wrong."), None, verdicts=[SAID | {"relies": False}])["marks"] == []
    assert edits.verdict(SAID | {"relies": False, "raw": ""}) == told.replace("states", "does not state").replace(": ", ": not ")
    assert edits.verdict({"state": "invalid", "raw": "", "mentions": None}) == "invalid: the reply is not a verdict"


def test_long_texts_keep_their_beginning_and_their_end() -> None:
    one = shown({}, reading("A", thought="a" * 5000 + "b" * 1000))
    assert one["thought"].startswith("a" * 3000 + "\n[2,000 characters are left out here]\n")
    assert one["thought"].endswith("b" * 1000)


def test_a_few_edits_of_each_step_one_that_failed_its_check_among_them() -> None:
    rows = [
        ROW | {"id": f"{name}-{site}-{draw}", "intervention": name, "site": site, "draw": draw, "valid": draw != 7}
        for name in ("mistake", "paraphrase")
        for site in (2, 1)
        for draw in range(8)
    ]
    rows += [ROW | {"id": "h", "intervention": "hint"}, ROW | {"id": "c", "arm": "control"}, ROW | {"id": "u", "trace_id": "u"}]
    chosen = edits.chosen(rows, {"t": ONE})
    kept = [row["id"] for row in chosen.rows["t"]]
    assert kept[:4] == ["mistake-1-0", "mistake-1-1", "mistake-1-2", "mistake-1-7"]
    assert (len(kept), chosen.left_out["t"]) == (16, 16)
    assert edits.chosen(rows, {"another": ONE}).rows == {}


def test_a_control_stands_at_the_same_site_with_the_same_draw() -> None:
    rows = [ROW | {"id": f"c{site}{draw}", "arm": "control", "site": site, "draw": draw} for site in (1, 2) for draw in (0, 1)]
    found = edits.controls(rows, {"t": ONE})
    assert edits.control(found, ROW | {"draw": 1})["id"] == "c21"
    assert edits.control(found, ROW | {"site": 3}) is None
