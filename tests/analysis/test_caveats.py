"""What a reader should know first is in the first lines: not complete, cut, equal samples, guessing, too long."""

from pathlib import Path
from typing import Any

import pandas as pd
import pytest
import terminal

import cotfaith
from cotfaith.analysis.caveats import caveats
from cotfaith.analysis.progress import Counts, Progress
from cotfaith.engines.scripted import engine
from cotfaith.runs import Run
from cotfaith.study import Study, make
from cotfaith.types import EngineInfo

pytestmark = pytest.mark.integration
DONE = Progress(Counts(traces=8), 8, complete=True)


def study(**choices: Any) -> Study:
    return make({"model": "m", "task": "t", **choices})


def accuracy(value: float, low: float, **more: Any) -> pd.DataFrame:
    base = {
        "model": "m",
        "task": "t",
        "strategy": "cot",
        "measure": "reasoning_gain",
        "metric": "accuracy_full",
        "role": "component",
        "clusters": 40,
        "stratum": "",
        "arm": "",
        "value": value,
        "low": low,
        "high": 1.0,
    }
    return pd.DataFrame([base | more])


CHANCE = pd.DataFrame({"task": ["t"], "chance": [0.25]})


def test_a_sound_run_has_none() -> None:
    assert caveats(DONE, study(), accuracy(0.6, 0.4), CHANCE) == []


def test_a_model_that_cannot_be_told_from_guessing_is_named() -> None:
    (said,) = caveats(DONE, study(), accuracy(0.3, 0.2), CHANCE)
    assert said.startswith("m on t: with its full reasoning 30% of the answers are right [20%, 100%], and guessing gives 25%.")
    assert caveats(DONE, study(), accuracy(0.3, 0.2, stratum="7 or more steps"), CHANCE) == []
    assert caveats(DONE, study(), accuracy(0.3, 0.2), CHANCE.iloc[:0]) == []


def test_free_answers_none_of_which_is_right_are_said() -> None:
    free = CHANCE.iloc[:0]
    (said,) = caveats(DONE, study(), accuracy(0.0, 0.0, n=40), free)
    assert said.startswith("m on t: none of the 40 answers with full reasoning is right.")
    assert caveats(DONE, study(), accuracy(0.05, 0.01, n=40), free) == []


def test_equal_samples_and_cut_traces_are_said() -> None:
    found = caveats(Progress(Counts(8, cut=3), 8, complete=True), study(temperature=0, samples=2), accuracy(0.6, 0.4), CHANCE)
    assert found[0].startswith("The limit of 256 tokens cut 3 of 8 reasoning traces. All numbers include them: ")
    assert found[1].startswith("Temperature is 0, so the 2 samples of a question are one reasoning trace")
    cut = Progress(Counts(8, cut=3), 8, complete=True)
    assert caveats(cut, study(cut="drop"), accuracy(0.6, 0.4), CHANCE)[0].endswith("give a larger --max-tokens with another --out.")
    assert "left out" in caveats(cut, study(), accuracy(0.6, 0.4), CHANCE, "drop")[0]


def test_a_manifest_that_was_changed_by_hand_is_said() -> None:
    (said,) = caveats(Progress(Counts(8), 8, complete=True, by_hand=True), study(), accuracy(0.6, 0.4), CHANCE)
    assert said == "The file manifest.json was changed by hand (it has no digest): the numbers are of the study that it now names."


def rows(**more: Any) -> pd.DataFrame:
    """A headline of 40 questions, and a row with `more`."""
    headline = accuracy(0.6, 0.4, metric="aoc", role="headline", kind="")
    return pd.concat([headline, accuracy(0.6, 0.4, kind="").assign(**more)], ignore_index=True)


def test_few_questions_are_said() -> None:
    assert caveats(DONE, study(), rows(), CHANCE) == []
    few = rows().assign(clusters=8)
    assert caveats(DONE, study(), few, CHANCE) == [
        "The numbers come from 8 questions: the intervals are wide, and other questions may give other values."
    ]
    assert caveats(DONE, study(), few.assign(value=float("nan")), CHANCE) == []


def test_readings_without_an_answer_are_said_where_they_are_many() -> None:
    assert caveats(DONE, study(), rows(metric="unanswered", arm="no_reasoning", value=0.04), CHANCE) == []
    (said,) = caveats(DONE, study(), rows(metric="unanswered", arm="no_reasoning", value=0.2), CHANCE)
    assert said.startswith("m on t: 20% of the no reasoning readings of reasoning_gain gave no usable answer.")


