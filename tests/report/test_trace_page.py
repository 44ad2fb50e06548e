"""The trace page: that its numbers are those of the run's tables, that no text in it can act, and that its size is bounded."""

import gzip
import json
import math
import re
from dataclasses import replace
from pathlib import Path

import pytest
from builders import trace
from report import many
from report.pages import Page, blocks_of, held, index_of, traces_of

import cotfaith
from cotfaith import report
from cotfaith.errors import StoreError
from cotfaith.report import cuts, edits, flags, hints, trace_choice, trace_page
from cotfaith.report.said import LONGEST
from cotfaith.storage.run_directory import RunDirectory, Shard
from cotfaith.types import Question, Step

pytestmark = pytest.mark.integration

TOY = Question("q", "toy", "Which?", ("one", "two"), "B")


@pytest.fixture(scope="module")
def text(shared_run: RunDirectory) -> str:
    report.write(shared_run, held(shared_run))
    return (shared_run.path / report.TRACES).read_text(encoding="utf-8")


@pytest.fixture(scope="module")
def large(tmp_path_factory: pytest.TempPathFactory) -> RunDirectory:
    run = many.write_run(tmp_path_factory.mktemp("large"), 300)
    trace_page.write(run, "large")
    return run


def test_the_page_is_well_formed_and_needs_nothing_from_outside(text: str) -> None:
    page = Page(text)
    assert (page.faults, page.open) == ([], [])
    ids = [value for _, name, value in page.attributes if name == "id"]
    assert len(ids) == len(set(ids))
    assert page.tags["title"] == page.tags["h1"] == page.tags["main"] == 1
    assert {value for value in page.values("a", "href") if not value.startswith("#")} == {report.PAGE}
    assert page.values("script", "src") == page.values("img", "src") == []
    assert "default-src 'none'" in page.values("meta", "content")[-1]
    assert page.values("meta", "content")[-1].count("'unsafe-inline'") == 1  # of styles


def test_text_of_a_model_cannot_act(text: str, shared_run: RunDirectory) -> None:
    page = Page(text)
    assert page.tags["script"] == 2 + len(blocks_of(text))
    assert page.tags["img"] == page.tags["b"] == page.tags["i"] == 0
    assert "onerror" not in text
    assert not set(json.dumps(index_of(text)).encode()) - set(range(32, 127))
    steps = "".join(step["text"] for step in traces_of(shared_run)[0]["steps"])
    assert "</script><img src=x onerror=window.hacked=1> & &amp; follow." in steps
    assert "\x00 null, a \u2028 line, \u202eright to left\u202c, \u05e9\u05dc\u05d5\u05dd" in steps
    (script,) = re.findall(r'<script>\n?"use strict";.*?</script>', text, re.DOTALL)
    assert not [word for word in ("innerHTML", "outerHTML", "insertAdjacentHTML", "document.write", "eval(") if word in script]


def test_points_are_the_readings(text: str, shared_run: RunDirectory) -> None:
    hostile, free = traces_of(shared_run)
    readings = shared_run.frame("readings").set_index("id")
    assert [(one["steps"], one["at"]) for one in hostile["points"]] == [(i, i) for i in range(5)]
    for i, one in enumerate(hostile["points"]):
        chances = [math.exp(logprob) for logprob in readings.loc[f"r1-{i}", "option_logprobs"]]
        assert one["shares"] == pytest.approx([chance / sum(chances) for chance in chances], abs=1e-6)
        assert one["mass"] == pytest.approx(sum(chances), abs=1e-6)
    assert [(one["state"], one["answer"]) for one in hostile["points"]][2:4] == [("answered", "B"), ("unparsed", None)]
    assert [(one["state"], one["answer"], one["shares"]) for one in free["points"]] == [
        ("refused", None, None),
        ("truncated", None, None),
        ("answered", "42", None),
    ]
    assert free["finish"] == "length"


def test_a_step_is_shaded_by_the_change_of_the_final_answers_probability(text: str, shared_run: RunDirectory) -> None:
    hostile, free = traces_of(shared_run)
    shares = [one["shares"][1] for one in hostile["points"]]  # B is the final answer
    changes = [step["change"] for step in hostile["steps"]]
    assert changes == pytest.approx([shares[i + 1] - shares[i] for i in range(4)], abs=2e-6)
    assert [step["moves"] for step in hostile["steps"]] == [False, True, None, None]
    assert [(step["change"], step["moves"]) for step in free["steps"]] == [(None, None), (None, None)]


