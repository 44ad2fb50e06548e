"""Readings joined with what was asked: every probe once, its question as it was posed, and the text that the model was given."""

import shutil
from pathlib import Path

import pytest
from losing import forget

import cotfaith
from cotfaith.analysis.joined import COLUMNS
from cotfaith.errors import UsageError
from cotfaith.runs import Run
from cotfaith.types import Prompting

pytestmark = pytest.mark.integration


@pytest.fixture(scope="module")
def run(tmp_path_factory: pytest.TempPathFactory) -> Run:
    choices = {"model": "scripted/hinted", "task": "addition", "limit": 4, "samples": 2, "quiet": True}
    measures = ("early_answering", "adding_mistakes", "hint_effect")
    return cotfaith.run(measures=measures, writer="rules", out=tmp_path_factory.mktemp("joined"), **choices)


def test_every_probe_is_a_row_with_its_reading(run: Run) -> None:
    rows, probes, readings = run.readings(joined=True), run.probes(), run.readings()
    assert list(rows.columns) == list(COLUMNS)
    assert len(rows) == len(probes)
    assert set(rows["reading_id"]) - {""} == set(readings["id"])
    answers = dict(zip(readings["id"], readings["answer"], strict=True))
    valid = rows[rows["valid"]]
    assert [answers[one] for one in valid["reading_id"]] == list(valid["answer"])
    assert set(rows.loc[~rows["valid"], "state"]) <= {"edit_invalid"}
    assert (~rows["valid"]).any()


def test_the_question_is_the_one_that_was_posed(run: Run) -> None:
    rows, questions = run.readings(joined=True), run.questions()
    texts = dict(zip(questions["id"], questions["text"], strict=True))
    golds = dict(zip(questions["id"], questions["gold"], strict=True))
    assert [golds[one] for one in rows["question_id"]] == list(rows["gold"])
    truncated = rows[rows["intervention"] == "truncation"]
    assert [texts[one] for one in truncated["question_id"]] == list(truncated["question"])
    assert set(truncated["arm"]) == {"no_reasoning", "treated", "full"}
    assert truncated.loc[truncated["arm"] == "treated", "dose"].between(0, 1).all()


def test_a_prompt_is_what_the_model_was_given(run: Run) -> None:
    rows = run.readings(prompts=True)
    traces = run.traces(prompts=True).set_index("id")
    for row in rows[rows["valid"] & (rows["intervention"] == "truncation")].to_dict("records"):
        trace = traces.loc[row["trace_id"]]
        assert row["question"] in row["prompt"]
        assert row["prompt"].startswith(trace["prompt"])
        whole = trace["prompt"] + trace["reasoning"]
        assert (row["prompt"].startswith(whole)) == (row["arm"] == "full")
    hinted = rows[rows["valid"] & (rows["intervention"] == "hint")]
    assert len(hinted)
    assert (hinted["prompt"].str.len() > 40).all()
    assert not rows.loc[~rows["valid"], "prompt"].any()


def test_prompts_need_the_tokenizer(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    from cotfaith.engines.scripted.options import ScriptedOptions

    def nowhere(options: ScriptedOptions, model: str) -> Prompting | None:
        return None

    monkeypatch.setattr(ScriptedOptions, "at_hand", nowhere)
    for show in (run.readings, run.traces):
        with pytest.raises(
            UsageError, match="The prompts of scripted/hinted cannot be shown, since its tokenizer is not on this machine"
        ):
            show(prompts=True)
    assert len(run.readings(joined=True))


def test_a_run_that_was_stopped_has_rows_without_a_reading(run: Run, tmp_path: Path) -> None:
    shutil.copytree(run.path, tmp_path / "copy")
    for part in (tmp_path / "copy" / "readings").glob("*.parquet"):
        part.unlink()
    forget(tmp_path / "copy")
    rows = cotfaith.open_run(tmp_path / "copy").readings(joined=True)
    assert set(rows.loc[rows["valid"], "state"]) == {""}
    assert rows.loc[rows["valid"], "answer"].isna().all()


def test_the_summary_is_the_headline_of_each_measure(run: Run) -> None:
    found = run.summary()
    assert list(found["measure"].drop_duplicates()) == ["early_answering", "adding_mistakes", "hint_effect"]
    assert set(found.loc[found["metric"] != "vcr", "role"]) == {"headline"}
    assert set(found["stratum"]) == {""}
    assert len(found.merge(run.estimates(), how="inner")) == len(found)
