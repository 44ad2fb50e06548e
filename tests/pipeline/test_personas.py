"""The whole flow on personas whose faithfulness is known: each measure lands where the persona puts it."""

import math
from pathlib import Path

import pandas as pd
import pytest
from keyed import of

import cotfaith
from cotfaith.runs import Run

pytestmark = pytest.mark.integration


def run(persona: str, path: Path, **choices: object) -> Run:
    return cotfaith.run(model=f"scripted/{persona}", task="addition", out=path, quiet=True, **{"limit": 60, "samples": 2} | choices)


def pick(made: Run, metric: str, measure: str = "early_answering", **where: object) -> pd.Series:
    rows = of(made.estimates(), measure=measure, metric=metric, **where)
    assert len(rows) == 1, rows
    return rows.iloc[0]


def late_answer_area(made: Run) -> pd.Series:
    """The AOC of a trace whose answer comes with its very last step: 1 - 1/(2n) for n steps."""
    return 1 - 1 / (2 * made.traces()["steps"].map(len))


def test_faithful(tmp_path: Path) -> None:
    made = run("faithful", tmp_path)
    aoc = pick(made, "aoc")
    assert aoc["value"] == pytest.approx(late_answer_area(made).mean(), rel=1e-9)
    assert (aoc["n"], aoc["clusters"], aoc["missing"]) == (120, 60, 0)
    others = 0.09 / 3
    assert pick(made, "aoc_probability")["value"] == pytest.approx(late_answer_area(made).mean() * (0.9 - others) / 0.99, rel=1e-9)
    assert pick(made, "accuracy_gain", "reasoning_gain")["value"] == 1
    assert pick(made, "answers_changed", "reasoning_gain")["value"] == 1
    assert pick(made, "accuracy_difference", "filler_tokens", kind="dots", dose=1.0)["value"] == 0
    for x in (0.0, 0.1):
        assert pick(made, "same_answer", dose=x)["value"] == 0
    assert pick(made, "same_answer", dose=1.0)["value"] == 1


def test_post_hoc(tmp_path: Path) -> None:
    made = run("post-hoc", tmp_path)
    assert pick(made, "aoc")["value"] == pytest.approx(0, abs=1e-12)
    assert pick(made, "aoc_probability")["value"] == pytest.approx(0, abs=1e-12)
    assert pick(made, "accuracy_gain", "reasoning_gain")["value"] == 0
    assert pick(made, "accuracy_full", "reasoning_gain")["value"] == 1
    assert pick(made, "answers_changed", "reasoning_gain")["value"] == 0
    assert pick(made, "answers_changed", "reasoning_gain")["high"] > 0
    assert pick(made, "same_answer", dose=0.0)["value"] == 1


@pytest.mark.parametrize("share", [0.25, 0.7])
def test_mixed(tmp_path: Path, share: float) -> None:
    """AOC is the mean over traces of 1 - 1/(2n) for the share that heeds its reasoning, 0 for the others."""
    made = run("mixed", tmp_path, engine={"share": share}, limit=200)
    heeds = ~made.traces()["reasoning"].str.startswith(" I know this one.")
    aoc = pick(made, "aoc")
    assert aoc["value"] == pytest.approx((late_answer_area(made) * heeds).mean(), rel=1e-9)
    gain = pick(made, "accuracy_gain", "reasoning_gain")
    assert gain["value"] == pytest.approx(heeds.mean(), rel=1e-9)
    assert abs(gain["value"] - share) < 4 * math.sqrt(share * (1 - share) / 400)
    planted = share * late_answer_area(made)[heeds].mean()
    assert aoc["low"] <= planted <= aoc["high"]


def test_never_answers_is_undefined_and_wholly_missing(tmp_path: Path) -> None:
    made = run("never-answers", tmp_path)
    for metric, measure in (("aoc", "early_answering"), ("accuracy_gain", "reasoning_gain"), ("answers_changed", "reasoning_gain")):
        row = pick(made, metric, measure)
        assert math.isnan(row["value"])
        assert (row["n"], row["missing"], row["method"]) == (0, 120, "undefined")
        assert row["note"]
    aoc = pick(made, "aoc")
    assert aoc["bound_low"] == pytest.approx(0, abs=1e-12)
    assert aoc["bound_high"] == pytest.approx(late_answer_area(made).mean())
    assert set(made.readings()["state"]) == {"unparsed"}
    assert made.readings()["reason"].str.startswith("the options hold 0.020 of the probability").all()


def test_biased_does_not_depend_on_its_reasoning(tmp_path: Path) -> None:
    made = run("biased", tmp_path)
    assert pick(made, "aoc")["value"] == pytest.approx(0, abs=1e-12)
    assert set(made.readings()["answer"]) == {"A"}


def test_free_form_answers_are_written_and_read(tmp_path: Path) -> None:
    made = run("faithful", tmp_path, task_options={"form": "free"}, limit=20)
    assert pick(made, "aoc")["value"] == pytest.approx(late_answer_area(made).mean(), rel=1e-9)
    assert pick(made, "accuracy_gain", "reasoning_gain")["value"] == 1
    shift = pick(made, "aoc_probability")
    assert math.isnan(shift["value"])
    assert set(made.readings()["state"]) == {"answered"}


def test_free_form_never_answers_is_refused_not_unchanged(tmp_path: Path) -> None:
    made = run("never-answers", tmp_path, task_options={"form": "free"}, limit=5)
    assert set(made.readings()["state"]) == {"refused"}
    assert math.isnan(pick(made, "aoc")["value"])


def test_traces_cut_by_the_budget_are_marked(tmp_path: Path) -> None:
    made = run("faithful", tmp_path, max_tokens=10, limit=5)
    assert set(made.traces()["finish"]) == {"length"}
    assert made.cut() == (10, 10)
    assert (made.traces()["reasoning_ids"].map(len) == 10).all()


def test_several_models_and_tasks_in_one_run(tmp_path: Path) -> None:
    made = cotfaith.run(
        model=["scripted/faithful", "scripted/post-hoc"], task=["addition", "tracking"], limit=3, out=tmp_path, quiet=True,
        measures="early_answering", task_options={"operands": 4, "people": 4},
    )  # fmt: skip
    aoc = of(made.estimates(), metric="aoc")
    assert list(zip(aoc["model"], aoc["task"], strict=True)) == [
        (model, task) for model in ("scripted/faithful", "scripted/post-hoc") for task in ("addition", "tracking")
    ]
    assert list(aoc[aoc["model"] == "scripted/post-hoc"]["value"]) == pytest.approx([0, 0], abs=1e-12)
    assert (made.questions().query("task == 'tracking'")["choices"].map(len) == 4).all()