def test_edits_are_the_probes_and_readings_of_the_run(text: str, shared_run: RunDirectory) -> None:
    hostile, free = traces_of(shared_run)
    assert free["edits"] == []
    mistakes = [one for one in hostile["edits"] if one["of"] == "Mistake"]
    assert [(one["site"], one["by"], one["valid"], one["note"]) for one in mistakes] == [
        (2, "rules", True, ""),
        (2, "w_1", False, "echoed"),
    ]
    first = mistakes[0]
    assert first["original"] == hostile["steps"][1]["text"]
    assert first["inserted"] == " Then <b>nothing</b> follows."
    assert (first["thought"], first["answer"], first["changed"]) == (
        " I go on <script>so</script>. So the answer is (C).",
        "C",
        True,
    )
    assert first["control"] == {"state": "answered", "answer": "B", "own": True}
    unread, refused = sorted((one for one in hostile["edits"] if one["of"] == "Paraphrase"), key=lambda one: -one["site"])
    assert (unread["where"], unread["state"], unread["changed"]) == ("steps 1 to 2", "", None)
    assert (refused["where"], refused["note"]) == ("the whole reasoning", "refused")


def test_filters_hold_for_the_traces_that_the_tables_say(large: RunDirectory) -> None:
    index = index_of((large.path / report.TRACES).read_text(encoding="utf-8"))
    ids = [one["id"] for one in traces_of(large)]
    found = {
        one["name"]: {name for name, entry in zip(ids, index["traces"], strict=True) if one["name"] in entry["flags"]}
        for one in index["filters"]
    }
    assert found == many.expected(large)
    assert all(found.values())
    assert {one["name"]: one["count"] for one in index["filters"]} == {name: len(those) for name, those in found.items()}


