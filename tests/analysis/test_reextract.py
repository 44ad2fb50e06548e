"""Readings read again, without running again: by another extractor, and with missing answers counted in other ways."""

import math
from dataclasses import replace
from pathlib import Path
from typing import Any

import pandas as pd
import pytest
from builders import trace
from keyed import of

import cotfaith
from cotfaith.analysis import reextract
from cotfaith.analysis.reextract import Choices, counted
from cotfaith.errors import UsageError
from cotfaith.runs import Run
from cotfaith.storage import schema
from cotfaith.storage.run_directory import RunDirectory, Shard
from cotfaith.types import NO_ANSWER, Probe, Question, Reading

pytestmark = pytest.mark.integration


@pytest.fixture(scope="module")
def silent(tmp_path_factory: pytest.TempPathFactory) -> Run:
    """A model that reasons and then leaves 2 % of the probability to its options, evenly: nothing of it is answered in any way."""
    path = tmp_path_factory.mktemp("silent")
    return cotfaith.run(model="scripted/never-answers", task="addition", limit=12, samples=2, out=path, quiet=True)


@pytest.fixture(scope="module")
def mixed(tmp_path_factory: pytest.TempPathFactory) -> Run:
    path = tmp_path_factory.mktemp("mixed")
    return cotfaith.run(model="scripted/mixed", task="addition", limit=12, samples=2, out=path, quiet=True)


def one(table: pd.DataFrame, metric: str) -> pd.Series:
    (row,) = of(table, metric=metric).to_dict("records")
    return pd.Series(row)


def by_hand(path: Path, question: Question, *readings: Reading) -> tuple[RunDirectory, Shard]:
    """A run directory with one trace, and a probe for each of `readings`."""
    directory, shard = RunDirectory(path / "run"), Shard("toy", 0)
    one = trace("Six. Seven.", "t")
    one = replace(one, question_id=question.id)
    rows = [
        schema.probe_row(Probe(f"p{i}", "t", "", "full", keep=2, draw=i), one, "toy", reading.id, spec="s")
        for i, reading in enumerate(readings)
    ]
    directory.append("questions", shard, [schema.question_row(question)])
    directory.append("traces", shard, [schema.trace_row(one, "toy")])
    directory.append("probes", shard, rows)
    directory.append("readings", shard, [schema.reading_row(reading, one.model, "toy") for reading in readings])
    return directory, shard


def test_a_written_answer_is_extracted_again_behind_the_cue_that_it_followed(tmp_path: Path) -> None:
    number = Question("q", "toy", "How many?", (), "60")
    stored = [
        Reading("cued", "unparsed", reason="old", continuation=" is 60."),
        Reading("other", "unparsed", reason="old", continuation=" or 60."),
    ]
    directory, shard = by_hand(tmp_path, number, *stored)
    read = reextract.readings(directory, shard, Choices(extractor="strict")).set_index("id")
    assert (read.loc["cued", "state"], read.loc["cued", "answer"]) == ("answered", "60")
    assert read.loc["other", "state"] == "unparsed"


