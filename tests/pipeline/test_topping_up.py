"""What a run directory takes in besides: nothing that its rows do not fit, and nothing that would silently not enter."""

import json
from dataclasses import field, make_dataclass
from pathlib import Path
from typing import Any

import pandas as pd
import pytest
from losing import change

import cotfaith
from cotfaith.engines.scripted.engine import ScriptedEngine
from cotfaith.errors import StoreError
from cotfaith.plugins import registry
from cotfaith.runs import Run
from cotfaith.types import Completion
from interventions.truncation import Truncation

pytestmark = pytest.mark.integration

BASE = {"model": "scripted/mixed", "task": "addition", "quiet": True}
HINT = "name: my_hint\nsummary: s\ntold: a remark\nmentions: [{mentions}]\ntarget: {target}\nafter: A remark says {{target}}.\n"


def run(path: Path, **choices: Any) -> Run:
    return cotfaith.run(out=path, **BASE | choices)


def write_questions(path: Path, count: int, **changes: Any) -> Path:
    rows = [
        {"id": f"q{i}", "question": f"What is {i} + {i}?", "choices": [str(2 * i), str(2 * i + 1), str(2 * i + 2)], "answer": "A"}
        for i in range(count)
    ]
    path.write_text("".join(json.dumps(row | changes) + "\n" for row in rows), encoding="utf-8")
    return path


def value(made: Run, metric: str) -> dict[str, float]:
    found = made.estimates().query("metric == @metric")
    return found[["value", "n"]].iloc[0].to_dict()


# --- D1: what is asked ------------------------------------------------------------------------------------------------------


def test_a_question_file_that_was_edited_is_refused(tmp_path: Path) -> None:
    data = write_questions(tmp_path / "q.jsonl", 4)
    given = {"task": "jsonl", "task_data": str(data), "limit": 4}
    run(tmp_path / "run", **given)
    write_questions(data, 4, answer="B")
    with pytest.raises(
        StoreError, match=r"holds question 'q:q0' of jsonl .*: its gold was 'A', and now it is 'B'; choose another --out"
    ):
        run(tmp_path / "run", **given)
    write_questions(data, 4)
    assert len(run(tmp_path / "run", **given).traces()) == 4


def test_a_row_put_in_front_is_refused(tmp_path: Path) -> None:
    data = write_questions(tmp_path / "q.jsonl", 4)
    given = {"task": "jsonl", "task_data": str(data), "limit": 4}
    run(tmp_path / "run", **given)
    first = json.dumps({"id": "new", "question": "What is 9 + 9?", "choices": ["18", "19"], "answer": "A"})
    data.write_text(f"{first}\n{data.read_text(encoding='utf-8')}", encoding="utf-8")
    with pytest.raises(StoreError, match=r"holds question 'q:q3' of jsonl .*: it is no longer where it was"):
        run(tmp_path / "run", **given)


@pytest.mark.parametrize("other", ["scripted/mixed", "scripted/faithful"])
def test_another_file_is_not_pooled_with_the_first(tmp_path: Path, other: str) -> None:
    run(tmp_path / "run", task="jsonl", task_data=str(write_questions(tmp_path / "q.jsonl", 3)), limit=3)
    data = write_questions(tmp_path / "other.jsonl", 3)
    with pytest.raises(StoreError, match=r"holds question 'q:q0' of jsonl"):
        run(tmp_path / "run", model=other, task="jsonl", task_data=str(data), limit=3)
    (tmp_path / "moved").mkdir()
    copy = write_questions(tmp_path / "moved" / "q.jsonl", 3)
    assert len(run(tmp_path / "run", model=other, task="jsonl", task_data=str(copy), limit=3).questions()) == 3


@pytest.mark.parametrize("change", [{"mentions": "clue"}, {"target": "first"}])
def test_a_hint_file_that_was_edited_is_refused(tmp_path: Path, change: dict[str, str]) -> None:
    file = tmp_path / "hint.yaml"
    said = {"mentions": "remark", "target": "wrong"}
    file.write_text(HINT.format(**said), encoding="utf-8")
    given = {"measures": "hint_effect", "limit": 3, "samples": 2, "interventions": {"hint": {"kinds": [str(file)]}}}
    run(tmp_path / "run", **given)
    file.write_text(HINT.format(**said | change), encoding="utf-8")
    with pytest.raises(StoreError, match=rf"holds rows of hint_effect made with another hint: its {next(iter(change))}"):
        run(tmp_path / "run", **given)


# --- D4: rows and estimates have the same options ---------------------------------------------------------------------------


def test_a_measure_that_needs_less_enters_as_it_would_alone(tmp_path: Path) -> None:
    run(tmp_path / "grown", limit=20, measures="early_answering")
    grown = run(tmp_path / "grown", limit=40, measures="reasoning_gain")
    alone = run(tmp_path / "alone", limit=40, measures="reasoning_gain")
    assert value(grown, "accuracy_gain") == value(alone, "accuracy_gain")
    assert value(grown, "accuracy_gain")["n"] == 40


def test_a_measure_that_needs_less_keeps_its_rows_when_another_wants_more(tmp_path: Path) -> None:
    before = value(run(tmp_path, limit=40, measures="reasoning_gain"), "accuracy_gain")
    after = run(tmp_path, limit=20, measures="early_answering")
    assert value(after, "accuracy_gain") == before
    assert value(after, "aoc")["n"] == 20


