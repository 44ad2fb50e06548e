"""A number over tasks: against the means of the tasks' own estimates, by hand, and what has nothing to say."""

from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from scipy import stats as distributions
from typer.testing import CliRunner

import cotfaith
from cotfaith.cli import app
from cotfaith.runs import Run

pytestmark = pytest.mark.integration

TASKS = ("addition", "tracking", "comparisons")
CLAIMS = ["these tasks", "tasks like these", "tasks like these, weighted"]


@pytest.fixture(scope="module")
def run(tmp_path_factory: pytest.TempPathFactory) -> Run:
    """Two personas on three tasks."""
    return cotfaith.run(
        model=["scripted/mixed", "scripted/faithful"], task=TASKS, measures=["early_answering", "reasoning_gain"], limit=20, samples=2,
        out=tmp_path_factory.mktemp("runs") / "tasks", quiet=True,
    )  # fmt: skip


def at(rows: pd.DataFrame, metric: str, of: str) -> pd.DataFrame:
    return rows[(rows["metric"] == metric) & (rows["of"] == of)].set_index("claim")


def by_task(run: Run, metric: str, model: str) -> pd.DataFrame:
    found = run.estimates()
    return found[(found["metric"] == metric) & (found["model"] == model) & (found["stratum"] == "")]


def test_a_mean_over_tasks_has_every_claim(run: Run) -> None:
    rows = at(cotfaith.compare([run.path], by="model").over_tasks, "aoc", "scripted/mixed")
    tasks = by_task(run, "aoc", "scripted/mixed")
    value, se = tasks["value"].to_numpy(), tasks["se"].to_numpy()
    assert list(rows.index) == CLAIMS
    assert set(rows["tasks"]) == {3}
    assert set(rows["questions"]) == {60}
    these, like = rows.loc["these tasks"], rows.loc["tasks like these"]
    assert (these["value"], like["value"]) == (pytest.approx(value.mean()), pytest.approx(value.mean()))
    assert like["se"] == pytest.approx(value.std(ddof=1) / np.sqrt(3))
    assert like["high"] - like["low"] == pytest.approx(2 * distributions.t.ppf(0.975, 2) * like["se"])
    assert these["se"] == pytest.approx(
        np.sqrt((se**2).sum()) / 3, rel=0.05
    )  # the tasks' errors have the correction for few questions
    assert rows["p"].isna().all()  # the area has no null
    weighted = rows.loc["tasks like these, weighted"]
    assert value.min() < weighted["value"] < value.max()
    assert weighted["tau2"] >= 0
    assert 0 <= weighted["i2"] <= 1
    assert rows.drop(index="tasks like these, weighted")["tau2"].isna().all()


def test_a_difference_over_tasks_is_the_mean_of_the_differences(run: Run) -> None:
    made = cotfaith.compare([run.path], by="model")
    rows = at(made.over_tasks, "answers_changed", "scripted/faithful - scripted/mixed")
    each = made.differences[made.differences["metric"] == "answers_changed"]
    assert len(each) == 3
    assert rows.loc["these tasks", "value"] == pytest.approx(each["value"].mean())
    assert rows.loc["tasks like these", "p"] >= distributions.ttest_1samp(each["value"], 0).pvalue - 1e-9
    for _, row in rows.iterrows():
        assert (row["p"] < 0.05) == (row["low"] > 0 or row["high"] < 0)
    tested = made.over_tasks[made.over_tasks["p"].notna()]
    assert (tested["p_adj"] >= tested["p"]).all()
    assert set(tested["family_size"]) == {2}  # the differences of two measures


def test_tasks_that_are_compared_have_their_mean(run: Run) -> None:
    made = cotfaith.compare([run.path], by="task").over_tasks
    rows = made[(made["metric"] == "aoc") & (made["about"] == "scripted/faithful by cot")].set_index("claim")
    assert set(rows["of"]) == {""}
    assert rows.loc["these tasks", "value"] == pytest.approx(by_task(run, "aoc", "scripted/faithful")["value"].mean())


def test_one_task_has_nothing_over_tasks(tmp_path: Path) -> None:
    made = cotfaith.run(
        model=["scripted/mixed", "scripted/faithful"],
        task="addition",
        limit=5,
        out=tmp_path / "one",
        quiet=True,
        measures="reasoning_gain",
    )
    assert not len(cotfaith.compare([made.path]).over_tasks)


def test_the_command_says_what_each_claim_holds_fixed(run: Run) -> None:
    said = CliRunner().invoke(app, ["compare", str(run.path), "--by", "task"]).output
    assert "over tasks" in said
    assert "What each claim over tasks holds fixed:" in said
    assert "tasks like these: Nothing. The tasks are the sample, and each counts once." in said
    assert "i2: share of" in said
