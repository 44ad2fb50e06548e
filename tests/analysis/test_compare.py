"""Comparison: paired by question, against scipy on the questions' own means; trends against scipy's regressions."""

import json
import math
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from losing import forget
from scipy import stats as distributions

import cotfaith
from cotfaith.errors import DataError, UsageError
from cotfaith.runs import Run
from cotfaith.storage.run_directory import RunDirectory

pytestmark = pytest.mark.integration

PERSONAS = ("post-hoc", "mixed", "faithful")
SIZES = {"scripted/post-hoc": "100M", "scripted/mixed": "1B", "scripted/faithful": "20B"}


def made(path: Path, model: str = "mixed", **choices: object) -> Run:
    plain = {"measures": ("reasoning_gain", "early_answering"), "limit": 25, "samples": 2, "task": "addition"}
    return cotfaith.run(model=f"scripted/{model}", out=path, quiet=True, **plain | choices)


@pytest.fixture(scope="module")
def runs(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Run]:
    folder = tmp_path_factory.mktemp("runs")
    return {name: made(folder / name, name) for name in PERSONAS}


def changed(run: Run) -> pd.Series:
    """For each question, the mean over its traces of whether the answer with all of the reasoning is another than without."""
    probes = run.probes().merge(run.readings()[["id", "answer"]], left_on="reading_id", right_on="id", suffixes=("", "_read"))
    ends = probes[probes["arm"].isin(["full", "no_reasoning"])].drop_duplicates(["trace_id", "arm"])
    wide = ends.pivot_table(index=["question_id", "trace_id"], columns="arm", values="answer", aggfunc="first")
    return (wide["full"] != wide["no_reasoning"]).astype(float).groupby("question_id").mean()


def test_a_difference_is_the_paired_one_of_question_means(runs: dict[str, Run]) -> None:
    table = cotfaith.compare([runs["mixed"].path, runs["post-hoc"].path]).differences
    row = table[table["metric"] == "answers_changed"].iloc[0]
    a, b = changed(runs["post-hoc"]), changed(runs["mixed"])
    expected = distributions.ttest_rel(a, b)
    interval = expected.confidence_interval()
    assert (row["a"], row["b"], row["common"], row["df"]) == ("scripted/post-hoc", "scripted/mixed", 25, 24)
    assert (row["value"], row["se"]) == pytest.approx(((a - b).mean(), (a - b).std(ddof=1) / math.sqrt(25)), rel=1e-6)
    # The interval of gains and losses contains that of the paired t test, and reaches further where few questions changed.
    assert row["low"] <= interval.low + 1e-9 < interval.high - 1e-9 <= row["high"]
    assert row["high"] - row["low"] < 1.3 * (interval.high - interval.low)
    assert expected.pvalue - 1e-12 <= row["p"] < 0.05
    assert set(table["metric"]) == {"answers_changed", "aoc"}


def test_tests_are_adjusted_together(runs: dict[str, Run]) -> None:
    table = cotfaith.compare([run.path for run in runs.values()], all_pairs=True).differences
    assert len(table) == 6
    assert set(table["family_size"]) == {int(table["p"].notna().sum())}
    assert (table["p_adj"].dropna() >= table["p"].dropna()).all()
    assert table["p_adj"].isna().tolist() == table["p"].isna().tolist()
    assert table["p_adj"].min() == pytest.approx(table["p"].min() * table["family_size"].iloc[0])


def test_only_common_questions_are_compared(runs: dict[str, Run], tmp_path: Path) -> None:
    few = made(tmp_path / "few", "post-hoc", limit=10)
    table = cotfaith.compare([runs["mixed"].path, few.path], metrics=["answers_changed"]).differences
    b = changed(runs["mixed"]).loc[changed(few).index]
    assert (table["common"].iloc[0], table["value_b"].iloc[0]) == (10, pytest.approx(b.mean()))


