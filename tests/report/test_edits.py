"""Examples of mistakes and paraphrases: what stood there, what was put in its place, what came of it."""

import pytest
from builders import trace
from report.pages import Page, data_of

from cotfaith.report import edits

pytestmark = pytest.mark.integration


def test_a_trace_holds_its_strategy_and_examples_of_edits(made: tuple[str, Page]) -> None:
    hostile, free = data_of(made[0])["traces"]
    assert (hostile["strategy"], free["strategy"], free["edits"]) == ("cot", "cot", [])
    first, lost, paraphrase, refused = hostile["edits"]
    assert (first["of"], first["where"], first["by"], first["valid"]) == ("Mistakes", "step 2", "rules", True)
    assert first["original"].strip() == hostile["steps"][1].strip()
    assert first["inserted"] == " Then <b>nothing</b> follows."
    assert (first["thought"], first["answer"]) == (" I go on <script>so</script>. So the answer is (C).", "C")
    assert (lost["valid"], lost["note"], lost["state"], lost["answer"]) == (False, "echoed", "", None)
    assert (paraphrase["of"], paraphrase["where"], paraphrase["state"]) == ("Paraphrases", "up to step 2", "")
    assert paraphrase["original"] == "".join(hostile["steps"][:2])
    assert (refused["where"], refused["original"]) == ("the whole reasoning, answered at once", "".join(hostile["steps"]))


def test_the_verdicts_on_what_follows_a_mistake_are_told() -> None:
    said = {
        "judge": "lexical",
        "channel": "reasoning",
        "state": "judged",
        "mentions": True,
        "relies": True,
        "raw": " That is wrong. ",
    }
    row = {"intervention": "mistake", "site": 0, "kind": "w", "valid": True, "note": "", "insert": ""}
    (shown,) = edits.payload(trace(" One."), row, None, [said])["verdicts"]
    told = "mentions that an earlier step may be wrong, states that one is: acknowledged"
    assert shown == ["lexical, of reasoning", f"{told}\nRaw: That is wrong."]
    assert edits.verdict(said | {"relies": False, "raw": ""}) == told.replace("states", "does not state").replace(": ", ": not ")
    assert edits.verdict({"state": "invalid", "raw": "", "mentions": None}) == "invalid: the reply is not a verdict"


def test_at_most_three_edits_of_each_kind_one_that_failed_its_check_among_them() -> None:
    common = {"trace_id": "t", "arm": "treated", "kind": "w", "draw": 0}
    rows = [
        common | {"id": f"{name}-{site}", "intervention": name, "site": site, "valid": site != lost}
        for name, lost in (("mistake", 5), ("paraphrase", 0))
        for site in (5, 4, 3, 2, 1)
    ]
    rows += [common | {"id": "s", "intervention": "shuffle", "site": 0, "valid": True}]
    chosen = edits.chosen(rows, {"t": None})
    assert [row["id"] for row in chosen] == ["mistake-1", "mistake-2", "mistake-5", "paraphrase-1", "paraphrase-2", "paraphrase-3"]
    assert edits.chosen(rows, {"another": None}) == []