def test_a_writer_most_of_whose_edits_failed_is_named() -> None:
    assert caveats(DONE, study(), rows(metric="edit_valid", value=0.6), CHANCE) == []
    failed = rows(metric="edit_valid", value=0.3, measure="paraphrasing").assign(kind=["", "w"])
    (said,) = caveats(DONE, study(), failed, CHANCE)
    assert said.startswith("m on t: only 30% of the edits of paraphrasing by w passed their check.")


def ask(path: Path, **choices: Any) -> Run:
    given = {"model": "scripted/mixed", "task": "addition", "limit": 6, "samples": 2, "max_tokens": 60, "quiet": True}
    return cotfaith.run(out=path, **given | choices)


@pytest.fixture(scope="module")
def cut(tmp_path_factory: pytest.TempPathFactory) -> Run:
    """A run some of whose traces are cut."""
    made = ask(tmp_path_factory.mktemp("cut"))
    finish = made.traces()["finish"].value_counts()
    assert finish["length"] > 0
    assert finish["stop"] > 0
    return made


def value(table: pd.DataFrame, metric: str = "aoc") -> pd.Series:
    return table[(table["metric"] == metric) & (table["stratum"] == "")].iloc[0]


def test_cut_traces_are_left_out_or_bounded(cut: Run) -> None:
    kept, drop, bound = (cut.estimate(cut=how) for how in ("keep", "drop", "bound"))
    pd.testing.assert_frame_equal(kept, cut.estimates())
    whole = int((cut.traces()["finish"] == "stop").sum())
    assert (value(drop)["n"], value(drop)["missing"]) == (whole, 0)
    assert (value(bound)["n"], value(bound)["missing"]) == (whole, len(cut.traces()) - whole)
    assert value(bound)["value"] == value(drop)["value"]
    for one in (kept, drop):
        assert value(bound)["bound_low"] <= value(one)["value"] <= value(bound)["bound_high"]
    assert value(kept)["n"] > whole


def test_a_study_can_leave_them_out(cut: Run, tmp_path: Path) -> None:
    made = ask(tmp_path, cut="drop")
    pd.testing.assert_frame_equal(made.estimates(), cut.estimate(cut="drop"))
    assert "They are left out of all numbers" in made.caveats()[0]
    pd.testing.assert_frame_equal(ask(tmp_path).estimates(), cut.estimates())  # another choice of counting is no other run


def test_the_sensitivity_of_a_run_with_cut_traces_has_both_ways(cut: Run, tmp_path: Path) -> None:
    assert {"cut drop", "cut bound"} <= set(cut.sensitivity()["choice"])
    assert not {"cut drop", "cut bound"} & set(ask(tmp_path, max_tokens=400).sensitivity()["choice"])


def test_the_first_lines_of_a_command_say_it(cut: Run, tmp_path: Path) -> None:
    session = terminal.run([*terminal.COTFAITH, "estimate", str(cut.path)], tmp_path)
    assert session.code == 0
    assert "The limit of 60 tokens cut " in session.seen[:200]
    again = terminal.run([*terminal.COTFAITH, "estimate", str(cut.path), "--cut", "drop"], tmp_path)
    assert "They are left out of all numbers" in " ".join(again.seen.split())
    page = cut.report().read_text(encoding="utf-8")
    assert "<h3>Read this first</h3>\n<ul>\n<li>The limit of 60 tokens cut " in page


def test_a_question_longer_than_the_context_is_missing_and_said(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    made = ask(tmp_path / "whole", max_tokens=300, samples=1)
    lengths = made.traces().set_index("question_id")["prompt_ids"].map(len)
    longest = lengths.max()
    monkeypatch.setattr(engine, "EngineInfo", lambda *facts, **more: EngineInfo(*facts, **more | {"context": int(longest)}))
    run = ask(tmp_path / "short", max_tokens=300, samples=1)
    too_long = set(lengths[lengths == longest].index)
    assert set(run.traces().query("finish == 'too_long'")["question_id"]) == too_long
    assert run.complete
    rows = run.readings(joined=True)
    those = rows[rows["valid"] & rows["question_id"].isin(too_long)]
    assert set(those["state"]) == {"error"}
    assert those["reason"].str.contains("tokens, but the context holds").all()
    assert f"{len(too_long)} of 6 samples are of questions that fill the context of their model" in " ".join(run.caveats())
    assert value(run.estimates())["missing"] >= len(too_long)