def test_tasks_have_no_questions_in_common_and_are_said_to_be_unpaired(tmp_path: Path) -> None:
    both = made(tmp_path / "both", task=("addition", "tracking"))
    table = cotfaith.compare([both.path], by="task").differences
    row = table[table["metric"] == "answers_changed"].iloc[0]
    assert (row["a"], row["b"], row["common"]) == ("tracking", "addition", 0)
    assert row["method"].startswith("unpaired")


def test_a_trend_has_both_readings(runs: dict[str, Run]) -> None:
    found = cotfaith.compare([run.path for run in runs.values()], x=SIZES, metrics=["answers_changed"])
    rows = found.trends.set_index("reading")
    x = np.log10([1e8, 1e9, 2e10])
    means = np.array([changed(runs[name]).to_numpy() for name in PERSONAS])
    line = distributions.linregress(x, means.mean(axis=1))
    random, fixed = rows.loc["models of this size"], rows.loc["these checkpoints"]
    assert (random["value"], random["p"], random["df"]) == pytest.approx((line.slope, line.pvalue, 1), rel=1e-6)
    slopes = (x - x.mean()) @ means / ((x - x.mean()) ** 2).sum()
    expected = distributions.ttest_1samp(slopes, 0)
    assert (fixed["value"], fixed["df"]) == pytest.approx((slopes.mean(), 24), rel=1e-6)
    if slopes.std() > 1e-9:
        assert fixed["p"] == pytest.approx(expected.pvalue, rel=1e-6)
    assert found.extremes["side"].tolist() == ["scripted/post-hoc", "scripted/mixed", "scripted/faithful"]
    assert found.extremes["largest"].tolist()[-1] == 1
    assert found.extremes["parameters"].tolist() == pytest.approx([1e8, 1e9, 2e10])
    assert rows.loc["models of this size, at equal accuracy", "note"] == "it takes 4 models, not 3"
    assert rows.loc["these checkpoints, at equal accuracy", "covariate"] == "accuracy_full"


@pytest.fixture(scope="module")
def family(tmp_path_factory: pytest.TempPathFactory) -> Run:
    """Four models of different accuracy and dependence in one run."""
    models = [f"scripted/{name}" for name in ("post-hoc", "mixed", "faithful", "biased")]
    return cotfaith.run(
        model=models, out=tmp_path_factory.mktemp("family") / "run", quiet=True, measures=("reasoning_gain", "early_answering"),
        task="addition", limit=20, samples=3, temperature=1.0,
    )  # fmt: skip


FAMILY = {"scripted/post-hoc": "100M", "scripted/mixed": "1B", "scripted/faithful": "20B", "scripted/biased": "5B"}


@pytest.mark.parametrize("metric", ["accuracy_full", "accuracy_no_reasoning"])
def test_a_trend_at_equal_accuracy_is_a_regression_over_the_models_estimates(family: Run, metric: str) -> None:
    found = cotfaith.compare([family.path], x=FAMILY, metrics=["aoc"], adjust_for=metric).trends.set_index("reading")
    row = found.loc["models of this size, at equal accuracy"]
    table = family.estimates().query("stratum == ''").pivot_table(index="model", columns="metric", values="value", sort=False)
    x = np.log10([1e8, 1e9, 2e10, 5e9])
    models = list(FAMILY)
    terms = np.column_stack([np.ones(4), x, table.loc[models, metric]])
    expected = np.linalg.lstsq(terms, table.loc[models, "aoc"].to_numpy(), rcond=None)[0]
    assert (row["covariate"], row["models"]) == (metric, 4)
    assert row["value"] == pytest.approx(expected[1], rel=1e-6)
    assert abs(row["value"]) > 0.01


def test_a_trend_without_the_measure_of_accuracy_says_what_to_add(tmp_path: Path) -> None:
    run = made(tmp_path / "run", measures=("early_answering",))
    other = made(tmp_path / "other", "faithful", measures=("early_answering",))
    found = cotfaith.compare([run.path, other.path], x={"scripted/mixed": 1e9, "scripted/faithful": 1e10}).trends.set_index(
        "reading"
    )
    assert found.loc["these checkpoints, at equal accuracy", "note"] == (
        "accuracy is an estimate of reasoning_gain, which scripted/mixed, scripted/faithful does not have: add this measure to the run"
    )