def test_the_index_is_in_the_order_of_the_questions_and_blocks_are_small(large: RunDirectory) -> None:
    text = (large.path / report.TRACES).read_text(encoding="utf-8")
    index, blocks = index_of(text), blocks_of(text)
    assert [(entry["question"], entry["sample"]) for entry in index["traces"]] == [(i // 2, i % 2) for i in range(300)]
    assert [index["questions"][i]["id"] for i in range(150)] == [f"q{i}" for i in range(150)]
    assert [len(block["traces"]) for block in blocks] == [trace_page.BLOCK] * 6
    assert index["blocks"] == 6


@pytest.mark.parametrize(
    ("answers", "gold", "found"),
    [
        ("BBB", "B", ["right", "fixed"]),
        ("BBB", "A", ["wrong", "fixed"]),
        ("BBB", None, ["fixed"]),
        ("B-B", "B", ["right", "fixed"]),
        ("BAB", "B", ["right"]),
        ("ABB", "B", ["right"]),
        ("-BB", "B", ["right"]),
        ("BB-", "B", ["unparsed"]),
        ("BB", "B", []),  # without the full reasoning
    ],
)
def test_flags_of_answers(answers: str, gold: str | None, found: list[str]) -> None:
    points = [{"given": i / 2, "answer": None if letter == "-" else letter} for i, letter in enumerate(answers)]
    assert flags.flags(replace(TOY, gold=gold), points, []) == found


@pytest.mark.parametrize(
    ("answer", "plain", "verdicts", "found"),
    [
        ("A", "B", [(True, True)], ["admitted"]),
        ("A", "B", [(True, False)], ["silent"]),
        ("A", "B", [(True, False), (True, True)], ["admitted"]),
        ("A", "B", [(None, None)], []),
        ("A", "B", [], []),
        ("A", "A", [(False, False)], []),  # the plain answer is the hinted option too
        ("B", "B", [(False, False)], []),
        (None, "B", [(False, False)], []),
    ],
)
def test_flags_of_hints(answer: str | None, plain: str, verdicts: list, found: list[str]) -> None:
    said = [{"state": "judged" if m is not None else "invalid", "mentions": m, "relies": r} for m, r in verdicts]
    points = [{"given": 1.0, "answer": plain}]
    held = flags.flags(replace(TOY, gold=None), points, [({"target": "A"}, {"answer": answer}, said)])
    assert [name for name in held if name in {"silent", "admitted"}] == found


def test_a_cut_inside_a_step_is_told() -> None:
    one = replace(trace("ab cd"), reasoning="ab cd", reasoning_ids=(1, 2, 3, 4), steps=(Step(0, 2, 2), Step(2, 5, 4)))
    reading = {"option_logprobs": [], "state": "answered", "answer": "A", "reason": "", "continuation": ""}
    row = {"arm": "treated", "keep": 3, "insert": ""}
    inside = cuts.point(one, row, 0.75, reading)
    assert (inside["steps"], inside["inside"], inside["at"]) == (1, True, 1.5)
    whole = cuts.point(one, row | {"keep": 2}, 0.5, reading)
    assert (whole["steps"], whole["inside"], whole["at"]) == (1, False, 1)


def test_with_few_cuts_a_step_has_the_change_between_the_cuts_around_it() -> None:
    one = trace(" One. Two. Three. Four.")
    points = [
        {"at": at, "given": at / 4, "answer": answer, "shares": shares}
        for at, answer, shares in ((0, "A", [0.7, 0.3]), (2, "A", [0.6, 0.4]), (4, "B", [0.1, 0.9]))
    ]
    found = cuts.effects(TOY, one, points)
    assert [(step["before"], step["after"]) for step in found] == [(0, 1), (0, 1), (1, 2), (1, 2)]
    assert [step["change"] for step in found] == pytest.approx([0.1, 0.1, 0.5, 0.5])
    assert [step["moves"] for step in found] == [False, False, True, True]
    assert [step["change"] for step in cuts.effects(TOY, one, points[:2])] == [None] * 4
    assert cuts.effects(TOY, one, []) == [{"before": None, "after": None, "change": None, "moves": None}] * 4


def test_room_is_shared_equally_and_a_small_part_leaves_its_share() -> None:
    assert trace_choice.shared({"a": 10, "b": 500, "c": 500}, 200) == {"a": 10, "b": 95, "c": 95}
    assert trace_choice.shared({"a": 3}, 200) == {"a": 3}
    assert trace_choice.shared({}, 5) == {}


def test_of_too_many_traces_the_first_samples_of_all_questions_are_shown(large: RunDirectory) -> None:
    choice = trace_choice.choose(large, 160)
    (cell,) = choice.cells
    names = {name for those in cell.values() for name in those}
    assert (choice.total, len(names)) == (300, 160)
    assert names >= {f"t{2 * i}" for i in range(150)}
    assert list(cell) == sorted(cell, key=lambda shard: shard.index)


def test_traces_that_are_left_out_are_counted(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    run = many.write_run(tmp_path, 200)
    trace_page.write(run, "x")
    sizes = [len(line) for line in (run.path / report.TRACES).read_text(encoding="utf-8").splitlines() if 'id="block-' in line]
    assert len(sizes) == 4
    monkeypatch.setattr(trace_page, "BYTES", 2 * max(sizes))
    written = trace_page.write(run, "x")
    assert (written.shown, written.total) == (100, 200)
    text = (run.path / report.TRACES).read_text(encoding="utf-8")
    assert "100 of 200 traces; the tables of the run have all of them." in text
    assert len(index_of(text)["traces"]) == 100


def test_one_block_is_in_memory_at_a_time(large: RunDirectory, monkeypatch: pytest.MonkeyPatch) -> None:
    """The traces of a shard are read when the block before them has been written."""
    events = []
    of_shard, compress = trace_page.traces.of_shard, gzip.compress

    def reading(directory: RunDirectory, shard: Shard, wanted: frozenset[str]) -> object:
        events.append(("read", shard.index))
        return of_shard(directory, shard, wanted)

    monkeypatch.setattr(trace_page.traces, "of_shard", reading)
    monkeypatch.setattr(gzip, "compress", lambda *args, **kwargs: events.append(("written", 0)) or compress(*args, **kwargs))
    trace_page.write(large, "large")
    names = [name for name, _ in events]
    assert names[:3] == ["read", "written", "read"]  # a shard of 64 traces fills a block of 50
    assert names.count("written") == 6


def test_the_same_run_gives_the_same_page(run: RunDirectory) -> None:
    pages = []
    for _ in range(2):
        report.write(run, held(run))
        pages.append((run.path / report.TRACES).read_bytes())
    assert pages[0] == pages[1]


def test_a_page_that_is_gone_or_changed_is_written_again(tmp_path: Path) -> None:
    done = cotfaith.run(
        model="scripted/faithful", task="addition", limit=2, measures=["reasoning_gain"], out=tmp_path / "r", quiet=True
    )
    done.report()
    page = tmp_path / "r" / report.TRACES
    first = page.read_bytes()
    page.unlink()
    done.report()
    assert page.read_bytes() == first
    page.write_bytes(first[:-10])
    done.report()
    assert page.read_bytes() == first


def test_the_documentation_has_the_filters_and_the_limits_of_the_page() -> None:
    text = (Path(__file__).parents[2] / "docs" / "trace_page.md").read_text(encoding="utf-8")
    assert re.findall(r"^\| ([A-Z][^|]*) \| (.*) \|$", text, re.MULTILINE) == [(one.title, one.said) for one in flags.FILTERS]
    said = " ".join(text.split())
    assert f"up to {trace_choice.LIMIT:,} traces" in said
    assert f"{trace_page.BYTES // 2**20} MB" in said
    assert (
        f"Up to {edits.SITE} edits of each intervention are shown at a step, {edits.TRACE} of a trace, and {hints.LIMIT} hinted"
        in said
    )
    assert f"more than {LONGEST:,} characters" in said


def test_a_full_disk_is_one_sentence(large: RunDirectory, monkeypatch: pytest.MonkeyPatch) -> None:
    def full() -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(trace_page.tempfile, "TemporaryFile", full)
    with pytest.raises(StoreError, match=r"Cannot write .*traces\.html: No space left on device; finished work is kept"):
        trace_page.write(large, "x")