def test_options_of_the_directory_are_those_of_later_rows(tmp_path: Path) -> None:
    run(tmp_path, limit=10, measures="filler_tokens", interventions={"filler": {"lengths": [0.5], "kinds": ["dots"]}})
    later = run(tmp_path, limit=20, measures="filler_tokens")
    assert set(later.probes().query("arm == 'treated'")["dose"]) == {0.5}
    found = later.estimates().query("metric == 'accuracy_filler'")
    assert set(found["n"]) == {20}


@pytest.mark.parametrize("first", [{}, {"filler": {"lengths": [0.5]}}])
def test_options_that_contradict_the_directory_are_refused(tmp_path: Path, first: dict[str, Any]) -> None:
    run(tmp_path, limit=3, measures="filler_tokens", interventions=first)
    with pytest.raises(
        StoreError, match=r"holds rows of filler_tokens made with another filler: its lengths was .*, and now it is \[0\.75\]"
    ):
        run(tmp_path, limit=3, measures="filler_tokens", interventions={"filler": {"lengths": [0.75]}})


# --- D7: pools --------------------------------------------------------------------------------------------------------------


def test_donors_do_not_depend_on_how_the_run_came_to_its_size(tmp_path: Path) -> None:
    for limit in (5, 12, 20):
        grown = run(tmp_path / "grown", limit=limit, measures="transplant", samples=2)
    whole = run(tmp_path / "whole", limit=20, measures="transplant", samples=2)
    pd.testing.assert_frame_equal(grown.estimates(), whole.estimates())
    smaller = run(tmp_path / "grown", limit=5, measures="transplant", samples=2)
    pd.testing.assert_frame_equal(smaller.estimates(), whole.estimates())


def test_examples_are_never_questions_that_the_run_asks(tmp_path: Path) -> None:
    given = {
        "task": "jsonl",
        "task_data": str(write_questions(tmp_path / "q.jsonl", 40)),
        "measures": "hint_effect",
        "samples": 2,
        "interventions": {"hint": {"kinds": ["wrong_few_shot"]}},
    }
    run(tmp_path / "grown", limit=8, **given)
    grown = run(tmp_path / "grown", limit=26, **given)
    whole = run(tmp_path / "whole", limit=26, **given)
    pd.testing.assert_frame_equal(grown.estimates(), whole.estimates())


# --- D8: a trace and what hangs on it ---------------------------------------------------------------------------------------


def test_probes_of_a_lost_trace_are_not_those_of_the_new_one(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """An engine that does not repeat itself: the second time it writes one sentence more."""
    made = run(tmp_path, limit=4, measures="early_answering")
    (part,) = (tmp_path / "traces").glob("*.parquet")
    part.write_bytes(part.read_bytes()[:-1])
    plain = ScriptedEngine.generate

    def otherwise(self: ScriptedEngine, prompts: Any, sampling: Any) -> list[list[Completion]]:
        more = " And so on."
        ids = self.tokenizer.encode(more)
        return [
            [Completion(ids + one.ids, more + one.text, one.finish) for one in those] for those in plain(self, prompts, sampling)
        ]

    monkeypatch.setattr(ScriptedEngine, "generate", otherwise)
    again = run(tmp_path, limit=4, measures="early_answering")
    traces = again.traces().set_index("id")
    assert all(text.startswith(" And so on.") for text in traces["reasoning"])
    mine = again.probes().query("trace_id in @traces.index")
    full = mine.query("arm == 'full'")
    assert len(full) == 4
    assert all(keep == len(traces.loc[name, "reasoning_ids"]) for name, keep in zip(full["trace_id"], full["keep"], strict=True))
    assert value(again, "aoc")["n"] == 4
    assert made.path == again.path


# --- a class that has changed since -----------------------------------------------------------------------------------------


def test_a_new_parameter_with_a_default_leaves_a_finished_run_readable(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    before = run(tmp_path, limit=6, measures="early_answering")
    estimates, parts = before.estimates(), sorted(tmp_path.glob("*/*.parquet"))
    newer = make_dataclass("Truncation", [("snap", bool, field(default=False))], bases=(Truncation,), frozen=True)
    plain = registry.load
    monkeypatch.setattr(registry, "load", lambda group, name: newer if name == "truncation" else plain(group, name))
    pd.testing.assert_frame_equal(cotfaith.open_run(tmp_path).estimate(), estimates)
    run(tmp_path, limit=6, measures="early_answering")
    assert sorted(tmp_path.glob("*/*.parquet")) == parts, "nothing is probed again"


def test_another_version_of_an_intervention_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    run(tmp_path, limit=3, measures="early_answering")
    monkeypatch.setattr(Truncation, "version", 2)
    with pytest.raises(
        StoreError, match=r"holds rows of early_answering made with another truncation: its version was 1, and now it is 2"
    ):
        run(tmp_path, limit=3, measures="early_answering")


def test_rows_that_nothing_matches_are_said(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    made = run(tmp_path, limit=3, measures=["early_answering", "filler_tokens"])
    change(tmp_path, "reads", "early_answering", "truncation", value=["b1:00"])
    assert set(made.estimate()["measure"]) == {"filler_tokens"}
    count = int((made.probes()["intervention"] == "truncation").sum())
    assert f"holds {count} probes of truncation that no measure of its study reads" in caplog.text