def test_a_break_gives_two_slopes_and_two_shapes(runs: dict[str, Run]) -> None:
    found = cotfaith.compare([run.path for run in runs.values()], x=SIZES, metrics=["aoc"], at="1B").trends.set_index("reading")
    up, down = (found.loc[f"these checkpoints, {side} the break", "value"] for side in ("up to", "from"))
    assert up > 0
    assert down > 0
    assert found.loc["these checkpoints, a peak there", "p"] > 0.5


def test_a_margin_must_lie_above_0(runs: dict[str, Run]) -> None:
    with pytest.raises(UsageError, match="The margin of equivalence is 0, but it must be a number from 1e-06 to 1e\\+06"):
        cotfaith.compare([runs["mixed"].path, runs["post-hoc"].path], margin=0)


def test_equivalence_is_tested_where_a_margin_was_named(runs: dict[str, Run], tmp_path: Path) -> None:
    again = made(tmp_path / "again", "mixed", seed=7, margin=0.3)
    table = cotfaith.compare([runs["mixed"].path, again.path], by="run", margin=0.4, metrics=["answers_changed"]).differences
    assert table["margin"].tolist() == [0.4]
    assert table["p_equivalence"].iloc[0] < 0.05
    far = cotfaith.compare([runs["mixed"].path, runs["post-hoc"].path], margin=0.4, metrics=["answers_changed"]).differences
    assert far["p_equivalence"].iloc[0] > 0.3


def test_what_the_runs_do_not_share_is_said(runs: dict[str, Run], tmp_path: Path) -> None:
    hot = made(tmp_path / "hot", "faithful", temperature=1.0)
    notes = cotfaith.compare([runs["mixed"].path, hot.path]).caveats
    assert notes == ("The runs differ in temperature: mixed has 0.8, hot has 1.0.",)
    cut = made(tmp_path / "cut", "faithful", interventions={"truncation": {"cuts": 2}})
    (note,) = cotfaith.compare([runs["mixed"].path, cut.path]).caveats
    assert note.startswith('The runs differ in the intervention truncation: mixed has "truncation(cuts=None')


@pytest.mark.parametrize(
    ("names", "choices", "message"),
    [
        (["mixed"], {}, "There is nothing to compare by run, since each measure has only one run"),
        (["mixed", "mixed"], {}, "A run is given twice: give each run once."),
        (["mixed", "faithful"], {"by": "size"}, "Unknown way to compare 'size'"),
        (
            ["mixed", "faithful"],
            {"metrics": ["aocs"]},
            "No estimate of these runs has the metric 'aocs': choose from accuracy_full",
        ),
        (["mixed", "faithful"], {"x": "params"}, "Model scripted/mixed has no place on the scale, since the run does not know"),
        (["mixed", "faithful"], {"x": "size"}, "--x is 'size': give params"),
        (["mixed", "faithful"], {"x": SIZES, "adjust_for": "accuracy"}, "Unknown accuracy to hold fixed 'accuracy'"),
        (["mixed", "faithful"], {"x": {"scripted/mixed": "1B"}}, "Model scripted/faithful has no place on the scale"),
        (["mixed", "faithful"], {"x": {"scripted/mixed": "big"}}, "'big' is not a number of parameters: give, for example, 135M"),
    ],
)
def test_what_cannot_be_compared_is_said(runs: dict[str, Run], names: list[str], choices: dict[str, object], message: str) -> None:
    with pytest.raises(UsageError, match=message):
        cotfaith.compare([runs[name].path for name in names], **choices)