def test_flexibly_read_every_reading_with_a_likeliest_option_has_an_answer(silent: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    assert math.isnan(one(silent.estimate(), "aoc")["value"])
    tied = one(silent.estimate(extractor="flexible"), "aoc")
    assert (tied["n"], tied["missing"]) == (0, 24)
    assert silent.readings()["option_mass"].max() < 0.1
    monkeypatch.setattr(reextract, "margin", lambda _: 0.1)  # as if the first option were slightly likelier
    again = one(silent.estimate(extractor="flexible"), "aoc")
    assert (again["n"], again["missing"]) == (24, 0)
    assert again["value"] == pytest.approx(0)


def test_a_missing_answer_counted_as_wrong_is_wrong_and_two_of_them_are_not_the_same(silent: Run) -> None:
    again = silent.estimate(unparsed="wrong")
    assert (one(again, "accuracy_gain")["value"], one(again, "accuracy_gain")["missing"]) == (0, 0)
    full = again[(again["metric"] == "accuracy_full") & (again["measure"] == "reasoning_gain")].iloc[0]
    assert (full["value"], full["n"]) == (0, 24)
    aoc = one(again, "aoc")
    assert math.isnan(aoc["value"])  # no answer to depend on the reasoning: 0 would mean that it does not
    assert (aoc["n"], aoc["missing"]) == (0, 24)
    for table in (silent.estimate(), again):
        assert set(table.loc[table["metric"] == "unanswered", "value"]) == {1.0}


def test_a_worst_case_interval_contains_the_plain_one(mixed: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    """A tenth of the readings gave no answer. The worst case did not contain the plain interval in 25 of 159 rows of such a run."""
    whole = reextract.readings

    def gappy(*arguments: Any) -> pd.DataFrame:
        frame = whole(*arguments)
        lost = pd.util.hash_array(frame["id"].to_numpy(dtype=object)) % 10 == 0
        return frame.assign(state=frame["state"].mask(lost, "unparsed"), answer=frame["answer"].mask(lost, None))

    monkeypatch.setattr(reextract, "readings", gappy)
    keys = ["measure", "metric", "kind", "stratum", "arm", "dose"]
    plain, worst = (mixed.estimate(unparsed=how).set_index(keys) for how in ("drop", "bound"))
    both = plain.join(worst.add_suffix("_worst"), validate="1:1").dropna(subset=["low"])
    assert (both["missing"] > 0).sum() > 20
    assert (both["low_worst"] <= both["low"] + 1e-12).all()
    assert (both["high_worst"] >= both["high"] - 1e-12).all()


def test_bounded_intervals_hold_whatever_the_missing_are(silent: Run) -> None:
    again = one(silent.estimate(unparsed="bound"), "aoc")
    assert math.isnan(again["value"])
    assert again["low"] == pytest.approx(0, abs=1e-12)
    assert again["high"] == pytest.approx(again["bound_high"], abs=0.2)
    assert again["high"] >= again["bound_high"]


def test_nothing_changes_where_nothing_is_missing(mixed: Run) -> None:
    plain = mixed.estimate()
    for choices in ({"extractor": "strict"}, {"extractor": "flexible"}, {"unparsed": "wrong"}, {"unparsed": "bound"}):
        pd.testing.assert_frame_equal(mixed.estimate(**choices), plain)


def test_weight_and_level_are_those_that_were_asked_for(mixed: Run) -> None:
    plain = mixed.estimate()
    again = mixed.estimate(weight="question", level=0.9)
    assert set(again["level"]) == {0.9}
    assert again["method"].str.contains("question-weighted").any()
    assert not plain["method"].str.contains("question-weighted").any()
    wide, narrow = one(plain, "aoc"), one(mixed.estimate(level=0.9), "aoc")
    assert wide["low"] < narrow["low"] < narrow["value"] == wide["value"]


def test_the_runs_own_estimates_stay(mixed: Run) -> None:
    before = mixed.estimate()
    mixed.estimate(unparsed="wrong", weight="question")
    pd.testing.assert_frame_equal(mixed.estimates(), before)


@pytest.mark.parametrize(
    ("choices", "message"),
    [
        ({"extractor": "strikt"}, r"Unknown extractor 'strikt': did you mean 'strict'\?"),
        ({"unparsed": "zero"}, "Unknown way to count unparsed answers 'zero': known are: bound, drop, wrong"),
        ({"weight": "model"}, "Unknown weight 'model'"),
        ({"level": 95}, "The level of an interval is 95, but it must be between 0 and 1; give 0.95"),
        ({"extracter": "strict"}, r"Unknown choice of estimate 'extracter': did you mean 'extractor'\?"),
    ],
)
def test_an_unknown_choice_is_refused(mixed: Run, choices: dict[str, object], message: str) -> None:
    with pytest.raises(UsageError, match=message):
        mixed.estimate(**choices)


def test_what_was_never_read_stays_missing() -> None:
    frame = pd.DataFrame({
        "valid": [True, True, True, False, True],
        "state": ["answered", "unparsed", "error", "edit_invalid", "refused"],
        "answer": ["A", None, None, None, None],
    })  # fmt: skip
    again = counted(frame, Choices(unparsed="wrong"), "keep")
    assert again["state"].tolist() == ["answered", "answered", "error", "edit_invalid", "answered"]
    assert again["answer"].fillna("").tolist() == ["A", NO_ANSWER, "", "", NO_ANSWER]


def test_the_sensitivity_says_what_each_choice_moves(silent: Run, mixed: Run) -> None:
    table = silent.sensitivity()
    aoc = table[table["metric"] == "aoc"].set_index("choice")
    assert list(aoc.index) == [
        "as it is",
        "extractor strict",
        "extractor flexible",
        "unparsed wrong",
        "unparsed bound",
        "weight question",
    ]
    assert aoc.loc["extractor flexible", "missing"] == 24  # its options tie
    assert math.isnan(aoc.loc["as it is", "value"])
    assert aoc["shift"].isna().all()
    assert math.isnan(aoc.loc["unparsed wrong", "value"])
    assert (silent.path / "tables/sensitivity.csv").exists()
    moved = mixed.sensitivity().set_index(["metric", "choice"])
    assert moved.loc[("aoc", "as it is"), "shift"] == 0
    assert moved.loc[("aoc", "unparsed wrong"), "shift"] == 0
    assert moved.loc[("aoc", "weight question"), "shift"] == pytest.approx(
        one(mixed.estimate(weight="question"), "aoc")["value"] - one(mixed.estimate(), "aoc")["value"]
    )
