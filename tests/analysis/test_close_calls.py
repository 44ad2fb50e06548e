"""Readings that little decided: counted in a run, said in words, and without an answer where the options tie."""

import math
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

import cotfaith
from cotfaith.analysis import reextract
from cotfaith.analysis.close_calls import CloseCalls, close_calls, sentences, table
from cotfaith.analysis.reextract import Choices
from cotfaith.storage import schema
from cotfaith.storage.run_directory import RunDirectory, Shard
from cotfaith.types import Reading, margin

SHARD = Shard("cell", 0)
SHARES = {
    "clear": ("answered", (0.5, 0.2, 0.1)),
    "close": ("answered", (0.31, 0.3, 0.1)),
    "just not close": ("answered", (0.34, 0.3, 0.1)),
    "tied": ("unparsed", (0.1, 0.3, 0.3)),
    "tied long ago": ("answered", (0.3, 0.3, 0.1)),
    "unlikely": ("unparsed", (0.01, 0.02, 0.01)),
}


def stored(path: Path) -> RunDirectory:
    directory = RunDirectory(path)
    readings = [
        Reading(
            name, state, "A" if state == "answered" else None, "tie: they are level" if name == "tied" else "",
            tuple(map(math.log, shares)), sum(shares),
        )
        for name, (state, shares) in SHARES.items()
    ]  # fmt: skip
    readings += [Reading("written", "answered", "A", continuation="A"), Reading("one option", "answered", "A", "", (-0.1,), 0.9)]
    directory.append("readings", SHARD, [schema.reading_row(one, "m", "toy") for one in readings])
    return directory


def test_close_and_tied_readings_are_counted(tmp_path: Path) -> None:
    (found,) = close_calls(stored(tmp_path))
    assert found == CloseCalls("m", "toy", scored=5, close=3, tied=2)
    assert sentences([found]) == [
        "3 of 5 readings (60.0 %) were decided by less than 0.1 nat between the two likeliest options; 2 of these tied exactly."
    ]
    assert table([found]).to_dict("records") == [
        {"model": "m", "task": "toy", "scored": 5, "close": 3, "tied": 2, "share_close": 0.6}
    ]


def test_several_models_are_named() -> None:
    one, other = CloseCalls("m", "toy", 10, 0, 0), CloseCalls("n", "toy", 10, 1, 0)
    first, second = sentences([one, other])
    assert first.startswith("m on toy: 0 of 10 readings (0.0 %)")
    assert second.endswith("; none of these tied exactly.")


@given(st.lists(st.floats(-50, 0), min_size=2, max_size=6))
def test_the_margin_is_that_of_the_two_largest(values: list[float]) -> None:
    found = margin(values)
    assert found is not None
    assert found == max(values) - sorted(values)[-2]
    assert (found == 0) == (values.count(max(values)) > 1)


def test_a_margin_needs_two_options_and_may_be_infinite() -> None:
    assert margin(()) is None
    assert margin((-1.0,)) is None
    assert margin((-1.0, -math.inf)) == math.inf
    assert margin((-math.inf, -math.inf)) == 0


@pytest.mark.integration
def test_a_run_tells_its_close_readings(tmp_path: Path) -> None:
    run = cotfaith.run(model="scripted/mixed", task="addition", limit=3, samples=1, out=tmp_path / "run", quiet=True)
    (row,) = run.close_calls().to_dict("records")
    readings = run.readings()
    assert row["scored"] == (readings["state"] == "answered").sum()
    assert (row["close"], row["tied"], row["share_close"]) == (0, 0, 0.0)
    assert run.close_sentences()[0] in run.report().read_text(encoding="utf-8")


@pytest.mark.integration
@pytest.mark.parametrize("extractor", ["strict", "flexible"])
def test_no_extractor_takes_the_first_letter_of_a_tie(tmp_path: Path, extractor: str, monkeypatch: pytest.MonkeyPatch) -> None:
    from cotfaith.types import Question

    question = Question("q", "toy", "Which?", ("x", "y", "z"), "B")
    monkeypatch.setattr(reextract, "_asked", lambda *_: dict.fromkeys(SHARES, question))
    frame = reextract.readings(stored(tmp_path), SHARD, Choices(extractor=extractor)).set_index("id")
    assert frame.loc[["tied", "tied long ago"], "state"].tolist() == ["unparsed", "unparsed"]
    assert frame.loc[["tied", "tied long ago"], "answer"].tolist() == [None, None]
    assert frame.loc["clear", "answer"] == "A"