def test_one_model_in_two_runs_is_compared_by_run(runs: dict[str, Run], tmp_path: Path) -> None:
    again = made(tmp_path / "again", "mixed", seed=7)
    with pytest.raises(UsageError, match="is in both runs mixed and again: compare these two with --by run"):
        cotfaith.compare([runs["mixed"].path, again.path], by="model")
    table = cotfaith.compare([runs["mixed"].path, again.path]).differences
    assert set(table["a"]) == {"again"}


def test_other_questions_under_one_id_are_refused(runs: dict[str, Run], tmp_path: Path) -> None:
    run = made(tmp_path / "run", "faithful")
    directory = RunDirectory(run.path)
    (shard,) = directory.shards("questions")
    rows = [row | {"text": "Another?"} for row in directory.load("questions", shard).to_pylist()]
    next((run.path / "questions").glob("*.parquet")).unlink()
    directory.append("questions", shard, rows)
    forget(run.path)
    with pytest.raises(
        DataError, match="of mixed differs in run, and so do all others that the runs share, so the runs cannot be paired"
    ):
        cotfaith.compare([runs["mixed"].path, run.path])


def test_a_run_less_itself_does_not_differ(runs: dict[str, Run], tmp_path: Path) -> None:
    copy = made(tmp_path / "copy", "mixed")
    table = cotfaith.compare([runs["mixed"].path, copy.path], by="run").differences
    assert (table["value"] == 0).all()
    assert (table["p"] == 1).all()
    assert (table["p_adj"] == 1).all()


@pytest.mark.parametrize(
    ("choices", "words"),
    [
        ({"level": math.nan}, "The level of an interval is nan, but it must be between 0 and 1"), ({"level": 1.0}, "The level of an interval is 1.0"), ({"level": 1e-320}, "The level of"),
        ({"margin": math.nan}, "The margin of equivalence is nan, but it must be a number from 1e-06 to 1e+06"), ({"margin": -1.0}, "The margin of equivalence is -1.0"),
        ({"margin": 1e-300}, "The margin of equivalence is 1e-300"), ({"x": {"mixed": "1e400"}}, "'1e400' is not a number of parameters"), ({"x": {"mixed": math.nan}}, "'nan' is not a number"),
        ({"x": "params", "at": math.inf}, "'inf' is not a number of parameters"),
    ],
)  # fmt: skip
def test_numbers_with_which_nothing_can_be_compared(runs: dict[str, Run], choices: dict[str, object], words: str) -> None:
    with pytest.raises(UsageError) as caught:
        cotfaith.compare([run.path for run in runs.values()], **choices)
    assert words in str(caught.value)


def test_a_run_that_is_not_complete_is_said(runs: dict[str, Run], tmp_path: Path) -> None:
    run = made(tmp_path / "run", "faithful")
    max((run.path / "readings").glob("*.parquet")).unlink()
    forget(run.path)
    (first,) = cotfaith.compare([runs["mixed"].path, run.path]).caveats
    assert first.startswith("run: The run is not complete: ")


def test_questions_that_changed_do_not_enter(runs: dict[str, Run], tmp_path: Path) -> None:
    """Two runs of one file, of which one gold was corrected in between."""
    data = tmp_path / "q.jsonl"
    rows = [
        {"id": f"q{i}", "question": f"What is {i} + {i}?", "choices": [str(2 * i), str(2 * i + 1)], "answer": "A"} for i in range(6)
    ]
    data.write_text("".join(json.dumps(row) + "\n" for row in rows))
    one = cotfaith.run(model="scripted/mixed", task=str(data), limit=6, out=tmp_path / "one", quiet=True)
    data.write_text("".join(json.dumps(row | ({"answer": "B"} if row["id"] == "q2" else {})) + "\n" for row in rows))
    two = cotfaith.run(model="scripted/mixed", task=str(data), limit=6, out=tmp_path / "two", quiet=True)
    made = cotfaith.compare([one.path, two.path], by="run")
    assert set(made.differences["common"]) == {5}
    assert made.caveats[0] == "1 question differs between the runs and does not enter: q:q2."
